import {
  type AuthenticationCreds,
  type BaileysEventMap,
  type BinaryNode,
  DisconnectReason,
  getBinaryNodeChildren,
  makeWASocket,
  proto,
  S_WHATSAPP_NET,
  type WAMessageKey,
  type WAPatchName,
  type WASocket,
} from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type {
  ChatAction,
  CollectedKeys,
  Connection,
  ConnectionClose,
  ConnectionEvent,
  ConnectOptions,
  IdentityLookup,
  OutboundMessage,
  PreparableAction,
  PreparableContent,
  PreparedMessage,
  UploadedFile,
} from '../../ports/connector.js'
import type { ContactConnection } from '../../ports/contact-connection.js'
import type { GroupConnection } from '../../ports/group-connection.js'
import type { LabelConnection } from '../../ports/label-connection.js'
import type { NewsletterConnection } from '../../ports/newsletter-connection.js'
import type { ProfileConnection } from '../../ports/profile-connection.js'
import { isSameAccount } from '../../records/account.js'
import { chatKindOf, normalizeJid } from '../../records/jid.js'
import type { TypingState } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import type { Message } from '../../types/message.js'
import type { Account } from '../../types/session.js'
import { deferred } from '../../util/deferred.js'
import { wellFormed } from '../../util/well-formed.js'
import type { BaileysConnectorOptions } from '../baileys-connector.js'
import { type BaileysAuthState, loadAuthState } from '../credentials/auth-state.js'
import { makeFirstPreKeys } from '../credentials/pre-keys.js'
import { KeyCollector } from '../key-collection/key-collector.js'
import { serverInventory } from '../key-collection/server-inventory.js'
import { MediaLink } from '../media/media-link.js'
import { accountOf, linkedAccountOf } from '../translate/account-of.js'
import { writeAsChange } from '../translate/channel-change.js'
import { type AppStatePatch, chatPatches } from '../translate/chat-patches.js'
import { fromAction } from '../translate/from-action.js'
import { fromContent } from '../translate/from-content.js'
import { toReachOutLimit } from '../translate/limits.js'
import { messageKey } from '../translate/message-key.js'
import { arrivedAck } from '../translate/refused-stanza.js'
import { channelReaction, stanzaAttributes, stanzaNodes } from '../translate/stanza-of.js'
import { type AdaptedSocket, adaptSocket } from './adapt-socket.js'
import { answered } from './answered.js'
import { AppStateWriter } from './app-state-writer.js'
import { askedMessage, membersOf } from './asked-message.js'
import { inAsyncStorageWindow } from './async-storage-window.js'
import { AwaitedMessages } from './awaited-messages.js'
import { Backlog } from './backlog.js'
import { BaileysContacts } from './baileys-contacts.js'
import { BaileysFiles } from './baileys-files.js'
import { BaileysGroups } from './baileys-groups.js'
import { BaileysLabels } from './baileys-labels.js'
import { BaileysNewsletters } from './baileys-newsletters.js'
import { BaileysProfile } from './baileys-profile.js'
import { ChannelPosts } from './channel-posts.js'
import { ConnectionEvents, serverTimeOf } from './connection-events.js'
import { DeviceListCache } from './device-list-cache.js'
import { toClose } from './disconnect-reason.js'
import { EventQueue } from './event-queue.js'
import { GroupCache } from './group-cache.js'
import { hearSocket } from './hear-socket.js'
import { InboundJournal } from './inbound-journal.js'
import type { KeepAlive, KeptLine } from './keep-alive.js'
import { NumberLookup } from './look-up.js'
import { requestPairingCode } from './pairing-code.js'
import { createProxyAgent, PROXY_FAILED } from './proxy-agent.js'
import { sealNames } from './seal-names.js'
import { SenderKeyHolders } from './sender-key-holders.js'
import { SenderKeyRotation } from './sender-key-rotation.js'
import { socketConfig } from './socket-config.js'
import { UntoldMessages } from './untold-messages.js'
import { Watchdog } from './watchdog.js'

/** Messages that may wait to be stored; the journal holds 256. */
const MAX_WAITING_MESSAGES = 100

