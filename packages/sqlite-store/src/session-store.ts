import {
  labelKey,
  RESTING_STATUSES,
  type RestingSessions,
  type RunningSession,
  SESSION_STATUSES,
  type SessionChanges,
  type SessionCounters,
  type SessionQuery,
  type SessionRecord,
  type SessionSortField,
  type SessionStore,
  searchForm,
  sessionOrder,
  sessionPage,
  sessionSearchText,
  TrunklineError,
} from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { Parameter, Row } from './engine.js'

interface SessionRow extends CountersRow {
  id: string
  revision: number
  last_activity_at: string | null
  record: string
}

/** As the index of requests has it. */
const ASKED_NODE = `json_extract(record, '$.request.node')`
const quoted = (statuses: readonly string[]) => statuses.map((status) => `'${status}'`).join(', ')
const RESTING = quoted(RESTING_STATUSES)
const RUNNING = quoted(SESSION_STATUSES.filter((status) => !RESTING_STATUSES.some((resting) => resting === status)))

interface CountersRow extends Row {
  sent: number
  received: number
  failed: number
  chats: number
}

interface RestingRow extends CountersRow {
  desired: RestingSessions['desired']
  status: RestingSessions['status']
  reason: NonNullable<RestingSessions['code']> | null
  count: number
}

interface RunningRow extends CountersRow {
  id: string
  desired: RunningSession['desired']
  status: RunningSession['status']
  since: string
  health: string | null
}

const FOUND_BY_INDEX = `id IN (SELECT id FROM sessions INDEXED BY sessions_by_search WHERE deleted_at IS NULL AND instr(search, ?) > 0)`

const COLUMNS = 'id, revision, sent, received, failed, chats, last_activity_at, record'

