import type { SendUsage } from '../types/queue.js'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** What an account has sent within a day, oldest first: times in milliseconds since 1970. */
export interface SendHistory {
  readonly sent: readonly number[]
  /** Those of them that began a conversation. */
  readonly newChats: readonly number[]
  /** The last message to each chat. */
  readonly lastOfChat: ReadonlyMap<string, number>
}

/** How many are not older than a window: it is open at its old end, so that a time leaves it after exactly so long. */
function countWithin(times: readonly number[], windowMs: number, now: number): number {
  return times.length - firstWithin(times, now - windowMs)
}

export function usageOf({ sent, newChats }: SendHistory, now: number): SendUsage {
  return {
    minute: countWithin(sent, MINUTE_MS, now),
    hour: countWithin(sent, HOUR_MS, now),
    day: countWithin(sent, DAY_MS, now),
    newChats: countWithin(newChats, DAY_MS, now),
  }
}

/** When there is room for one more: now, or when the oldest that fills the window leaves it. */
export function roomAt(
  times: readonly number[],
  { max, windowMs, now }: { max: number; windowMs: number; now: number },
): number {
  if (countWithin(times, windowMs, now) < max) return now
  // Nothing is ever allowed with 0; it is looked again, as the limit may change.
  const filling = times[times.length - max]
  return filling === undefined ? now + windowMs : filling + windowMs
}

/** The place of the first time that is later than `after`. */
function firstWithin(times: readonly number[], after: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) > after) high = middle
    else low = middle + 1
  }
  return low
}
