import type { Clock } from '../ports/clock.js'
import type { CursorStore } from '../ports/cursor-store.js'
import type { JobStore } from '../ports/job-store.js'
import type { Logger } from '../ports/logger.js'
import type { LogReaders } from '../readers/log-readers.js'
import type { WebhookRecord } from '../records/webhook.js'
import { type EventName, type EventOf, UNLOGGED_EVENTS } from '../types/events.js'
import type { WebhookAttempt } from '../types/webhook.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { sleep } from '../util/sleep.js'
import type { Attempted } from './endpoint.js'
import { healthAfter } from './endpoint-health.js'
import { EndpointWorker } from './endpoint-worker.js'
import type { WebhookSender } from './http-sender.js'
import { kindOf } from './parked.js'
import type { WebhookRecords } from './webhook-records.js'

/** How often it is looked what other nodes have changed. */
const LOOK_EVERY_MS = 5_000

const UNLOGGED: ReadonlySet<EventName> = new Set(UNLOGGED_EVENTS)

export interface RunnerParts {
  records: WebhookRecords
  jobs: JobStore
  cursors: CursorStore
  readers: LogReaders
  sender: WebhookSender
  node: string
  clock: Clock
  logger: Logger
  random: () => number
  listen(heard: (name: EventName, event: EventOf<EventName>) => void): () => void
  /** A request was answered, or was not. */
  onAttempt(attempt: WebhookAttempt): void
  /** A webhook was switched off by what its receiver did, and this node has noticed it. */
  onDisabled(record: WebhookRecord): void
  /** As `onDisabled`, whichever node has noticed it. */
  onDisabledAnywhere(record: WebhookRecord): void
}

/** Has a worker for each webhook that is on, as it is stored at the moment, whichever node has changed it. */
export class WebhookRunner {
  readonly #parts: RunnerParts
  readonly #workers = new Map<string, EndpointWorker>()
  readonly #changing = new KeyedMutex()
  readonly #closing = new AbortController()
  #stopListening: (() => void) | undefined
  #looking: Promise<void> | undefined

  constructor(parts: RunnerParts) {
    this.#parts = parts
  }

  start(): void {
    this.#looking ??= this.#lookAgainAndAgain()
  }

  /** Works by the record from now on, unless a newer one is worked by. */
  apply(record: WebhookRecord): Promise<void> {
    return this.#changing.run(record.id, () => this.#apply(record))
  }

  /** Ends the work for a webhook that is not there any more. */
  forget(webhookId: string): Promise<void> {
    return this.#changing.run(webhookId, async () => this.#end(webhookId))
  }

  /** Something is to be delivered at once. */
  wake(webhookId: string): void {
    this.#workers.get(webhookId)?.wake()
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#looking
    await Promise.all([...this.#workers.keys()].map((id) => this.forget(id)))
    this.#parts.sender.close()
  }

  async #lookAgainAndAgain(): Promise<void> {
    const { clock, logger } = this.#parts
    do {
      await this.#look().catch((error: unknown) => {
        if (!this.#closing.signal.aborted)
          logger.warn({ err: error }, 'It could not be looked which webhooks there are; looking again')
      })
    } while (await sleep(clock, LOOK_EVERY_MS, this.#closing.signal))
  }

  async #look(): Promise<void> {
    const before = new Set(this.#workers.keys())
    const records = await this.#parts.records.all()
    const there = new Set(records.map(({ id }) => id))
    await Promise.all([
      ...records.map((record) => this.apply(record)),
      ...[...before].filter((id) => !there.has(id)).map((id) => this.forget(id)),
    ])
  }

  async #apply(record: WebhookRecord): Promise<void> {
    const worker = this.#workers.get(record.id)
    if (this.#closing.signal.aborted || (worker && worker.record.revision >= record.revision)) return
    if (worker && isOn(record) && isSameWork(worker.record, record)) {
      worker.know(record)
      return
    }
    await this.#end(record.id)
    if (isOn(record)) await this.#begin(record)
    else if (worker && record.state === 'disabled') this.#parts.onDisabledAnywhere(record)
  }

  async #begin(record: WebhookRecord): Promise<void> {
    const { records, cursors, logger } = this.#parts
    try {
      const receiver = records.receiverOf(record)
      const startAt = await cursors.begin(kindOf(record.id), record.createdAt)
      const onAttempt = (attempted: Attempted) => this.#note(record.id, attempted)
      this.#workers.set(record.id, new EndpointWorker({ ...this.#parts, record, receiver, startAt, onAttempt }))
      this.#stopListening ??= this.#parts.listen((name, event) => this.#pass(name, event))
    } catch (error) {
      logger.error({ err: error, webhookId: record.id }, 'A webhook cannot be worked on')
    }
  }

  async #end(webhookId: string): Promise<void> {
    const worker = this.#workers.get(webhookId)
    this.#workers.delete(webhookId)
    if (this.#workers.size === 0) {
      this.#stopListening?.()
      this.#stopListening = undefined
    }
    await worker?.close()
  }

  #pass(name: EventName, event: EventOf<EventName>): void {
    if (!UNLOGGED.has(name)) return
    for (const worker of this.#workers.values()) worker.pass(name, event)
  }

  /** Writes how a webhook does where that has changed. A delivery does not fail because this cannot be written. */
  async #note(webhookId: string, { verdict, reason, attempt }: Attempted): Promise<void> {
    const { records, clock, logger } = this.#parts
    this.#parts.onAttempt({ webhookId, delivered: verdict === 'delivered', attempt })
    const worker = this.#workers.get(webhookId)
    if (!worker || !healthAfter(worker.record, { verdict, reason, now: clock.now() })) return
    try {
      let disabled = false
      const record = await records.change(webhookId, (before) => {
        const health = healthAfter(before, { verdict, reason, now: clock.now() })
        if (!health) return undefined
        disabled = health.state === 'disabled'
        const { state: _state, stateReason: _reason, failingSince: _since, ...rest } = before
        return { ...rest, ...health }
      })
      // Not waited for: what is switched off waits for the delivery that has called this.
      void this.apply(record)
      if (!disabled) return
      logger.error({ webhookId, reason: record.stateReason }, 'A webhook is switched off')
      this.#parts.onDisabled(record)
    } catch (error) {
      logger.warn({ err: error, webhookId }, 'How a webhook does could not be stored')
    }
  }
}

function isOn({ enabled, state }: WebhookRecord): boolean {
  return enabled && state !== 'disabled'
}

/** Whether what is to be done is the same, however the webhook does. */
function isSameWork(one: WebhookRecord, other: WebhookRecord): boolean {
  const workOf = ({ url, events, sessionIds, metadata, headers, ordered, secrets }: WebhookRecord) =>
    JSON.stringify([url, events, sessionIds, metadata, headers, ordered, secrets])
  return workOf(one) === workOf(other)
}
