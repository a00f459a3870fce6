import type { ChatModification, proto } from '@whiskeysockets/baileys'
import { addressingOf, bareJid, isGroupJid, isShared, STATUS_JID } from '../model/jid.js'
import type { AccountState, StatusPrivacy } from '../model/state.js'
import { endCall, offerCall } from '../server/calls.js'
import { unlinkDevice } from '../server/linking/pairing.js'
import { routeReceipt } from '../server/messages/receipts.js'
import type { PhoneEndpoint } from '../server/phone-endpoint.js'
import { changePicture } from '../server/pictures.js'
import { routeChatState, tellWatchers } from '../server/presence.js'
import type { ServerContext } from '../server/server-context.js'
import { SimulatorError } from '../util/errors.js'
import { KeyedLock } from '../util/keyed-lock.js'
import type { Random } from '../util/random.js'
import { type BinaryNode, node } from '../wire/node.js'
import { type ChatSettings, labelsOf, type PhoneLabel, readAppState, settingsOf } from './app-state-reader.js'
import { writeAppState } from './app-state-writer.js'
import { answerContent, type EventAnswer } from './events.js'
import { type HistoryChat, historyNotification, recentPart, storedChat } from './history.js'
import { Inbox, type InboxOwner } from './inbox.js'
import { Linking, type NewDevice } from './linking.js'
import { Mailbox, type MessageMatch, type MessagePredicate, type PhoneMessage, type WaitOptions } from './mailbox.js'
import { type MediaFields, type MediaPart, type MediaRetryMode, PhoneMedia } from './media.js'
import { addressed, chatJid, deletion, edit, keyOf, reaction } from './message-actions.js'
import type { MessageContent } from './message-content.js'
import { callAnswerOf, groupNoticeOf, receiptOf, typingOf } from './notices.js'
import { Outbox } from './outbox.js'
import type {
  AutoReply,
  LinkedDevice,
  PhoneCallAnswer,
  PhoneFailure,
  PhoneGroupNotice,
  PhoneReceipt,
  PhoneTyping,
  SendOptions,
} from './phone-types.js'
import { type PollOptions, pollContent, voteContent } from './polls.js'
import { reinstall } from './reinstall.js'
import { type ShownMessage, shown } from './shown.js'
import { PhoneSignal } from './signal-store.js'

/**
 * A scripted primary device: the phone of an account, or a customer who has nothing but a phone. It holds real Signal
 * sessions: what it lists in `messages` it has decrypted.
 */
export class Phone implements PhoneEndpoint {
  readonly receipts: PhoneReceipt[] = []
  readonly typing: PhoneTyping[] = []
  /** Calls of this phone that the other side has answered: the ids, and `reject` or the like. */
  readonly callAnswers: PhoneCallAnswer[] = []
  readonly failures: PhoneFailure[] = []
  /** What the server has told of groups. */
  readonly groupNotices: PhoneGroupNotice[] = []
  readonly #server: ServerContext
  readonly #account: AccountState
  readonly #mailbox: Mailbox
  readonly #locks = new KeyedLock()
  readonly #ids: Random
  readonly #secrets: Random
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #linking: Linking
  readonly #media: PhoneMedia
  readonly #calls = new Map<string, AccountState>()
  #autoReply: AutoReply | undefined

