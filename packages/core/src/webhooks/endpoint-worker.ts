import type { Clock } from '../ports/clock.js'
import type { CursorStore } from '../ports/cursor-store.js'
import type { Job, JobStore } from '../ports/job-store.js'
import type { Logger } from '../ports/logger.js'
import type { LogReader } from '../readers/log-reader.js'
import type { LogReaders } from '../readers/log-readers.js'
import type { WebhookRecord } from '../records/webhook.js'
import type { EventName, EventOf, LoggedEvent } from '../types/events.js'
import type { DeliveryAttempt } from '../types/webhook.js'
import { DeliveryRecord } from './delivery-record.js'
import { type Attempted, attemptDelivery, type Receiver } from './endpoint.js'
import { readsSession, wantsEvent } from './filter.js'
import type { WebhookSender } from './http-sender.js'
import { messageOf } from './message.js'
import { kindOf, type Parked, parkedJob } from './parked.js'
import { RetryLoop } from './retry-loop.js'
import { retryDelayMs } from './schedule.js'

/** Sessions that events are delivered of at once, and failed deliveries that are tried again beside them. */
const DELIVERED_AT_ONCE = 10
const RETRIED_AT_ONCE = 5
/** After so many failures in a row events are parked without an attempt: a receiver that hangs would hold up its sessions. */
const FAILURES_IN_A_ROW = 5
/** Events that are never logged and wait to be sent. */
const MAX_PASSING = 100

export interface WorkerParts {
  record: WebhookRecord
  receiver: Receiver
  startAt: string
  node: string
  jobs: JobStore
  cursors: CursorStore
  readers: LogReaders
  sender: WebhookSender
  clock: Clock
  logger: Logger
  random: () => number
  /** What came of an attempt. */
  onAttempt(attempted: Attempted): Promise<void>
}

/** Delivers to one webhook: events as they come, and again what failed. */
export class EndpointWorker {
  readonly #parts: WorkerParts
  /** As it was stored last, as far as is known here. */
  #record: WebhookRecord
  readonly #reader: LogReader
  readonly #retries: RetryLoop
  readonly #delivered: DeliveryRecord
  readonly #closing = new AbortController()
  #failures = 0
  #passing = 0
  #closed: Promise<void> | undefined

