import type { SessionIncrement } from '../ports/session-store.js'
import type { SessionCounters } from '../types/session.js'

/** What a session counted since its counters were last stored: many messages, one write. */
export class SessionMetrics {
  readonly #sessionId: string
  #counters: Partial<SessionCounters> = {}
  #lastActivityAt: string | undefined
  #grown = true

  constructor(sessionId: string) {
    this.#sessionId = sessionId
  }

  count(counter: keyof SessionCounters, amount = 1): void {
    if (amount !== 0) this.#counters[counter] = (this.#counters[counter] ?? 0) + amount
  }

  /** Remembers when the account was last used: a message in or out. */
  active(at: string): void {
    this.#lastActivityAt = at
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
    const { counters, lastActivityAt } = this.pending
    if (Object.keys(counters).length === 0 && !lastActivityAt) return undefined
    this.#counters = {}
    this.#lastActivityAt = undefined
    return { sessionId: this.#sessionId, counters, ...(lastActivityAt ? { lastActivityAt } : {}) }
  }

  restore(increment: SessionIncrement): void {
    for (const [counter, amount] of Object.entries(increment.counters))
      this.count(counter as keyof SessionCounters, amount)
    this.#lastActivityAt ??= increment.lastActivityAt
  }
}
