import type { AppendedEvent, EventLog, LoggedEvent, NewEvent } from '@trunkline/core'
import type { Connection } from './connection.js'

export function createEventLog(connection: Connection): EventLog {
  return {
    async append(sessionId, events) {
      return connection.engine.transaction(() => events.map((event) => appendOne(sessionId, event)))
    },

    async read(sessionId, { after, limit }) {
      const rows = connection.engine.all<{ seq: number; record: string }>(
        'SELECT seq, record FROM events WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ?',
        sessionId,
        after,
        limit,
      )
      const next = rows[0]?.seq ?? lastSeq(sessionId) + 1
      return { events: rows.map(({ record }): LoggedEvent => JSON.parse(record)), gap: next !== after + 1 }
    },

    async lastSeq(sessionId) {
      return lastSeq(sessionId)
    },

    async prune({ before, keep }) {
      const { engine } = connection
      return engine.transaction(() => {
        const sessions = engine.all<{ session_id: string; last_seq: number }>(
          'SELECT session_id, last_seq FROM event_numbers',
        )
        return sessions.reduce((pruned, { session_id: sessionId, last_seq: last }) => {
          const byNumber = keep === undefined ? 0 : last - keep
          const first = engine.get<{ seq: number }>(
            'SELECT seq FROM events WHERE session_id = ? AND seq > ? AND at >= ? ORDER BY seq LIMIT 1',
            sessionId,
            byNumber,
            before ?? '',
          )
          return (
            pruned +
            engine.run('DELETE FROM events WHERE session_id = ? AND seq < ?', sessionId, first?.seq ?? last + 1)
          )
        }, 0)
      })
    },

    async removeAll(sessionId) {
      const { engine } = connection
      engine.transaction(() => {
        engine.run('DELETE FROM events WHERE session_id = ?', sessionId)
        engine.run('DELETE FROM event_numbers WHERE session_id = ?', sessionId)
      })
    },
  }

  function appendOne(sessionId: string, { name, at, payload, key }: NewEvent): AppendedEvent {
    const { engine } = connection
    const sql = 'SELECT record FROM events WHERE session_id = ? AND key = ?'
    const first = key === undefined ? undefined : engine.get<{ record: string }>(sql, sessionId, key)
    if (first) return { ...JSON.parse(first.record), repeated: true }

    const seq = lastSeq(sessionId) + 1
    const record = JSON.stringify({ name, event: { sessionId, at, seq, ...payload } })
    engine.run(
      'INSERT INTO events (session_id, seq, at, key, record) VALUES (?, ?, ?, ?, ?)',
      sessionId,
      seq,
      at,
      key ?? null,
      record,
    )
    engine.run(
      `INSERT INTO event_numbers (session_id, last_seq) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq`,
      sessionId,
      seq,
    )
    return { ...JSON.parse(record), repeated: false }
  }

  function lastSeq(sessionId: string): number {
    const sql = 'SELECT last_seq FROM event_numbers WHERE session_id = ?'
    return connection.engine.get<{ last_seq: number }>(sql, sessionId)?.last_seq ?? 0
  }
}
