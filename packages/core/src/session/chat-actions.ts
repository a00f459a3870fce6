import { TrunklineError } from '../errors/trunkline-error.js'
import type { ChatAction, Connection } from '../ports/connector.js'
import { countsAsUnread, publicMessage } from '../records/stored.js'
import type { Chat } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import type { Message } from '../types/message.js'
import { assertNever } from '../util/assert-never.js'
import type { SessionCommand } from './commands.js'
import type { Inbox, InboxParts } from './inbox.js'
import type { Outbox } from './outbox.js'
import type { OwnDevices } from './own-devices.js'
import { storedMessage } from './stored-message.js'

export type ChatCommand = Extract<SessionCommand, { kind: 'chat' }>
export type MarkCommand = Extract<SessionCommand, { kind: 'star' | 'remove-message' }>

/** A far end for those who mute for ever, as chats that the phone has muted show it. */
const FOR_EVER = '9999-12-31T00:00:00.000Z'

/** Messages that are marked as read in one call; who has more unread is read up to here, and may ask again. */
const MAX_READ = 1_000
const PAGE = 200

/**
 * What the account does to chats: written to WhatsApp first, where the phone and the other devices hear of it, then here, as if one
 * of them had done it.
 */
export class ChatActions {
  readonly #parts: InboxParts
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #ownDevices: OwnDevices

  constructor(
    parts: InboxParts,
    { inbox, ownDevices, outbox }: { inbox: Inbox; ownDevices: OwnDevices; outbox: Outbox },
  ) {
    this.#parts = parts
    this.#outbox = outbox
    this.#inbox = inbox
    this.#ownDevices = ownDevices
  }