export function createSessionStore(connection: Connection): SessionStore {
  return {
    async insert(record) {
      const { counters, revision, lastActivityAt, ...rest } = record
      return connection.write(() => {
        const inserted = connection.engine.run(
          `INSERT INTO sessions (id, created_at, label_key, desired, status, reason, deleted_at, search, revision, sent, received, failed, chats, last_activity_at, record)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          record.id,
          record.createdAt,
          labelKey(record.label),
          record.desired,
          record.status,
          record.statusReason?.code ?? null,
          record.deletedAt ?? null,
          sessionSearchText(record),
          revision,
          counters.sent,
          counters.received,
          counters.failed,
          counters.chats,
          lastActivityAt ?? null,
          JSON.stringify(rest),
        )
        if (inserted === 1) keepMetadata(record.id, record.metadata)
        return inserted === 1
      })
    },

    async get(sessionId) {
      return read(sessionId)
    },

    async list(query) {
      const { sql, parameters } = sessionPageStatement(query)
      return sessionPage(connection.engine.all<SessionRow>(sql, ...parameters).map(recordOf), query)
    },

    async tally(options = {}) {
      const { resting, running, parameters } = tallyStatements(options)
      const { engine } = connection
      return {
        resting: engine.all<RestingRow>(resting, ...parameters).map(restingOf),
        running: engine.all<RunningRow>(running, ...parameters).map(runningOf),
      }
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
      await connection.write(() => {
        connection.engine.run('DELETE FROM sessions WHERE id = ?', sessionId)
        keepMetadata(sessionId, {})
      })
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
      `UPDATE sessions SET label_key = ?, desired = ?, status = ?, reason = ?, deleted_at = ?, search = ?, revision = ?, last_activity_at = ?, record = ? WHERE id = ?`,
      labelKey(written.label),
      written.desired,
      written.status,
      written.statusReason?.code ?? null,
      written.deletedAt ?? null,
      sessionSearchText(written),
      revision,
      lastActivityAt ?? null,
      JSON.stringify(rest),
      current.id,
    )
    if (changes.metadata) keepMetadata(current.id, changes.metadata)
    return written
  }

  /** Inside of a write: what sessions are found by, beside their records. */
  function keepMetadata(sessionId: string, metadata: SessionRecord['metadata']): void {
    const { engine } = connection
    engine.run('DELETE FROM session_metadata WHERE session_id = ?', sessionId)
    for (const [name, value] of Object.entries(metadata))
      engine.run('INSERT INTO session_metadata (session_id, name, value) VALUES (?, ?, ?)', sessionId, name, value)
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

/** What each sort looks at before the id. */
const SORTED_BY: Record<SessionSortField, string[]> = {
  id: [],
  createdAt: ['created_at'],
  label: ['label_key'],
  status: ['status'],
  lastActivityAt: ['activity'],
}

/**
 * Walks the index of the order from the cursor on, of sessions that are not deleted. What is searched for is looked up in indexes
 * too: pairs of metadata in a table of their own, and texts, which may stand anywhere in the text, in an index with all of them.
 */
export function sessionPageStatement(query: SessionQuery): { sql: string; parameters: Parameter[] } {
  const { limit, ids, desired, status, text, metadata = {}, requestsTo, includeDeleted, deletedBefore } = query
  const { field, descending, after } = sessionOrder(query)
  const columns = [...SORTED_BY[field], 'id']
  const areAlive = !includeDeleted && deletedBefore === undefined
  const conditions: [sql: string, ...parameters: Parameter[]][] = []
  if (areAlive) conditions.push(['deleted_at IS NULL'])
  if (after) {
    const values = [after.value, after.id].slice(-columns.length)
    conditions.push([
      `(${columns.join(', ')}) ${descending ? '<' : '>'} (${values.map(() => '?').join(', ')})`,
      ...values,
    ])
  }
  if (deletedBefore !== undefined) conditions.push(['deleted_at < ?', deletedBefore])
  if (desired) conditions.push(['desired = ?', desired])
  if (requestsTo) conditions.push([`${ASKED_NODE} = ?`, requestsTo])
  if (status) conditions.push(['status = ?', status])
  if (text !== undefined) conditions.push([areAlive ? FOUND_BY_INDEX : 'instr(search, ?) > 0', searchForm(text)])
  for (const pair of Object.entries(metadata))
    conditions.push(['id IN (SELECT session_id FROM session_metadata WHERE name = ? AND value = ?)', ...pair])
  if (ids) conditions.push(['id IN (SELECT value FROM json_each(?))', JSON.stringify(ids)])
  const where = conditions.length > 0 ? `WHERE ${conditions.map(([sql]) => sql).join('\n AND ')}` : ''
  const order = columns.map((column) => `${column}${descending ? ' DESC' : ''}`).join(', ')
  return {
    sql: `SELECT ${COLUMNS} FROM sessions ${where} ORDER BY ${order} LIMIT ?`,
    parameters: [...conditions.flatMap(([, ...parameters]) => parameters), limit + 1],
  }
}

/** Both walk the index that holds what they answer, of sessions that are not deleted. */
export function tallyStatements({ ids, except = [] }: { ids?: readonly string[]; except?: readonly string[] }) {
  const among = `deleted_at IS NULL
    ${ids ? 'AND id IN (SELECT value FROM json_each(?))' : ''}
    ${except.length > 0 ? 'AND id NOT IN (SELECT value FROM json_each(?))' : ''}`
  return {
    resting: `SELECT status, reason, desired, count(*) AS count, sum(sent) AS sent, sum(received) AS received,
      sum(failed) AS failed, sum(chats) AS chats FROM sessions INDEXED BY sessions_tally
      WHERE status IN (${RESTING}) AND ${among} GROUP BY status, reason, desired`,
    running: `SELECT id, desired, status, sent, received, failed, chats,
      json_extract(record, '$.statusSince') AS since, json_extract(record, '$.healthCheck') AS health
      FROM sessions WHERE status IN (${RUNNING}) AND ${among}`,
    parameters: [ids, except.length > 0 ? except : undefined].flatMap((list) => (list ? [JSON.stringify(list)] : [])),
  }
}

function countersOf({ sent, received, failed, chats }: CountersRow): SessionCounters {
  return { sent, received, failed, chats }
}

function restingOf({ desired, status, reason, count, ...row }: RestingRow): RestingSessions {
  return { desired, status, ...(reason === null ? {} : { code: reason }), count, counters: countersOf(row) }
}

function runningOf({ id, desired, status, since, health, ...row }: RunningRow): RunningSession {
  const healthCheck = health === null ? {} : { healthCheck: JSON.parse(health) }
  return { id, desired, status, statusSince: since, counters: countersOf(row), ...healthCheck }
}

function recordOf(row: SessionRow): SessionRecord {
  const { revision, last_activity_at: lastActivityAt } = row
  return {
    ...JSON.parse(row.record),
    counters: countersOf(row),
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
