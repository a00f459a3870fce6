import type { Clock } from '../ports/clock.js'
import { deferred } from '../util/deferred.js'
import { sleep } from '../util/sleep.js'

/** Lets at most N connections a second begin, in the order of the calls; a connection after a quiet time begins at once. */
export class ConnectThrottle {
  readonly #clock: Clock
  readonly #intervalMs: number
  #nextAt = 0
  /** Resolves when nobody of those who came before waits any more. */
  #tail: Promise<void> = Promise.resolve()

  constructor(options: { clock: Clock; connectsPerSecond: number }) {
    this.#clock = options.clock
    this.#intervalMs = 1000 / options.connectsPerSecond
  }

  /**
   * Resolves when it is this caller's turn, with `false` when the signal was aborted before. Whoever leaves takes no turn: many
   * that are stopped while they wait hold nobody up.
   */
  async turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const before = this.#tail
    const gone = deferred()
    this.#tail = Promise.all([before, gone.promise]).then(() => undefined)
    const leave = () => gone.resolve()
    signal.addEventListener('abort', leave, { once: true })
    try {
      await Promise.race([before, gone.promise])
      if (signal.aborted) return false
      const now = this.#clock.monotonic()
      const at = Math.max(now, this.#nextAt)
      if (at > now && !(await sleep(this.#clock, at - now, signal))) return false
      this.#nextAt = at + this.#intervalMs
      return true
    } finally {
      signal.removeEventListener('abort', leave)
      gone.resolve()
    }
  }
}
