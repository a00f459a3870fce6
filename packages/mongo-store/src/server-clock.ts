import type { Clock } from '@trunkline/core/store'

/** An answer that took longer says too little about when the server looked at its clock. */
const MAX_ROUND_TRIP_MS = 500

/** How far the two clocks of this node may drift apart: more means that it was suspended, or that its wall clock was set. */
const MAX_DRIFT_MS = 1_000

/**
 * The server's time as this node measures it: by the monotonic clock, so that nothing happens to leases when somebody sets the
 * wall clock of a node.
 */
export class ServerClock {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>
  /** Server minus monotonic clock, and wall minus monotonic clock at that moment. */
  #measured: { offsetMs: number; wallMs: number } | undefined

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock
  }

  /** The server's time in milliseconds since 1970, once it has been measured. */
  now(): number {
    return this.#clock.monotonic() + (this.#measured?.offsetMs ?? this.#wallMs())
  }

  /** Whether the last measurement can still be trusted: a suspended machine's monotonic clock may have stood still. */
  get certain(): boolean {
    return this.#measured !== undefined && Math.abs(this.#wallMs() - this.#measured.wallMs) <= MAX_DRIFT_MS
  }

  /**
   * Asks the server once for its time.
   *
   * @returns the answer, and whether it came soon enough; a slow one counts only where there is no better one yet
   */
  async measure<Answer extends { localTime: Date }>(
    ask: () => Promise<Answer>,
  ): Promise<{ answer: Answer; soonEnough: boolean }> {
    const askedAt = this.#clock.monotonic()
    const answer = await ask()
    const answeredAt = this.#clock.monotonic()
    const soonEnough = answeredAt - askedAt <= MAX_ROUND_TRIP_MS
    if (soonEnough || this.#measured === undefined) {
      const offsetMs = answer.localTime.getTime() - (askedAt + answeredAt) / 2
      this.#measured = { offsetMs, wallMs: this.#wallMs() }
    }
    return { answer, soonEnough }
  }

  #wallMs(): number {
    return this.#clock.now() - this.#clock.monotonic()
  }
}
