/**
 * WhatsApp's times are whole seconds, so messages of one second have no order. This gives them one that agrees with their
 * arrival: within the second that WhatsApp said, live messages by our clock; those that waited for us come behind them, one
 * millisecond after the other.
 */
const WAITED_MS = 900

/** Gives the messages of one connection their times. */
export class ArrivalTimes {
  readonly #now: () => number
  #last = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** @param timestamp ISO 8601, a whole second */
  stamp(timestamp: string, { live }: { live: boolean }): string {
    const second = Date.parse(timestamp)
    const end = second + 999
    const arrived = live ? Math.min(Math.max(this.#now(), second), end) : second + WAITED_MS
    const sameSecond = this.#last >= second && this.#last <= end
    const stamped = sameSecond ? Math.min(Math.max(arrived, this.#last + 1), end) : arrived
    this.#last = stamped
    return new Date(stamped).toISOString()
  }
}
