import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, OutboundFile } from '../ports/connector.js'
import type { EnqueuedJob, JobStore } from '../ports/job-store.js'
import type { Upserted } from '../ports/message-store.js'
import { chatKindOf, isLid, normalizeJid } from '../records/jid.js'
import { publicMessage } from '../records/stored.js'
import type { SendOptions } from '../types/content.js'
import type { Jid } from '../types/jid.js'
import type { Message, StoredMessage } from '../types/message.js'
import type { KeyedMutex } from '../util/keyed-mutex.js'
import type { InboxParts } from './inbox.js'
import { contentOf, hasMedia, OutboundMedia } from './outbound-media.js'
import { namedMessageId, outboundMessage } from './outbound-message.js'
import type { Told } from './publisher.js'
import { expiryJob, type QueuedSend, queuedOf, queueJob, scheduledJob } from './queue-job.js'
import type { QueuedFiles } from './queued-files.js'
import type { Recipients } from './recipients.js'
import type { References } from './references.js'
import type { Repeats } from './repeats.js'

/** What came of a request to queue something. */
export type BatchOutcome = { message: Message } | { error: TrunklineError }

/** Rows that are stored in one step. */
const ROWS_AT_ONCE = 200

export interface IntakeParts extends InboxParts {
  recipients: Recipients
  repeats: Repeats
  references: References
  /** Keeps requests under one id apart. */
  turns: KeyedMutex
  jobs: JobStore
  files: QueuedFiles
}

/**
 * Takes messages in that are sent later. All that needs no connection is checked at once, and the message is made. The job is
 * stored before the row: it carries the whole message, so that whatever a crash leaves is either all of it or nothing.
 */
export class QueueIntake {
  readonly #parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /**
   * One outcome for each request, in their order. With a connection recipients are looked up, and the files of what is not to wait for its time are uploaded.
   *
   * @throws STORE_UNAVAILABLE
   */
  async take(requests: readonly SendOptions[], connection?: Connection): Promise<BatchOutcome[]> {
    const ids = [...new Set(requests.flatMap(({ clientMessageId }) => clientMessageId ?? []))].sort()
    const hasFiles = requests.some((request) => hasMedia(contentOf(request)))
    const taken = () => this.#take(requests, connection)
    const take = hasFiles ? () => this.#parts.files.during(taken) : taken
    // In one order, so that nobody waits for somebody who waits for him.
    return ids.reduceRight((work, id) => () => this.#parts.turns.run(`client|${id}`, work), take)()
  }

  async #take(requests: readonly SendOptions[], connection: Connection | undefined): Promise<BatchOutcome[]> {
    const { services, jobs, metrics } = this.#parts
    const plans: (BatchOutcome | { queued: QueuedSend })[] = []
    for (const request of requests) plans.push(await this.#plan(request, connection).catch(asOutcome))
    const fresh = plans.flatMap((plan) => ('queued' in plan ? [plan.queued] : []))
    if (fresh.length === 0) return plans as BatchOutcome[]
    const lanes = await this.#lanesOf(fresh.map(({ message }) => message.chatId))
    const now = services.clock.now()
    const sends = fresh.map((queued) => {
      const place = { lane: lanes.get(queued.message.chatId) ?? queued.message.chatId, now }
      return isScheduled(queued, now) ? scheduledJob(queued, place) : queueJob(queued, place)
    })
    // First: one whose message was not stored finds nothing to do.
    const expiries = fresh.flatMap((queued) => expiryJob(queued, { now }) ?? [])
    const enqueued = (await jobs.enqueue([...expiries, ...sends])).slice(expiries.length)
    for (const { dueAt } of expiries) services.expects?.(dueAt)
    const rows = enqueued.filter(isOpen).map(({ job }) => queuedOf(job).message)
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const { chatsCreated } = await this.#store(rows.slice(start, start + ROWS_AT_ONCE))
      metrics.stored()
      metrics.count('chats', chatsCreated)
    }
    const stored = enqueued.values()
    return plans.map((plan) => {
      if (!('queued' in plan)) return plan
      const { value } = stored.next()
      return value ? cameTo(plan.queued, value) : plan
    }) as BatchOutcome[]
  }

