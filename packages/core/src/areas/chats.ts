import { checkChatId, checkChatQuery } from '../manager/validation.js'
import type { Chat } from '../types/chat.js'
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
}
