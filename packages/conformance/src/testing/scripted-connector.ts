import { type Account, type Connector, TrunklineError } from '@trunkline/core'
import type {
  ChatAction,
  Connection,
  ConnectionClose,
  ConnectionEvent,
  ConnectOptions,
  ContactConnection,
  GroupConnection,
  IdentityLookup,
  Jid,
  LabelConnection,
  MediaMessage,
  NewsletterConnection,
  OutboundFile,
  OutboundMessage,
  PreparableContent,
  ProfileConnection,
  UploadedFile,
} from '@trunkline/core/store'

/** Who is linked by `pair`. */
export const ACCOUNT: Account = { jid: '15550000001@s.whatsapp.net', lid: '200000000000001@lid', phone: '15550000001' }
/** Of the message ids, which never repeat. */
let sequence = 0
const CREDS = Buffer.from('credentials')

/** Connections that do what the test says, and a count of how many are open on one session. */
export class ScriptedConnector implements Connector {
  readonly connections: ScriptedConnection[] = []
  /** Sessions that had two connections at once: must stay empty. */
  readonly doubled: string[] = []

  connect(options: ConnectOptions): Connection {
    if (this.open.some((other) => other.options.sessionId === options.sessionId)) this.doubled.push(options.sessionId)
    const connection = new ScriptedConnection(options)
    this.connections.push(connection)
    return connection
  }

  prepare({ content, quoted }: PreparableContent) {
    return prepared(content, quoted?.id)
  }

  get open(): ScriptedConnection[] {
    return this.connections.filter(({ isOpen }) => isOpen)
  }

  /** The connection made last. */
  get last(): ScriptedConnection {
    const connection = this.connections.at(-1)
    if (!connection) throw new Error('Nothing has connected')
    return connection
  }
}

