import type { CursorStore } from '../ports/cursor-store.js'
import type { EventLog } from '../ports/event-log.js'
import type { Logger } from '../ports/logger.js'
import type { LoggedEvent } from '../types/events.js'
import { startPosition } from './start-position.js'

/** Events that wait in memory; those beyond are read from the log when their turn comes. */
const MAX_WAITING = 100

export interface LaneParts {
  reader: string
  sessionId: string
  /** ISO 8601. Where a reader begins that has read nothing of this session yet. */
  startAt: string
  events: EventLog
  cursors: CursorStore
  logger: Logger
}

/**
 * How far one reader has come with one session. What is told in this process comes without a read of the log as long as no number
 * is missing; holes are filled from the log.
 */
export class Lane {
  readonly sessionId: string
  readonly #parts: LaneParts
  /** The last event that the reader is done with; unknown until the store was asked. */
  #cursor: number | undefined
  /** The last event that is known to be there. */
  #told = 0
  #waiting: LoggedEvent[] = []
  #doubtful = true

  constructor(parts: LaneParts) {
    this.sessionId = parts.sessionId
    this.#parts = parts
  }

  get cursor(): number | undefined {
    return this.#cursor
  }

  get hasMore(): boolean {
    return this.#doubtful || this.#told > (this.#cursor ?? 0)
  }

  /** An event of this session was told in this process. */
  hear(logged: LoggedEvent): void {
    const { seq } = logged.event
    // It was told before: again after a crash, or by a new session of an old name, whose log begins anew.
    if (seq <= this.#told) this.#doubtful = true
    const last = this.#waiting.at(-1)?.event.seq ?? this.#cursor
    if (last === seq - 1 && this.#waiting.length < MAX_WAITING) this.#waiting.push(logged)
    this.#told = Math.max(this.#told, seq)
  }

  /** The log has come to this number, whoever has written to it. */
  reached(lastSeq: number): void {
    if (lastSeq < this.#told) this.#doubtful = true
    this.#told = Math.max(this.#told, lastSeq)
  }

  /** The next event, which stays the next one until `done`; nothing when there is none. */
  async next(): Promise<LoggedEvent | undefined> {
    if (this.#doubtful) await this.#locate()
    const cursor = this.#cursor ?? 0
    if (this.#waiting[0]?.event.seq === cursor + 1) return this.#waiting[0]
    this.#waiting = []
    return this.#told > cursor ? this.#read(cursor) : undefined
  }

  done(seq: number): void {
    this.#cursor = seq
    if (this.#waiting[0]?.event.seq === seq) this.#waiting.shift()
  }

  async #read(cursor: number): Promise<LoggedEvent | undefined> {
    const { reader, sessionId, events: log, logger } = this.#parts
    const told = this.#told
    const { events, gap } = await log.read(sessionId, { after: cursor, limit: MAX_WAITING })
    const [first] = events
    if (first && gap) logger.warn({ reader, sessionId, after: cursor, next: first.event.seq }, GAP)
    // What was told while the log was read is there, although it was not read.
    if (!first && this.#told === told) this.#told = cursor
    this.#waiting = events
    this.#told = Math.max(this.#told, events.at(-1)?.event.seq ?? 0)
    if (first) this.#cursor = first.event.seq - 1
    return first
  }

  /** Asks the store where this reader is: another node may have read on meanwhile, or the log may be another one. */
  async #locate(): Promise<void> {
    // What is told while the store is asked counts again: its answer may be older.
    this.#told = 0
    this.#doubtful = false
    try {
      this.#cursor = await this.#find()
    } catch (error) {
      this.#doubtful = true
      throw error
    }
    this.#waiting = []
  }

  async #find(): Promise<number> {
    const { reader, sessionId, startAt, events, cursors } = this.#parts
    const saved = (await cursors.read(reader, [sessionId])).get(sessionId)
    const last = await events.lastSeq(sessionId)
    // A number beyond the log is one of a log before it.
    if (saved !== undefined && saved > last) await cursors.removeAll(sessionId)
    const known = [saved, this.#cursor].filter((seq) => seq !== undefined)
    const ofThisLog = known.filter((seq) => seq <= last)
    this.#told = Math.max(this.#told, last)
    if (ofThisLog.length > 0) return Math.max(...ofThisLog)
    return known.length > 0 ? 0 : startPosition(events, sessionId, startAt)
  }
}

const GAP = 'Events were removed before they were read: this reader came too late'
