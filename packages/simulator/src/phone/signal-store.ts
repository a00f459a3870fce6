import type { SessionRecord, SignalStorage } from 'whatsapp-rust-bridge'
import { bridge, typedKey } from '../crypto/curve.js'
import type { PhoneKeys } from '../model/state.js'
import type { Bundle } from '../server/pre-keys.js'

/**
 * The Signal side of a phone on the WASM core, with its records in the phone's state. Addresses are `number.device`,
 * whichever way the peer was addressed on the wire. Callers hold one lock per address.
 */
export class PhoneSignal {
  readonly #keys: PhoneKeys
  readonly #storage: SignalStorage

  constructor(keys: PhoneKeys) {
    this.#keys = keys
    this.#storage = storageOf(keys)
  }

  hasSession(address: string): boolean {
    return this.#keys.sessions.has(address)
  }

  forgetSession(address: string): void {
    this.#keys.sessions.delete(address)
  }

  async startSession(address: string, bundle: Bundle): Promise<void> {
    using protocolAddress = toProtocolAddress(address)
    using builder = new (bridge().SessionBuilder)(this.#storage, protocolAddress)
    await builder.processPreKeyBundle({
      registrationId: bundle.registrationId,
      identityKey: typedKey(bundle.identity),
      signedPreKey: {
        keyId: bundle.signedPreKey.id,
        publicKey: typedKey(bundle.signedPreKey.public),
        signature: bundle.signedPreKey.signature,
      },
      ...(bundle.preKey ? { preKey: { keyId: bundle.preKey.id, publicKey: typedKey(bundle.preKey.public) } } : {}),
    })
  }

  async encrypt(address: string, plaintext: Uint8Array): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Buffer }> {
    using protocolAddress = toProtocolAddress(address)
    using cipher = new (bridge().SessionCipher)(this.#storage, protocolAddress)
    const { type, body } = await cipher.encrypt(plaintext)
    return { type: type === PRE_KEY_MESSAGE ? 'pkmsg' : 'msg', ciphertext: Buffer.from(body) }
  }

  async decrypt(address: string, type: string | undefined, ciphertext: Uint8Array): Promise<Buffer> {
    using protocolAddress = toProtocolAddress(address)
    using cipher = new (bridge().SessionCipher)(this.#storage, protocolAddress)
    if (type === 'pkmsg') return Buffer.from(await cipher.decryptPreKeyWhisperMessage(ciphertext))
    return Buffer.from(await cipher.decryptWhisperMessage(ciphertext))
  }

  /** The message that lets others read what `encryptForGroup` gives. */
  async distributionMessage(group: string, ownAddress: string): Promise<Buffer> {
    using protocolAddress = toProtocolAddress(ownAddress)
    using name = new (bridge().SenderKeyName)(group, protocolAddress)
    using builder = new (bridge().GroupSessionBuilder)(this.#storage)
    using message = await builder.create(name)
    return Buffer.from(message.serialize())
  }

  async acceptDistribution(group: string, author: string, distribution: Uint8Array): Promise<void> {
    using protocolAddress = toProtocolAddress(author)
    using name = new (bridge().SenderKeyName)(group, protocolAddress)
    using builder = new (bridge().GroupSessionBuilder)(this.#storage)
    using message = bridge().SenderKeyDistributionMessage.deserialize(distribution)
    await builder.process(name, message)
  }

  async encryptForGroup(group: string, ownAddress: string, plaintext: Uint8Array): Promise<Buffer> {
    using protocolAddress = toProtocolAddress(ownAddress)
    using cipher = new (bridge().GroupCipher)(this.#storage, group, protocolAddress)
    return Buffer.from(await cipher.encrypt(plaintext))
  }

  async decryptFromGroup(group: string, author: string, ciphertext: Uint8Array): Promise<Buffer> {
    using protocolAddress = toProtocolAddress(author)
    using cipher = new (bridge().GroupCipher)(this.#storage, group, protocolAddress)
    return Buffer.from(await cipher.decrypt(ciphertext))
  }
}

const PRE_KEY_MESSAGE = 3

function toProtocolAddress(address: string) {
  const [number = '', device = '0'] = address.split('.')
  return new (bridge().ProtocolAddress)(number, Number(device))
}

function storageOf(keys: PhoneKeys): SignalStorage {
  return {
    loadSession: (address) => keys.sessions.get(address),
    storeSession: (address, record) => {
      keys.sessions.set(address, serialized(record))
    },
    getOurIdentity: () => ({ pubKey: typedKey(keys.identity.public), privKey: keys.identity.private }),
    getOurRegistrationId: () => keys.registrationId,
    // A new phone or companion of a contact is accepted, as WhatsApp does unless its user asked to be warned.
    isTrustedIdentity: () => true,
    loadPreKey: (id) => {
      const pair = keys.preKeys.get(id)
      return pair && { pubKey: typedKey(pair.public), privKey: pair.private }
    },
    removePreKey: (id) => {
      keys.preKeys.delete(id)
    },
    loadSignedPreKey: (id) => {
      const { signedPreKey } = keys
      if (signedPreKey.id !== id) return undefined
      const keyPair = { pubKey: typedKey(signedPreKey.pair.public), privKey: signedPreKey.pair.private }
      return { keyId: id, keyPair, signature: signedPreKey.signature }
    },
    loadSenderKey: (id) => keys.senderKeys.get(id),
    storeSenderKey: (id, record) => {
      keys.senderKeys.set(id, Buffer.from(record))
    },
  }
}

const serialized = (record: SessionRecord | Uint8Array): Buffer =>
  Buffer.from(record instanceof Uint8Array ? record : record.serialize())
