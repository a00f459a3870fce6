import type { Clock } from '../ports/clock.js'

/**
 * WhatsApp's time, as far as its stanzas have told it. It passes by the monotonic clock, so that a host whose clock is wrong, or
 * is set while it runs, gives a message the time of its conversation all the same.
 */
export class ServerTime {
  readonly #clock: Clock
  /** The server's milliseconds at the zero of our monotonic clock. Never too late: a stanza only says what it was at least. */
  #zero: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What the server says it is (ISO 8601), with a new connection. */
  begin(at: string | undefined): void {
    this.#zero = undefined
    if (at) this.heard(at)
  }

  /** A stanza that has just come was given this time (ISO 8601) by the server. */
  heard(at: string): void {
    const zero = Date.parse(at) - this.#clock.monotonic()
    if (zero > (this.#zero ?? Number.NEGATIVE_INFINITY)) this.#zero = zero
  }

  /** Milliseconds since 1970; by our own clock as long as nothing was heard. */
  now(): number {
    return this.#zero === undefined ? this.#clock.now() : this.#zero + this.#clock.monotonic()
  }

  /** The second that it is there (ISO 8601). */
  second(): string {
    return new Date(Math.floor(this.now() / 1_000) * 1_000).toISOString()
  }
}
