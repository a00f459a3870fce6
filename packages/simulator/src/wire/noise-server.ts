import { proto } from '@whiskeysockets/baileys'
import { type KeyPair, sharedSecret } from '../crypto/curve.js'
import { hkdf, openGcm, sealGcm, sha256 } from '../crypto/symmetric.js'
import { FrameReader, frame, WA_HEADER } from './frame-reader.js'
import { WireError } from './wire-error.js'

/** Exactly 32 bytes, so Noise takes it as the initial hash without hashing it. */
const PROTOCOL_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const NO_AAD = Buffer.alloc(0)

export type NoiseEvent =
  /** Bytes for the client, to be written as they are. */
  | { type: 'reply'; bytes: Buffer }
  /** The handshake is over: who the client says it is, by the key that it proved to hold. */
  | { type: 'established'; clientStatic: Buffer; payload: Buffer }
  /** A decrypted transport frame: a flags byte, then a binary node. */
  | { type: 'frame'; plaintext: Buffer }

export interface NoiseServerOptions {
  staticKey: KeyPair
  ephemeralKey: KeyPair
  /** The encoded `CertChain` whose leaf names `staticKey`. */
  certificates: Uint8Array
}

/** The responder of WhatsApp's Noise XX handshake and the transport after it. Bytes in, events out; no I/O. */
export class NoiseServer {
  readonly #options: NoiseServerOptions
  readonly #reader = new FrameReader()
  readonly #handshake = new HandshakeState()
  #stage: 'hello' | 'finish' | 'transport' = 'hello'
  #sending: CipherState | undefined
  #receiving: CipherState | undefined

  constructor(options: NoiseServerOptions) {
    this.#options = options
  }

  get established(): boolean {
    return this.#stage === 'transport'
  }

  get routingInfo(): Buffer | undefined {
    return this.#reader.routingInfo
  }

  /** Throws a {@link WireError} at the first byte that does not belong; what came before it in `bytes` is lost too. */
  receive(bytes: Uint8Array): NoiseEvent[] {
    return this.#reader.push(bytes).map((payload) => this.#process(payload))
  }

  /** One framed transport message. Only after the handshake. */
  seal(plaintext: Uint8Array): Buffer {
    if (!this.#sending) throw new Error('the Noise handshake is not over')
    return frame(this.#sending.encrypt(plaintext))
  }

  #process(payload: Buffer): NoiseEvent {
    switch (this.#stage) {
      case 'hello':
        return guarded('handshake', () => this.#onHello(payload))
      case 'finish':
        return guarded('handshake', () => this.#onFinish(payload))
      case 'transport':
        return guarded('frame', () => ({ type: 'frame', plaintext: this.#open(payload) }))
    }
  }

  #onHello(payload: Buffer): NoiseEvent {
    const clientEphemeral = proto.HandshakeMessage.decode(payload).clientHello?.ephemeral
    if (clientEphemeral?.length !== 32) throw new WireError('handshake', 'clientHello without an ephemeral key')
    const { staticKey, ephemeralKey, certificates } = this.#options
    const state = this.#handshake
    state.mixHash(WA_HEADER)
    state.mixHash(clientEphemeral)
    state.mixHash(ephemeralKey.public)
    state.mixKey(sharedSecret(ephemeralKey.private, clientEphemeral))
    const encryptedStatic = state.encrypt(staticKey.public)
    state.mixKey(sharedSecret(staticKey.private, clientEphemeral))
    const encryptedPayload = state.encrypt(certificates)
    this.#stage = 'finish'
    const serverHello = { ephemeral: ephemeralKey.public, static: encryptedStatic, payload: encryptedPayload }
    return { type: 'reply', bytes: frame(proto.HandshakeMessage.encode({ serverHello }).finish()) }
  }

  #onFinish(payload: Buffer): NoiseEvent {
    const finish = proto.HandshakeMessage.decode(payload).clientFinish
    if (!finish?.static || !finish.payload) throw new WireError('handshake', 'clientFinish without its parts')
    const state = this.#handshake
    const clientStatic = state.decrypt(finish.static)
    if (clientStatic.length !== 32) throw new WireError('handshake', 'static key of a wrong length')
    state.mixKey(sharedSecret(this.#options.ephemeralKey.private, clientStatic))
    const clientPayload = state.decrypt(finish.payload)
    const [fromClient, toClient] = state.split()
    this.#receiving = new CipherState(fromClient)
    this.#sending = new CipherState(toClient)
    this.#stage = 'transport'
    return { type: 'established', clientStatic, payload: clientPayload }
  }

  #open(payload: Buffer): Buffer {
    if (!this.#receiving) throw new WireError('frame', 'no transport key')
    return this.#receiving.decrypt(payload)
  }
}

function guarded<T>(stage: 'handshake' | 'frame', work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof WireError) throw error
    throw new WireError(stage, error instanceof Error ? error.message : String(error), error)
  }
}

/** The symmetric state of the Noise specification: hash, chaining key, and a cipher that is bound to the hash. */
class HandshakeState {
  #hash: Buffer = PROTOCOL_NAME
  #chainingKey: Buffer = PROTOCOL_NAME
  #key: Buffer = PROTOCOL_NAME
  #nonce = 0

  mixHash(data: Uint8Array): void {
    this.#hash = sha256(this.#hash, data)
  }

  mixKey(keyMaterial: Uint8Array): void {
    const [chainingKey, key] = this.#expand(keyMaterial)
    this.#chainingKey = chainingKey
    this.#key = key
    this.#nonce = 0
  }

  encrypt(plaintext: Uint8Array): Buffer {
    const sealed = sealGcm(this.#key, counterIv(this.#nonce++), plaintext, this.#hash)
    this.mixHash(sealed)
    return sealed
  }

  decrypt(sealed: Uint8Array): Buffer {
    const plaintext = openGcm(this.#key, counterIv(this.#nonce++), sealed, this.#hash)
    this.mixHash(sealed)
    return plaintext
  }

  split(): [Buffer, Buffer] {
    return this.#expand(Buffer.alloc(0))
  }

  #expand(keyMaterial: Uint8Array): [Buffer, Buffer] {
    const derived = hkdf(keyMaterial, 64, { salt: this.#chainingKey })
    return [derived.subarray(0, 32), derived.subarray(32)]
  }
}

class CipherState {
  readonly #key: Buffer
  #counter = 0

  constructor(key: Buffer) {
    this.#key = key
  }

  encrypt(plaintext: Uint8Array): Buffer {
    return sealGcm(this.#key, counterIv(this.#counter++), plaintext, NO_AAD)
  }

  decrypt(sealed: Uint8Array): Buffer {
    return openGcm(this.#key, counterIv(this.#counter++), sealed, NO_AAD)
  }
}

function counterIv(counter: number): Buffer {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  return iv
}
