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
  /** By the second that they are for, so that many jobs which failed together have one. */
  readonly #timers = new Map<number, () => void>()
  #looking: Promise<void> | undefined
  #lookAgain = false
  #cancelLater: (() => void) | undefined
  #closed = false

  constructor(parts: RetryLoopParts) {
    this.#parts = parts
  }

  /** Something is due in so long. */
  wake(inMs: number): void {
    const { clock } = this.#parts
    const now = clock.monotonic()
    const second = inMs <= 0 ? Math.floor(now / 1_000) : Math.ceil((now + inMs) / 1_000)
    if (this.#closed || this.#timers.has(second)) return
    const cancel = clock.setTimeout(
      () => {
        this.#timers.delete(second)
        this.#look()
      },
      Math.max(0, second * 1_000 - now),
    )
    this.#timers.set(second, cancel)
  }

  /** Takes no more jobs; resolves when those that are worked on are over. */
  async close(): Promise<void> {
    this.#closed = true
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#cancelLater?.()
    await this.#looking
    await Promise.all(this.#working)
  }

  #look(): void {
    // Something may have become due since the store was asked.
    this.#lookAgain = this.#looking !== undefined
    this.#looking ??= this.#take().finally(() => {
      this.#looking = undefined
      if (this.#lookAgain) this.wake(0)
      this.#lookAgain = false
      this.#lookLater()
    })
  }

  #lookLater(): void {
    this.#cancelLater?.()
    if (!this.#closed) this.#cancelLater = this.#parts.clock.setTimeout(() => this.#look(), LOOK_EVERY_MS)
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
