import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, ConnectionEvent } from '../ports/connector.js'
import type { ChangeOutcome } from '../ports/message-store.js'
import { chatKindOf, isLid, isPhoneJid, normalizeJid } from '../records/jid.js'
import { isSaid, publicMessage } from '../records/stored.js'
import type { ForwardContent, SendOptions } from '../types/content.js'
import type { Jid } from '../types/jid.js'
import type { Message, MessageChange, StoredMessage } from '../types/message.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { within } from '../util/sleep.js'
import { unlessAborted } from '../util/unless-aborted.js'
import type { EventHandlers } from './event-dispatch.js'
import type { InboxParts } from './inbox.js'
import type { PlannedChange } from './message-changes.js'
import { contentOf, type MadeMedia, OutboundMedia } from './outbound-media.js'
import type { Told } from './publisher.js'
import type { StatusReaders } from './status-readers.js'
import { storedMessage } from './stored-message.js'

type AckEvent = Extract<ConnectionEvent, { type: 'ack' }>
type ReceiptEvent = Extract<ConnectionEvent, { type: 'receipt' }>

interface Unanswered {
  chatId: Jid
  settle: (outcome: Message | undefined) => void
  /** What is done to another message once the server has taken this one. */
  deed?: PlannedChange
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
  /** The line that it is in the chat; hidden unless given. */
  line?: Pick<Message, 'type' | 'notice'>
}

const CONNECTION_GONE = 'The connection was lost before WhatsApp answered'

/**
 * What goes out: stored as `pending`, then on the wire, then `sent` by the server's ack and further by receipts. A message
 * whose connection was lost before the ack becomes `unknown` and is never sent again by itself.
 */
export class Outbox {
  readonly #parts: InboxParts
  readonly #readers: StatusReaders
  readonly #order = new KeyedMutex()
  /** Messages on the wire whose ack has not come, by id. */
  readonly #unanswered = new Map<string, Unanswered>()

