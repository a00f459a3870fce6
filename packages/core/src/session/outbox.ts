import { TrunklineError } from '../errors/trunkline-error.js'
import type { PacedOutcome, PacedSend } from '../pacing/pacer.js'
import type { Connection, ConnectionEvent } from '../ports/connector.js'
import type { ChangeOutcome } from '../ports/message-store.js'
import { chatKindOf } from '../records/jid.js'
import { isSaid, publicMessage } from '../records/stored.js'
import type { DeliveryOptions, SendOptions } from '../types/content.js'
import type { Jid } from '../types/jid.js'
import type { Message, MessageChange, StoredMessage } from '../types/message.js'
import { deferred } from '../util/deferred.js'
import type { KeyedMutex } from '../util/keyed-mutex.js'
import { within } from '../util/sleep.js'
import { unlessAborted } from '../util/unless-aborted.js'
import type { EventHandlers } from './event-dispatch.js'
import type { InboxParts } from './inbox.js'
import type { PlannedChange } from './message-changes.js'
import { contentOf, type MadeMedia, OutboundMedia } from './outbound-media.js'
import { outboundMessage } from './outbound-message.js'
import type { Told } from './publisher.js'
import type { QueuedSend } from './queue-job.js'
import type { Recipients } from './recipients.js'
import type { References } from './references.js'
import type { Repeats } from './repeats.js'
import type { StatusReaders } from './status-readers.js'

type AckEvent = Extract<ConnectionEvent, { type: 'ack' }>
type ReceiptEvent = Extract<ConnectionEvent, { type: 'receipt' }>

interface Unanswered {
  chatId: Jid
  settle: (outcome: Message | undefined) => void
  /** Resolves when it is settled. */
  answer: Promise<Message | undefined>
  /** What is done to another message once the server has taken this one. */
  deed?: PlannedChange
  /** Of a message that counts for the pacing of the session. */
  paced?: HandedOver
}

/** A message that was handed to WhatsApp, as the pacer is told of it. */
type HandedOver = Omit<PacedSend, 'isNewConversation'>

/** `to`: where WhatsApp knows the chat, if not under its own id. */
type HandedToWire = Pick<OutboundAction, 'id' | 'chatId' | 'raw' | 'deed' | 'serverId'> & {
  to?: Jid
  paced?: HandedOver
}

/** What is reached from `queued` alone. */
type QueueChange = Extract<MessageChange, { kind: 'status' }> & { status: 'pending' | 'canceled' | 'expired' }

/** What of the session is needed to send. */
export interface OutboxParts extends InboxParts {
  recipients: Recipients
  repeats: Repeats
  references: References
  /** Puts what is sent to a chat, and what is asked under one id, one after the other. */
  turns: KeyedMutex
}

/** What is done to a message that is there, ready for the wire. */
export interface OutboundAction {
  id: string
  chatId: Jid
  raw: Uint8Array
  /** What is done to another message with the server's answer. */
  deed?: PlannedChange
  /** What it is about, for who reads why it was refused: the id of a message, or of a chat. */
  about: string
  /** Of what it is about, in a channel. */
  serverId?: string
  /** The line that it is in the chat; hidden unless given. */
  line?: Pick<Message, 'type' | 'notice'>
}

const CONNECTION_GONE = 'The connection was lost before WhatsApp answered'

