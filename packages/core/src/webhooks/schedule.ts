const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long after each failed attempt the next one comes at the latest. After the last there is none: some 70 hours in all. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  1 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  24 * HOUR,
]

/** The part of a delay that is left to chance, so that what failed together does not come back together. */
const JITTER = 0.2

/** How long to wait after so many failed attempts; `undefined` when it was the last. */
export function retryDelayMs(failures: number, random: () => number): number | undefined {
  const delay = RETRY_DELAYS_MS[failures - 1]
  return delay === undefined ? undefined : Math.round(delay * (1 - JITTER * random()))
}