  constructor(parts: WorkerParts) {
    this.#parts = parts
    const { record } = parts
    this.#record = record
    this.#delivered = new DeliveryRecord(record.id, parts)
    this.#retries = new RetryLoop({
      ...parts,
      kind: kindOf(record.id),
      concurrency: RETRIED_AT_ONCE,
      work: (job) => this.#retry(job),
    })
    this.#reader = parts.readers.add({
      name: kindOf(record.id),
      cursors: parts.cursors,
      startAt: parts.startAt,
      concurrency: DELIVERED_AT_ONCE,
      reads: (sessionId) => readsSession(record, sessionId),
      wants: ({ name, event }) => wantsEvent(record, name, event),
      handle: (logged, signal) => this.#deliver(logged, signal),
      beforeSave: () => this.#delivered.save(),
    })
    this.#retries.wake(0)
  }

  get record(): WebhookRecord {
    return this.#record
  }

  /** It was stored how the webhook does; what it is has not changed. */
  know(record: WebhookRecord): void {
    this.#record = record
  }

  /** An event that is not logged: sent once, if it is wanted, and forgotten. */
  pass(name: EventName, event: EventOf<EventName>): void {
    if (this.#closed || !wantsEvent(this.record, name, event) || this.#passing >= MAX_PASSING) return
    this.#passing += 1
    void this.#attempt({ name, event } as LoggedEvent, this.#closing.signal)
      .then(
        ({ reason, verdict }) => {
          if (verdict !== 'delivered') this.#log(reason, 'An event that is sent once could not be delivered')
        },
        (error: unknown) => this.#log(error, 'An event that is sent once could not be delivered'),
      )
      .finally(() => {
        this.#passing -= 1
      })
  }

  /** Something was parked, or is to be delivered again, now. */
  wake(): void {
    this.#retries.wake(0)
  }

  /** Ends what goes on after a moment; what is not delivered by then is delivered by the next who works on it. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#parts.readers.remove(this.#reader)
    this.#closing.abort()
    await this.#retries.close()
  }

  async #deliver(event: LoggedEvent, signal: AbortSignal): Promise<void> {
    if (await this.#mustWait(event)) return this.#park(event, [])
    const { verdict, attempt } = await this.#attempt(event, signal)
    if (verdict === 'delivered') return this.#delivered.note(event, attempt)
    if (signal.aborted) return
    // The webhook is off: the event stays where it is in the log.
    if (verdict === 'gone') throw new Error('The receiver wants nothing any more')
    await this.#park(event, [attempt])
  }

  /** A failed event of an ordered webhook holds back the later ones of its session; a failing receiver is asked by few alone. */
  async #mustWait({ event: { sessionId } }: LoggedEvent): Promise<boolean> {
    if (this.#failures >= FAILURES_IN_A_ROW) return true
    if (!this.record.ordered) return false
    const lane = { kind: kindOf(this.record.id), lane: sessionId }
    const counts = await Promise.all(
      (['waiting', 'claimed'] as const).map((state) => this.#parts.jobs.count({ ...lane, state })),
    )
    return counts.some((count) => count > 0)
  }

  /** Resolves when the event is stored with what is left to try. */
  async #park(event: LoggedEvent, attempts: DeliveryAttempt[]): Promise<void> {
    const { record, jobs, clock, random } = this.#parts
    const { id: key } = messageOf(record.id, event)
    const now = clock.now()
    const delayMs = retryDelayMs(Math.max(1, attempts.length), random) ?? 0
    const parked: Parked = { messageId: key, event, attempts }
    await jobs.enqueue([parkedJob(record.id, { key, parked, ordered: record.ordered, dueAt: now + delayMs, now })])
    this.#retries.wake(delayMs)
  }

  async #retry(job: Job): Promise<void> {
    const { jobs, clock, random } = this.#parts
    const parked = job.payload as Parked
    const { verdict, reason, attempt } = await this.#attempt(parked.event, this.#closing.signal)
    const now = clock.now()
    const at = new Date(now).toISOString()
    // The process ended it, not the receiver: it does not count.
    if (this.#closing.signal.aborted && verdict !== 'delivered') {
      await jobs.settle(job, { state: 'waiting', dueAt: at })
      return
    }
    const payload: Parked = { ...parked, attempts: [...parked.attempts, attempt] }
    if (verdict === 'delivered') {
      await jobs.settle(job, { state: 'done', at, payload })
      return
    }
    const delayMs = retryDelayMs(payload.attempts.length, random)
    if (delayMs === undefined) {
      await jobs.settle(job, { state: 'dead', at, lastError: reason, payload })
      this.#log(reason, 'An event could not be delivered, and no attempt is left')
      return
    }
    await jobs.settle(job, {
      state: 'waiting',
      dueAt: new Date(now + delayMs).toISOString(),
      lastError: reason,
      payload,
    })
    this.#retries.wake(delayMs)
  }

  async #attempt(event: LoggedEvent, signal: AbortSignal): Promise<Attempted> {
    const { record, receiver, sender, clock, onAttempt } = this.#parts
    const attempted = await attemptDelivery(receiver, messageOf(record.id, event), { sender, clock, signal })
    if (signal.aborted && attempted.verdict !== 'delivered') return attempted
    this.#failures = attempted.verdict === 'delivered' ? 0 : this.#failures + 1
    await onAttempt(attempted)
    return attempted
  }

  #log(problem: unknown, sentence: string): void {
    const fields = typeof problem === 'string' ? { reason: problem } : { err: problem }
    this.#parts.logger.warn({ webhookId: this.record.id, ...fields }, sentence)
  }
}