/** A store that takes longer than this does not hold up the end of a connection. */
const LAST_WRITES_MS = 5_000

/** Why a message was not put on the wire, where its sender can do something about it. */
const TOLD_AS_THEY_ARE = ['SESSION_NOT_CONNECTED', 'GROUP_NOT_FOUND', 'GROUP_FORBIDDEN'] as const

export interface BaileysConnectionOptions extends BaileysConnectorOptions {
  keepAlive: KeepAlive
}

/** One Baileys socket, from reading the credentials to its `close`. */
export class BaileysConnection implements Connection {
  readonly #options: BaileysConnectionOptions
  readonly #connect: ConnectOptions
  readonly #watchdog: Watchdog
  readonly #closed = deferred()
  readonly #lookup: NumberLookup
  readonly groups: GroupConnection
  readonly contacts: ContactConnection
  readonly profile: ProfileConnection
  readonly newsletters: NewsletterConnection
  readonly #posts: ChannelPosts
  readonly labels: LabelConnection
  readonly #groups: GroupCache
  #senderKeys: SenderKeyRotation | undefined
  #holders: SenderKeyHolders | undefined
  readonly #deviceLists: DeviceListCache
  readonly #files: BaileysFiles
  #socket: WASocket | undefined
  #terminate: (() => void) | undefined
  #line: KeptLine | undefined
  #journal: InboundJournal | undefined
  #awaited: AwaitedMessages | undefined
  #untold: UntoldMessages | undefined
  #state: BaileysAuthState | undefined
  #translated: ConnectionEvents | undefined
  #collector: KeyCollector | undefined
  #appState: AppStateWriter | undefined
  readonly #events = new EventQueue({ handle: (event) => this.#handle(event), maxTogether: MAX_WAITING_MESSAGES })
  readonly #backlog = new Backlog(MAX_WAITING_MESSAGES)
  /** Why we ended it ourselves; it wins over what Baileys says about the close. */
  #ending: ConnectionClose | undefined
  /** What the server said it was when it let us in. */
  #serverTime: { at?: string } = {}
  #isClosed = false
  /** Whether the WebSocket was ever open. */
  #reached = false
  #asksForLock = false

