import type { Clock } from '../../ports/clock.js'

/**
 * Ends a connection that does nothing. Baileys waits for ever after a refused upgrade, and a server that accepts and then
 * stays silent is noticed only after the first keep-alive. Rearmed by progress, disarmed by success.
 */
export class Watchdog {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #onExpired: () => void
  #cancel: (() => void) | undefined

  constructor(options: { clock: Clock; timeoutMs: number; onExpired: () => void }) {
    this.#clock = options.clock
    this.#timeoutMs = options.timeoutMs
    this.#onExpired = options.onExpired
  }

  arm(): void {
    this.disarm()
    this.#cancel = this.#clock.setTimeout(this.#onExpired, this.#timeoutMs)
  }

  disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
