import type { Clock } from '@trunkline/core/store'

/** A clock that stands still until it is told otherwise. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs
  const timers = new Set<{ dueMs: number; callback: () => void }>()
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    setTimeout(callback, delayMs) {
      const timer = { dueMs: nowMs + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      nowMs += ms
      const due = [...timers].filter(({ dueMs }) => dueMs <= nowMs).sort((left, right) => left.dueMs - right.dueMs)
      for (const timer of due) if (timers.delete(timer)) timer.callback()
    },
  }
}
