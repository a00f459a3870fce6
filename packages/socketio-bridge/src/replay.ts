import type { EventsGap } from '@trunkline/contract'
import { type EventName, type EventOf, type LoggedEvent, TrunklineError, UNLOGGED_EVENTS } from '@trunkline/core'

export interface ReplaySource {
  events(sessionId: string, options: { after: number; limit: number }): Promise<{ events: LoggedEvent[]; gap: boolean }>
  lastSeq(sessionId: string): Promise<number>
}

export type Emit = (name: EventName | 'events.gap', payload: EventOf<EventName> | EventsGap) => void

const PAGE = 200

/**
 * Brings one socket up to date with one session. Live events that arrive meanwhile wait; then the two streams are joined by
 * sequence number, so that nothing comes twice or is missing, whichever way an event comes first.
 */
export class Replay {
  readonly #sessionId: string
  readonly #emit: Emit
  #cursor: number
  #waiting: { name: EventName; event: EventOf<EventName> }[] | undefined = []
  #joined = false

  constructor(sessionId: string, options: { after: number; emit: Emit }) {
    this.#sessionId = sessionId
    this.#cursor = options.after
    this.#emit = options.emit
  }

  /** The live stream has passed the replayed one: from now on it can be taken as it comes. */
  get joined(): boolean {
    return this.#joined
  }

  /** Sends what the log has. Rejects when the log cannot be read; the socket has a hole then. */
  async run(source: ReplaySource): Promise<void> {
    await this.#read(source).catch((error) => {
      if (!TrunklineError.is(error, 'SESSION_NOT_FOUND')) throw error
      // Deleted meanwhile: the client finds out by REST. Another session of this id would count from 1.
      this.#skipTo(0)
    })
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const { name, event } of waiting) this.live(name, event)
  }

  async #read(source: ReplaySource): Promise<void> {
    const lastSeq = await source.lastSeq(this.#sessionId)
    // A number from the future was counted by a log that is gone.
    if (this.#cursor > lastSeq) this.#skipTo(lastSeq)
    for (let more = true; more; ) {
      const { events, gap } = await source.events(this.#sessionId, { after: this.#cursor, limit: PAGE })
      if (gap) this.#skipTo((events[0]?.event.seq ?? lastSeq + 1) - 1)
      for (const { name, event } of events) this.#send(name, event)
      more = events.length === PAGE
    }
  }

  live(name: EventName, event: EventOf<EventName>): void {
    if (this.#waiting) this.#waiting.push({ name, event })
    else if (isUnlogged(name)) this.#emit(name, event)
    else if (event.seq > this.#cursor) {
      this.#send(name, event)
      this.#joined = true
    }
  }

  #send(name: EventName, event: EventOf<EventName>): void {
    this.#emit(name, event)
    this.#cursor = event.seq
  }

  #skipTo(seq: number): void {
    this.#emit('events.gap', { sessionId: this.#sessionId, after: this.#cursor, nextSeq: seq + 1 })
    this.#cursor = seq
  }
}

function isUnlogged(name: EventName): boolean {
  return UNLOGGED_EVENTS.some((unlogged) => unlogged === name)
}