  constructor(server: ServerContext, account: AccountState) {
    this.#server = server
    this.#account = account
    this.#mailbox = new Mailbox(server.clock)
    this.#linking = new Linking(server, account)
    this.#ids = server.stream(`message ids ${account.number}`)
    this.#secrets = server.stream(`poll secrets ${account.number}`)
    this.#media = new PhoneMedia(server.media, server.stream(`media ${account.number}`))
    const signal = () => new PhoneSignal(account.phone)
    const parts = { server, account, signal, locks: this.#locks, mailbox: this.#mailbox }
    this.#outbox = new Outbox({ ...parts, nextMessageId: () => this.#nextMessageId() })
    const owner: InboxOwner = {
      answer: (message) => this.#answer(message),
      sendReceipt: (attributes, content) => this.sendReceipt(attributes, content),
      failed: (failure) => this.failures.push(failure),
    }
    this.#inbox = new Inbox({ ...parts, media: this.#media, owner, outbox: this.#outbox })
    const { autoReply } = account
    if (autoReply !== undefined) this.#autoReply = () => autoReply
  }

  get number(): string {
    return this.#account.number
  }

  get name(): string {
    return this.#account.name
  }

  /** `15550000001@s.whatsapp.net` */
  get jid(): string {
    return bareJid(this.#account)
  }

  /** `200015550000001@lid` */
  get lid(): string {
    return bareJid(this.#account, 'lid')
  }

  get messages(): readonly PhoneMessage[] {
    return this.#mailbox.messages
  }

  get devices(): LinkedDevice[] {
    return [...this.#account.devices.values()].map(({ id, name = '', linkedAt, queue }) => ({
      id,
      name,
      jid: `${this.number}:${id}@s.whatsapp.net`,
      linkedAt,
      connected: this.#server.connectionOf({ account: this.#account, deviceId: id }) !== undefined,
      queued: queue.size,
    }))
  }

  /**
   * Links the client that shows this QR. Resolves when it has signed its device identity and was told to reconnect.
   * Rejects with `QR_INVALID`, `QR_UNKNOWN`, `QR_EXPIRED`, `PASSKEY_REQUIRED` or `PAIRING_FAILED`.
   */
  scanQr(qr: string): Promise<NewDevice> {
    return this.#linking.scanQr(qr)
  }

  /**
   * Links the client that shows this code for this number. Rejects with `PAIRING_CODE_UNKNOWN` when no client waits for
   * one, `PAIRING_CODE_WRONG` (which may be followed by the right one), `PASSKEY_REQUIRED` or `PAIRING_FAILED`.
   */
  enterPairingCode(code: string): Promise<NewDevice> {
    return this.#linking.enterPairingCode(code)
  }

  /** Whether links of this account have to be confirmed by a passkey. */
  async requirePasskey(required: boolean): Promise<void> {
    this.#account.passkeyRequired = required
    this.#server.changed()
  }

  /** Goes on with the link that was refused with `PASSKEY_REQUIRED`. */
  confirmPasskey(): Promise<NewDevice> {
    return this.#linking.confirmPasskey()
  }

  /** The conversations that new companions get when they are linked, and older ones ask for. */
  async setHistory(chats: HistoryChat[]): Promise<void> {
    this.#account.history = chats.map(storedChat)
    this.#server.changed()
  }

  /** Sends conversations (default: the whole history) to the companions, or one of them, now. */
  async sendHistory({ chats, device }: { chats?: HistoryChat[]; device?: number } = {}): Promise<void> {
    const part = recentPart(chats?.map(storedChat) ?? this.#account.history ?? [])
    const content = historyNotification(this.#server.world, this.#account, part)
    const deviceIds = device === undefined ? [...this.#account.devices.keys()] : [device]
    await this.#locks.run('outbox', async () => {
      for (const deviceId of deviceIds) {
        this.#assertLinked(deviceId)
        await this.#outbox.sendToCompanion(deviceId, content)
      }
    })
  }

  /** Another name of the account, told to its companions by app state and to others by its messages. */
  async rename(name: string): Promise<void> {
    this.#account.name = name
    await this.#locks.run('outbox', () => writeAppState(this.#server, this.#account, { pushNameSetting: name }, ''))
  }

  /** What somebody does to a chat, or to a message of it, on the phone: its companions hear of it by app state. `chat`: a number or a JID. */
  async changeChat(chat: string, modification: ChatModification): Promise<void> {
    const jid = chat.includes('@') ? chat : `${chat}@s.whatsapp.net`
    await this.#locks.run('outbox', () => writeAppState(this.#server, this.#account, modification, jid))
  }

  /** The name that the account gave itself last, on whichever device. */
  async nameSet(): Promise<string> {
    const entries = await this.#locks.run('outbox', () => readAppState(this.#account))
    const set = entries.flatMap(({ value }) => value.pushNameSetting?.name ?? [])
    return set.at(-1) ?? this.name
  }

  /** What the account says of itself. */
  get about(): string | undefined {
    return this.#account.about?.text
  }

  /** Its picture, a JPEG. */
  get picture(): Buffer | undefined {
    return this.#account.picture?.bytes
  }

  /** Numbers of those whom it does not want to hear of. */
  get blocked(): string[] {
    return [...this.#account.blocked]
  }

  /** Another picture, or none; those who know the account are told. */
  async setPicture(bytes: Buffer | undefined): Promise<void> {
    changePicture(this.#server, this.#account, bytes)
  }

  /** What the account says of itself from now on. */
  async setAbout(text: string): Promise<void> {
    this.#account.about = { text, atSeconds: Number(this.#server.seconds()) }
    this.#server.changed()
  }

  /** What others may do, in WhatsApp's words: `groupadd` `none`. */
  async setPrivacy(category: string, value: string): Promise<void> {
    this.#account.privacy.set(category, value)
    this.#server.changed()
  }

  /** The account on a new phone: its identity key changes, its companions are unlinked, its contacts are told. */
  async reinstall(): Promise<void> {
    await this.#locks.idle()
    reinstall(this.#server, this.#account)
  }

  /** Ends the link of a companion, as the list of linked devices on the phone does. */
  async unlink(deviceId: number): Promise<void> {
    unlinkDevice(this.#server, { account: this.#account, deviceId })
  }

  /** Resolves when the server has taken it. The other side may be a number, a JID or a group's JID. */
  sendText(to: string, text: string, options: SendOptions = {}): Promise<{ id: string }> {
    return this.send(to, { conversation: text }, options)
  }

  /** Any message there is, as its protobuf. */
  async send(to: string, content: MessageContent, options: SendOptions = {}): Promise<{ id: string }> {
    return { id: await this.#outbox.send(this.#chatOf(to, options), content) }
  }

  /** Uploads a file and answers the content that has it, for `send`. `fields`: what else the part of the message says. */
  uploadMedia(part: MediaPart, bytes: Uint8Array, fields: MediaFields = {}): MessageContent {
    return this.#media.upload(part, bytes, fields)
  }

  /** As `uploadMedia`, for a channel: nothing is encrypted there. */
  uploadOpenMedia(part: MediaPart, bytes: Uint8Array, fields: MediaFields = {}): MessageContent {
    return this.#media.uploadOpen(part, bytes, fields)
  }

  /** Uploads a file and sends it. */
  sendMedia(
    to: string,
    part: MediaPart,
    bytes: Uint8Array,
    { fields = {}, ...options }: SendOptions & { fields?: MediaFields } = {},
  ): Promise<{ id: string }> {
    return this.send(to, this.uploadMedia(part, bytes, fields), options)
  }

  /** The file of a message as the phone decrypted it. Rejects with `MESSAGE_NOT_FOUND` when it has none. */
  async fileOf(messageId: string): Promise<Buffer> {
    const { media } = this.#messageOf(messageId, 'messageId')
    const file = media && this.#media.file(Buffer.from(media.sha256, 'hex'))
    if (file) return file
    throw new SimulatorError('MESSAGE_NOT_FOUND', `${messageId} has no file`, { field: 'messageId' })
  }

  /** What is done when a companion asks for files that are gone from the media hosts. Default: they are uploaded again. */
  setMediaRetry(mode: MediaRetryMode): void {
    this.#media.retryMode = mode
  }

  /** Reacts to a message that the phone has; an empty text takes the reaction back. Rejects with `MESSAGE_NOT_FOUND`. */
  react(messageId: string, emoji: string): Promise<{ id: string }> {
    return this.#act(messageId, (key) => reaction(key, emoji, this.#server.clock.now()))
  }

  /** Replaces the text of an own message. */
  editText(messageId: string, text: string): Promise<{ id: string }> {
    return this.#act(messageId, (key) => edit(key, text, this.#server.clock.now()))
  }

  /** Deletes an own message for everyone. */
  deleteMessage(messageId: string): Promise<{ id: string }> {
    return this.#act(messageId, deletion)
  }

  /** Makes a poll. Rejects with `BAD_INPUT` when there are not two options, each once. */
  async sendPoll(
    to: string,
    question: string,
    options: string[],
    settings: SendOptions & PollOptions = {},
  ): Promise<{ id: string }> {
    const { selectableCount = 1, ...send } = settings
    const { bytes } = this.#secrets
    return this.send(to, pollContent(question, options, { selectableCount, bytes }), send)
  }

  /** Votes in a poll that the phone has: the whole choice, which replaces an earlier one; none takes the vote back. */
  async vote(messageId: string, options: string[]): Promise<{ id: string }> {
    const { world, clock } = this.#server
    const { message: poll, from, addressing } = this.#messageOf(messageId, 'messageId')
    const voters = { creator: addressed(world, from, addressing), voter: bareJid(this.#account, addressing) }
    const parts = { poll, ...voters, options, nowMs: clock.now(), bytes: this.#secrets.bytes }
    return this.#act(messageId, (key) => voteContent({ ...parts, key }))
  }

  /** Says whether the account comes to an event that the phone has. Rejects with `MESSAGE_NOT_FOUND` or `BAD_INPUT`. */
  async answerEvent(messageId: string, answer: EventAnswer): Promise<{ id: string }> {
    const { world, clock } = this.#server
    const { message: event, from, addressing } = this.#messageOf(messageId, 'messageId')
    const names = { creator: addressed(world, from, addressing), sender: bareJid(this.#account, addressing) }
    const parts = { event, ...names, answer, nowMs: clock.now(), bytes: this.#secrets.bytes }
    return this.#act(messageId, (key) => answerContent({ ...parts, key }))
  }

  /** A chat as the screen shows it: after reactions, edits and deletions. `chat`: a number, a JID or a group's JID. */
  shown(chat: string): ShownMessage[] {
    const { world } = this.#server
    const of = isShared(chat) ? chat : bareJid(this.#accountOf(chat.includes('@') ? chat : `${chat}@s.whatsapp.net`))
    return shown(
      this.messages.filter((message) => message.chat === of),
      { world, me: this.jid },
    )
  }

  /** What the account has set for a chat, on this phone or on a companion, opened with all MACs. `chat` as for `shown`. */
  async chatSettings(chat: string): Promise<ChatSettings> {
    const jid = chat.includes('@') ? chat : `${chat}@s.whatsapp.net`
    const entries = await this.#locks.run('outbox', () => readAppState(this.#account))
    return settingsOf(entries, jid, this.#server.world)
  }

  /** The labels of the account, whoever has made them. What they are on stands in `chatSettings`. */
  async labels(): Promise<PhoneLabel[]> {
    return labelsOf(await this.#locks.run('outbox', () => readAppState(this.#account)))
  }

  /** The first message that fits, also among those already there. A text must be equal. */
  waitForMessage(wanted: MessagePredicate | MessageMatch | string, options?: WaitOptions): Promise<PhoneMessage> {
    return this.#mailbox.waitFor(wanted, options)
  }

  /** Tells the authors that their messages were read, each in one receipt for all of a chat. Rejects with `MESSAGE_NOT_FOUND`. */
  async markRead(...ids: string[]): Promise<void> {
    const receipts = new Map<string, { attributes: Record<string, string | undefined>; ids: string[] }>()
    for (const id of ids) {
      const message = this.#messageOf(id, 'ids')
      if (message.fromMe) continue
      const author = bareJid(this.#accountOf(message.from), message.addressing)
      const attributes = isShared(message.chat) ? { to: message.chat, participant: author } : { to: author }
      const chatAndAuthor = Object.values(attributes).join()
      receipts.set(chatAndAuthor, { attributes, ids: [...(receipts.get(chatAndAuthor)?.ids ?? []), id] })
    }
    for (const { attributes, ids: read } of receipts.values()) {
      const [id, ...others] = read
      const list = node(
        'list',
        {},
        others.map((other) => node('item', { id: other })),
      )
      this.sendReceipt({ ...attributes, id, type: 'read' }, others.length > 0 ? [list] : undefined)
    }
  }

  /**
   * Any receipt as the wire has it, also one that a phone would not send: `to`, `id`, `type`, and whatever else there is.
   *
   * ```ts
   * phone.sendReceipt({ to: other.jid, id, type: 'played' })
   * ```
   */
  sendReceipt(attributes: Record<string, string | undefined>, content?: BinaryNode[]): void {
    routeReceipt(this.#server, this.#party, node('receipt', { t: this.#server.seconds(), ...attributes }, content))
  }

  /** Calls somebody: rings at each of the other side's devices. What they do about it stands in `callAnswers`. */
  async call(to: string, { video = false }: { video?: boolean } = {}): Promise<{ id: string }> {
    const id = this.#ids.bytes(16).toString('hex').toUpperCase()
    const callee = this.#accountOf(this.#chatOf(to, {}))
    this.#calls.set(id, callee)
    offerCall(this.#server, { caller: this.#account, callee, id, video })
    return { id }
  }

  /** Gives a call up that nobody has taken. Rejects with `MESSAGE_NOT_FOUND` when there is no such call. */
  async hangUp(callId: string): Promise<void> {
    const callee = this.#calls.get(callId)
    if (!callee)
      throw new SimulatorError('MESSAGE_NOT_FOUND', `${this.number} makes no call ${callId}`, { field: 'id' })
    this.#calls.delete(callId)
    endCall(this.#server, { caller: this.#account, callee, id: callId, reason: 'timeout' })
  }

  async setTyping(to: string, state: 'composing' | 'recording' | 'paused'): Promise<void> {
    const child = state === 'recording' ? node('composing', { media: 'audio' }) : node(state)
    routeChatState(this.#server, this.#party, node('chatstate', { to: this.#chatOf(to, {}) }, [child]))
  }

  /** Who gets what the account posts as its status: those it has written with, all of them but some, or some alone. */
  async setStatusPrivacy(type: StatusPrivacy['type'], people: string[] = []): Promise<void> {
    this.#account.statusPrivacy = { type, numbers: people.map((jid) => this.#accountOf(this.#chatOf(jid, {})).number) }
    this.#server.changed()
  }

  /** In somebody's hand or not: those who asked are told. */
  async setAvailable(available: boolean): Promise<void> {
    this.#server.presence.setPhoneAvailable(this.number, available)
    tellWatchers(this.#server, this.#account)
  }

  /** Replaces the automatic answer; `undefined` ends it. */
  setAutoReply(reply: AutoReply | string | undefined): void {
    this.#autoReply = typeof reply === 'string' ? () => reply : reply
    if (typeof reply === 'string') this.#account.autoReply = reply
    else delete this.#account.autoReply
  }

  /** Resolves when everything that has arrived is decrypted and answered. */
  async idle(): Promise<void> {
    await this.#locks.idle()
  }

  /** @internal A stanza of the server. */
  receive(stanza: BinaryNode): void {
    switch (stanza.tag) {
      case 'message':
        this.#inbox.receive(stanza)
        return
      case 'receipt':
        this.#onReceipt(stanza)
        return
      case 'chatstate':
        this.#keep(this.typing, typingOf(this.#server, stanza))
        return
      case 'call':
        this.#keep(this.callAnswers, callAnswerOf(stanza))
        return
      case 'notification':
        this.#keep(this.groupNotices, groupNoticeOf(this.#server, stanza))
        return
    }
  }

  /** @internal A device is here for the first time and gets what a phone sends then. */
  bootstrap(deviceId: number): void {
    this.#inbox.bootstrap(deviceId)
  }

  get #party() {
    return { account: this.#account, deviceId: 0 }
  }

  async #answer(message: PhoneMessage): Promise<void> {
    if (message.fromMe || message.text === undefined || isShared(message.chat)) return
    const text = await this.#autoReply?.(message)
    if (text !== undefined) await this.sendText(message.chat, text, { addressing: message.addressing })
  }

  async #act(messageId: string, content: (key: proto.IMessageKey) => MessageContent): Promise<{ id: string }> {
    const { world } = this.#server
    const message = this.#messageOf(messageId, 'messageId')
    return { id: await this.#outbox.send(chatJid(world, message), content(keyOf(world, message))) }
  }

  #messageOf(id: string, field: string): PhoneMessage {
    const message = this.messages.find((candidate) => candidate.id === id)
    if (message) return message
    throw new SimulatorError('MESSAGE_NOT_FOUND', `${this.number} has no message ${id}`, { field })
  }

  #assertLinked(deviceId: number): void {
    if (this.#account.devices.has(deviceId)) return
    throw new SimulatorError('DEVICE_NOT_FOUND', `${this.number} has no device ${deviceId}`, { field: 'device' })
  }

  #onReceipt(stanza: BinaryNode): void {
    if (stanza.attrs.type === 'retry') this.#inbox.onRetry(stanza)
    else if (stanza.attrs.type === 'server-error') this.#onMediaRetry(stanza)
    else this.#keep(this.receipts, receiptOf(this.#server, stanza))
  }

  #onMediaRetry(receipt: BinaryNode): void {
    const { id = '', from } = receipt.attrs
    const asker = this.#server.world.partyOf(from)
    const message = this.messages.find((one) => one.id === id)
    const content = this.#media.answerRetry(message, receipt)
    if (asker && content) this.#server.notify(asker, 'mediaretry', this.jid, content, { id })
  }

  #keep<T>(list: T[], item: T | undefined): void {
    if (item) list.push(item)
  }

  /** The JID to write to. Rejects with `NOT_REGISTERED` or `GROUP_NOT_FOUND`. */
  #chatOf(to: string, { addressing }: SendOptions): string {
    if (to === STATUS_JID) return to
    if (isGroupJid(to)) {
      if (this.#server.world.group(to)?.participants.has(this.number)) return to
      throw new SimulatorError('GROUP_NOT_FOUND', `${this.number} is in no group ${to}`, { field: 'to' })
    }
    const jid = to.includes('@') ? to : `${to.replace(/\D/g, '')}@s.whatsapp.net`
    return bareJid(this.#accountOf(jid), addressing ?? addressingOf(jid))
  }

  #accountOf(jid: string): AccountState {
    const account = this.#server.world.accountOf(jid)
    if (account) return account
    throw new SimulatorError('NOT_REGISTERED', `${jid} is not on WhatsApp`, { field: 'to' })
  }

  /** As an iPhone makes them. */
  #nextMessageId(): string {
    return `3A${this.#ids.bytes(9).toString('hex').toUpperCase()}`
  }
}