  /** Stores rows, and tells of those that are new. */
  async #store(rows: readonly StoredMessage[]): Promise<{ chatsCreated: number }> {
    const { state, publisher } = this.#parts
    const at = state.timestamp()
    const told = ({ inserted }: Upserted): Told[] =>
      rows.flatMap(({ id: messageId, chatId, status }, place) =>
        inserted[place] ? [{ event: { name: 'message.status', at, payload: { messageId, chatId, status } } }] : [],
      )
    // What is queued waits for no message that comes in.
    return publisher.record({ messages: rows, changes: [], told }, { beside: true })
  }

  async #plan(
    options: SendOptions,
    connection: Connection | undefined,
  ): Promise<BatchOutcome | { queued: QueuedSend }> {
    const { services, state, recipients, repeats } = this.#parts
    if (options.signal?.aborted) throw new TrunklineError('OPERATION_ABORTED', { cause: options.signal.reason })
    const file = new OutboundMedia(options, services)
    try {
      const { same, forgotten } = await repeats.find(options, file, connection)
      if (same) return { message: publicMessage(same) }
      refuseLate(options, services.clock.now())
      const chatId = connection ? await recipients.find(options.to, connection) : await recipients.known(options.to)
      const { message, file: kept } = await this.#made(options, { chatId, file, connection })
      const { clientMessageId } = options
      const id = clientMessageId ? namedMessageId(state.id, clientMessageId, forgotten?.id) : message.id
      const { priority = 'normal', typing } = options
      const [sendAt, expiresAt] = [options.sendAt, options.expiresAt].map(canonicalTime)
      return {
        queued: {
          message: { ...message, id },
          ...(kept ? { file: kept } : {}),
          priority,
          ...(typing === undefined ? {} : { typing }),
          ...(sendAt ? { sendAt } : {}),
          ...(expiresAt ? { expiresAt } : {}),
        },
      }
    } finally {
      await file.release()
    }
  }

  /** The message as it is stored while it waits, with all that goes on the wire, or with the file that has to be uploaded before. */
  async #made(
    options: SendOptions,
    { chatId, file, connection }: { chatId: Jid; file: OutboundMedia; connection: Connection | undefined },
  ): Promise<Pick<QueuedSend, 'message' | 'file'>> {
    const { services, state, serverTime, order, references, files } = this.#parts
    const content = contentOf(options)
    const uploads = !hasMedia(content) || this.#uploadsNow(options, connection)
    let kept: OutboundFile | undefined
    const { contentHash, ...made } = await file.made((given, beside) => {
      if (uploads && connection) return connection.upload(given, beside)
      kept = given
      return files.keep(given, beside)
    })
    const about = await references.of(options, chatId)
    const me = state.record.account?.jid ?? ''
    const { raw, ...fields } = services.connector.prepare({ content, ...made, ...about }, me)
    const { clientMessageId } = options
    const message: StoredMessage = {
      ...outboundMessage(state, { id: fields.id, chatId }),
      ...fields,
      status: 'queued',
      timestamp: serverTime.second(),
      arrival: order.next(),
      ...(clientMessageId ? { clientMessageId } : {}),
      ...(contentHash ? { contentHash } : {}),
    }
    return kept ? waiting(message, { kept, raw }) : { message: { ...message, raw } }
  }

  /** What goes out in its turn is brought to WhatsApp at once; what waits for its time, or for a connection, is kept here. */
  #uploadsNow({ sendAt, to }: SendOptions, connection: Connection | undefined): boolean {
    const { services, files } = this.#parts
    const waitMs = sendAt === undefined ? 0 : Date.parse(sendAt) - services.clock.now()
    // A post in a channel names a file by what the connection knows that has brought it.
    const isPost = chatKindOf(normalizeJid(to) ?? '') === 'newsletter'
    if (files.areKept) return connection !== undefined && waitMs <= 0 && !isPost
    if (!connection) throw needsStore('media', 'needs a connection, as the store of this manager keeps no files')
    if (waitMs > UPLOAD_LIVES_MS)
      throw needsStore('sendAt', 'must be within two weeks for a file, as the store of this manager keeps none')
    return true
  }

  /** The same lane for both addresses of a person, as far as they are known. */
  async #lanesOf(chatIds: readonly Jid[]): Promise<ReadonlyMap<Jid, Jid>> {
    const lids = [...new Set(chatIds.filter(isLid))]
    if (lids.length === 0) return new Map()
    return this.#parts.services.store.chats.phonesOf(this.#parts.state.id, lids)
  }
}

/** WhatsApp keeps a file for some weeks; nobody knows for how many days exactly. */
const UPLOAD_LIVES_MS = 14 * 24 * 60 * 60_000

/** A message whose file is kept here: it can be opened, and is uploaded in its turn. */
function waiting(
  message: StoredMessage,
  { kept: { kind, bytes, sha256 }, raw }: { kept: OutboundFile; raw: Uint8Array },
): Pick<QueuedSend, 'message' | 'file'> {
  const media = message.media && { media: { ...message.media, state: 'stored' as const } }
  return { message: { ...message, ...media }, file: { kind, bytes, sha256, raw } }
}

function needsStore(field: string, message: string): TrunklineError {
  const details = { errors: [{ field, message }] }
  return new TrunklineError('VALIDATION_FAILED', { message: `${field} ${message}`, details })
}

/** What was queued under an id before, or what is queued now. */
function cameTo({ message }: QueuedSend, stored: EnqueuedJob): BatchOutcome {
  const { message: kept } = queuedOf(stored.job)
  if (stored.repeated && kept.contentHash !== message.contentHash)
    return { error: new TrunklineError('IDEMPOTENCY_CONFLICT') }
  // Its row was removed since.
  if (!isOpen(stored)) return { error: new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: kept.id } }) }
  return { message: publicMessage(kept) }
}

function isOpen({ job }: EnqueuedJob): boolean {
  return job.state === 'waiting' || job.state === 'claimed'
}

function isScheduled({ sendAt }: QueuedSend, now: number): boolean {
  return sendAt !== undefined && Date.parse(sendAt) > now
}

function canonicalTime(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}

function refuseLate({ expiresAt }: SendOptions, now: number): void {
  if (expiresAt === undefined || Date.parse(expiresAt) > now) return
  const message = 'has passed'
  const details = { errors: [{ field: 'expiresAt', message }] }
  throw new TrunklineError('VALIDATION_FAILED', { message: `expiresAt ${message}`, details })
}

/** What is wrong with one request is its own outcome; a store that fails is everybody's. */
function asOutcome(error: unknown): BatchOutcome {
  if (!TrunklineError.is(error) || error.code === 'STORE_UNAVAILABLE') throw error
  return { error }
}

/** @throws CONFIG_INVALID */
export function lacksJobs(): never {
  const message = 'must keep jobs, which a queue needs'
  const details = { errors: [{ field: 'store', message }] }
  throw new TrunklineError('CONFIG_INVALID', { message: `The store ${message}`, details })
}