  constructor(options: BaileysConnectionOptions, connect: ConnectOptions) {
    this.#options = options
    this.#connect = connect
    this.#lookup = new NumberLookup(options.clock)
    this.#groups = new GroupCache(options.clock, (change) => {
      if (!connect.settings.ignoreGroups) this.#emit({ type: 'chats', changes: [change] })
    })
    const onSocket = <Result>(work: (socket: WASocket) => Promise<Result>) => this.#onSocket(work)
    this.groups = new BaileysGroups(this.#groups, onSocket)
    this.newsletters = new BaileysNewsletters({ onSocket })
    const write = (patch: AppStatePatch) => this.#write(patch)
    const readAgain = (name: AppStatePatch['type']) => this.#writer().readAgain(name)
    this.profile = new BaileysProfile({ clock: options.clock, onSocket, write })
    this.labels = new BaileysLabels({ clock: options.clock, onSocket, write, readAgain })
    this.#deviceLists = new DeviceListCache(options.clock)
    const { proxyUrl } = connect.settings
    const media = new MediaLink({
      clock: options.clock,
      silenceMs: options.mediaSilenceMs,
      memory: options.fileMemory,
      query: (node) => this.#onSocket((socket) => socket.query(node)),
      ...(proxyUrl ? { agent: createProxyAgent(proxyUrl, options.proxyGuard) } : {}),
      ...(options.mediaCertificate ? { certificate: options.mediaCertificate } : {}),
    })
    this.contacts = new BaileysContacts({ lookup: this.#lookup, clock: options.clock, media, onSocket })
    this.#files = new BaileysFiles({ media, clock: options.clock, onSocket })
    this.#posts = new ChannelPosts((directPath) => media.handleOf(directPath))
    this.#watchdog = new Watchdog({
      clock: options.clock,
      timeoutMs: options.connectTimeoutMs,
      onExpired: () => this.#end({ message: 'The connection did not open in time' }),
    })
    void this.#open()
  }

  async send({ id, to, raw, readers, serverId }: OutboundMessage): Promise<void> {
    try {
      const message = proto.Message.decode(raw)
      const options = {
        messageId: id,
        additionalAttributes: stanzaAttributes(to, message),
        additionalNodes: stanzaNodes(message),
      }
      await this.#onSocket(async (socket) => {
        if (chatKindOf(to) === 'group') await this.#senderKeys?.beforeSend(await this.#groups.get(to, socket), socket)
        if (serverId && message.reactionMessage) return socket.sendNode(channelReaction({ id, to, serverId }, message))
        if (chatKindOf(to) === 'newsletter') return this.#posts.send({ id, to }, message, socket)
        const { user } = socket
        // Baileys leaves the account's own devices out of a status unless they are named.
        const statusJidList = readers && [...readers, ...[user?.id ?? ''].flatMap((jid) => normalizeJid(jid) ?? [])]
        await socket.relayMessage(to, message, { ...options, ...(statusJidList ? { statusJidList } : {}) })
      })
    } catch (cause) {
      if (TOLD_AS_THEY_ARE.some((code) => TrunklineError.is(cause, code))) throw cause
      throw new TrunklineError('MESSAGE_FAILED', { cause, details: { messageId: id } })
    }
  }

  async prepare(content: PreparableContent): Promise<PreparedMessage> {
    return fromContent(content, this.#live().user?.id ?? '')
  }

  async prepareAction(action: PreparableAction): Promise<Pick<PreparedMessage, 'id' | 'raw'>> {
    const me = this.#live().user?.id ?? ''
    if (action.kind !== 'vote' && action.kind !== 'response') return fromAction(action, me)
    return this.#onSocket(async (socket) => {
      const metadataOf = async (groupId: Jid) => (await this.#groups.get(groupId, socket)).metadata
      return fromAction(action, me, await sealNames(action.target, socket, metadataOf))
    })
  }

  upload(...given: Parameters<Connection['upload']>): Promise<UploadedFile> {
    return this.#files.upload(...given)
  }

  download(...given: Parameters<Connection['download']>): AsyncIterable<Uint8Array> {
    return this.#files.download(...given)
  }

  withFile(raw: Uint8Array, uploaded: UploadedFile): Uint8Array {
    return this.#files.withFile(raw, uploaded)
  }

  reupload(...given: Parameters<Connection['reupload']>): Promise<string> {
    return this.#files.reupload(...given)
  }

  lookUp(address: Jid): Promise<IdentityLookup | undefined> {
    return this.#onSocket((socket) => this.#lookup.find(address, socket))
  }

  requestPairingCode(phone: string): Promise<string> {
    return this.#onSocket((socket) => requestPairingCode(socket, phone, this.#options.clock))
  }

  async probe({ timeoutMs }: { timeoutMs: number }): Promise<number> {
    const { clock } = this.#options
    const startedAt = clock.monotonic()
    const attrs = { to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' }
    const answer: unknown = await this.#onSocket((socket) =>
      socket.query({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }, timeoutMs),
    )
    if (!answer) throw new TrunklineError('CONNECTION_LOST', { message: 'WhatsApp did not answer' })
    return clock.monotonic() - startedAt
  }

  async groupAdmins(groupId: Jid): Promise<Jid[]> {
    const { metadata } = await this.#onSocket((socket) => this.#groups.get(groupId, socket))
    return membersOf({ participants: metadata.participants.filter(({ admin }) => admin) })
  }

  async changeChat(chatId: Jid, action: ChatAction): Promise<void> {
    const patches = chatPatches(chatId, action, { nowMs: this.#options.clock.now() })
    for (const patch of patches) await this.#write(patch)
  }

  async sendPresence(chatId: Jid, state: TypingState): Promise<void> {
    await this.#onSocket((socket) => socket.sendPresenceUpdate(state, chatId))
  }

  async requestHistory({ before, count }: { before: Message; count: number }): Promise<void> {
    // Milliseconds by the name of the field, seconds in whatsmeow's experience: those are read rightly by both.
    const seconds = Math.floor(Date.parse(before.timestamp) / 1_000)
    await this.#onSocket((socket) => socket.fetchMessageHistory(count, messageKey(before), seconds))
  }

  async markRead(messages: readonly { id: string; chatId: Jid; senderId: Jid }[]): Promise<void> {
    const keys = messages.map((message) => messageKey({ ...message, fromMe: false }))
    await this.#onSocket((socket) =>
      answered(
        'who may see what was read',
        socket.readMessages(keys).then(() => true),
      ),
    )
  }

  async collectKeys(): Promise<CollectedKeys> {
    const collector = this.#collector
    if (!collector) throw this.#notConnected()
    return this.#onSocket(() => collector.run())
  }

  async logout(): Promise<void> {
    // Baileys ends the socket right after sending; a short wait lets the server close it first, which proves it was heard.
    await this.#live().logout()
    await this.#closed.promise
  }

  async close(cause?: unknown): Promise<void> {
    this.#end({ message: 'The connection was closed', ...(cause === undefined ? {} : { cause }) })
    await this.#closed.promise
  }

  async #write(patch: AppStatePatch): Promise<void> {
    const writer = this.#writer()
    await this.#onSocket(() => writer.write(patch))
  }

  #writer(): AppStateWriter {
    if (!this.#appState) throw this.#notConnected()
    return this.#appState
  }

  async #open(): Promise<void> {
    try {
      const { auth, settings, version } = this.#connect
      const state = await loadAuthState(auth, (cause) => this.#end({ message: 'The store failed', cause }))
      this.#state = state
      this.#emit({ type: 'credentials', linked: state.linked, loggedIn: state.loggedIn })
      if (state.linked && this.#isOther(accountOf(state.creds).account)) return this.#finish(this.#otherAccount())
      const account = this.#options.signal.open(state.keys)
      this.#journal = new InboundJournal(account.journal, this.#options.signal.ciphertextId)
      this.#awaited = await AwaitedMessages.read({ auth, keys: state.keys, clock: this.#options.clock })
      this.#untold = new UntoldMessages({
        journal: this.#journal,
        awaited: this.#awaited,
        logger: this.#options.logger,
        emit: (event) => this.#emit(event),
      })
      if (state.linked) await this.#untold.drain(state.creds)
      await makeFirstPreKeys(state)
      await this.#events.idle()
      if (this.#ending) return this.#finish(this.#ending)
      // An address is never looked up: the agent would not meet it. One may be stored from before it was refused.
      if (settings.proxyUrl && !this.#options.proxyGuard.admitsHost(new URL(settings.proxyUrl).hostname))
        return this.#finish({ message: PROXY_FAILED })
      const { creds } = state
      // Baileys sends each message in a transaction of this name.
      const whileNothingIsSent = (work: () => Promise<void>) =>
        this.#live().authState.keys.transaction(work, creds.me?.id ?? '')
      this.#senderKeys = new SenderKeyRotation({
        keys: account.keys,
        own: () => [creds.me?.id, creds.me?.lid].filter((jid) => jid !== undefined),
        whileNothingIsSent,
      })
      this.#holders = new SenderKeyHolders({
        keys: account.keys,
        groupOf: async (groupId) => (await this.#groups.get(groupId, this.#live())).metadata,
        whileNothingIsSent,
      })
      const config = socketConfig({
        options: this.#options,
        settings,
        version,
        auth: state,
        account: {
          ...account,
          keys: this.#holders.behind(account.keys),
          makeSignalRepository: this.#backlog.paced(account.makeSignalRepository),
        },
        getMessage: (key) => this.#sentMessage(key),
        groupMetadata: async (groupId) => (await this.#groups.get(groupId, this.#live())).metadata,
        deviceLists: this.#deviceLists,
        syncAction: (fields) => this.#translated?.syncAction(fields as Parameters<ConnectionEvents['syncAction']>[0]),
        stumbled: (messageId) => void this.#stumbled(messageId, state.creds),
      })
      const socket = inAsyncStorageWindow(() => makeWASocket(config))
      this.#socket = socket
      const adapted = adaptSocket(socket, {
        unreadableFrame: () => this.#end({ message: 'The server sent a frame that cannot be read' }),
        handlerFailed: (error, event) =>
          this.#options.logger.debug({ err: error, event }, 'A handler of Baileys failed'),
      })
      this.#terminate = adapted.terminate
      this.#appState = new AppStateWriter(socket)
      this.#collector = new KeyCollector({
        auth,
        keys: state.keys,
        signal: account,
        creds: state.creds,
        server: serverInventory((node) => this.#live().query(node), state.creds),
        now: () => this.#options.clock.now(),
      })
      this.#watchdog.arm()
      this.#listen(socket, state, adapted)
    } catch (cause) {
      this.#finish(this.#ending ?? { message: 'The connection could not be prepared', cause })
    }
  }

  #listen(socket: WASocket, state: BaileysAuthState, { holdFrames }: AdaptedSocket): void {
    const events = new ConnectionEvents({
      creds: state.creds,
      settings: this.#connect.settings,
      journal: this.#journal,
      awaited: this.#awaited,
      qrLifetimeMs: this.#options.qrLifetimeMs,
      emit: (event) => this.#emit(event),
      emitLater: (make) => this.#events.push(() => wellFormed(make())),
      groupChanged: (groupId, group) => {
        this.#groups.forget(groupId)
        if (group) this.#groups.learn(group)
      },
      rejectCall: (id, from) => socket.rejectCall(id, from),
    })
    this.#translated = events
    let sign = () => {}
    hearSocket(socket, events, {
      reached: () => {
        this.#reached = true
      },
      heard: () => this.#heard(socket),
      refused: (code) => this.#end({ message: `The server refused the connection (HTTP ${code ?? 'error'})` }),
      loggedIn: ({ attrs }) => {
        this.#serverTime = serverTimeOf(attrs.t)
      },
      messageArriving: (stanza) => {
        writeAsChange(stanza)
        const stored = events.refused(stanza)
        if (stored) {
          void this.#acknowledge(stanza, { stored, socket, me: state.creds.me?.id ?? '' })
          return false
        }
        this.#journal?.arriving(stanza)
        this.#holdUntil(events.arriving(stanza), socket)
        return true
      },
      appStateChanged: (stanza) => this.#syncOthers(socket, stanza),
      devicesChanged: (stanza) => {
        this.#deviceLists.changed(stanza)
        this.#senderKeys?.devicesChanged(stanza)
      },
      askedAgain: (stanza) => this.#holders?.asked(stanza),
      // Baileys signs the link at once. WhatsApp must not have it before the store has: after a crash in between, the phone
      // would show a device that nobody has the credentials of.
      linking: (stanza) => {
        sign = holdFrames()
        if (this.#isOther(linkedAccountOf(stanza))) return this.#refuseLink(state)
        this.#watchdog.arm()
      },
      linked: () => void this.#paired(state, () => sign()),
      updated: (update) => this.#connectionUpdate(update, events, state),
      reachOutRefused: () => void this.#askForLock(socket),
      credsChanged: (update) => void this.#saveCreds(update, state),
      failed: (cause) => this.#end({ message: 'An event could not be handled', cause }),
    })
  }

  #heard(socket: WASocket): void {
    if (this.#isClosed || this.#ending) return
    this.#line ??= this.#options.keepAlive.watch({
      ping: () => this.#ping(socket),
      lost: () => this.#end({ message: 'Connection was lost', statusCode: DisconnectReason.connectionLost }),
    })
    this.#line.heard()
  }

  /** Whatever comes next is the answer. */
  #ping(socket: WASocket): void {
    const attrs = { id: socket.generateMessageTag(), to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' }
    socket.sendNode({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, 'WhatsApp could not be asked for a sign of life')
    })
  }

  /** The answer comes as an update of the connection. Baileys means to ask itself, behind a condition that never holds. */
  async #askForLock(socket: WASocket): Promise<void> {
    if (this.#asksForLock) return
    this.#asksForLock = true
    try {
      await socket.fetchAccountReachoutTimelock()
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'WhatsApp did not say for how long no conversation may be begun')
    } finally {
      this.#asksForLock = false
    }
  }

  /** Baileys fetches the first of the collections that the server names. */
  #syncOthers(socket: WASocket, stanza: BinaryNode): void {
    const [, ...others] = getBinaryNodeChildren(stanza, 'collection').map(({ attrs }) => attrs.name as WAPatchName)
    if (others.length === 0) return
    void socket.resyncAppState(others, false).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, 'A part of the app state could not be fetched')
    })
  }

  /** In place of Baileys, which does not take the message. One that is not stored is not acknowledged, and comes again. */
  async #acknowledge(
    stanza: BinaryNode,
    { stored, socket, me }: { stored: Promise<void>; socket: WASocket; me: string },
  ): Promise<void> {
    await Promise.race([stored, this.#closed.promise])
    if (this.#isClosed || this.#ending) return
    await socket.sendNode(arrivedAck(stanza, me)).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, 'A message could not be acknowledged')
    })
  }

  /** Baileys works on no message until then, or until the connection is gone: it could acknowledge none without a socket. */
  #holdUntil(kept: Promise<unknown> | undefined, socket: WASocket): void {
    if (!kept) return
    const over = Promise.race([kept, this.#closed.promise])
    void socket.messageMutex.mutex(async () => {
      // A store that fails has ended the connection already (see loadAuthState).
      await over.catch(() => this.#closed.promise)
    })
  }

  #connectionUpdate(
    update: BaileysEventMap['connection.update'],
    events: ConnectionEvents,
    state: BaileysAuthState,
  ): void {
    if (update.reachoutTimeLock) this.#emit(toReachOutLimit(update.reachoutTimeLock))
    if (update.qr) {
      this.#watchdog.disarm()
      events.qr(update.qr)
    }
    if (update.receivedPendingNotifications && this.#socket) void this.#untold?.finish(this.#socket)
    if (update.connection === 'open') {
      this.#watchdog.disarm()
      // The credentials change in the same turn, before this event; they are written by the time this one is handled.
      const { account, deviceId } = accountOf(state.creds)
      this.#emit({ type: 'open', account, deviceId, ...this.#serverTime })
    }
    if (update.connection === 'close') this.#finish(this.#ending ?? toClose(update.lastDisconnect?.error))
  }

  async #saveCreds(update: Partial<AuthenticationCreds>, state: BaileysAuthState): Promise<void> {
    try {
      await state.saveCreds()
    } catch {
      // The connection is ending with this error already (see loadAuthState).
      return
    }
    if (update.me && state.creds.account) this.#emit({ type: 'account', account: accountOf(state.creds).account })
  }

  /** Linked, and told once the credentials are stored. */
  async #paired(state: BaileysAuthState, sign: () => void): Promise<void> {
    try {
      await state.saveCreds()
    } catch {
      // The connection is ending with this error already (see loadAuthState), and the link was not signed.
      return
    }
    this.#emit({ type: 'paired', ...accountOf(state.creds) })
    sign()
  }

  #isOther(account: Pick<Account, 'jid' | 'lid'>): boolean {
    const { account: own } = this.#connect
    return own !== undefined && !isSameAccount(own, account)
  }

  #otherAccount(): ConnectionClose {
    const { sessionId } = this.#connect
    const cause = new TrunklineError('ACCOUNT_CHANGED', { details: { sessionId } })
    return { message: cause.message, cause }
  }

  /** Nothing is signed and nothing stored: the phone shows that the device could not be linked. */
  #refuseLink(state: BaileysAuthState): void {
    void state.seal()
    this.#end(this.#otherAccount())
  }

  async #stumbled(messageId: string, creds: AuthenticationCreds): Promise<void> {
    const message = await this.#untold?.stumbledOver(messageId, creds)
    if (message && !this.#isClosed && !this.#ending) this.#translated?.stumbledOver(message)
  }

  /** A store that fails ends the connection before Baileys confirms the receipt that asked: it is asked again after the next login. */
  async #sentMessage(key: WAMessageKey): Promise<Uint8Array | undefined> {
    const socket = this.#live()
    const asked = await askedMessage(key, {
      phoneOf: (lid) => socket.signalRepository.lidMapping.getPNForLID(lid),
      membersOf: async (groupId) => membersOf((await this.#groups.get(groupId, socket)).metadata),
    })
    if (!asked) return undefined
    try {
      return await this.#connect.getMessage(asked)
    } catch (cause) {
      this.#end({ message: 'The store failed', cause })
      throw cause
    }
  }

  #emit(given: ConnectionEvent): void {
    const event = wellFormed(this.#posts.underOwnId(given))
    if (event.type === 'messages') this.#backlog.enter(event.inbound.length)
    this.#events.push(event)
  }

  /** A handler that fails, because the store does, ends the connection. */
  async #handle(event: ConnectionEvent): Promise<void> {
    try {
      if (this.#ending?.cause === undefined) await this.#connect.onEvent(event)
    } catch (cause) {
      this.#end({ message: 'An event could not be handled', cause })
    }
    if (event.type === 'messages') this.#backlog.leave(event.inbound.length)
  }

  /** Begins the end; the `close` event comes when the socket is gone. */
  #end(close: ConnectionClose): void {
    if (this.#isClosed) return
    const first = this.#ending === undefined
    this.#ending ??= close
    this.#line?.end()
    this.#backlog.open()
    if (!first || !this.#socket) return
    // A failed store must not be followed by receipts and answers that say otherwise: the line is cut at once.
    if (close.cause !== undefined) this.#terminate?.()
    void this.#endSocket(this.#socket)
  }

  async #endSocket(socket: WASocket): Promise<void> {
    const cancel = this.#options.clock.setTimeout(
      () => this.#finish(this.#ending ?? { message: 'The connection was closed' }),
      5_000,
    )
    try {
      await socket.end(undefined)
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'Ending a socket failed')
    }
    cancel()
    this.#finish(this.#ending ?? { message: 'The connection was closed' })
  }

  /** The last event, once, after everything before it was handled. */
  #finish(close: ConnectionClose): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#line?.end()
    this.#watchdog.disarm()
    this.#terminate?.()
    void this.#close(close)
  }

  async #close(close: ConnectionClose): Promise<void> {
    await this.#events.close()
    await this.#lastWrites()
    await this.#connect.onEvent({ type: 'close', close: this.#asTold(this.#ending ?? close) })
    this.#closed.resolve()
  }

  /** What went wrong before WhatsApp was reached is one thing when there is a proxy; see `PROXY_FAILED`. */
  #asTold(close: ConnectionClose): ConnectionClose {
    const behindProxy = this.#connect.settings.proxyUrl !== undefined && !this.#reached
    return behindProxy && close.cause === undefined ? { message: PROXY_FAILED } : close
  }

  /**
   * The next connection reads what this one has written, and nothing is written behind its back: a message that was decrypted
   * after its journal was listed would be refused as a repeated one, and be lost.
   */
  async #lastWrites(): Promise<void> {
    const over = deferred()
    const cancel = this.#options.clock.setTimeout(() => over.resolve(), LAST_WRITES_MS)
    const written = async () => {
      await this.#journal?.flush().catch(() => undefined)
      await this.#state?.seal()
      over.resolve()
    }
    void written()
    await over.promise
    cancel()
  }

  /** Whatever fails because the connection is gone, or goes meanwhile, rejects with SESSION_NOT_CONNECTED. */
  async #onSocket<Result>(work: (socket: WASocket) => Promise<Result>): Promise<Result> {
    const socket = this.#live()
    try {
      return await work(socket)
    } catch (cause) {
      if (this.#isClosed || this.#ending || !socket.ws.isOpen) throw this.#notConnected(cause)
      throw cause
    }
  }

  #live(): WASocket {
    if (!this.#socket || this.#isClosed || this.#ending) throw this.#notConnected()
    return this.#socket
  }

  #notConnected(cause?: unknown): TrunklineError {
    const details = { sessionId: this.#connect.sessionId, status: 'reconnecting' as const }
    return new TrunklineError('SESSION_NOT_CONNECTED', { details, cause })
  }
}
