import { TrunklineError } from '../errors/trunkline-error.js'
import {
  checkDeletion,
  checkEdit,
  checkEventAnswer,
  checkReaction,
  checkStar,
  checkVote,
} from '../manager/check-action.js'
import { checkBatch, checkSend } from '../manager/check-send.js'
import { checkMessageQuery, checkMessageRef } from '../manager/validation.js'
import type { MessageQuery } from '../ports/message-store.js'
import { asJson, inParts } from '../records/request-parts.js'
import type { BatchItem, DeleteOptions, EditOptions, SendData, SendOptions, SendRequest } from '../types/content.js'
import type { EventAnswer, Message, MessageRef, RawMessage } from '../types/message.js'
import type { Page, PageOptions } from '../types/page.js'
import type { AreaParts } from './area.js'

function inJson(message: SendRequest): { message: SendData } | { error: TrunklineError } {
  try {
    return { message: asJson(message) }
  } catch (error) {
    if (TrunklineError.is(error)) return { error }
    throw error
  }
}

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
   * (its outcome follows as `message-sent`). `queued` where it is to be sent later, or in its turn.
   *
   * @throws SESSION_NOT_CONNECTED · RECIPIENT_INVALID · RECIPIENT_NOT_ON_WHATSAPP · MESSAGE_NOT_FOUND (the quoted one) ·
   *   MESSAGE_REFUSED · MESSAGE_FAILED · GROUP_NOT_FOUND · GROUP_FORBIDDEN (it is in no such group) · IDEMPOTENCY_CONFLICT ·
   *   VALIDATION_FAILED · LEASE_HELD
   */
  async send(message: SendOptions): Promise<Message> {
    checkSend(message)
    await this.#parts.use()
    const { signal, ...request } = message
    const { data, file } = inParts(request)
    const beside = { ...(signal ? { signal } : {}), ...(file ? { file } : {}) }
    return this.#parts.router.call(this.#sessionId, { kind: 'send', message: data }, beside)
  }

  /**
   * Queues up to 1,000 messages; each has an outcome of its own. Nobody is looked up, and files are kept until they are sent.
   *
   * @throws VALIDATION_FAILED · SESSION_NOT_CONNECTED when no account is linked · CONFIG_INVALID when the store keeps no jobs ·
   *   LEASE_HELD
   */
  async sendBatch(messages: readonly SendRequest[]): Promise<BatchItem[]> {
    const checked = checkBatch(messages).map((one) => ('error' in one ? one : inJson(one.message)))
    await this.#parts.use()
    const data = checked.flatMap((one) => ('message' in one ? [one.message] : []))
    const call = this.#parts.router.call(this.#sessionId, { kind: 'send-batch', messages: data })
    const outcomes = (await call).values()
    return checked.map((one, index) => {
      if ('error' in one) return { index, error: one.error }
      const { value = { error: new TrunklineError('INTERNAL') } } = outcomes.next()
      return { index, ...value }
    })
  }

  /**
   * Cancels a message that is still queued, and answers it: `canceled`, also when it was before.
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS · MESSAGE_NOT_CHANGEABLE when it is not queued any more · CONFIG_INVALID ·
   *   LEASE_HELD
   */
  async cancel(ref: MessageRef): Promise<Message> {
    checkMessageRef(ref, {})
    return this.#parts.router.call(this.#sessionId, { kind: 'cancel-message', ref: await this.#found(ref) })
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

  /**
   * Reacts to a message with one emoji; an empty one takes the reaction back. Answers the message as it is then: unchanged, when
   * WhatsApp has not answered in time (`message.reaction` tells when it has).
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS · MESSAGE_NOT_CHANGEABLE · MESSAGE_REFUSED · MESSAGE_FAILED ·
   *   GROUP_NOT_FOUND · GROUP_FORBIDDEN · CONNECTION_LOST when nobody can tell whether it was done · SESSION_NOT_CONNECTED · VALIDATION_FAILED · LEASE_HELD
   */
  async react(ref: MessageRef, emoji: string): Promise<Message> {
    checkReaction(ref, emoji)
    return this.#parts.router.call(this.#sessionId, { kind: 'react', ref: await this.#found(ref), emoji })
  }

  /**
   * Gives a message of the account another text, or caption, within 15 minutes. Answers as `react` (`message.edited`).
   *
   * @throws as `react`, and RECIPIENT_INVALID for a mention that is no address
   */
  async edit(ref: MessageRef, options: EditOptions): Promise<Message> {
    checkEdit(ref, options)
    return this.#parts.router.call(this.#sessionId, { kind: 'edit', ref: await this.#found(ref), ...options })
  }

  /**
   * Deletes a message for everyone in the chat, within 60 hours: one of the account, or as an admin of the group one of somebody
   * else. Or for the account alone, any message at any time. Answers as `react` (`message.deleted`).
   *
   * @throws as `react`; for the account alone as `star`
   */
  async delete(ref: MessageRef, options: DeleteOptions = {}): Promise<Message> {
    checkDeletion(ref, options)
    const kind = options.for === 'me' ? 'remove-message' : 'delete-message'
    return this.#parts.router.call(this.#sessionId, { kind, ref: await this.#found(ref) })
  }

  /**
   * Votes in a poll: the whole choice, by the names of its options, in place of an earlier one; none takes the vote back. Answers as
   * `react` (`poll.vote`).
   *
   * @throws as `react`, and VALIDATION_FAILED for options that the poll does not have, or more than it lets one choose
   */
  async vote(ref: MessageRef, options: string[]): Promise<Message> {
    checkVote(ref, options)
    return this.#parts.router.call(this.#sessionId, { kind: 'vote', ref: await this.#found(ref), options })
  }

  /** Says whether the account comes to an event, in place of what it has said before. Answers as `react` (`event.response`). @throws as `react` */
  async respond(ref: MessageRef, answer: EventAnswer): Promise<Message> {
    checkEventAnswer(ref, answer)
    return this.#parts.router.call(this.#sessionId, { kind: 'respond', ref: await this.#found(ref), ...answer })
  }

  /**
   * Puts a star on a message, or takes it off, here and on the phone. Answers the message after it (`message.starred`).
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS · CHAT_CHANGE_FAILED · CONNECTION_LOST · SESSION_NOT_CONNECTED · LEASE_HELD
   */
  async star(ref: MessageRef, starred: boolean): Promise<Message> {
    checkStar(ref, starred)
    return this.#parts.router.call(this.#sessionId, { kind: 'star', ref: await this.#found(ref), starred })
  }

  /** The one message that is meant, by all of its name. */
  async #found(ref: MessageRef): Promise<Required<MessageRef>> {
    await this.#parts.known(this.#sessionId)
    const { id, chatId, senderId } = await this.#parts.reader.message(this.#sessionId, ref, {})
    return { id, chatId, senderId }
  }
}
