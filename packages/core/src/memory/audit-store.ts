import type { AuditQuery, AuditStore } from '../ports/audit-store.js'
import { AUDIT_FILTERS, AUDIT_POSITION_PARTS, type AuditEntry, auditPosition } from '../records/audit.js'
import { comparePositions, decodeCursor } from '../records/cursor.js'
import { pageOf } from '../records/page.js'
import { copyOf } from '../util/copy.js'

export function createAuditStore(): AuditStore {
  /** Newest first. */
  let entries: AuditEntry[] = []

  return {
    async append(added) {
      const known = new Map(entries.map((entry) => [entry.id, entry]))
      for (const entry of copyOf(added)) if (!known.has(entry.id)) known.set(entry.id, entry)
      entries = [...known.values()].sort((one, other) => comparePositions(auditPosition(other), auditPosition(one)))
    },

    async list({ limit, cursor, ...query }) {
      const before = cursor === undefined ? undefined : decodeCursor(cursor, AUDIT_POSITION_PARTS)
      const found = entries.filter(
        (entry) => (!before || comparePositions(auditPosition(entry), before) < 0) && matches(entry, query),
      )
      return copyOf(pageOf(found, limit, auditPosition))
    },

    async prune({ before = '', keep = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY }) {
      const surplus = entries.filter(({ at }, index) => at < before || index >= keep)
      const removed = new Set(surplus.slice(Math.max(0, surplus.length - limit)))
      entries = entries.filter((entry) => !removed.has(entry))
      return removed.size
    },
  }
}

function matches(entry: AuditEntry, query: Omit<AuditQuery, 'limit' | 'cursor'>): boolean {
  const { from = '', to } = query
  if (entry.at < from || (to !== undefined && entry.at >= to)) return false
  return AUDIT_FILTERS.every((field) => query[field] === undefined || query[field] === entry[field])
}
