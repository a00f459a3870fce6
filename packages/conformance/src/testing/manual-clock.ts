import type { Clock } from '@trunkline/core/store'

/** Time that passes when the test says so. It begins with 2026. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  #monotonic = 0
  #next = 0
  readonly #timers = new Map<number, { at: number; callback: () => void }>()

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const id = this.#next
    this.#next += 1
    this.#timers.set(id, { at: this.#monotonic + delayMs, callback })
    return () => void this.#timers.delete(id)
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets time pass; whatever becomes due runs in its order, with everything it sets off. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settled()
    for (;;) {
      const [due] = [...this.#timers].sort(([, left], [, right]) => left.at - right.at)
      if (!due || due[1].at > end) break
      this.#timers.delete(due[0])
      this.#pass(due[1].at - this.#monotonic)
      due[1].callback()
      await settled()
    }
    this.#pass(end - this.#monotonic)
    await settled()
  }

  /** The wall clock jumps, as it does when a machine sets its time. */
  jump(ms: number): void {
    this.#now += ms
  }

  #pass(ms: number): void {
    this.#now += ms
    this.#monotonic += ms
  }
}

/** Everything that can go on without time passing has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
