import type { AppendedEvent, NewEvent } from '@trunkline/core'
import type { Engine } from './engine.js'

/** Appends events to the log of a session, inside of a write; answers what came of each. */
export function appendEvents(engine: Engine, sessionId: string, events: readonly NewEvent[]): AppendedEvent[] {
  if (events.length === 0) return []
  const before = lastSeqOf(engine, sessionId)
  let last = before
  const appended = events.map((event) => {
    const one = appendOne(engine, sessionId, event, last + 1)
    if (!one.repeated) last += 1
    return one
  })
  if (last > before) {
    engine.run(
      `INSERT INTO event_numbers (session_id, last_seq) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq`,
      sessionId,
      last,
    )
  }
  return appended
}

export function lastSeqOf(engine: Engine, sessionId: string): number {
  const sql = 'SELECT last_seq FROM event_numbers WHERE session_id = ?'
  return engine.get<{ last_seq: number }>(sql, sessionId)?.last_seq ?? 0
}

/** One statement, unless an event with the same key is there already. */
function appendOne(engine: Engine, sessionId: string, event: NewEvent, seq: number): AppendedEvent {
  const { name, at, payload, key } = event
  const record = JSON.stringify({ name, event: { sessionId, at, seq, ...payload } })
  const inserted = engine.run(
    'INSERT INTO events (session_id, seq, at, key, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    sessionId,
    seq,
    at,
    key ?? null,
    record,
  )
  if (inserted === 1) return { ...JSON.parse(record), repeated: false }
  const sql = 'SELECT record FROM events WHERE session_id = ? AND key = ?'
  const first = engine.get<{ record: string }>(sql, sessionId, key ?? null)
  if (!first) throw new Error(`The log of a session has an event beyond its last number: ${seq}`)
  return { ...JSON.parse(first.record), repeated: true }
}
