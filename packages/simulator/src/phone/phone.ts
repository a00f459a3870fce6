import { SimulatorError } from '../errors.js'
import { KeyedLock } from '../keyed-lock.js'
import { addressingOf, bareJid, isGroupJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import type { Random } from '../random.js'
import { connectionShowing, pair, parseQr, unlinkDevice } from '../server/pairing.js'
import { routeChatState, tellWatchers } from '../server/presence.js'
import { routeReceipt } from '../server/receipts.js'
import type { PhoneEndpoint, Server } from '../server/server.js'
import { type BinaryNode, childrenOf, node } from '../wire/node.js'
import { Inbox } from './inbox.js'
import { Mailbox, type MessagePredicate, type PhoneMessage, type WaitOptions } from './mailbox.js'
import type { MessageContent } from './message-content.js'
import { Outbox } from './outbox.js'
import { PhoneSignal } from './signal-store.js'

export interface PhoneReceipt {
  /** The messages that it is about. */
  ids: string[]
  /** Who sent it: a bare JID, or the participant in a group. */
  from: string
  chat: string
  type: string
  at: string
}

export interface PhoneTyping {
  from: string
  chat: string
  state: 'composing' | 'recording' | 'paused'
  at: string
}

/** A message that the phone got and could not read. */
export interface PhoneFailure {
  id: string
  from: string
  reason: string
}

export interface LinkedDevice {
  id: number
  jid: string
  linkedAt: string
  connected: boolean
}

export interface SendOptions {
  /** How the other side is addressed. Default `pn`. */
  addressing?: 'pn' | 'lid'
}

/** Answers what others write: a text, or `undefined` to be silent. */
export type AutoReply = (message: PhoneMessage) => string | undefined | Promise<string | undefined>

/**
 * A scripted primary device: the phone of an account, or a customer who has nothing but a phone. It holds real Signal
 * sessions: what it lists in `messages` it has decrypted.
 */
export class Phone implements PhoneEndpoint {
  readonly receipts: PhoneReceipt[] = []
  readonly typing: PhoneTyping[] = []
  readonly failures: PhoneFailure[] = []
  readonly #server: Server
  readonly #account: AccountState
  readonly #mailbox: Mailbox
  readonly #locks = new KeyedLock()
  readonly #ids: Random
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  #autoReply: AutoReply | undefined

  constructor(server: Server, account: AccountState) {
    this.#server = server
    this.#account = account
    this.#mailbox = new Mailbox(server.clock)
    this.#ids = server.stream(`message ids ${account.number}`)
    const signal = () => new PhoneSignal(account.phone)
    const parts = { server, account, signal, locks: this.#locks, mailbox: this.#mailbox }
    this.#outbox = new Outbox({ ...parts, nextMessageId: () => this.#nextMessageId() })
    this.#inbox = new Inbox({ ...parts, phone: this, outbox: this.#outbox })
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
    return [...this.#account.devices.values()].map(({ id, linkedAt }) => ({
      id,
      jid: `${this.number}:${id}@s.whatsapp.net`,
      linkedAt,
      connected: this.#server.connectionOf({ account: this.#account, deviceId: id }) !== undefined,
    }))
  }

  /**
   * Links the client that shows this QR. Resolves when it has signed its device identity and was told to reconnect.
   * Rejects with `QR_INVALID`, `QR_UNKNOWN`, `QR_EXPIRED`, `PASSKEY_REQUIRED` or `PAIRING_FAILED`.
   */
  async scanQr(qr: string): Promise<{ deviceJid: string }> {
    const scanned = parseQr(qr)
    const connection = connectionShowing(this.#server, scanned)
    return { deviceJid: await pair(this.#server, connection, this.#account, scanned.advSecret) }
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

  /** The first message that fits, also among those already there. A text must be equal. */
  waitForMessage(wanted: MessagePredicate | string, options?: WaitOptions): Promise<PhoneMessage> {
    return this.#mailbox.waitFor(wanted, options)
  }

  /** Tells the authors that their messages were read. Unknown ids are refused. */
  async markRead(...ids: string[]): Promise<void> {
    for (const id of ids) {
      const message = this.messages.find((candidate) => candidate.id === id && !candidate.fromMe)
      if (!message)
        throw new SimulatorError('MESSAGE_NOT_FOUND', `${this.number} has no message ${id}`, { field: 'ids' })
      const author = bareJid(this.#accountOf(message.from), message.addressing)
      const receipt = isGroupJid(message.chat) ? { to: message.chat, participant: author } : { to: author }
      this.sendReceipt({ ...receipt, id, type: 'read' })
    }
  }

  async setTyping(to: string, state: 'composing' | 'recording' | 'paused'): Promise<void> {
    const child = state === 'recording' ? node('composing', { media: 'audio' }) : node(state)
    routeChatState(this.#server, this.#party, node('chatstate', { to: this.#chatOf(to, {}) }, [child]))
  }

  /** In somebody's hand or not: those who asked are told. */
  async setAvailable(available: boolean): Promise<void> {
    if (available) this.#server.availablePhones.add(this.number)
    else this.#server.availablePhones.delete(this.number)
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
        this.#onChatState(stanza)
        return
    }
  }

  /** @internal A device is here for the first time and gets what a phone sends then. */
  bootstrap(deviceId: number): void {
    this.#inbox.bootstrap(deviceId)
  }

  /** @internal */
  sendReceipt(attributes: Record<string, string | undefined>, content?: BinaryNode[]): void {
    routeReceipt(this.#server, this.#party, node('receipt', { t: this.#server.seconds(), ...attributes }, content))
  }

  /** @internal */
  async answer(message: PhoneMessage): Promise<void> {
    if (message.fromMe || message.text === undefined || isGroupJid(message.chat)) return
    const text = await this.#autoReply?.(message)
    if (text !== undefined) await this.sendText(message.chat, text, { addressing: message.addressing })
  }

  get #party() {
    return { account: this.#account, deviceId: 0 }
  }

  #onReceipt(receipt: BinaryNode): void {
    const { from = '', participant, type = 'delivered', recipient } = receipt.attrs
    if (type === 'retry') {
      this.#inbox.onRetry(receipt)
      return
    }
    const author = this.#server.world.accountOf(participant ?? from)
    if (!author) return
    const chat = this.#server.world.accountOf(recipient ?? from)
    this.receipts.push({
      ids: [receipt.attrs.id ?? '', ...childrenOf(childrenOf(receipt)[0]).map((item) => item.attrs.id ?? '')],
      from: bareJid(author),
      chat: isGroupJid(from) ? from : chat ? bareJid(chat) : from,
      type,
      at: this.#now(),
    })
  }

  #onChatState(chatState: BinaryNode): void {
    const { from = '', participant } = chatState.attrs
    const author = this.#server.world.accountOf(participant ?? from)
    const [child] = childrenOf(chatState)
    if (!author || !child) return
    const state = child.attrs.media === 'audio' ? 'recording' : child.tag === 'composing' ? 'composing' : 'paused'
    this.typing.push({ from: bareJid(author), chat: isGroupJid(from) ? from : bareJid(author), state, at: this.#now() })
  }

  /** The JID to write to. Rejects with `NOT_REGISTERED` or `GROUP_NOT_FOUND`. */
  #chatOf(to: string, { addressing }: SendOptions): string {
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

  #now(): string {
    return new Date(this.#server.clock.now()).toISOString()
  }
}
