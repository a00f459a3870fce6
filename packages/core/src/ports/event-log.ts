import type { EventEnvelope, EventName, EventPayloads, LoggedEvent } from '../types/events.js'

/** One ordered log per session; callbacks, sockets and webhooks all read what was appended here. */
export interface EventLog {
  /**
   * Appends events in order; each gets the next `seq` of its session, from 1 without gaps. An event whose `key` was appended
   * to this session before is not appended again: the answer is the first one, with `repeated` set. A key is remembered as
   * long as its event is kept.
   *
   * `lastSeq`: the last number as the caller knows it, of an event that was appended, which saves a store from asking for it.
   * Others may have appended meanwhile; the log must not have been removed.
   */
  append(
    sessionId: string,
    events: readonly NewEvent[],
    options?: { lastSeq?: number | undefined },
  ): Promise<AppendedEvent[]>

  /**
   * Events after `after`, oldest first. `gap` is true when some of them are no longer kept, or when `after` is beyond the last
   * event, which is a number of some other log; what is kept comes all the same.
   */
  read(sessionId: string, options: { after: number; limit: number }): Promise<{ events: LoggedEvent[]; gap: boolean }>

  /** The number of the last event, 0 when there is none. Survives the removal of old events. */
  lastSeq(sessionId: string): Promise<number>

  /** The same for many sessions in one round trip; those without events may be missing. */
  lastSeqs(sessionIds: readonly string[]): Promise<Map<string, number>>

  /**
   * Removes events older than `before` (ISO 8601) and all but the newest `keep` of each session, from the oldest on; no more
   * than `limit` in one call, all of them unless given. Answers how many. Numbers go on after the last one, and `read` tells the
   * gap. A session with nothing to remove costs no round trip of its own.
   */
  prune(options: { before?: string; keep?: number; limit?: number }): Promise<number>

  /** Forgets the session, its last number too. */
  removeAll(sessionId: string): Promise<void>
}

/** An event that has no number yet. `key`: what makes it the same event when it is told again. */
export type NewEvent = {
  [Name in EventName]: {
    name: Name
    at: string
    payload: EventPayloads[Name] & Pick<EventEnvelope, 'metadata'>
    key?: string
  }
}[EventName]

/** An event with its number; `repeated` when its key was appended before. */
export interface AppendedEvent extends LoggedEvent {
  repeated: boolean
}
