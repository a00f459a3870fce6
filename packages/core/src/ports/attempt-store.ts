/**
 * How often something was tried that may be tried only so often, such as passwords, counted for all processes of a store together. A
 * counter lasts for its window from its first attempt on, by the time of the store; the next attempt begins it anew.
 */
export interface AttemptStore {
  /** Counts one more, atomically, and answers how many there are now and for how long the counter lasts. */
  add(key: string, options: { windowMs: number }): Promise<Attempts>

  /** Takes one back, as it was none in the end; never below none. */
  takeBack(key: string): Promise<void>

  /** Forgets all that was counted. */
  forget(key: string): Promise<void>
}

/** A counter that is running. */
export interface Attempts {
  count: number
  /** How long it lasts from now on. */
  leftMs: number
}
