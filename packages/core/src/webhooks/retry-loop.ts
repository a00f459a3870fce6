import type { Clock } from '../ports/clock.js'
import type { Job, JobStore } from '../ports/job-store.js'
import type { Logger } from '../ports/logger.js'

/** How often it is looked for jobs that another process has left. Those of this one are waited for by their time. */
const LOOK_EVERY_MS = 15_000
/** Longer than an attempt takes, with what is written around it. */
const LEASE_MS = 60_000

export interface RetryLoopParts {
  kind: string
  node: string
  concurrency: number
  jobs: JobStore
  clock: Clock
  logger: Logger
  /** Does the job and settles it. */
  work(job: Job): Promise<void>
}

/** Takes jobs of one kind when they are due, a few at a time. */
export class RetryLoop {
  readonly #parts: RetryLoopParts
  readonly #working = new Set<Promise<void>>()
  #next: { at: number; cancel: () => void } | undefined
  #looking: Promise<void> | undefined
  #closed = false

  constructor(parts: RetryLoopParts) {
    this.#parts = parts
  }

  /** Something is due in so long. */
  wake(inMs: number): void {
    const { clock } = this.#parts
    const at = clock.monotonic() + Math.max(0, inMs)
    if (this.#closed || (this.#next && this.#next.at <= at)) return
    this.#next?.cancel()
    this.#next = { at, cancel: clock.setTimeout(() => this.#look(), Math.max(0, inMs)) }
  }

  /** Takes no more jobs; resolves when those that are worked on are over. */
  async close(): Promise<void> {
    this.#closed = true
    this.#next?.cancel()
    await this.#looking
    await Promise.all(this.#working)
  }

  #look(): void {
    this.#next = undefined
    this.#looking ??= this.#take().finally(() => {
      this.#looking = undefined
      this.wake(LOOK_EVERY_MS)
    })
  }

  async #take(): Promise<void> {
    const { kind, node, concurrency, jobs, clock, logger } = this.#parts
    const limit = concurrency - this.#working.size
    // Whoever ends its work looks again.
    if (limit <= 0) return
    try {
      const now = new Date(clock.now()).toISOString()
      for (const job of await jobs.claim({ kind, owner: node, limit, leaseMs: LEASE_MS, now })) this.#begin(job)
    } catch (error) {
      logger.warn({ err: error, kind }, 'It could not be looked for what is to be tried again; looking again')
    }
  }

  #begin(job: Job): void {
    const { work, logger, kind } = this.#parts
    const working = work(job)
      .catch((error: unknown) => logger.warn({ err: error, kind }, 'What was tried again could not be noted down'))
      .finally(() => {
        this.#working.delete(working)
        this.wake(0)
      })
    this.#working.add(working)
  }
}
