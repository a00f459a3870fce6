import { checkSend } from '../manager/check-send.js'
import { checkMessageQuery, checkMessageRef } from '../manager/validation.js'
import type { MessageQuery } from '../ports/message-store.js'
import type { SendOptions } from '../types/content.js'
import type { Message, MessageRef, RawMessage } from '../types/message.js'
import type { Page, PageOptions } from '../types/page.js'
import type { AreaParts } from './area.js'

/** The messages of one session. */
export class SessionMessages {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /**
   * Sends a message and answers it as stored: `sent` once WhatsApp's server took it, `pending` when it has not answered in time
   * (its outcome follows as `message-sent`).
   *
   * @throws SESSION_NOT_CONNECTED · RECIPIENT_INVALID · RECIPIENT_NOT_ON_WHATSAPP · MESSAGE_NOT_FOUND (the quoted one) ·
   *   MESSAGE_REFUSED · MESSAGE_FAILED · IDEMPOTENCY_CONFLICT · VALIDATION_FAILED · LEASE_HELD
   */
  async send(message: SendOptions): Promise<Message> {
    checkSend(message)
    await this.#parts.use()
    const { signal, ...data } = message
    return this.#parts.router.call(this.#sessionId, { kind: 'send', message: data }, signal ? { signal } : {})
  }

  /**
   * Newest first; with `after`, oldest first. `chatId` may be any form of the id. With `raw`, each with WhatsApp's own protobuf
   * where it is kept: bytes that `proto.Message.decode` of Baileys reads.
   */
  async list(query: PageOptions & Omit<MessageQuery, 'limit'> = {}): Promise<Page<RawMessage>> {
    checkMessageQuery(query)
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.page(this.#sessionId, query)
  }

  /**
   * One message; with `raw`, WhatsApp's own protobuf of it too.
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS when several chats have a message of this id
   */
  async get(ref: MessageRef, options: { raw?: boolean } = {}): Promise<RawMessage> {
    checkMessageRef(ref, options)
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.message(this.#sessionId, ref, options)
  }
}
