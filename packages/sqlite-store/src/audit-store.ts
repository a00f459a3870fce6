import {
  AUDIT_FILTERS,
  AUDIT_POSITION_PARTS,
  type AuditEntry,
  type AuditQuery,
  type AuditStore,
  auditPosition,
  decodeCursor,
  pageOf,
} from '@trunkline/core/store'
import { batchesOf } from './batches.js'
import type { Connection } from './connection.js'
import type { Parameter, Row } from './engine.js'

interface AuditRow extends Row {
  record: string
}

const COLUMN = {
  userId: 'user_id',
  keyId: 'key_id',
  sessionId: 'session_id',
  targetId: 'target_id',
  action: 'action',
  outcome: 'outcome',
} as const satisfies Record<(typeof AUDIT_FILTERS)[number], string>

const INSERT = `INSERT INTO audit (at, id, ${AUDIT_FILTERS.map((field) => COLUMN[field]).join(', ')}, record)
  VALUES (?, ?, ${AUDIT_FILTERS.map(() => '?').join(', ')}, ?) ON CONFLICT DO NOTHING`

export function createAuditStore(connection: Connection): AuditStore {
  return {
    async append(entries) {
      for (const batch of batchesOf(entries)) {
        await connection.write(() => {
          for (const entry of batch) {
            const filters = AUDIT_FILTERS.map((field) => entry[field] ?? null)
            connection.engine.run(INSERT, entry.at, entry.id, ...filters, JSON.stringify(entry))
          }
        })
      }
    },

    async list(query) {
      const { sql, parameters } = auditPageStatement(query)
      const entries = connection.engine
        .all<AuditRow>(sql, ...parameters)
        .map((row): AuditEntry => JSON.parse(row.record))
      return pageOf(entries, query.limit, auditPosition)
    },

    async prune({ before, keep, limit = Number.MAX_SAFE_INTEGER }) {
      const { engine } = connection
      const old = (count: number) => (before === undefined ? 0 : removeWhere('at < ? ORDER BY at, id', [before], count))
      const surplus = (count: number) => {
        if (keep === undefined || count <= 0) return 0
        const { newest = null } = engine.get<{ newest: number | null }>('SELECT max(number) AS newest FROM audit') ?? {}
        return newest === null ? 0 : removeWhere('number <= ? ORDER BY number', [newest - keep], count)
      }
      return connection.write(() => {
        const aged = old(limit)
        return aged + surplus(limit - aged)
      })
    },
  }

  function removeWhere(condition: string, parameters: Parameter[], limit: number): number {
    const chosen = `SELECT number FROM audit WHERE ${condition} LIMIT ?`
    return connection.engine.run(`DELETE FROM audit WHERE number IN (${chosen})`, ...parameters, limit)
  }
}

/** One more than the page has, to see whether there is more. */
export function auditPageStatement({ limit, cursor, from, to, ...filters }: AuditQuery): {
  sql: string
  parameters: Parameter[]
} {
  const conditions: [string, Parameter[]][] = AUDIT_FILTERS.flatMap((field) => {
    const value = filters[field]
    return value === undefined ? [] : [[`${COLUMN[field]} = ?`, [value]]]
  })
  if (from !== undefined) conditions.push(['at >= ?', [from]])
  if (to !== undefined) conditions.push(['at < ?', [to]])
  if (cursor !== undefined) conditions.push(['(at, id) < (?, ?)', decodeCursor(cursor, AUDIT_POSITION_PARTS)])
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([condition]) => condition).join(' AND ')}`
  return {
    sql: `SELECT record FROM audit ${where} ORDER BY at DESC, id DESC LIMIT ?`,
    parameters: [...conditions.flatMap(([, values]) => values), limit + 1],
  }
}
