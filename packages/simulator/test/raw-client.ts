import { once } from 'node:events'
import {
  type AuthenticationCreds,
  type BinaryNode,
  Curve,
  encodeSignedDeviceIdentity,
  initAuthCreds,
  NOISE_WA_HEADER,
  proto,
  WA_ADV_DEVICE_SIG_PREFIX,
} from '@whiskeysockets/baileys'
import { makeNoiseHandler } from '@whiskeysockets/baileys/lib/Utils/noise-handler.js'
import { WebSocket } from 'ws'
import { type Simulator, simulatorClientConfig } from '../src/index.js'
import { childBytes, childOf, node } from '../src/wire/node.js'
import { encodeNode } from '../src/wire/node-encoder.js'
import { silentLogger } from './client.js'
import { eventually } from './simulation.js'

interface PairingAnswer {
  /** `null`: none. */
  keyIndex?: string | null
  spoilSignature?: boolean
}

interface RawClientOptions {
  creds?: AuthenticationCreds
  routingInfo?: Buffer
  /** Leaves it to the server to close when it has said that it is over. */
  stays?: boolean
}

type Login = { username: number; device: number } | 'register'

/** A client that does what a test wants, right or wrong: Baileys' handshake and no more. */
export class RawClient {
  readonly creds: AuthenticationCreds
  readonly nodes: BinaryNode[] = []
  /** What came and is no node. */
  readonly unreadable: Error[] = []
  closed = false
  /** Of the WebSocket: 1000 when the server has ended it, 1005 when the client has. */
  closeCode: number | undefined
  readonly #stays: boolean
  readonly #socket: WebSocket
  readonly #noise: ReturnType<typeof makeNoiseHandler>
  readonly #ephemeral = Curve.generateKeyPair()

