import type {
  Account,
  Connection,
  ConnectionClose,
  ConnectionEvent,
  ConnectOptions,
  Connector,
  OutboundMessage,
} from '../../src/index.js'

export const ACCOUNT: Account = { jid: '15550000001@s.whatsapp.net', lid: '200000000000001@lid', phone: '15550000001' }
const CREDS = Buffer.from('credentials')

/** Connections that do what the test says, and a count of how many are open on one session. */
export class FakeConnector implements Connector {
  readonly connections: FakeConnection[] = []
  /** Sessions that had two connections at once: must stay empty. */
  readonly doubled: string[] = []

  connect(options: ConnectOptions): Connection {
    if (this.open.some((other) => other.options.sessionId === options.sessionId)) this.doubled.push(options.sessionId)
    const connection = new FakeConnection(options)
    this.connections.push(connection)
    return connection
  }

  get open(): FakeConnection[] {
    return this.connections.filter(({ isOpen }) => isOpen)
  }

  /** The connection made last. */
  get last(): FakeConnection {
    const connection = this.connections.at(-1)
    if (!connection) throw new Error('Nothing has connected')
    return connection
  }
}

export class FakeConnection implements Connection {
  readonly options: ConnectOptions
  readonly sent: OutboundMessage[] = []
  isOpen = true
  /** Whether `send` puts the message on the wire, or fails. */
  sendFails = false
  #sequence = 0
  #closed: Promise<void> | undefined

  constructor(options: ConnectOptions) {
    this.options = options
    void this.#begin()
  }

  async #begin(): Promise<void> {
    try {
      const creds = await this.options.auth.readCreds()
      await this.emit({ type: 'credentials', linked: creds !== undefined })
    } catch (cause) {
      await this.end({ message: 'The store failed', cause })
    }
  }

  async emit(event: ConnectionEvent): Promise<void> {
    if (this.isOpen) await this.options.onEvent(event)
  }

  qr(): Promise<void> {
    return this.emit({ type: 'qr', qr: 'a qr', attempt: 1, maxAttempts: 6, lifetimeMs: 60_000, remainingMs: 160_000 })
  }

  /** Links: the credentials are stored, then WhatsApp asks for a new connection. */
  async pair(): Promise<void> {
    await this.options.auth.commit({ creds: CREDS })
    await this.emit({ type: 'paired', account: ACCOUNT, deviceId: 1 })
    await this.end({ statusCode: 515, message: 'Stream Errored (restart required)' })
  }

  opened(): Promise<void> {
    return this.emit({ type: 'open', account: ACCOUNT, deviceId: 1 })
  }

  end(close: ConnectionClose): Promise<void> {
    this.#closed ??= (async () => {
      const { onEvent } = this.options
      this.isOpen = false
      await onEvent({ type: 'close', close })
    })()
    return this.#closed
  }

  async send(message: OutboundMessage): Promise<void> {
    if (this.sendFails) throw new Error('the wire is cut')
    this.sent.push(message)
  }

  prepare({ content }: Parameters<Connection['prepare']>[0]) {
    this.#sequence += 1
    return { id: `M${this.#sequence}`, type: 'text' as const, text: content.text, raw: Buffer.from(content.text) }
  }

  async lookUp(jid: string) {
    return { jid, lid: `${jid.split('@')[0]}00@lid` }
  }

  async requestPairingCode(): Promise<string> {
    return 'ABCD1234'
  }

  async probe(): Promise<number> {
    return 1
  }

  async markRead(): Promise<void> {}

  async logout(): Promise<void> {
    await farewell()
    await this.end({ statusCode: 401, message: 'Intentional Logout' })
  }

  async close(cause?: unknown): Promise<void> {
    await farewell()
    await this.end({ message: 'The connection was closed', ...(cause === undefined ? {} : { cause }) })
  }
}

/** A socket is not gone the moment it is told to close. */
async function farewell(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
