import type { SimulatorClock } from '../../util/clock.js'
import type { Connection } from '../connection.js'

/** Clients that wait for somebody to type their pairing code, one per number. */
export class CodeRequests {
  readonly #clock: SimulatorClock
  readonly #open = new Map<string, Connection>()
  readonly #waiting = new Set<() => void>()

  constructor(clock: SimulatorClock) {
    this.#clock = clock
  }

  /** A new request takes the place of the number's last one. */
  open(number: string, connection: Connection): void {
    this.#open.set(number, connection)
    for (const check of [...this.#waiting]) check()
  }

  close(number: string, connection: Connection): void {
    if (this.#open.get(number) === connection) this.#open.delete(number)
  }

  /** Clients show their code before the server has heard of it. `undefined` when it does not within the time. */
  waitFor(number: string, timeoutMs: number): Promise<Connection | undefined> {
    return new Promise((resolve) => {
      const finish = (connection: Connection | undefined) => {
        this.#clock.clearTimeout(timer)
        this.#waiting.delete(check)
        resolve(connection)
      }
      const check = () => {
        const connection = this.#open.get(number)
        if (connection) finish(connection)
      }
      const timer = this.#clock.setTimeout(() => finish(undefined), timeoutMs)
      this.#waiting.add(check)
      check()
    })
  }
}
