import { type EventName, type EventOf, LOGGED_EVENTS } from '@trunkline/core'
import { expect, vi } from 'vitest'
import type { ServerNode } from './installation.js'

const PATIENCE = { timeout: 60_000, interval: 20 }

/** What a socket client of one server heard of sessions, of what is logged. */
export class Heard {
  readonly #seqs = new Map<string, number[]>()
  readonly #texts = new Set<string>()
  readonly #after: number

  private constructor(after: number) {
    this.#after = after
  }

  /** From the event after that one on; resolves when it listens. */
  static async by({ client }: ServerNode, { after = 0 } = {}): Promise<Heard> {
    const heard = new Heard(after)
    for (const name of LOGGED_EVENTS)
      client.events.on(name, (event: EventOf<EventName>) => {
        heard.#seqs.set(event.sessionId, [...heard.#of(event.sessionId), event.seq])
        if ('message' in event && event.message.text) heard.#texts.add(event.message.text)
      })
    await vi.waitFor(() => expect(client.events.state.status).toBe('open'), PATIENCE)
    return heard
  }

  last(sessionId = 'shop'): number {
    return this.#of(sessionId).at(-1) ?? 0
  }

  /** Resolves when it has heard of a message of this text. */
  text(text: string): Promise<void> {
    return vi.waitFor(() => {
      if (!this.#texts.has(text)) throw new Error(`Nothing was heard of: ${text}`)
    }, PATIENCE)
  }

  /** Each event once, in the order of the log, up to this one. */
  isWhole(last: number, sessionId = 'shop'): void {
    const seqs = this.#of(sessionId)
    expect([sessionId, this.#after + seqs.length, seqs]).toEqual([
      sessionId,
      last,
      seqs.map((_, place) => this.#after + place + 1),
    ])
  }

  #of(sessionId: string): number[] {
    return this.#seqs.get(sessionId) ?? []
  }
}
