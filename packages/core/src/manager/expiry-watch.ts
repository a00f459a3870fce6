import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { Job, JobOutcome, JobStore } from '../ports/job-store.js'
import type { Logger } from '../ports/logger.js'
import { EXPIRY_KIND, expiringMessageOf } from '../session/queue-job.js'

/** How often it is looked for what other nodes have queued and did not live to see. */
const LOOK_EVERY_MS = 60_000
/** After a look that failed, and before what could not be told is tried again. */
const RETRY_MS = 5_000
/** What another node has taken is looked for after this; two that tell of one message tell it once. */
const LEASE_MS = 15_000
const AT_ONCE = 50

export interface ExpiryWatchParts {
  jobs: JobStore
  /** This node's name. */
  node: string
  clock: Clock
  logger: Logger
  /** Ends a message that is still queued as `expired`. @throws SESSION_NOT_FOUND · LEASE_HELD and its like */
  expire(sessionId: string, messageId: string): Promise<void>
}

/**
 * Tells of queued messages whose time has passed, when it does: also while their session is not connected, or runs nowhere. One
 * timer for all sessions waits for the earliest of them.
 */
export class ExpiryWatch {
  readonly #parts: ExpiryWatchParts
  #looking: Promise<void> | undefined
  #nextAt = Number.POSITIVE_INFINITY
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(parts: ExpiryWatchParts) {
    this.#parts = parts
  }

  /** Looks for what has passed while nobody was there. */
  start(): void {
    this.#lookAt(this.#parts.clock.now())
  }

  /** A message was queued that is not to be sent after `expiresAt` (ISO 8601). */
  expects(expiresAt: string): void {
    const at = Date.parse(expiresAt)
    if (at < this.#nextAt) this.#lookAt(at)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelTimer?.()
    await this.#looking
  }

  #lookAt(time: number): void {
    const { clock } = this.#parts
    this.#cancelTimer?.()
    if (this.#closed) return
    this.#nextAt = time
    // What is far away is come nearer to by the looks in between; timers count no further than some weeks.
    const waitMs = Math.min(Math.max(1, time - clock.now()), LOOK_EVERY_MS)
    this.#cancelTimer = clock.setTimeout(() => {
      this.#nextAt = Number.POSITIVE_INFINITY
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined
      })
    }, waitMs)
  }

  async #look(): Promise<void> {
    const { jobs, node, clock, logger } = this.#parts
    let next = clock.now() + LOOK_EVERY_MS
    try {
      const now = new Date(clock.now()).toISOString()
      const due = await jobs.claim({ kind: EXPIRY_KIND, owner: node, limit: AT_ONCE, leaseMs: LEASE_MS, now })
      for (const job of due) await jobs.settle(job, await this.#outcomeOf(job))
      const open = await jobs.nextAt(EXPIRY_KIND)
      if (open !== undefined) next = Date.parse(open)
    } catch (error) {
      logger.warn({ err: error }, 'It could not be looked which queued messages have expired; looking again')
      next = clock.now() + RETRY_MS
    }
    // Something earlier may have been queued meanwhile.
    this.#lookAt(Math.min(next, this.#nextAt))
  }

  async #outcomeOf(job: Job): Promise<JobOutcome> {
    const { clock, logger, expire } = this.#parts
    const { sessionId, messageId } = expiringMessageOf(job)
    try {
      await expire(sessionId, messageId)
    } catch (error) {
      if (!TrunklineError.is(error, 'SESSION_NOT_FOUND')) {
        // The node that runs the session looks too.
        if (!TrunklineError.is(error, 'LEASE_HELD'))
          logger.warn(
            { err: error, sessionId, messageId },
            'It could not be told that a message has expired; trying again',
          )
        return { state: 'waiting', dueAt: new Date(clock.now() + RETRY_MS).toISOString() }
      }
    }
    return { state: 'done', at: new Date(clock.now()).toISOString() }
  }
}
