import type { bridge } from './baileys-internals.js'
import type { KeyPair, LocalIdentity } from './session-cipher.js'
import { readSessionRecord, type SessionRecord, writeSessionRecord } from './session-record.js'

/**
 * What the core asks while it works, answered from memory. Synchronous on purpose: everything an operation needs was read
 * before, and nothing it writes counts until the commit.
 */
export class CoreStorage implements bridge.SignalStorage {
  readonly #local: LocalIdentity | undefined
  readonly #preKey: KeyPair | undefined
  #session: Uint8Array | undefined
  #senderKey: Uint8Array | undefined
  usedPreKey = false
  missedPreKey = false

  constructor(initial: { local?: LocalIdentity; session?: SessionRecord; preKey?: KeyPair; senderKey?: Uint8Array }) {
    this.#local = initial.local
    this.#preKey = initial.preKey
    this.#senderKey = initial.senderKey
    if (initial.session?.current || initial.session?.previous.length) {
      this.#session = writeSessionRecord({ ...initial.session, seeds: [] })
    }
  }

  get session(): SessionRecord {
    return readSessionRecord(this.#session ?? new Uint8Array(0))
  }

  get senderKey(): Uint8Array | undefined {
    return this.#senderKey
  }

  loadSession(): Uint8Array | undefined {
    return this.#session
  }

  storeSession(_address: string, record: bridge.SessionRecord): void {
    this.#session = record.serialize()
    record.free()
  }

  getOurIdentity(): KeyPair {
    return this.#requireLocal().identity
  }

  getOurRegistrationId(): number {
    return this.#requireLocal().registrationId
  }

  /** Trust on first use, as WhatsApp Web and stock Baileys do. */
  isTrustedIdentity(): boolean {
    return true
  }

  loadPreKey(): KeyPair | undefined {
    if (!this.#preKey) this.missedPreKey = true
    return this.#preKey
  }

  removePreKey(): void {
    this.usedPreKey = true
  }

  /** The current one whatever id is asked for, like stock: a message for an older one fails its MAC. */
  loadSignedPreKey(): bridge.SignedPreKey {
    const { keyId, signature, pubKey, privKey } = this.#requireLocal().signedPreKey
    return { keyId, keyPair: { pubKey, privKey }, signature }
  }

  loadSenderKey(): Uint8Array | undefined {
    return this.#senderKey
  }

  storeSenderKey(_name: string, record: Uint8Array): void {
    this.#senderKey = record
  }

  #requireLocal(): LocalIdentity {
    if (!this.#local) throw new TypeError('group operations do not ask for our identity')
    return this.#local
  }
}