/**
 * What goes out: stored as `pending`, then on the wire, then `sent` by the server's ack and further by receipts. A message
 * whose connection was lost before the ack becomes `unknown` and is never sent again by itself.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #readers: StatusReaders
  /** Messages on the wire whose ack has not come, by id. */
  readonly #unanswered = new Map<string, Unanswered>()

  constructor(parts: OutboxParts, readers: StatusReaders) {
    this.#parts = parts
    this.#readers = readers
  }

  get handlers(): Pick<EventHandlers, 'ack' | 'receipt'> {
    return { ack: (event) => this.ack(event), receipt: (event) => this.receipt(event) }
  }

  /**
   * Sends, and answers the stored message: `sent` once the server took it, `pending` when it has not answered in time.
   *
   * @throws OPERATION_ABORTED when the signal is aborted before that. Nothing is sent if it was before the message is handed to
   * the connection; afterwards nobody can take it back, and its outcome is told as an event.
   */
  async send(options: SendOptions, connection: Connection): Promise<Message> {
    const { clientMessageId, signal } = options
    refuseAborted(signal)
    const file = new OutboundMedia(options, this.#parts.services)
    try {
      if (!clientMessageId) return await this.#send(options, file, connection)
      const sending = this.#parts.turns.run(`client|${clientMessageId}`, async () => {
        refuseAborted(signal)
        const { same } = await this.#parts.repeats.find(options, file, connection)
        return same ? publicMessage(same) : this.#send(options, file, connection)
      })
      return await unlessAborted(sending, { signal, because: aborted })
    } finally {
      await file.release()
    }
  }

  /**
   * Sends what is done to a message that is there: stored as a message that is hidden, so that whoever could not decrypt it can ask
   * for it again. With the server's answer the deed is done here too. Answers whether that has come in time.
   *
   * @throws MESSAGE_REFUSED · MESSAGE_FAILED · GROUP_NOT_FOUND · GROUP_FORBIDDEN · CONNECTION_LOST when nobody can tell whether it was done
   */
  async act(action: OutboundAction, connection: Connection): Promise<boolean> {
    const { services, state, serverTime, order } = this.#parts
    const { id, raw, chatId, deed, about, serverId, line = { type: 'hidden' as const } } = action
    const { answer } = await this.#parts.turns.run(`chat|${chatId}`, async () => {
      const place = { timestamp: serverTime.second(), arrival: order.next() }
      await services.store.messages.upsert(state.id, [
        { ...outboundMessage(state, { id, chatId }), ...line, ...place, raw },
      ])
      const beside = { ...(deed ? { deed } : {}), ...(serverId ? { serverId } : {}) }
      return this.#putOnWire({ id, chatId, raw, ...beside }, connection)
    })
    const outcome = await within(services.clock, services.timings.ackTimeoutMs, answer)
    if (outcome?.status === 'failed') throw refused(about, outcome)
    if (outcome?.status === 'unknown') throw new TrunklineError('CONNECTION_LOST', { message: CONNECTION_GONE })
    return outcome !== undefined
  }

  /** The server took a message, or refused it. */
  async ack({ id, error, at }: AckEvent): Promise<void> {
    const waiting = this.#unanswered.get(id)
    this.#unanswered.delete(id)
    if (at) this.#parts.serverTime.heard(at)
    if (waiting?.paced) await this.#tellPacer(waiting.paced, error ? { kind: 'refused', code: error.code } : SENT)
    const change: MessageChange = error
      ? { kind: 'status', status: 'failed', error }
      : { kind: 'status', status: 'sent', ...(at ? { timestamp: at } : {}) }
    try {
      const message = await this.#settle(id, waiting?.chatId, change, error ? undefined : waiting?.deed)
      waiting?.settle(message)
    } catch (failure) {
      waiting?.settle(undefined)
      throw failure
    }
  }

  #tellPacer(paced: HandedOver, outcome: PacedOutcome): Promise<void> | undefined {
    return this.#parts.services.pacer?.settled(paced, outcome)
  }

  /** The other side got, read or played messages of ours. */
  async receipt({ ids, chatId, status }: ReceiptEvent): Promise<void> {
    const { state, identities, publisher } = this.#parts
    const [canonical = chatId] = await identities.canonical([chatId])
    const at = state.timestamp()
    await publisher.record({
      changes: [{ ref: { id: ids, chatId: canonical }, change: { kind: 'status', status } }],
      told: ({ changes }) =>
        changes.flatMap(({ changed }) =>
          changed.flatMap(({ before, after: { id: messageId, ...after } }) => {
            if (after.type === 'hidden') return []
            const payload = { messageId, chatId: after.chatId, status: after.status, previousStatus: before.status }
            return [{ event: { name: 'message.status', at, payload } }]
          }),
        ),
    })
  }

  /** The connection is gone: nobody can tell what became of the messages that were not answered. */
  async connectionLost(): Promise<void> {
    const lost = [...this.#unanswered]
    this.#unanswered.clear()
    for (const [id, { chatId, settle }] of lost) settle(await this.#unknown(id, chatId))
  }

  /** Resolves when WhatsApp has answered what was handed to it until now, or never will. */
  async answered(): Promise<void> {
    await Promise.all([...this.#unanswered.values()].map(({ answer }) => answer))
  }

  /** A crash left these behind: what was pending when the process ended is `unknown`. */
  async recover(): Promise<void> {
    const { services, state } = this.#parts
    for (const { id, chatId } of await services.store.messages.listPending(state.id)) {
      if (!this.#unanswered.has(id)) await this.#unknown(id, chatId)
    }
  }

  /**
   * Hands a message to the wire that was queued: once, however many are about to, and not if it was canceled meanwhile. Whatever
   * becomes of it then is stored and told. Answers whether it was handed over.
   */
  async sendQueued(
    { message, priority }: QueuedSend,
    { to, connection }: { to: Jid; connection: Connection },
  ): Promise<boolean> {
    const { chatId, id, raw = new Uint8Array() } = message
    return this.#parts.turns.run(`chat|${to}`, async () => {
      const timestamp = this.#parts.serverTime.second()
      if (!(await this.leaveQueue(message, { kind: 'status', status: 'pending', timestamp }))) return false
      const sending = this.#putOnWire({ id, chatId, to, raw, ...this.#paced(message, { priority }) }, connection)
      // It was stored what came of it.
      await sending.catch(() => undefined)
      return true
    })
  }

  /** Ends a queued message that cannot be sent, unless somebody else has taken it. */
  async failQueued(message: StoredMessage, error: { code: string; message: string }): Promise<void> {
    const isOurs = await this.leaveQueue(message, { kind: 'status', status: 'pending' })
    if (isOurs) await this.#settle(message.id, message.chatId, { kind: 'status', status: 'failed', error })
  }

  /** Takes a message out of the queue. Of all who try one alone does so, and tells of it; the answer says whether it was this one. */
  async leaveQueue(message: StoredMessage, change: QueueChange): Promise<boolean> {
    const { state, publisher } = this.#parts
    const { id, chatId } = message
    const at = state.timestamp()
    const { changes } = await publisher.record(
      {
        // A crash may have left its job without its row.
        messages: [{ ...message, status: 'queued' }],
        changes: [{ ref: { id, chatId }, change }],
        told: ({ changes: [own = NOTHING] }) => own.changed.flatMap((step) => leftQueue(step, at)),
      },
      { beside: true },
    )
    return (changes[0]?.changed.length ?? 0) > 0
  }

  async #send(options: SendOptions, file: OutboundMedia, connection: Connection): Promise<Message> {
    const { clock, timings } = this.#parts.services
    const { signal } = options
    const finding = this.#parts.recipients.find(options.to, connection)
    const chatId = await unlessAborted(finding, { signal, because: aborted })
    // Begun at once, and waited for in its turn: no other chat waits for an upload, and what is written after a file comes after it.
    const making = file.made((bytes, options) => connection.upload(bytes, options))
    making.catch(() => undefined)
    const dispatching = this.#parts.turns.run(`chat|${chatId}`, async () => {
      refuseAborted(signal)
      return this.#dispatch(chatId, { ...options, ...(await making) }, connection)
    })
    const { message, answer } = await unlessAborted(dispatching, { signal, because: aborted })
    const settled = await within(clock, timings.ackTimeoutMs, answer, signal)
    refuseAborted(signal)
    const final = settled ?? message
    if (final.status === 'failed') throw refused(final.id, final)
    return final
  }

  /** Stores the message and puts it on the wire; the answer comes later. */
  async #dispatch(
    chatId: Jid,
    { file, preview, contentHash, ...options }: SendOptions & MadeMedia,
    connection: Connection,
  ): Promise<{ message: Message; answer: Promise<Message | undefined> }> {
    const { services, state, serverTime, order, references, metrics } = this.#parts
    const { signal, clientMessageId } = options
    refuseAborted(signal)
    const content = contentOf(options)
    const about = await references.of(options, chatId)
    const prepared = await connection.prepare({
      content,
      ...(file ? { file } : {}),
      ...(preview ? { preview } : {}),
      ...about,
    })
    refuseAborted(signal)
    const { raw, ...fields } = prepared
    const message: Message = {
      ...outboundMessage(state, { id: fields.id, chatId }),
      ...fields,
      timestamp: serverTime.second(),
      ...(clientMessageId ? { clientMessageId } : {}),
    }
    const asked = contentHash ? { contentHash } : {}
    const stored = { ...message, raw, arrival: order.next(), ...asked }
    const { chatsCreated } = await services.store.messages.upsert(state.id, [stored])
    metrics.stored()
    metrics.count('chats', chatsCreated)
    if (signal?.aborted) throw await this.#notSent(message, aborted(signal.reason))
    // An object around it: whoever waits for the dispatch does not wait for the answer.
    const paced = this.#paced(message, options)
    const { answer } = await this.#putOnWire({ id: message.id, chatId, raw, ...paced }, connection)
    return { message, answer }
  }

  /** What the pacer, where there is one, is to hear of it. */
  #paced({ chatId, type, text = '' }: Message, { priority = 'normal' }: DeliveryOptions): { paced?: HandedOver } {
    const { services, state } = this.#parts
    if (!services.pacer) return {}
    const { settings } = state.record
    return { paced: { sessionId: state.id, settings, chatId, type, textLength: text.length, priority } }
  }

  /** Hands a message that is stored to the connection; its answer comes later. */
  async #putOnWire(
    { id, chatId, to = chatId, raw, serverId, ...rest }: HandedToWire,
    connection: Connection,
  ): Promise<{ answer: Promise<Message | undefined> }> {
    const { promise: answer, resolve: settle } = deferred<Message | undefined>()
    this.#unanswered.set(id, { chatId, settle, answer, ...rest })
    try {
      const readers = chatKindOf(chatId) === 'status' ? await this.#readers.now(connection) : undefined
      const beside = { ...(readers ? { readers } : {}), ...(serverId ? { serverId } : {}) }
      await connection.send({ id, to, raw, ...beside })
    } catch (error) {
      // Whoever settled it already, an ack or the end of the connection, knew better than the failure of the wire.
      if (this.#unanswered.delete(id)) throw await this.#notSent({ id, chatId }, error)
    }
    return { answer }
  }

  async #notSent(message: Pick<Message, 'id' | 'chatId'>, cause: unknown): Promise<TrunklineError> {
    const code = TrunklineError.is(cause) ? cause.code : 'MESSAGE_FAILED'
    // Lost while sending: the bytes may have left. Anything else failed before that.
    const status = code === 'SESSION_NOT_CONNECTED' ? 'unknown' : 'failed'
    const why = code.startsWith('GROUP_') && cause instanceof Error ? cause.message : 'The message could not be sent'
    const error = { code, message: status === 'unknown' ? CONNECTION_GONE : why }
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
  async #settle(
    id: string,
    chatId: Jid | undefined,
    change: MessageChange,
    deed?: PlannedChange,
  ): Promise<Message | undefined> {
    const message = await this.#settleIn(chatId, id, change, deed)
    if (message || chatId === undefined) return message
    // The chat has moved to its LID in this moment.
    return this.#settleIn(undefined, id, change, deed)
  }

  async #settleIn(
    chatId: Jid | undefined,
    id: string,
    change: MessageChange,
    deed?: PlannedChange,
  ): Promise<Message | undefined> {
    const { state, publisher, metrics, identities } = this.#parts
    // The chat may have moved to its LID since the message was sent.
    const [canonical] = chatId ? await identities.canonical([chatId]) : []
    const chat = canonical ? { chatId: canonical } : {}
    const ref = { id, ...chat }
    const at = state.timestamp()
    const { changes, announced } = await publisher.record(
      {
        changes: [{ ref, change }, ...(deed ? [{ ref: { ...deed.ref, ...chat }, change: deed.change }] : [])],
        told: ({ changes: [own = NOTHING, done = NOTHING] }) => [
          ...(outcomeOf(own, at)?.told ?? []),
          ...(deed?.told(done, { drained: false }) ?? []),
        ],
      },
      // An answer of the server waits for no message that comes in.
      { beside: true },
    )
    const [outcome] = changes
    const found = outcome && outcomeOf(outcome, at)
    if (!found) return undefined
    if (found.told.length > 0) {
      metrics.count(
        found.message.status === 'failed' || found.message.status === 'unknown' ? 'failed' : 'sent',
        announced,
      )
      metrics.active(at)
    }
    return found.message
  }
}

