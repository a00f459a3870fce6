import { checkLabelChanges, checkLabelId, checkNewLabel } from '../manager/label-validation.js'
import { checkChatId, checkMessageRef } from '../manager/validation.js'
import type { Chat } from '../types/chat.js'
import type { Label, LabelChanges, NewLabel } from '../types/label.js'
import type { Message, MessageRef } from '../types/message.js'
import type { AreaParts } from './area.js'

/**
 * The labels of one session: those of WhatsApp Business, and the lists that other accounts make of their chats. What is done here
 * reaches the phone, and what is done on the phone arrives here: `label.updated`, `label.deleted`, `chat.updated`, `message.labeled`.
 *
 * Every method but `list` rejects with SESSION_NOT_CONNECTED · CHAT_CHANGE_FAILED · CONNECTION_LOST · LEASE_HELD, and all of them with
 * SESSION_NOT_FOUND · VALIDATION_FAILED.
 */
export class SessionLabels {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /** All of them, in the order in which they were made. */
  async list(): Promise<Label[]> {
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.labels(this.#sessionId)
  }

  async create(label: NewLabel): Promise<Label> {
    const checked = checkNewLabel(label)
    await this.#parts.known(this.#sessionId)
    const request = { do: 'create' as const, ...checked }
    return this.#parts.router.call(this.#sessionId, { kind: 'labels', request })
  }

  /** @throws LABEL_NOT_FOUND */
  async update(labelId: string, changes: LabelChanges): Promise<Label> {
    checkLabelId(labelId)
    const checked = checkLabelChanges(changes)
    await this.#parts.known(this.#sessionId)
    const request = { do: 'update' as const, id: labelId, changes: checked }
    return this.#parts.router.call(this.#sessionId, { kind: 'labels', request })
  }

  /** It is on no chat and no message any more then. @throws LABEL_NOT_FOUND */
  async delete(labelId: string): Promise<void> {
    checkLabelId(labelId)
    await this.#parts.known(this.#sessionId)
    await this.#parts.router.call(this.#sessionId, { kind: 'labels', request: { do: 'delete', id: labelId } })
  }

  /** Puts a label on a chat, or takes it off. Answers the chat after it. @throws LABEL_NOT_FOUND · CHAT_NOT_FOUND */
  async labelChat(labelId: string, chatId: string, labeled: boolean): Promise<Chat> {
    checkLabelId(labelId, { labeled })
    checkChatId(chatId)
    await this.#parts.known(this.#sessionId)
    const { id } = await this.#parts.reader.chat(this.#sessionId, chatId)
    const request = { do: 'chat' as const, id: labelId, chatId: id, labeled }
    await this.#parts.router.call(this.#sessionId, { kind: 'labels', request })
    return this.#parts.reader.chat(this.#sessionId, id)
  }

  /**
   * Puts a label on one message, or takes it off. Answers the message after it.
   *
   * @throws LABEL_NOT_FOUND · MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS
   */
  async labelMessage(labelId: string, ref: MessageRef, labeled: boolean): Promise<Message> {
    checkLabelId(labelId, { labeled })
    checkMessageRef(ref, {})
    await this.#parts.known(this.#sessionId)
    const { id, chatId, senderId } = await this.#parts.reader.message(this.#sessionId, ref, {})
    const request = { do: 'message' as const, id: labelId, ref: { id, chatId, senderId }, labeled }
    await this.#parts.router.call(this.#sessionId, { kind: 'labels', request })
    return this.#parts.reader.message(this.#sessionId, request.ref, {})
  }
}