  constructor(parts: InboxParts, readers: StatusReaders) {
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
      const sending = this.#order.run(`client|${clientMessageId}`, async () => {
        refuseAborted(signal)
        const earlier = await this.#parts.services.store.messages.findByClientId(this.#parts.state.id, clientMessageId)
        if (earlier) return this.#repeated(earlier, options, file, connection)
        return this.#send(options, file, connection)
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
   * @throws MESSAGE_REFUSED · MESSAGE_FAILED · CONNECTION_LOST when nobody can tell whether it was done
   */
  async act(action: OutboundAction, connection: Connection): Promise<boolean> {
    const { services, state, serverTime, order } = this.#parts
    const { id, raw, chatId, deed, about, line = { type: 'hidden' as const } } = action
    const { answer } = await this.#order.run(`chat|${chatId}`, async () => {
      const place = { timestamp: serverTime.second(), arrival: order.next() }
      await services.store.messages.upsert(state.id, [{ ...this.#pending({ id, chatId }), ...line, ...place, raw }])
      return this.#putOnWire({ id, chatId, raw, ...(deed ? { deed } : {}) }, connection)
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

  /** A crash left these behind: what was pending when the process ended is `unknown`. */
  async recover(): Promise<void> {
    const { services, state } = this.#parts
    for (const { id, chatId } of await services.store.messages.listPending(state.id)) {
      if (!this.#unanswered.has(id)) await this.#unknown(id, chatId)
    }
  }

  async #send(options: SendOptions, file: OutboundMedia, connection: Connection): Promise<Message> {
    const { clock, timings } = this.#parts.services
    const { signal } = options
    const chatId = await unlessAborted(this.#recipient(options.to, connection), { signal, because: aborted })
    // Begun at once, and waited for in its turn: no other chat waits for an upload, and what is written after a file comes after it.
    const making = file.made(connection)
    making.catch(() => undefined)
    const dispatching = this.#order.run(`chat|${chatId}`, async () => {
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
    const { services, state, serverTime, order, disappearing, metrics } = this.#parts
    const { signal, clientMessageId } = options
    refuseAborted(signal)
    const content = contentOf(options)
    const forwarded = content.type === 'forward' ? await this.#forwarded(content) : undefined
    const quoted = options.quotedMessageId ? await this.#quoted(chatId, options.quotedMessageId) : undefined
    const disappearsAfterSeconds = await disappearing.secondsOf(chatId)
    const prepared = await connection.prepare({
      content,
      ...(file ? { file } : {}),
      ...(preview ? { preview } : {}),
      ...(quoted ? { quoted } : {}),
      ...(forwarded ? { forwarded } : {}),
      ...(disappearsAfterSeconds === undefined ? {} : { disappearsAfterSeconds }),
    })
    refuseAborted(signal)
    const { raw, ...fields } = prepared
    const message: Message = {
      ...this.#pending({ id: fields.id, chatId }),
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
    const { answer } = await this.#putOnWire({ id: message.id, chatId, raw }, connection)
    return { message, answer }
  }

  /** What every message of ours begins with. */
  #pending({ id, chatId }: { id: string; chatId: Jid }) {
    const { state } = this.#parts
    const { account } = state.record
    return {
      id,
      sessionId: state.id,
      chatId,
      senderId: account?.lid ?? account?.jid ?? chatId,
      fromMe: true,
      reactions: [],
      status: 'pending' as const,
      source: 'api' as const,
    }
  }

  /** Hands a message that is stored to the connection; its answer comes later. */
  async #putOnWire(
    { id, chatId, raw, deed }: Pick<OutboundAction, 'id' | 'chatId' | 'raw'> & { deed?: PlannedChange },
    connection: Connection,
  ): Promise<{ answer: Promise<Message | undefined> }> {
    const answer = new Promise<Message | undefined>((settle) => {
      this.#unanswered.set(id, { chatId, settle, ...(deed ? { deed } : {}) })
    })
    try {
      const readers = chatKindOf(chatId) === 'status' ? await this.#readers.now(connection) : undefined
      await connection.send({ id, to: chatId, raw, ...(readers ? { readers } : {}) })
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

  /** The chat to write to: canonical, and known to be on WhatsApp. */
  async #recipient(to: string, connection: Connection): Promise<Jid> {
    const { identities } = this.#parts
    const jid = normalizeJid(to)
    if (!jid) throw new TrunklineError('RECIPIENT_INVALID', { details: { field: 'to', to } })
    if (!isPhoneJid(jid)) return jid
    const canonical = await identities.canonicalDialled(jid)
    if (isLid(canonical)) return canonical
    const found = await this.#lookUp(jid, connection)
    if (!found) throw new TrunklineError('RECIPIENT_NOT_ON_WHATSAPP', { details: { to } })
    return found
  }

  /** The canonical address under which WhatsApp knows a number; from then on it is found by this number. */
  async #lookUp(dialled: Jid, connection: Connection): Promise<Jid | undefined> {
    const { identities, publisher, state } = this.#parts
    const found = await connection.lookUp(dialled)
    if (!found) return undefined
    await identities.learnDialled(dialled, found.jid)
    if (!found.lid) return found.jid
    await publisher.publish(await identities.learn([{ pn: found.jid, lid: found.lid }], state.timestamp()))
    return found.lid
  }

  async #forwarded({ messageId: id, chatId }: ForwardContent): Promise<StoredMessage> {
    const jid = chatId === undefined ? undefined : (normalizeJid(chatId) ?? chatId)
    const canonical = jid === undefined ? {} : { chatId: await this.#parts.identities.canonicalDialled(jid) }
    return storedMessage({ id, ...canonical }, this.#parts)
  }

  async #quoted(chatId: Jid, id: string): Promise<StoredMessage> {
    const [quoted] = await this.#parts.services.store.messages.find(this.#parts.state.id, { id, chatId })
    if (!quoted) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: id } })
    return quoted
  }

  /** The answer to a repeat of the same request; another request under the same id is refused. */
  async #repeated(
    earlier: StoredMessage,
    options: SendOptions,
    file: OutboundMedia,
    connection: Connection,
  ): Promise<Message> {
    const same =
      (await saysTheSame(earlier, options, file)) && (await this.#isChat(earlier.chatId, options.to, connection))
    if (!same) throw new TrunklineError('IDEMPOTENCY_CONFLICT')
    return publicMessage(earlier)
  }

  async #isChat(chatId: Jid, to: string, connection: Connection): Promise<boolean> {
    const jid = normalizeJid(to)
    if (!jid) return false
    const canonical = await this.#parts.identities.canonicalDialled(jid)
    if (canonical === chatId || !isPhoneJid(canonical)) return canonical === chatId
    // WhatsApp knows some numbers under another one, such as those of Brazil without their ninth digit.
    return (await this.#lookUp(jid, connection)) === chatId
  }
}

/** Whether a request asks for what was stored for an earlier one. What was stored before there were hashes has none. */
async function saysTheSame(
  { contentHash, text, quotedMessageId }: StoredMessage,
  options: SendOptions,
  file: OutboundMedia,
): Promise<boolean> {
  if (contentHash !== undefined) return contentHash === (await file.contentHash())
  return text === ('text' in options ? options.text : undefined) && quotedMessageId === options.quotedMessageId
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
