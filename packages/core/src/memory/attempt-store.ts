import type { AttemptStore } from '../ports/attempt-store.js'
import type { Clock } from '../ports/clock.js'

/** How many counters there may be before those that have ended are thrown away. */
const SWEEP_AT = 10_000

/** In memory: for a store that one process has to itself nobody else counts. */
export function createAttemptStore(clock: Pick<Clock, 'now'>): AttemptStore {
  const counters = new Map<string, { count: number; endsAt: number }>()
  let sweepAt = SWEEP_AT

  return {
    async add(key, { windowMs }) {
      const now = clock.now()
      const running = runningAt(now, key)
      if (running) running.count += 1
      else begin(key, { count: 1, endsAt: now + windowMs })
      const { count, endsAt } = running ?? { count: 1, endsAt: now + windowMs }
      return { count, leftMs: endsAt - now }
    },

    async takeBack(key) {
      const running = runningAt(clock.now(), key)
      if (running && running.count > 0) running.count -= 1
    },

    async forget(key) {
      counters.delete(key)
    },
  }

  function runningAt(now: number, key: string) {
    const counter = counters.get(key)
    return counter && counter.endsAt > now ? counter : undefined
  }

  function begin(key: string, counter: { count: number; endsAt: number }): void {
    counters.set(key, counter)
    if (counters.size < sweepAt) return
    for (const [other, { endsAt }] of counters) if (endsAt <= clock.now()) counters.delete(other)
    sweepAt = Math.max(SWEEP_AT, counters.size * 2)
  }
}
