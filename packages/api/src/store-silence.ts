import { type Clock, type Store, TrunklineError } from '@trunkline/core'

/** Time is counted in looks, while any request waits: what this process has slept through is one, whatever the clock says. */
const LOOK_EVERY_MS = 500
/** What takes 3 s may wait for a store that is silent: it is asked whether it is. */
const ASK_AFTER = 6
/** A slow store has answered the smallest question after 5 s. */
const SILENT_AFTER = 10

interface Waiting {
  since: number
  refuse(error: TrunklineError): void
}

/**
 * Answers for a store that has fallen silent, which rejects nothing for as long as its driver waits, most of a minute. What takes long
 * because it has much to do is let be: only where a question of our own, one for all requests that wait, stays without an answer too,
 * nobody waits any longer.
 */
export class StoreSilence {
  readonly #store: Pick<Store, 'health'>
  readonly #clock: Clock
  /** The one that waits for the longest time first. */
  readonly #waiting = new Set<Waiting>()
  #looks = 0
  #isWatching = false
  #askedAt = -ASK_AFTER
  #isAsking = false

  constructor(store: Pick<Store, 'health'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * What the work resolves or rejects with; it goes on also when nobody waits for it any more.
   *
   * @throws STORE_UNAVAILABLE about 8 s after the store has fallen silent, and after 3 s while it is known to be
   */
  unless<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { since: this.#looks, refuse: reject }
      this.#waiting.add(waiting)
      this.#watch()
      work.then(resolve, reject).finally(() => this.#waiting.delete(waiting))
    })
  }

  #watch(): void {
    if (this.#isWatching || this.#waiting.size === 0) return
    this.#isWatching = true
    this.#clock.setTimeout(() => {
      this.#isWatching = false
      this.#looks += 1
      this.#look()
      this.#watch()
    }, LOOK_EVERY_MS)
  }

  #look(): void {
    const [longest] = this.#waiting
    if (!longest || this.#looks - longest.since < ASK_AFTER) return
    const sinceAsked = this.#looks - this.#askedAt
    if (this.#isAsking && sinceAsked >= SILENT_AFTER) this.#refuse()
    if (!this.#isAsking && sinceAsked >= ASK_AFTER) void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#looks
    this.#isAsking = true
    try {
      await this.#store.health()
    } catch {
      // A store that rejects is not silent: the work tells why.
    } finally {
      this.#isAsking = false
    }
  }

  #refuse(): void {
    for (const waiting of this.#waiting) {
      if (this.#looks - waiting.since < ASK_AFTER) return
      this.#waiting.delete(waiting)
      waiting.refuse(new TrunklineError('STORE_UNAVAILABLE'))
    }
  }
}
