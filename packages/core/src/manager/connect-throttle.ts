import type { Clock } from '../ports/clock.js'
import { sleep } from '../util/sleep.js'

/** Lets at most N connections a second begin, in the order of the calls; a connection after a quiet time begins at once. */
export class ConnectThrottle {
  readonly #clock: Clock
  readonly #intervalMs: number
  #nextAt = 0

  constructor(options: { clock: Clock; connectsPerSecond: number }) {
    this.#clock = options.clock
    this.#intervalMs = 1000 / options.connectsPerSecond
  }

  /** Resolves when it is this caller's turn, with `false` when the signal was aborted before. */
  async turn(signal: AbortSignal): Promise<boolean> {
    const now = this.#clock.monotonic()
    const at = Math.max(now, this.#nextAt)
    this.#nextAt = at + this.#intervalMs
    if (at <= now) return !signal.aborted
    return sleep(this.#clock, at - now, signal)
  }
}
