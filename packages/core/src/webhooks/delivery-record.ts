import type { Clock } from '../ports/clock.js'
import type { JobStore, NewJob } from '../ports/job-store.js'
import type { Logger } from '../ports/logger.js'
import type { LoggedEvent } from '../types/events.js'
import { LIMITS } from '../types/limits.js'
import type { DeliveryAttempt } from '../types/webhook.js'
import { messageOf } from './message.js'
import { kindOf, parkedJob } from './parked.js'

const { maxDelivered } = LIMITS.webhooks

/** What of a webhook was delivered at the first attempt: written in batches, so that an event costs no write of its own. */
export class DeliveryRecord {
  readonly #webhookId: string
  readonly #parts: { jobs: JobStore; clock: Clock; logger: Logger }
  #unsaved: NewJob[] = []

  constructor(webhookId: string, parts: { jobs: JobStore; clock: Clock; logger: Logger }) {
    this.#webhookId = webhookId
    this.#parts = parts
  }

  note(event: LoggedEvent, attempt: DeliveryAttempt): void {
    const now = this.#parts.clock.now()
    const { id: key } = messageOf(this.#webhookId, event)
    const parked = { messageId: key, event, attempts: [attempt] }
    this.#unsaved.push(parkedJob(this.#webhookId, { key, parked, ordered: false, dueAt: now, now }))
    // No more is kept than this, however much is delivered between two batches.
    if (this.#unsaved.length >= 2 * maxDelivered) this.#unsaved = this.#unsaved.slice(-maxDelivered)
  }

  /** Of what cannot be stored nobody reads: it was delivered. */
  async save(): Promise<void> {
    const { jobs, clock, logger } = this.#parts
    const batch = this.#unsaved.slice(-maxDelivered)
    this.#unsaved = []
    if (batch.length === 0) return
    try {
      const at = new Date(clock.now()).toISOString()
      await jobs.record(batch, { kind: kindOf(this.#webhookId), at, keep: maxDelivered })
    } catch (error) {
      logger.warn({ err: error, webhookId: this.#webhookId }, 'What was delivered could not be noted down')
    }
  }
}