  /** @throws CHAT_NOT_FOUND · VALIDATION_FAILED for what is no conversation · CHAT_CHANGE_FAILED · CONNECTION_LOST · SESSION_NOT_CONNECTED */
  async run({ chatId: given, deed }: ChatCommand, connection: Connection): Promise<void> {
    const chat = await this.#chat(given)
    const change = (action: ChatAction) => connection.changeChat(chat.id, action)
    switch (deed.kind) {
      case 'archive': {
        await change({ ...deed, ...(await this.#newestOf(chat.id)) })
        return this.#inbox.chats([
          { id: chat.id, archived: deed.archived, ...(deed.archived ? { pinned: false } : {}) },
        ])
      }
      case 'pin':
        await change(deed)
        return this.#inbox.chats([{ id: chat.id, pinned: deed.pinned }])
      case 'mute':
        await change({ kind: 'mute', until: deed.until === undefined ? 'for-ever' : deed.until })
        return this.#inbox.chats([{ id: chat.id, mutedUntil: deed.until === undefined ? FOR_EVER : deed.until }])
      case 'read':
        return deed.read ? this.#read(chat, connection) : this.#markUnread(chat, connection)
      case 'clear':
      case 'delete': {
        const newest = await this.#newestOf(chat.id)
        await change({ ...deed, ...newest })
        const until = newest.newest?.timestamp ?? this.#parts.serverTime.second()
        const keepStarred = deed.kind === 'clear' && deed.keepStarred
        const cleared = { chatId: chat.id, until, isDeleted: deed.kind === 'delete', keepStarred }
        return this.#ownDevices.cleared({ type: 'cleared', ...cleared })
      }
      case 'presence':
        return connection.sendPresence(chat.id, deed.state)
      case 'timer':
        return this.#setTimer(chat.id, deed.seconds, connection)
      case 'history':
        return this.#requestHistory(chat.id, deed.count, connection)
      default:
        return assertNever(deed)
    }
  }

  /** Puts a star on a message, takes it off, or deletes it for the account alone. Answers the message after it. */
  async mark(command: MarkCommand, connection: Connection): Promise<Message> {
    const message = await storedMessage(command.ref, this.#parts)
    const { id, chatId } = message
    if (command.kind === 'star') {
      const { starred } = command
      await connection.changeChat(chatId, { kind: 'star', starred, message })
      await this.#ownDevices.starred({ type: 'starred', chatId, ids: [id], starred })
    } else {
      await connection.changeChat(chatId, { kind: 'remove', message })
      await this.#ownDevices.removed({ type: 'removed', chatId, ids: [id] })
    }
    return publicMessage(await storedMessage(command.ref, this.#parts))
  }

  /** Those who wrote are told, as far as the account's privacy says so; what comes meanwhile stays unread. */
  async #read(chat: Chat, connection: Connection): Promise<void> {
    const unread = await this.#unreadOf(chat)
    if (unread.length > 0) await connection.markRead(unread)
    const newest = await this.#newestOf(chat.id)
    await connection.changeChat(chat.id, { kind: 'read', read: true, ...newest })
    const [last] = unread
    if (last) await this.#ownDevices.read({ type: 'read', chatId: chat.id, ids: [last.id] })
    // A dot without a message, or messages that are no longer here.
    else if (chat.unreadCount > 0) await this.#inbox.chats([{ id: chat.id, unreadCount: 0 }])
  }

  async #markUnread(chat: Chat, connection: Connection): Promise<void> {
    await connection.changeChat(chat.id, { kind: 'read', read: false, ...(await this.#newestOf(chat.id)) })
    // A dot on the phone, without a number; more that is unread stays so.
    if (chat.unreadCount === 0) await this.#inbox.chats([{ id: chat.id, unreadCount: 1 }])
  }

  /** A message of its own, which both sides see as a line of the chat. */
  async #setTimer(chatId: Jid, seconds: number, connection: Connection): Promise<void> {
    const { id, raw } = await connection.prepareAction({ kind: 'timer', seconds })
    const line = { type: 'system' as const, notice: { kind: 'disappearing_messages', value: String(seconds) } }
    const isTaken = await this.#outbox.act({ id, raw, chatId, about: chatId, line }, connection)
    if (isTaken) await this.#inbox.chats([{ id: chatId, disappearsAfterSeconds: seconds || null }])
  }

  /** Newest first. */
  async #unreadOf({ id: chatId, unreadCount }: Chat): Promise<Message[]> {
    const { services, state } = this.#parts
    const wanted = Math.min(unreadCount, MAX_READ)
    const unread: Message[] = []
    let before: string | undefined
    while (unread.length < wanted) {
      const query = { chatId, fromMe: false, limit: PAGE, ...(before ? { before } : {}) }
      const page = await services.store.messages.page(state.id, query)
      unread.push(...page.items.filter(countsAsUnread))
      before = page.nextCursor
      if (!before) break
    }
    return unread.slice(0, wanted)
  }

  /** The phone sends what is older than the oldest message here; it comes as `history.progress`. */
  async #requestHistory(chatId: Jid, count: number, connection: Connection): Promise<void> {
    const { services, state } = this.#parts
    const { items } = await services.store.messages.page(state.id, {
      chatId,
      after: new Date(0).toISOString(),
      limit: 1,
    })
    const [oldest] = items
    if (!oldest) throw new TrunklineError('CHAT_NOT_FOUND', { details: { chatId } })
    await connection.requestHistory({ before: oldest, count })
  }

  async #newestOf(chatId: Jid): Promise<{ newest?: Message }> {
    const { services, state } = this.#parts
    const { items } = await services.store.messages.page(state.id, { chatId, limit: 1 })
    const [newest] = items
    return newest ? { newest } : {}
  }

  async #chat(given: Jid): Promise<Chat> {
    const { services, state, identities } = this.#parts
    const [id = given] = await identities.canonical([given])
    const chat = await services.store.chats.get(state.id, id)
    if (!chat) throw new TrunklineError('CHAT_NOT_FOUND', { details: { chatId: given } })
    if (chat.kind === 'status' || chat.kind === 'newsletter') {
      const errors = [{ field: 'chatId', message: 'must be a chat with a person or a group' }]
      throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
    }
    return chat
  }
}
