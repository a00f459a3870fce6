import {
  AUDIT_FILTERS,
  AUDIT_POSITION_PARTS,
  type AuditQuery,
  type AuditStore,
  auditPosition,
  decodeCursor,
  pageOf,
} from '@trunkline/core/store'
import type { Filter } from 'mongodb'
import type { Connection } from './connection.js'
import type { AuditDocument } from './documents.js'

const NEWEST_FIRST = { at: -1, _id: -1 } as const

export function createAuditStore(connection: Connection): AuditStore {
  return {
    async append(entries) {
      if (entries.length === 0) return
      const writes = entries.map(({ id, ...entry }) => ({
        updateOne: { filter: { _id: id }, update: { $setOnInsert: entry }, upsert: true },
      }))
      await connection.collections.audit.bulkWrite(writes, { ordered: false })
    },

    async list(query) {
      const found = connection.collections.audit.find(filterOf(query)).sort(NEWEST_FIRST)
      const documents = await found.limit(query.limit + 1).toArray()
      return pageOf(
        documents.map(({ _id: id, ...entry }) => ({ id, ...entry })),
        query.limit,
        auditPosition,
      )
    },

    async prune({ before, keep, limit = Number.MAX_SAFE_INTEGER }) {
      const aged = before === undefined ? 0 : await removeOldest({ at: { $lt: before } }, limit)
      if (keep === undefined || aged >= limit) return aged
      const { audit } = connection.collections
      const [first] = await audit
        .find({}, { projection: { at: 1 } })
        .sort(NEWEST_FIRST)
        .skip(keep)
        .limit(1)
        .toArray()
      if (!first) return aged
      const surplus = { $or: [{ at: { $lt: first.at } }, { at: first.at, _id: { $lte: first._id } }] }
      return aged + (await removeOldest(surplus, limit - aged))
    },
  }

  async function removeOldest(filter: Filter<AuditDocument>, limit: number): Promise<number> {
    const { audit } = connection.collections
    if (limit === Number.MAX_SAFE_INTEGER) return (await audit.deleteMany(filter)).deletedCount
    const oldest = audit.find(filter, { projection: { _id: 1 } }).sort({ at: 1, _id: 1 })
    const ids = (await oldest.limit(limit).toArray()).map(({ _id }) => _id)
    return ids.length === 0 ? 0 : (await audit.deleteMany({ _id: { $in: ids } })).deletedCount
  }
}

function filterOf({ cursor, from, to, ...filters }: AuditQuery): Filter<AuditDocument> {
  const conditions: Filter<AuditDocument>[] = AUDIT_FILTERS.flatMap((field) => {
    const value = filters[field]
    return value === undefined ? [] : [{ [field]: value }]
  })
  if (from !== undefined) conditions.push({ at: { $gte: from } })
  if (to !== undefined) conditions.push({ at: { $lt: to } })
  if (cursor !== undefined) {
    const [at = '', id = ''] = decodeCursor(cursor, AUDIT_POSITION_PARTS)
    conditions.push({ at: { $lte: at } }, { $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] })
  }
  return conditions.length === 0 ? {} : { $and: conditions }
}
