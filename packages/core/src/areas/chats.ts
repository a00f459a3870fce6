import { checkClear, checkDisappearing, checkHistoryRequest, checkMute, checkTyping } from '../manager/check-action.js'
import { checkChatId, checkChatQuery } from '../manager/validation.js'
import type { Chat, ChatDeed, DisappearingSeconds, TypingState } from '../types/chat.js'
import type { ChatKind } from '../types/jid.js'
import type { Page, PageOptions } from '../types/page.js'
import type { AreaParts } from './area.js'

/** The chats of one session. */
export class SessionChats {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /** Pinned first, then the newest. */
  async list(query: PageOptions & { kind?: ChatKind; archived?: boolean } = {}): Promise<Page<Chat>> {
    checkChatQuery(query)
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.chats(this.#sessionId, query)
  }

  /** `chatId`: the chat's id, the other address of the same person, or a bare phone number. @throws CHAT_NOT_FOUND */
  async get(chatId: string): Promise<Chat> {
    checkChatId(chatId)
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.chat(this.#sessionId, chatId)
  }

  /**
   * Marks all that is unread as read: whoever wrote it is told, as far as the account's privacy says so, and the phone. What comes
   * meanwhile stays unread. Answers the chat after it, as all of these do.
   *
   * @throws CHAT_NOT_FOUND · CHAT_CHANGE_FAILED · SESSION_NOT_CONNECTED · CONNECTION_LOST · RECIPIENT_INVALID · LEASE_HELD, as all
   *   of these do
   */
  read(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'read', read: true })
  }

  /** Gives the chat the dot of an unread one. */
  unread(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'read', read: false })
  }

  /** Puts the chat into the archive; it is not pinned any more then. */
  archive(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'archive', archived: true })
  }

  unarchive(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'archive', archived: false })
  }

  /** Keeps the chat on top. */
  pin(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'pin', pinned: true })
  }

  unpin(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'pin', pinned: false })
  }

  /** The chat makes no sound until then (ISO 8601), or for ever. @throws VALIDATION_FAILED */
  async mute(chatId: string, options: { until?: string } = {}): Promise<Chat> {
    checkMute(options)
    return this.#changed(chatId, { kind: 'mute', ...options })
  }

  unmute(chatId: string): Promise<Chat> {
    return this.#changed(chatId, { kind: 'mute', until: null })
  }

  /**
   * New messages of the chat with a person disappear from phones after so many seconds: a day, a week or 90 days; 0 lets them stay.
   * What is there already stays. The timer of a group is one of its settings.
   *
   * @throws VALIDATION_FAILED · MESSAGE_REFUSED · MESSAGE_FAILED
   */
  async setDisappearing(chatId: string, seconds: DisappearingSeconds): Promise<Chat> {
    checkDisappearing(chatId, seconds)
    return this.#changed(chatId, { kind: 'timer', seconds })
  }

  /** Empties the chat for the account alone; with `keepStarred`, messages with a star stay. */
  async clear(chatId: string, options: { keepStarred?: boolean } = {}): Promise<Chat> {
    checkClear(options)
    return this.#changed(chatId, { kind: 'clear', keepStarred: options.keepStarred === true })
  }

  /** Deletes the chat with its messages for the account alone. Who writes meanwhile has a chat again. */
  async delete(chatId: string): Promise<void> {
    await this.#act(chatId, { kind: 'delete' })
  }

  /** Shows in the chat that the account types or records, until it has `paused`, or sends something. */
  async sendPresence(chatId: string, state: TypingState): Promise<void> {
    checkTyping(state)
    await this.#act(chatId, { kind: 'presence', state })
  }

  /**
   * Asks the phone for messages before the oldest one that is here. They come as the phone finds the time, which
   * `history.progress` tells; a phone that is off sends none.
   */
  async requestHistory(chatId: string, options: { count?: number } = {}): Promise<void> {
    const count = checkHistoryRequest(options)
    await this.#act(chatId, { kind: 'history', count })
  }

  async #changed(chatId: string, deed: ChatDeed): Promise<Chat> {
    return this.get(await this.#act(chatId, deed))
  }

  async #act(chatId: string, deed: ChatDeed): Promise<string> {
    const { id } = await this.get(chatId)
    await this.#parts.router.call(this.#sessionId, { kind: 'chat', chatId: id, deed })
    return id
  }
}