/** One connection: what WhatsApp says is said by the test, what is sent is kept. */
export class ScriptedConnection implements Connection {
  readonly options: ConnectOptions
  readonly sent: OutboundMessage[] = []
  /** Until its `close` event, as a second connection may not be made before that. */
  isOpen = true
  /** Whether WhatsApp was told to unlink the device. */
  hasLoggedOut = false
  /** Whether it was ever told to be open. */
  hasOpened = false
  /** Whether the credentials it found are of a linked account: only then WhatsApp opens it, and only otherwise shows a QR. */
  linked = false
  readonly markedRead: string[] = []
  readonly changedChats: { chatId: Jid; action: ChatAction }[] = []
  readonly presences: { chatId: Jid; state: string }[] = []
  /** Before which message how many were asked for. */
  readonly askedHistory: { before: string; count: number }[] = []
  /** What happens while WhatsApp takes a change of a chat. */
  onChangeChat: (chatId: Jid, action: ChatAction) => Promise<void> = async () => {}
  /** What happens before a message is made. */
  onPrepare: (content: PreparableContent['content']) => Promise<void> = async () => {}
  /** Nobody answers about these unless the test puts something else here. */
  groups: GroupConnection = unanswered()
  contacts: ContactConnection = unanswered()
  profile: ProfileConnection = unanswered()
  newsletters: NewsletterConnection = unanswered()
  labels: LabelConnection = unanswered()
  /** What `send` does beyond putting the message on the wire, before it resolves. */
  onSend: (message: OutboundMessage) => Promise<void> = async () => {}
  /** Who WhatsApp says a number is. */
  onLookUp: (jid: string) => IdentityLookup | undefined = (jid) => ({ jid, lid: `${jid.split('@')[0]}00@lid` })
  onPairingCode: () => Promise<string> = async () => 'ABCD1234'
  onGroupAdmins: () => Promise<string[]> = async () => []
  /** Files that were uploaded, whole. */
  readonly uploads: Buffer[] = []
  /** What a download gives. */
  onDownload: (raw: Uint8Array, options: { place?: string; signal?: AbortSignal }) => AsyncIterable<Uint8Array> =
    async function* () {
      yield Buffer.from('a file')
    }
  /** Where the phone has brought a file that was gone. */
  onReupload: (message: MediaMessage) => Promise<string> = async () => '/again?n=1'
  onProbe: () => Promise<number> = async () => 1
  #queue: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(options: ConnectOptions) {
    this.options = options
    void this.#begin()
  }

  async #begin(): Promise<void> {
    try {
      const creds = await this.options.auth.readCreds()
      this.linked = creds !== undefined
      await this.emit({ type: 'credentials', linked: this.linked, loggedIn: this.linked })
    } catch (cause) {
      await this.end({ message: 'The store failed', cause })
    }
  }

  /** One event after the other; a handler that fails ends the connection. Resolves when the event was handled. */
  emit(event: ConnectionEvent): Promise<void> {
    if (this.#closed) return this.#queue
    this.#queue = this.#queue.then(async () => {
      try {
        await this.options.onEvent(event)
      } catch (cause) {
        void this.end({ message: 'An event could not be handled', cause })
      }
    })
    return this.#queue
  }

  /** A text that somebody writes; it is stored and announced when this resolves. */
  receive({ from, text, id, at }: { from: Jid; text: string; id?: string; at?: string }): Promise<void> {
    sequence += 1
    const message = {
      id: id ?? `IN${sequence}`,
      chatId: from,
      senderId: from,
      fromMe: false,
      timestamp: at ?? '2026-01-01T00:00:00.000Z',
      type: 'text',
      text,
      source: 'live',
      identities: [],
      raw: Buffer.from(text),
    } as const
    return this.emit({ type: 'messages', inbound: [{ message: { ...message, identities: [] } }] })
  }

  /** Shows a QR. */
  qr(): Promise<void> {
    return this.emit({ type: 'qr', qr: 'a qr', attempt: 1, maxAttempts: 6, lifetimeMs: 60_000, remainingMs: 160_000 })
  }

  /** Links: the credentials are stored, then WhatsApp asks for a new connection. */
  async pair(): Promise<void> {
    await this.options.auth.commit({ creds: CREDS })
    await this.emit({ type: 'paired', account: ACCOUNT, deviceId: 1 })
    await this.end({ statusCode: 515, message: 'Stream Errored (restart required)' })
  }

  /** WhatsApp lets the account in. */
  opened(): Promise<void> {
    if (!this.linked) throw new Error('Nobody is linked')
    this.hasOpened = true
    return this.emit({ type: 'open', account: ACCOUNT, deviceId: 1 })
  }

  /** The connection ends, and this is why; resolves when that was handled. */
  end(close: ConnectionClose): Promise<void> {
    this.#closed ??= this.#queue.then(() => {
      this.isOpen = false
      return this.options.onEvent({ type: 'close', close })
    })
    return this.#closed
  }

  async send(message: OutboundMessage): Promise<void> {
    this.sent.push(message)
    await this.onSend(message)
  }

  async prepare({ content, quoted }: Parameters<Connection['prepare']>[0]) {
    // Made before the wait: messages of several chats are prepared at the same time.
    const made = prepared(content, quoted?.id)
    await this.onPrepare(content)
    return made
  }

  async prepareAction(action: Parameters<Connection['prepareAction']>[0]) {
    sequence += 1
    return {
      id: `M${sequence}`,
      raw: Buffer.from('target' in action ? `${action.kind} ${action.target.id}` : action.kind),
    }
  }

  async changeChat(chatId: Jid, action: ChatAction): Promise<void> {
    await this.onChangeChat(chatId, action)
    this.changedChats.push({ chatId, action })
  }

  async sendPresence(chatId: Jid, state: string): Promise<void> {
    this.presences.push({ chatId, state })
  }

  async requestHistory({ before, count }: Parameters<Connection['requestHistory']>[0]): Promise<void> {
    this.askedHistory.push({ before: before.id, count })
  }

  async upload(file: OutboundFile): Promise<UploadedFile> {
    const chunks: Uint8Array[] = []
    for await (const chunk of file.read()) chunks.push(Buffer.from(chunk))
    this.uploads.push(Buffer.concat(chunks))
    const directPath = `/file-${this.uploads.length}?n=1`
    const hash = Buffer.from(file.sha256, 'hex')
    const key = { mediaKey: Buffer.alloc(32, 1), fileSha256: hash, fileEncSha256: hash }
    return { url: `https://media.invalid${directPath}`, directPath, bytes: file.bytes, ...key }
  }

  withFile(raw: Uint8Array, { directPath }: UploadedFile): Uint8Array {
    return Buffer.concat([raw, Buffer.from(` ${directPath}`)])
  }

  download(raw: Uint8Array, options: { place?: string; signal?: AbortSignal } = {}): AsyncIterable<Uint8Array> {
    return this.onDownload(raw, options)
  }

  async reupload(message: MediaMessage): Promise<string> {
    return this.onReupload(message)
  }

  async lookUp(jid: string) {
    return this.onLookUp(jid)
  }

  requestPairingCode(): Promise<string> {
    return this.onPairingCode()
  }

  probe(): Promise<number> {
    return this.onProbe()
  }

  async groupAdmins(): Promise<string[]> {
    return this.onGroupAdmins()
  }

  async markRead(messages: readonly { id: string }[]): Promise<void> {
    this.markedRead.push(...messages.map(({ id }) => id))
  }

  async collectKeys() {
    return { preKeys: 0, sessions: 0, senderKeys: 0 }
  }

  async logout(): Promise<void> {
    this.hasLoggedOut = true
    await farewell()
    await this.end({ statusCode: 401, message: 'Intentional Logout' })
  }

  async close(cause?: unknown): Promise<void> {
    await farewell()
    await this.end({ message: 'The connection was closed', ...(cause === undefined ? {} : { cause }) })
  }
}

/** A part of a connection that WhatsApp never answers. */
function unanswered<Part extends object>(): Part {
  const silent = async () => {
    throw new TrunklineError('CONNECTION_LOST')
  }
  return new Proxy({} as Part, { get: () => silent })
}

/** A socket is not gone the moment it is told to close. */
async function farewell(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function prepared(content: PreparableContent['content'], quotedMessageId: string | undefined) {
  sequence += 1
  const text = 'text' in content ? content.text : JSON.stringify(content)
  const quote = quotedMessageId === undefined ? {} : { quotedMessageId }
  return { id: `M${sequence}`, type: 'text' as const, text, ...quote, raw: Buffer.from(text) }
}
