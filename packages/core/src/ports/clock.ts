/** Time as the domain sees it, so that a session's day replays in a test in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970, like `Date.now()`: what is written down. */
  now(): number
  /** Milliseconds since some moment, never backwards, whatever happens to the wall clock: what is measured. */
  monotonic(): number
  /** Runs `callback` once after `delayMs`. The returned function cancels; calling it twice or too late is harmless. */
  setTimeout(callback: () => void, delayMs: number): () => void
}
