import {
  decodeCursor,
  pageOf,
  type SessionChanges,
  type SessionRecord,
  type SessionStore,
  TrunklineError,
} from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { Row } from './engine.js'

interface SessionRow extends Row {
  id: string
  revision: number
  sent: number
  received: number
  failed: number
  chats: number
  last_activity_at: string | null
  record: string
}

const COLUMNS = 'id, revision, sent, received, failed, chats, last_activity_at, record'

export function createSessionStore(connection: Connection): SessionStore {
  return {
    async insert(record) {
      const { counters, revision, lastActivityAt, ...rest } = record
      const inserted = await connection.write(() =>
        connection.engine.run(
          `INSERT INTO sessions (id, desired, deleted_at, revision, sent, received, failed, chats, last_activity_at, record)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          record.id,
          record.desired,
          record.deletedAt ?? null,
          revision,
          counters.sent,
          counters.received,
          counters.failed,
          counters.chats,
          lastActivityAt ?? null,
          JSON.stringify(rest),
        ),
      )
      return inserted === 1
    },

    async get(sessionId) {
      return read(sessionId)
    },

    async list({ limit, cursor, ids, desired, includeDeleted, deletedBefore }) {
      const rows = connection.engine.all<SessionRow>(
        `SELECT ${COLUMNS} FROM sessions
         WHERE id > ?
         ${includeDeleted || deletedBefore ? '' : 'AND deleted_at IS NULL'}
         ${deletedBefore ? 'AND deleted_at < ?' : ''}
         ${desired ? 'AND desired = ?' : ''}
         ${ids ? 'AND id IN (SELECT value FROM json_each(?))' : ''}
         ORDER BY id LIMIT ?`,
        cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? ''),
        ...(deletedBefore ? [deletedBefore] : []),
        ...(desired ? [desired] : []),
        ...(ids ? [JSON.stringify(ids)] : []),
        limit + 1,
      )
      return pageOf(rows.map(recordOf), limit, ({ id }) => [id])
    },

    async update(sessionId, changes, options) {
      return connection.write(() => {
        const current = read(sessionId)
        if (!current || (options?.expectedRevision ?? current.revision) !== current.revision) return undefined
        return write({ ...current, revision: current.revision + 1 }, changes)
      })
    },

    async report(sessionId, changes, { epoch }) {
      return connection.write(() => {
        const current = read(sessionId)
        if (!current) return undefined
        fence(sessionId, epoch)
        return Object.keys(changes).length > 0 ? write(current, changes) : current
      })
    },

    async increment(increments) {
      const { engine } = connection
      await connection.write(() => {
        for (const { sessionId, counters, lastActivityAt } of increments) {
          engine.run(
            `UPDATE sessions SET sent = sent + ?, received = received + ?, failed = failed + ?, chats = chats + ?,
             last_activity_at = nullif(max(coalesce(last_activity_at, ''), ?), '') WHERE id = ?`,
            counters.sent ?? 0,
            counters.received ?? 0,
            counters.failed ?? 0,
            counters.chats ?? 0,
            lastActivityAt ?? '',
            sessionId,
          )
        }
      })
    },

    async remove(sessionId) {
      await connection.write(() => connection.engine.run('DELETE FROM sessions WHERE id = ?', sessionId))
    },
  }

  function read(sessionId: string): SessionRecord | undefined {
    const row = connection.engine.get<SessionRow>(`SELECT ${COLUMNS} FROM sessions WHERE id = ?`, sessionId)
    return row && recordOf(row)
  }

  function write(current: SessionRecord, changes: SessionChanges): SessionRecord {
    const written = applyChanges(current, changes)
    const { counters: _, revision, lastActivityAt, ...rest } = written
    connection.engine.run(
      `UPDATE sessions SET desired = ?, deleted_at = ?, revision = ?, last_activity_at = ?, record = ? WHERE id = ?`,
      written.desired,
      written.deletedAt ?? null,
      revision,
      lastActivityAt ?? null,
      JSON.stringify(rest),
      current.id,
    )
    return written
  }

  /** Lets a reporter of this epoch through and shuts out every older one. */
  function fence(sessionId: string, epoch: number): void {
    const raised = connection.engine.run(
      `INSERT INTO session_fences (session_id, epoch) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET epoch = excluded.epoch WHERE epoch <= excluded.epoch`,
      sessionId,
      epoch,
    )
    if (raised === 0) throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
  }
}

function recordOf(row: SessionRow): SessionRecord {
  const { revision, sent, received, failed, chats, last_activity_at: lastActivityAt } = row
  return {
    ...JSON.parse(row.record),
    counters: { sent, received, failed, chats },
    revision,
    ...(lastActivityAt === null ? {} : { lastActivityAt }),
  }
}

/** Fields that are undefined are left alone, those that are null are removed. */
function applyChanges(record: SessionRecord, changes: SessionChanges): SessionRecord {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const merged = Object.entries({ ...record, ...Object.fromEntries(given) })
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as SessionRecord
}
