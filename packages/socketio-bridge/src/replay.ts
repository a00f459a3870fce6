import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises'
import type { EventsGap } from '@trunkline/contract'
import { type EventName, type EventOf, type LoggedEvent, TrunklineError, UNLOGGED_EVENTS } from '@trunkline/core'
import type { Turns } from './turns.js'

export interface ReplaySource {
  events(sessionId: string, options: { after: number; limit: number }): Promise<{ events: LoggedEvent[]; gap: boolean }>
  lastSeq(sessionId: string): Promise<number>
}

/** Where a replay sends to. */
export interface Outlet {
  emit(name: EventName | 'events.gap', payload: EventOf<EventName> | EventsGap): void
  /** All bytes that were ever sent. */
  readonly sentBytes: number
  /** Resolves once the client has taken what was sent, or the signal is aborted. */
  drained(signal: AbortSignal): Promise<void>
}

export interface ReplayContext {
  source: ReplaySource
  /** Pages of all replays of the process, a few at a time. */
  turns: Turns
  /** Aborted when the socket is gone. */
  signal: AbortSignal
}

const FIRST_PAGE = 25
const MAX_PAGE = 200
/** About what is sent at once; of long events fewer are read at a time, too. */
const PIECE_BYTES = 256 * 1024
/** Live events that are kept while the log is read; more of them are read from there as well. */
const MAX_WAITING = 100

/**
 * Brings one socket up to date with one session. Live events that arrive meanwhile wait; then the two streams are joined by
 * sequence number, so that nothing comes twice or is missing, whichever way an event comes first. The next page is read when
 * the client has taken the one before, and the process gets to do other things between two pages.
 */
export class Replay {
  readonly #sessionId: string
  readonly #outlet: Outlet
  #cursor: number
  #waiting: { name: EventName; event: EventOf<EventName> }[] | undefined = []
  /** Live events were dropped, which the log has. */
  #dropped = false
  #joined = false
  #stopped = false

  constructor(sessionId: string, options: { after: number; outlet: Outlet }) {
    this.#sessionId = sessionId
    this.#cursor = options.after
    this.#outlet = options.outlet
  }

  /** The live stream has passed the replayed one: from now on it can be taken as it comes. */
  get joined(): boolean {
    return this.#joined
  }

  /** Nothing of the session is sent any more: the socket may not see it any longer. */
  stop(): void {
    this.#stopped = true
  }

  /** Sends what the log has. Rejects when the log cannot be read; the socket has a hole then. */
  async run(context: ReplayContext): Promise<void> {
    await this.#read(context).catch((error) => {
      if (!TrunklineError.is(error, 'SESSION_NOT_FOUND')) throw error
      // Deleted meanwhile: the client finds out by REST. Another session of this id would count from 1.
      this.#skipTo(0)
    })
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const { name, event } of waiting) this.live(name, event)
  }

  live(name: EventName, event: EventOf<EventName>): void {
    if (this.#waiting) this.#wait(name, event)
    else if (isUnlogged(name)) this.#emit(name, event)
    else if (event.seq > this.#cursor) {
      this.#send(name, event)
      this.#joined = true
    }
  }

  #wait(name: EventName, event: EventOf<EventName>): void {
    this.#waiting?.push({ name, event })
    if (!this.#waiting || this.#waiting.length <= MAX_WAITING) return
    this.#dropped = true
    this.#waiting = this.#waiting.filter((waiting) => isUnlogged(waiting.name)).slice(-MAX_WAITING / 2)
  }

  async #read({ source, turns, signal }: ReplayContext): Promise<void> {
    const lastSeq = await source.lastSeq(this.#sessionId)
    // A number from the future was counted by a log that is gone.
    if (this.#cursor > lastSeq) this.#skipTo(lastSeq)
    let limit = FIRST_PAGE
    for (let page = pageOf([], false); page.more || this.#dropped; ) {
      if (page.events.length === 0) this.#dropped = false
      const sentBefore = this.#outlet.sentBytes
      const from = page
      const next = await turns.take(() => this.#nextPiece(source, { from, limit, lastSeq }), signal)
      if (!next || this.#stopped) return
      limit = nextLimit({ count: next.sent, bytes: this.#outlet.sentBytes - sentBefore })
      page = next.page
      await this.#outlet.drained(signal)
    }
  }

  /** Sends a piece of what was read, after reading on when there is nothing left of it. */
  async #nextPiece(
    source: ReplaySource,
    { from, limit, lastSeq }: { from: Page; limit: number; lastSeq: number },
  ): Promise<{ sent: number; page: Page }> {
    let { events } = from
    let isLast = from.isLast
    if (events.length === 0) {
      const read = await source.events(this.#sessionId, { after: this.#cursor, limit })
      if (read.gap) this.#skipTo((read.events[0]?.event.seq ?? lastSeq + 1) - 1)
      events = read.events
      isLast = events.length < limit
    }
    const { sentBytes } = this.#outlet
    let sent = 0
    for (; sent < events.length && this.#outlet.sentBytes - sentBytes < PIECE_BYTES; sent += 1) {
      const { name, event } = events[sent] as LoggedEvent
      this.#send(name, event)
    }
    // A store may answer without ever giving way to anything else.
    await nextTurnOfTheLoop()
    return { sent, page: pageOf(events.slice(sent), isLast) }
  }

  #send(name: EventName, event: EventOf<EventName>): void {
    this.#emit(name, event)
    this.#cursor = event.seq
  }

  #skipTo(seq: number): void {
    this.#emit('events.gap', { sessionId: this.#sessionId, after: this.#cursor, nextSeq: seq + 1 })
    this.#cursor = seq
  }

  #emit(name: EventName | 'events.gap', payload: EventOf<EventName> | EventsGap): void {
    if (!this.#stopped) this.#outlet.emit(name, payload)
  }
}

/** What was read and is not sent yet. */
interface Page {
  events: readonly LoggedEvent[]
  isLast: boolean
  /** Something is left to send or to read. */
  more: boolean
}

function pageOf(events: readonly LoggedEvent[], isLast: boolean): Page {
  return { events, isLast, more: events.length > 0 || !isLast }
}

/** As many events as weigh as much as a piece, judged by those of the last one. */
function nextLimit({ count, bytes }: { count: number; bytes: number }): number {
  if (count === 0 || bytes === 0) return MAX_PAGE
  return Math.max(1, Math.min(MAX_PAGE, Math.floor((PIECE_BYTES * count) / bytes)))
}

function isUnlogged(name: EventName): boolean {
  return UNLOGGED_EVENTS.some((unlogged) => unlogged === name)
}