/** A message of ours after its outcome was stored, and what is told of it; `undefined` when there is no such message. */
function outcomeOf({ changed, unchanged }: ChangeOutcome, at: string): { message: Message; told: Told[] } | undefined {
  const change = changed.find(({ after }) => after.fromMe)
  const message = change?.after ?? unchanged.find(({ fromMe }) => fromMe)
  if (!message) return undefined
  // What is done to another message is told by its deed.
  if (message.type === 'hidden' || (message.status === 'unknown' && !change)) return { message, told: [] }
  const isSent = message.status !== 'failed' && message.status !== 'unknown'
  const name = isSaid(message) ? 'message-sent' : 'message.notice'
  const key = `${name}|${message.chatId}|${message.senderId}|${message.id}${isSent ? '' : `|${message.status}`}`
  return { message, told: [{ event: { name, at, payload: { message }, key } }] }
}

function leftQueue({ before, after }: ChangeOutcome['changed'][number], at: string): Told[] {
  const { id: messageId, chatId, status } = after
  const payload = { messageId, chatId, status, previousStatus: before.status }
  return [{ event: { name: 'message.status', at, payload } }]
}

const SENT: PacedOutcome = { kind: 'sent' }

const NOTHING: ChangeOutcome = { changed: [], unchanged: [] }

function refused(messageId: string, { error }: Message): TrunklineError {
  const details = { messageId, reason: error?.code ?? 'unknown' }
  return new TrunklineError('MESSAGE_REFUSED', { details, message: error?.message })
}

function aborted(cause: unknown): TrunklineError {
  return new TrunklineError('OPERATION_ABORTED', { cause })
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal.reason)
}
