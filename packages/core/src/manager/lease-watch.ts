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

interface Waiting {
  sessionId: string
  by: string | undefined
  free: Deferred<boolean>
}

/** Tells when leases of other nodes are free: one look for all sessions that wait, and none while none does. */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions
  readonly #waiting = new Set<Waiting>()
  #cancel: (() => void) | undefined

  constructor(options: LeaseWatchOptions) {
    this.#options = options
  }

  /**
   * Resolves with `true` when nobody holds the session any more, or that owner does not; with `false` when the signal is aborted
   * before.
   */
  async free(sessionId: string, signal: AbortSignal, { by }: { by?: string } = {}): Promise<boolean> {
    if (signal.aborted) return false
    const waiting: Waiting = { sessionId, by, free: deferred<boolean>() }
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
      const owners = new Map(held.map(({ sessionId, owner }) => [sessionId, owner]))
      for (const { sessionId, by, free } of asked) {
        const owner = owners.get(sessionId)
        if (owner === undefined || (by !== undefined && owner !== by)) free.resolve(true)
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'Leases of other nodes could not be looked at; trying again')
    }
    this.#cancel = undefined
    if (this.#waiting.size > 0) this.#schedule()
  }
}
