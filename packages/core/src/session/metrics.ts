import type { SessionIncrement } from '../ports/session-store.js'
import type { SessionCounters } from '../types/session.js'

/** What a session counted since its counters were last stored: many messages, one write. */
export class SessionMetrics {
  readonly #sessionId: string
  readonly #onPending: () => void
  #counters: Partial<SessionCounters> = {}
  #lastActivityAt: string | undefined
  #grown = true

  /** `onPending` is called when there is something to store, and there was nothing before. */
  constructor(sessionId: string, onPending: () => void = () => {}) {
    this.#sessionId = sessionId
    this.#onPending = onPending
  }

  count(counter: keyof SessionCounters, amount = 1): void {
    if (amount === 0) return
    const wasPending = this.#isPending
    this.#counters[counter] = (this.#counters[counter] ?? 0) + amount
    if (!wasPending) this.#onPending()
  }

  /** Remembers when the account was last used: a message in or out. */
  active(at: string): void {
    const wasPending = this.#isPending
    this.#lastActivityAt = at
    if (!wasPending) this.#onPending()
  }

  /** Messages were stored. */
  stored(): void {
    this.#grown = true
  }

  /** Whether messages were stored since this was asked last; the first answer is yes, for what was stored before this process. */
  takeGrown(): boolean {
    const grown = this.#grown
    this.#grown = false
    return grown
  }

  get pending(): { counters: Partial<SessionCounters>; lastActivityAt?: string } {
    return { counters: this.#counters, ...(this.#lastActivityAt ? { lastActivityAt: this.#lastActivityAt } : {}) }
  }

  /** Takes what is to be stored; `undefined` when nothing is. Give it back by `restore` when storing fails. */
  take(): SessionIncrement | undefined {
    if (!this.#isPending) return undefined
    const { counters, lastActivityAt } = this.pending
    this.#counters = {}
    this.#lastActivityAt = undefined
    return { sessionId: this.#sessionId, counters, ...(lastActivityAt ? { lastActivityAt } : {}) }
  }

  restore(increment: SessionIncrement): void {
    for (const [counter, amount] of Object.entries(increment.counters))
      this.count(counter as keyof SessionCounters, amount)
    const { lastActivityAt } = increment
    if (lastActivityAt && !this.#lastActivityAt) this.active(lastActivityAt)
  }

  get #isPending(): boolean {
    return this.#lastActivityAt !== undefined || Object.keys(this.#counters).length > 0
  }
}
