import type { SessionRecord, SessionStore } from '../ports/session-store.js'
import { decodeCursor } from '../records/cursor.js'
import { pageOf } from './page.js'

export function createSessionStore(): SessionStore {
  const records = new Map<string, SessionRecord>()

  return {
    async insert(record) {
      if (records.has(record.id)) return false
      records.set(record.id, structuredClone(record))
      return true
    },

    async get(sessionId) {
      return structuredClone(records.get(sessionId))
    },

    async list({ limit, cursor, ids, desired, includeDeleted, deletedBefore }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const matching = [...records.values()]
        .filter((record) => record.id > after && (includeDeleted || deletedBefore || !record.deletedAt))
        .filter(({ deletedAt }) => !deletedBefore || (deletedAt !== undefined && deletedAt < deletedBefore))
        .filter((record) => (!ids || ids.includes(record.id)) && (!desired || record.desired === desired))
        .sort((left, right) => (left.id < right.id ? -1 : 1))
      return pageOf(matching, limit, (record) => [record.id])
    },

    async update(sessionId, changes, options) {
      const record = records.get(sessionId)
      if (!record || (options?.expectedRevision ?? record.revision) !== record.revision) return undefined
      const given = Object.entries(structuredClone(changes)).filter(([, value]) => value !== undefined)
      const merged = Object.entries({ ...record, ...Object.fromEntries(given), revision: record.revision + 1 })
      const updated = Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as SessionRecord
      records.set(sessionId, updated)
      return structuredClone(updated)
    },

    async increment(increments) {
      for (const { sessionId, counters, lastActivityAt } of increments) {
        const record = records.get(sessionId)
        if (!record) continue
        for (const [name, by] of Object.entries(counters)) record.counters[name as keyof typeof counters] += by
        if (lastActivityAt && lastActivityAt > (record.lastActivityAt ?? '')) record.lastActivityAt = lastActivityAt
      }
    },

    async remove(sessionId) {
      records.delete(sessionId)
    },
  }
}
