import type { Clock } from '../ports/clock.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { onAbort } from '../util/on-abort.js'

export interface LeaseWatchOptions {
  leases: Pick<LeaseStore, 'held'>
  /** Between two looks, which are one round trip each. */
  intervalMs: number
  clock: Clock
  logger: Logger
}

/** Tells when leases of other nodes are free: one look for all sessions that wait, and none while none does. */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions
  readonly #waiting = new Set<{ sessionId: string; free: Deferred<boolean> }>()
  #cancel: (() => void) | undefined

  constructor(options: LeaseWatchOptions) {
    this.#options = options
  }

  /** Resolves with `true` when nobody holds the session any more, with `false` when the signal is aborted before. */
  async free(sessionId: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const waiting = { sessionId, free: deferred<boolean>() }
    const undo = onAbort(signal, () => waiting.free.resolve(false))
    this.#waiting.add(waiting)
    this.#schedule()
    try {
      return await waiting.free.promise
    } finally {
      undo()
      this.#waiting.delete(waiting)
      if (this.#waiting.size === 0) this.#stop()
    }
  }

  #schedule(): void {
    this.#cancel ??= this.#options.clock.setTimeout(() => void this.#look(), this.#options.intervalMs)
  }

  #stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  async #look(): Promise<void> {
    const asked = [...this.#waiting]
    try {
      const held = await this.#options.leases.held([...new Set(asked.map(({ sessionId }) => sessionId))])
      const taken = new Set(held.map(({ sessionId }) => sessionId))
      for (const { sessionId, free } of asked) if (!taken.has(sessionId)) free.resolve(true)
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'Leases of other nodes could not be looked at; trying again')
    }
    this.#cancel = undefined
    if (this.#waiting.size > 0) this.#schedule()
  }
}
