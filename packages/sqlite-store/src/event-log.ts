import type { EventLog, LoggedEvent } from '@trunkline/core/store'
import { ROWS_AT_ONCE } from './batches.js'
import type { Connection } from './connection.js'
import { appendEvents, lastSeqOf, rememberSeq } from './event-rows.js'

/**
 * Which logs have events that are too old, or too many of them: from one log to the next by the index. The crossed join keeps
 * SQLite from beginning with a look at every event. Exported so that a test can ask for the plan.
 */
export const LOGS_TO_PRUNE = `
  WITH RECURSIVE logs (id) AS (
    SELECT min(session_id) FROM events
    UNION ALL
    SELECT (SELECT min(session_id) FROM events WHERE session_id > logs.id) FROM logs WHERE id IS NOT NULL),
  ends AS (SELECT id, (SELECT max(seq) FROM events WHERE session_id = logs.id) AS last FROM logs WHERE id IS NOT NULL)
  SELECT ends.id, oldest.seq AS first, ends.last
  FROM ends CROSS JOIN events AS oldest
  WHERE oldest.session_id = ends.id
    AND oldest.seq = (SELECT min(seq) FROM events WHERE session_id = ends.id)
    AND (oldest.at < ? OR ends.last - oldest.seq >= ?)`

export function createEventLog(connection: Connection): EventLog {
  return {
    async append(sessionId, events, { lastSeq } = {}) {
      return connection.write(() => appendEvents(connection.engine, sessionId, events, lastSeq))
    },

    async read(sessionId, { after, limit }) {
      const rows = connection.engine.all<{ seq: number; record: string }>(
        'SELECT seq, record FROM events WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT ?',
        sessionId,
        after,
        limit,
      )
      const next = rows[0]?.seq ?? lastSeqOf(connection.engine, sessionId) + 1
      return { events: rows.map(({ record }): LoggedEvent => JSON.parse(record)), gap: next !== after + 1 }
    },

    async lastSeq(sessionId) {
      return lastSeqOf(connection.engine, sessionId)
    },

    async lastSeqs(sessionIds) {
      return new Map(sessionIds.map((id) => [id, lastSeqOf(connection.engine, id)]))
    },

    async prune({ before = '', keep = Number.MAX_SAFE_INTEGER, limit = Number.POSITIVE_INFINITY }) {
      let pruned = 0
      for (const { id, first, last } of logsToPrune({ before, keep })) {
        let from = first
        while (from <= last && pruned < limit) {
          const end = Math.min(from + Math.min(ROWS_AT_ONCE, limit - pruned), last + 1)
          const kept = firstKept(id, { after: Math.max(last - keep, from - 1), end, before }) ?? end
          if (kept === from) break
          const sql = 'DELETE FROM events WHERE session_id = ? AND seq < ?'
          const remove = () => {
            if (kept > last) rememberSeq(connection.engine, id, last)
            return connection.engine.run(sql, id, kept)
          }
          pruned += await connection.write(remove, { rows: ROWS_AT_ONCE })
          from = kept
        }
      }
      return pruned
    },

    async removeAll(sessionId) {
      const { engine } = connection
      const sql = `DELETE FROM events WHERE session_id = ? AND seq IN (
        SELECT seq FROM events WHERE session_id = ? ORDER BY seq LIMIT ${ROWS_AT_ONCE})`
      const removeSome = () => connection.write(() => engine.run(sql, sessionId, sessionId), { rows: ROWS_AT_ONCE })
      while ((await removeSome()) === ROWS_AT_ONCE);
      await connection.write(() => engine.run('DELETE FROM event_numbers WHERE session_id = ?', sessionId))
    },
  }

  /** One statement, with two look-ups by index for each session. */
  function logsToPrune({
    before,
    keep,
  }: {
    before: string
    keep: number
  }): { id: string; first: number; last: number }[] {
    return connection.engine.all(LOGS_TO_PRUNE, before, keep)
  }

  /** The first number from beyond `after` and before `end` that is not too old. */
  function firstKept(
    sessionId: string,
    { after, end, before }: { after: number; end: number; before: string },
  ): number | undefined {
    const sql = 'SELECT seq FROM events WHERE session_id = ? AND seq > ? AND seq < ? AND at >= ? ORDER BY seq LIMIT 1'
    return connection.engine.get<{ seq: number }>(sql, sessionId, after, end, before)?.seq
  }
}
