/** A worker that has lived for so long was well: its end is the first one. */
const STABLE_MS = 60_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** How often a worker has ended soon after it began, one end after the other. */
export interface WorkerPast {
  ends: number
}

export const NO_PAST: WorkerPast = { ends: 0 }

/** When a worker that has ended by itself is started again: soon, and later each time when it does not live. */
export function afterEnd(
  { livedMs }: { livedMs: number },
  { ends }: WorkerPast,
): { past: WorkerPast; pauseMs: number } {
  const before = livedMs >= STABLE_MS ? 0 : ends
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(before, 16), LONGEST_PAUSE_MS)
  return { past: { ends: before + 1 }, pauseMs }
}
