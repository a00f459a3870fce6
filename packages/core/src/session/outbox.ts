import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, ConnectionEvent } from '../ports/connector.js'
import { isLid, isPhoneJid, normalizeJid } from '../records/jid.js'
import type { Jid } from '../types/jid.js'
import type { Message, MessageChange, MessageContent, SendOptions, StoredMessage } from '../types/message.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { within } from '../util/sleep.js'
import type { EventHandlers } from './event-dispatch.js'
import type { InboxParts } from './inbox.js'

type AckEvent = Extract<ConnectionEvent, { type: 'ack' }>
type ReceiptEvent = Extract<ConnectionEvent, { type: 'receipt' }>

const CONNECTION_GONE = 'The connection was lost before WhatsApp answered'

/**
 * What goes out: stored as `pending`, then on the wire, then `sent` by the server's ack and further by receipts. A message
 * whose connection was lost before the ack becomes `unknown` and is never sent again by itself.
 */
export class Outbox {
  readonly #parts: InboxParts
  readonly #order = new KeyedMutex()
  /** Messages on the wire whose ack has not come, by id. */
  readonly #unanswered = new Map<string, { chatId: Jid; settle: (outcome: Message | undefined) => void }>()

  constructor(parts: InboxParts) {
    this.#parts = parts
  }

  get handlers(): Pick<EventHandlers, 'ack' | 'receipt'> {
    return { ack: (event) => this.ack(event), receipt: (event) => this.receipt(event) }
  }