  constructor(simulator: Pick<Simulator, 'url' | 'rootPublicKey'>, options: RawClientOptions = {}) {
    const { creds = initAuthCreds(), routingInfo, stays = false } = options
    this.#stays = stays
    this.creds = creds
    simulatorClientConfig(simulator)
    this.#socket = new WebSocket(simulator.url)
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', (code) => {
      this.closed = true
      this.closeCode = code
    })
    this.#noise = makeNoiseHandler({
      keyPair: this.#ephemeral,
      NOISE_HEADER: NOISE_WA_HEADER,
      logger: silentLogger,
      ...(routingInfo ? { routingInfo } : {}),
    })
  }

  /** Through the handshake, with a payload that the test may spoil. */
  async connect(login: Login, spoil: (payload: proto.IClientPayload) => void = () => undefined): Promise<void> {
    await once(this.#socket, 'open')
    const hello = proto.HandshakeMessage.encode({ clientHello: { ephemeral: this.#ephemeral.public } }).finish()
    this.#socket.send(this.#noise.encodeFrame(hello))
    const [answer] = (await once(this.#socket, 'message')) as [Buffer]
    const payload = login === 'register' ? this.#registration() : { ...login, passive: false, pull: false }
    spoil(payload)
    const keyEnc = this.#noise.processHandshake(proto.HandshakeMessage.decode(answer.subarray(3)), this.creds.noiseKey)
    const encoded = proto.ClientPayload.encode(payload).finish()
    const clientFinish = { static: keyEnc, payload: this.#noise.encrypt(encoded) }
    this.#socket.send(this.#noise.encodeFrame(proto.HandshakeMessage.encode({ clientFinish }).finish()))
    await this.#noise.finishInit()
    this.#socket.on('message', (data: Buffer) => {
      this.#noise
        .decodeFrame(data, (each) => this.#onNode(each as BinaryNode))
        .catch((error: Error) => this.unreadable.push(error))
    })
  }

  /** The first node that fits, of those that came or come. */
  async found(fits: (node: BinaryNode) => unknown): Promise<BinaryNode> {
    await eventually(() => this.nodes.some(fits)).toBe(true)
    return this.nodes.find(fits)!
  }

  /** Registers. Resolves with the text of its QR. */
  async showQr(): Promise<string> {
    await this.connect('register')
    const refs = await this.found((each) => childOf(each, 'pair-device'))
    const ref = childBytes(childOf(refs, 'pair-device'), 'ref')?.toString()
    const { noiseKey, signedIdentityKey, advSecretKey } = this.creds
    const keys = [noiseKey.public, signedIdentityKey.public].map((key) => Buffer.from(key).toString('base64'))
    return [ref, ...keys, advSecretKey].join(',')
  }

  /** The answer to pair-success, right but for what the test changes. */
  async answerPairing({ keyIndex = '1', spoilSignature = false }: PairingAnswer = {}): Promise<void> {
    const success = await this.found((each) => childOf(each, 'pair-success'))
    const container = childBytes(childOf(success, 'pair-success'), 'device-identity')!
    const signed = proto.ADVSignedDeviceIdentity.decode(proto.ADVSignedDeviceIdentityHMAC.decode(container).details!)
    const { signedIdentityKey } = this.creds
    const message = [WA_ADV_DEVICE_SIG_PREFIX, signed.details!, signedIdentityKey.public, signed.accountSignatureKey!]
    signed.deviceSignature = spoilSignature
      ? Buffer.alloc(64, 7)
      : Curve.sign(signedIdentityKey.private, Buffer.concat(message))
    const attributes = keyIndex === null ? {} : { 'key-index': keyIndex }
    const identity = node('device-identity', attributes, encodeSignedDeviceIdentity(signed, false))
    const content = [node('pair-device-sign', {}, [identity])]
    this.send(node('iq', { type: 'result', id: success.attrs.id, to: '@s.whatsapp.net' }, content))
  }

  /** Links itself to a phone. Resolves with the credentials. */
  async link(phone: { scanQr(qr: string): Promise<unknown> }): Promise<AuthenticationCreds> {
    await Promise.all([phone.scanQr(await this.showQr()), this.answerPairing()])
    return this.creds
  }

  async logIn(number: string, device = 1): Promise<void> {
    await this.connect({ username: Number(number), device })
    await this.found(({ tag }) => tag === 'success' || tag === 'failure')
  }

  send(stanza: BinaryNode): void {
    this.sendPlaintext(encodeNode(stanza))
  }

  sendPlaintext(plaintext: Uint8Array): void {
    this.#socket.send(this.#noise.encodeFrame(plaintext))
  }

  sendBytes(bytes: Uint8Array | string): void {
    this.#socket.send(bytes)
  }

  opened(): Promise<unknown> {
    return once(this.#socket, 'open')
  }

  /** A round trip below the protocol: the server has not closed the socket. */
  async reachesServer(): Promise<void> {
    const closed = once(this.#socket, 'close').then(() => Promise.reject(new Error('The server has closed the socket')))
    this.#socket.ping()
    await Promise.race([once(this.#socket, 'pong'), closed])
  }

  /** Closes in order, as a client does that was told to. */
  end(): void {
    this.#socket.close()
  }

  close(): void {
    this.#socket.terminate()
  }

  #onNode(stanza: BinaryNode): void {
    this.nodes.push(stanza)
    if (!this.#stays && (stanza.tag === 'stream:error' || stanza.tag === 'failure')) this.end()
  }

  #registration(): proto.IClientPayload {
    const { signedIdentityKey, signedPreKey, registrationId } = this.creds
    const bytes = (value: number, length: number) => {
      const buffer = Buffer.alloc(length)
      buffer.writeUIntBE(value, 0, length)
      return buffer
    }
    return {
      passive: false,
      pull: false,
      devicePairingData: {
        eRegid: bytes(registrationId, 4),
        eKeytype: Buffer.from([5]),
        eIdent: signedIdentityKey.public,
        eSkeyId: bytes(signedPreKey.keyId, 3),
        eSkeyVal: signedPreKey.keyPair.public,
        eSkeySig: signedPreKey.signature,
      },
    }
  }
}
