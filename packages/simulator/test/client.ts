import { EventEmitter, once } from 'node:events'
import {
  type AuthenticationCreds,
  type BaileysEventMap,
  type ConnectionState,
  Curve,
  initAuthCreds,
  makeWASocket,
  type proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import { loadBridge, verify } from '../src/crypto/curve.js'
import { simulatorClientConfig } from '../src/index.js'

/** Baileys' own accepts any signature: with it, nothing would notice a simulator that signs wrongly. */
export async function installStrictVerification(): Promise<void> {
  await loadBridge()
  Curve.verify = (publicKey, message, signature) => verify(publicKey, message, signature)
}

/** libsignal prints session records, private keys included, to the console. */
export function silenceLibsignal(): void {
  console.info = () => undefined
  console.warn = () => undefined
  console.error = () => undefined
}

export const silentLogger = {
  level: 'silent',
  child: () => silentLogger,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** An auth state in memory. */
export function memoryAuth(creds: AuthenticationCreds = initAuthCreds()) {
  const stored = new Map<string, unknown>()
  return {
    creds,
    keys: {
      get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
        const found: Record<string, SignalDataTypeMap[T]> = {}
        for (const id of ids) {
          const value = stored.get(`${type}|${id}`)
          if (value !== undefined && value !== null) found[id] = value as SignalDataTypeMap[T]
        }
        return found
      },
      set: async (data: SignalDataSet) => {
        for (const [type, entries] of Object.entries(data)) {
          for (const [id, value] of Object.entries(entries ?? {})) stored.set(`${type}|${id}`, value)
        }
      },
    },
  }
}

export type MemoryAuth = ReturnType<typeof memoryAuth>

/**
 * An unmodified Baileys client that reconnects after 515 and nothing else, with what it has emitted and ways to wait.
 */
export class TestClient {
  readonly auth: MemoryAuth
  readonly messages: { type: string; message: WAMessage }[] = []
  readonly updates: BaileysEventMap['messages.update'] = []
  readonly connectionUpdates: Partial<ConnectionState>[] = []
  readonly presences: BaileysEventMap['presence.update'][] = []
  readonly histories: BaileysEventMap['messaging-history.set'][] = []
  readonly groupReceipts: BaileysEventMap['message-receipt.update'] = []
  readonly contacts: Partial<BaileysEventMap['contacts.upsert'][number]>[] = []
  readonly sent = new Map<string, proto.IMessage>()
  readonly #simulator: { url: string; rootPublicKey: Uint8Array }
  readonly #config: Partial<UserFacingSocketConfig>
  readonly #changes = new EventEmitter()
  socket: WASocket

  constructor(
    simulator: { url: string; rootPublicKey: Uint8Array },
    auth = memoryAuth(),
    config: Partial<UserFacingSocketConfig> = {},
  ) {
    this.#simulator = simulator
    this.#config = config
    this.auth = auth
    this.#changes.setMaxListeners(0)
    simulatorClientConfig(simulator)
    this.socket = this.#connect()
  }

  /** Closes what is left of the socket and connects with the same credentials, and with other settings this once. */
  reconnect(config: Partial<UserFacingSocketConfig> = {}): void {
    this.socket.end(undefined)
    this.connectionUpdates.length = 0
    this.socket = this.#connect(config)
  }

  close(): void {
    this.socket.end(undefined)
  }

  /** Resolves once `find` gives something; looked at again after every event. */
  async until<T>(find: () => T | undefined | false | null, what = 'what was expected', timeoutMs = 30_000): Promise<T> {
    const deadline = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const found = find()
      if (found) return found
      await once(this.#changes, 'change', { signal: deadline }).catch(() => {
        throw new Error(`${what} did not happen within ${timeoutMs} ms`)
      })
    }
  }

  qr(): Promise<string> {
    return this.until(() => this.connectionUpdates.findLast((update) => update.qr)?.qr, 'a QR')
  }

  opened(): Promise<unknown> {
    return this.until(() => this.connectionUpdates.some((update) => update.connection === 'open'), 'an open connection')
  }

  /** The status code and the error that the connection ended with. */
  async closed(): Promise<{ code: number | undefined; error: Error | undefined }> {
    const update = await this.until(
      () => this.connectionUpdates.find(({ connection }) => connection === 'close'),
      'a close',
    )
    const error = update.lastDisconnect?.error as (Error & { output?: { statusCode: number } }) | undefined
    return { code: error?.output?.statusCode, error }
  }

  message(text: string): Promise<{ type: string; message: WAMessage }> {
    const textOf = ({ message }: WAMessage) => message?.conversation ?? message?.extendedTextMessage?.text
    return this.until(() => this.messages.find(({ message }) => textOf(message) === text), `the message "${text}"`)
  }

  status(id: string, status: number): Promise<unknown> {
    // Baileys merges an early status into the upsert of the own message that it still holds back.
    const reached = () =>
      this.updates.some((each) => each.key.id === id && (each.update.status ?? 0) >= status) ||
      this.messages.some(({ message }) => message.key.id === id && (message.status ?? 0) >= status)
    return this.until(reached, `status ${status} of ${id}`)
  }

  readInGroup(id: string): Promise<unknown> {
    // Merged into a held-back upsert like a status.
    const reached = () =>
      this.groupReceipts.some(({ key, receipt }) => key.id === id && receipt.readTimestamp) ||
      this.messages.some(
        ({ message }) => message.key.id === id && message.userReceipt?.some((each) => each.readTimestamp),
      )
    return this.until(reached, `the reading of ${id} by a member`)
  }

  async sendText(jid: string, text: string): Promise<string> {
    const sent = await this.socket.sendMessage(jid, { text })
    const id = sent?.key.id
    if (!id || !sent.message) throw new Error('nothing was sent')
    this.sent.set(id, sent.message)
    return id
  }

  #connect(config: Partial<UserFacingSocketConfig> = {}): WASocket {
    const socket = makeWASocket({
      waWebSocketUrl: this.#simulator.url,
      auth: this.auth,
      logger: silentLogger,
      retryRequestDelayMs: 10,
      getMessage: async ({ id }) => this.sent.get(id ?? ''),
      ...this.#config,
      ...config,
    })
    const { ev } = socket
    const changed = () => this.#changes.emit('change')
    ev.on('creds.update', (update) => Object.assign(this.auth.creds, update))
    ev.on('messages.upsert', ({ messages, type }) => {
      for (const message of messages) this.messages.push({ type, message })
      changed()
    })
    ev.on('messages.update', (updates) => {
      this.updates.push(...updates)
      changed()
    })
    ev.on('presence.update', (presence) => {
      this.presences.push(presence)
      changed()
    })
    ev.on('message-receipt.update', (receipts) => {
      this.groupReceipts.push(...receipts)
      changed()
    })
    ev.on('contacts.upsert', (contacts) => {
      this.contacts.push(...contacts)
      changed()
    })
    ev.on('messaging-history.set', (history) => {
      this.histories.push(history)
      changed()
    })
    ev.on('connection.update', (update) => {
      // An ended socket says so later, when another has taken its place.
      if (socket !== this.socket) return
      const error = update.lastDisconnect?.error as { output?: { statusCode: number } } | undefined
      if (update.connection === 'close' && error?.output?.statusCode === 515) this.socket = this.#connect()
      else this.connectionUpdates.push(update)
      changed()
    })
    return socket
  }
}

/** A client that the phone has linked and that is open. */
export async function linkedClient(
  simulator: { url: string; rootPublicKey: Uint8Array },
  phone: { scanQr(qr: string): Promise<unknown> },
  config: Partial<UserFacingSocketConfig> = {},
): Promise<TestClient> {
  const client = new TestClient(simulator, memoryAuth(), config)
  await phone.scanQr(await client.qr())
  await client.opened()
  return client
}
