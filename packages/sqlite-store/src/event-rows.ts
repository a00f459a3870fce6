import type { AppendedEvent, LoggedEvent, NewEvent } from '@trunkline/core/store'
import type { Engine } from './engine.js'

/**
 * Appends events to the log of a session, inside of a write; answers what came of each. `lastSeq`: the last number as the caller
 * knows it, which is tried first.
 */
export function appendEvents(
  engine: Engine,
  sessionId: string,
  events: readonly NewEvent[],
  lastSeq?: number,
): AppendedEvent[] {
  if (events.length === 0) return []
  let last = lastSeq ?? lastSeqOf(engine, sessionId)
  return events.map((event): AppendedEvent => {
    const first = insert(engine, sessionId, event, last + 1)
    const known = first ? undefined : eventOfKey(engine, sessionId, event.key)
    if (known) return { ...known, repeated: true }
    // Others have appended since the caller looked.
    if (!first) last = lastSeqOf(engine, sessionId)
    const record = first ?? insert(engine, sessionId, event, last + 1)
    if (!record) throw new Error(`The log of a session has an event beyond its last number ${last}`)
    last += 1
    return { ...JSON.parse(record), repeated: false }
  })
}

export function lastSeqOf(engine: Engine, sessionId: string): number {
  const last = engine.get<{ seq: number }>(
    `SELECT max(
       coalesce((SELECT max(seq) FROM events WHERE session_id = ?), 0),
       coalesce((SELECT last_seq FROM event_numbers WHERE session_id = ?), 0)) AS seq`,
    sessionId,
    sessionId,
  )
  return last?.seq ?? 0
}

/** Keeps the number of an event that is to be removed, and may be the last one of its log. */
export function rememberSeq(engine: Engine, sessionId: string, seq: number): void {
  engine.run(
    `INSERT INTO event_numbers (session_id, last_seq) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)`,
    sessionId,
    seq,
  )
}

/** The event as it is stored; `undefined` when its number is taken, or its key. */
function insert(engine: Engine, sessionId: string, { name, at, payload, key }: NewEvent, seq: number) {
  const record = JSON.stringify({ name, event: { sessionId, at, seq, ...payload } })
  const inserted = engine.run(
    'INSERT INTO events (session_id, seq, at, key, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    sessionId,
    seq,
    at,
    key ?? null,
    record,
  )
  return inserted === 1 ? record : undefined
}

function eventOfKey(engine: Engine, sessionId: string, key: string | undefined): LoggedEvent | undefined {
  if (key === undefined) return undefined
  const sql = 'SELECT record FROM events WHERE session_id = ? AND key = ?'
  const found = engine.get<{ record: string }>(sql, sessionId, key)
  return found && JSON.parse(found.record)
}