  /** Sends, and answers the stored message: `sent` once the server took it, `pending` when it has not answered in time. */
  send(options: SendOptions, connection: Connection): Promise<Message> {
    const { clientMessageId } = options
    if (!clientMessageId) return this.#send(options, connection)
    return this.#order.run(`client|${clientMessageId}`, async () => {
      const earlier = await this.#parts.services.store.messages.findByClientId(this.#parts.state.id, clientMessageId)
      return earlier ? this.#repeated(earlier, options, connection) : this.#send(options, connection)
    })
  }

  /** The server took a message, or refused it. */
  async ack({ id, error }: AckEvent): Promise<void> {
    const waiting = this.#unanswered.get(id)
    this.#unanswered.delete(id)
    const change: MessageChange = error
      ? { kind: 'status', status: 'failed', error }
      : { kind: 'status', status: 'sent' }
    try {
      const message = await this.#settle(id, waiting?.chatId, change)
      waiting?.settle(message)
    } catch (failure) {
      waiting?.settle(undefined)
      throw failure
    }
  }

  /** The other side got, read or played messages of ours. */
  async receipt({ ids, chatId, status }: ReceiptEvent): Promise<void> {
    const { services, state, identities, publisher } = this.#parts
    const [canonical = chatId] = await identities.canonical([chatId])
    const ref = { id: ids, chatId: canonical }
    const changed = await services.store.messages.change(state.id, ref, { kind: 'status', status })
    const at = state.timestamp()
    await publisher.publish(
      changed.map(({ before, after }) => ({
        name: 'message.status',
        at,
        payload: { messageId: after.id, chatId: after.chatId, status: after.status, previousStatus: before.status },
      })),
    )
  }

  /** The connection is gone: nobody can tell what became of the messages that were not answered. */
  async connectionLost(): Promise<void> {
    const lost = [...this.#unanswered]
    this.#unanswered.clear()
    for (const [id, { chatId, settle }] of lost) settle(await this.#unknown(id, chatId))
  }

  /** A crash left these behind: what was pending when the process ended is `unknown`. */
  async recover(): Promise<void> {
    const { services, state } = this.#parts
    for (const { id, chatId } of await services.store.messages.listPending(state.id)) {
      if (!this.#unanswered.has(id)) await this.#unknown(id, chatId)
    }
  }

  async #send(options: SendOptions, connection: Connection): Promise<Message> {
    const chatId = await this.#recipient(options.to, connection)
    const { message, answer } = await this.#order.run(`chat|${chatId}`, () =>
      this.#dispatch(chatId, options, connection),
    )
    const settled = await within(this.#parts.services.clock, this.#parts.services.timings.ackTimeoutMs, answer)
    const final = settled ?? message
    if (final.status === 'failed') {
      const reason = final.error?.code ?? 'unknown'
      throw new TrunklineError('MESSAGE_REFUSED', {
        details: { messageId: final.id, reason },
        message: final.error?.message,
      })
    }
    return final
  }

  /** Stores the message and puts it on the wire; the answer comes later. */
  async #dispatch(
    chatId: Jid,
    options: SendOptions,
    connection: Connection,
  ): Promise<{ message: Message; answer: Promise<Message | undefined> }> {
    const { services, state } = this.#parts
    const quoted = options.quotedMessageId ? await this.#quoted(chatId, options.quotedMessageId) : undefined
    const { account } = state.record
    const prepared = await connection.prepare({ content: contentOf(options), ...(quoted ? { quoted } : {}) })
    const { raw, ...fields } = prepared
    const message: Message = {
      ...fields,
      sessionId: state.id,
      chatId,
      senderId: account?.lid ?? account?.jid ?? chatId,
      fromMe: true,
      timestamp: state.timestamp(),
      reactions: [],
      status: 'pending',
      source: 'api',
      ...(options.clientMessageId ? { clientMessageId: options.clientMessageId } : {}),
    }
    const { chatsCreated } = await services.store.messages.upsert(state.id, [{ ...message, raw }])
    this.#parts.metrics.stored()
    this.#parts.metrics.count('chats', chatsCreated)
    const answer = new Promise<Message | undefined>((settle) => this.#unanswered.set(message.id, { chatId, settle }))
    try {
      await connection.send({ id: message.id, to: chatId, raw })
    } catch (error) {
      // Whoever settled it already, an ack or the end of the connection, knew better than the failure of the wire.
      if (this.#unanswered.delete(message.id)) throw await this.#notSent(message, error)
    }
    return { message, answer }
  }

  async #notSent(message: Message, cause: unknown): Promise<TrunklineError> {
    const code = TrunklineError.is(cause) ? cause.code : 'MESSAGE_FAILED'
    // Lost while sending: the bytes may have left. Anything else failed before that.
    const status = code === 'SESSION_NOT_CONNECTED' ? 'unknown' : 'failed'
    const error = { code, message: status === 'unknown' ? CONNECTION_GONE : 'The message could not be sent' }
    await this.#settle(message.id, message.chatId, { kind: 'status', status, error }).catch((failure: unknown) => {
      this.#parts.services.logger.error(
        { err: failure, messageId: message.id },
        'The outcome of a message could not be stored',
      )
    })
    if (TrunklineError.is(cause)) return cause
    return new TrunklineError('MESSAGE_FAILED', { cause, details: { messageId: message.id } })
  }

  #unknown(id: string, chatId: Jid): Promise<Message | undefined> {
    const error = { code: 'CONNECTION_LOST', message: CONNECTION_GONE }
    return this.#settle(id, chatId, { kind: 'status', status: 'unknown', error }).catch((failure: unknown) => {
      this.#parts.services.logger.error({ err: failure, messageId: id }, 'The outcome of a message could not be stored')
      return undefined
    })
  }

  /** Stores the outcome and announces it once, however often it is told. Answers the message as it is then. */
  async #settle(id: string, chatId: Jid | undefined, change: MessageChange): Promise<Message | undefined> {
    const { services, state, publisher, metrics, identities } = this.#parts
    // The chat may have moved to its LID since the message was sent.
    const [canonical] = chatId ? await identities.canonical([chatId]) : []
    const ref = canonical ? { id, chatId: canonical } : { id }
    const [changed] = await services.store.messages.change(state.id, ref, change)
    const message =
      changed?.after ?? withoutRaw((await services.store.messages.find(state.id, ref)).find(({ fromMe }) => fromMe))
    if (!message || (message.status === 'unknown' && !changed)) return message
    const at = state.timestamp()
    const outcome = message.status === 'failed' || message.status === 'unknown' ? message.status : 'sent'
    const key = `message-sent|${message.chatId}|${message.senderId}|${message.id}${outcome === 'sent' ? '' : `|${outcome}`}`
    const announced = await publisher.publish([{ name: 'message-sent', at, payload: { message }, key }])
    metrics.count(outcome === 'sent' ? 'sent' : 'failed', announced)
    metrics.active(at)
    return message
  }

  /** The chat to write to: canonical, and known to be on WhatsApp. */
  async #recipient(to: string, connection: Connection): Promise<Jid> {
    const { identities, publisher, state } = this.#parts
    const jid = normalizeJid(to)
    if (!jid) throw new TrunklineError('RECIPIENT_INVALID', { details: { field: 'to', to } })
    if (!isPhoneJid(jid)) return jid
    const [canonical = jid] = await identities.canonical([jid])
    if (isLid(canonical)) return canonical
    const found = await connection.lookUp(jid)
    if (!found) throw new TrunklineError('RECIPIENT_NOT_ON_WHATSAPP', { details: { to } })
    if (!found.lid) return found.jid
    await publisher.publish(await identities.learn([{ pn: found.jid, lid: found.lid }], state.timestamp()))
    return found.lid
  }

  async #quoted(chatId: Jid, id: string): Promise<StoredMessage> {
    const [quoted] = await this.#parts.services.store.messages.find(this.#parts.state.id, { id, chatId })
    if (!quoted) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: id } })
    return quoted
  }

  /** The answer to a repeat of the same request; another request under the same id is refused. */
  async #repeated(earlier: StoredMessage, options: SendOptions, connection: Connection): Promise<Message> {
    const sameContent = earlier.text === options.text && earlier.quotedMessageId === options.quotedMessageId
    const same = sameContent && (await this.#isChat(earlier.chatId, options.to, connection))
    if (!same) throw new TrunklineError('IDEMPOTENCY_CONFLICT')
    return withoutRaw(earlier)
  }

  async #isChat(chatId: Jid, to: string, connection: Connection): Promise<boolean> {
    const jid = normalizeJid(to)
    if (!jid) return false
    const [canonical] = await this.#parts.identities.canonical([jid])
    if (canonical === chatId || !isPhoneJid(jid)) return canonical === chatId
    // WhatsApp knows some numbers under another one, such as those of Brazil without their ninth digit.
    const found = await connection.lookUp(jid)
    return (found?.lid ?? found?.jid) === chatId
  }
}

function withoutRaw(stored: StoredMessage): Message
function withoutRaw(stored: StoredMessage | undefined): Message | undefined
function withoutRaw(stored: StoredMessage | undefined): Message | undefined {
  if (!stored) return undefined
  const { raw: _raw, ...message } = stored
  return message
}

function contentOf(options: SendOptions): MessageContent {
  const { to: _to, clientMessageId: _clientMessageId, signal: _signal, ...content } = options
  return content
}
