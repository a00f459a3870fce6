import type { SimulatorClock } from '../src/index.js'

interface Timer {
  callback: () => void
  delayMs: number
}

/** A clock whose timers wait until a test lets them go off. */
export class ManualClock implements SimulatorClock {
  readonly #timers = new Set<Timer>()

  /** How long the timers are that wait. */
  get delays(): number[] {
    return [...this.#timers].map(({ delayMs }) => delayMs)
  }

  now(): number {
    return Date.now()
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { callback, delayMs }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer)
  }

  /** All that is waiting. */
  goOff(): void {
    const timers = [...this.#timers]
    this.#timers.clear()
    for (const { callback } of timers) callback()
  }
}
