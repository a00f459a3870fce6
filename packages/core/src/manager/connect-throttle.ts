import type { Clock } from '../ports/clock.js'
import { deferred } from '../util/deferred.js'
import { onAbort } from '../util/on-abort.js'
import { sleep } from '../util/sleep.js'
import { systemClock } from '../util/system-clock.js'

/**
 * Lets connections begin one after the other, in the order of the calls, with a distance between them; one after a quiet time
 * begins at once. Between two managers with different rates lies the longer of their distances.
 */
export class ConnectThrottle {
  readonly #clock: Clock
  #last: { at: number; intervalMs: number } | undefined
  /** Resolves when nobody of those who came before waits any more. */
  #tail: Promise<void> = Promise.resolve()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves when it is this caller's turn, with `false` when the signal was aborted before. Whoever leaves takes no turn: many
   * that are stopped while they wait hold nobody up.
   */
  async turn(signal: AbortSignal, connectsPerSecond: number): Promise<boolean> {
    if (signal.aborted) return false
    const before = this.#tail
    const gone = deferred()
    this.#tail = Promise.all([before, gone.promise]).then(() => undefined)
    const stay = onAbort(signal, () => gone.resolve())
    try {
      await Promise.race([before, gone.promise])
      if (signal.aborted) return false
      const intervalMs = 1000 / connectsPerSecond
      const now = this.#clock.monotonic()
      const at = this.#last ? Math.max(now, this.#last.at + Math.max(this.#last.intervalMs, intervalMs)) : now
      if (at > now && !(await sleep(this.#clock, at - now, signal))) return false
      this.#last = { at, intervalMs }
      return true
    } finally {
      stay()
      gone.resolve()
    }
  }

  /** Resolves when nobody waits for a turn and the next may begin, and takes none; `false` when the signal was aborted before. */
  async calm(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const tail = this.#tail
      const aborted = deferred()
      const undo = onAbort(signal, () => aborted.resolve())
      await Promise.race([tail, aborted.promise])
      undo()
      const waitMs = this.#last ? this.#last.at + this.#last.intervalMs - this.#clock.monotonic() : 0
      if (signal.aborted || (waitMs > 0 && !(await sleep(this.#clock, waitMs, signal)))) return false
      if (tail === this.#tail) return true
    }
  }
}

const SHARED = Symbol.for('trunkline.connect-throttle')
const shared = globalThis as { [SHARED]?: ConnectThrottle }

/**
 * One throttle for all managers of the process, also those of another copy of this module: WhatsApp and the event loop see the
 * connections of the process, not those of a manager. A manager with a clock of its own cannot take turns with others.
 */
export function connectThrottleFor(clock: Clock): ConnectThrottle {
  if (clock !== systemClock) return new ConnectThrottle(clock)
  shared[SHARED] ??= new ConnectThrottle(systemClock)
  return shared[SHARED]
}
