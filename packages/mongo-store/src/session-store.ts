import {
  decodeCursor,
  pageOf,
  RESTING_STATUSES,
  type RestingSessions,
  type SessionChanges,
  type SessionCounters,
  type SessionIncrement,
  type SessionRecord,
  type SessionStore,
  searchForm,
  sessionSearchText,
  TrunklineError,
} from '@trunkline/core/store'
import type { AnyBulkWriteOperation, UpdateFilter, WithId } from 'mongodb'
import type { Connection } from './connection.js'
import { literal, type SessionDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'

/** Sessions at rest, by what makes them alike, and each of the others, whose heap is its own. */
const HEAPS = {
  $group: {
    _id: {
      desired: '$desired',
      status: '$status',
      code: '$statusReason.code',
      id: { $cond: [{ $in: ['$status', [...RESTING_STATUSES]] }, null, '$_id'] },
    },
    count: { $sum: 1 },
    sent: { $sum: '$counters.sent' },
    received: { $sum: '$counters.received' },
    failed: { $sum: '$counters.failed' },
    chats: { $sum: '$counters.chats' },
    statusSince: { $first: '$statusSince' },
    healthCheck: { $first: '$healthCheck' },
  },
}

type Heap = {
  _id: Pick<RestingSessions, 'desired' | 'status' | 'code'> & { id: string | null }
  count: number
} & SessionCounters &
  Pick<SessionRecord, 'statusSince' | 'healthCheck'>

export function createSessionStore(connection: Connection): SessionStore {
  return {
    async insert({ id, metadata, ...record }) {
      const { sessions, sessionFences } = connection.collections
      const { epoch } = (await sessionFences.findOne({ _id: id })) ?? {}
      const fence = epoch === undefined ? {} : { epoch }
      try {
        const search = sessionSearchText({ id, label: record.label })
        await sessions.insertOne({ _id: id, metadata: Object.entries(metadata), search, ...record, ...fence })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async get(sessionId) {
      const document = await connection.collections.sessions.findOne({ _id: sessionId })
      return document ? recordOf(document) : undefined
    },

    async list({ limit, cursor, ids, desired, requestsTo, includeDeleted, deletedBefore, ...wanted }) {
      const { status, text, metadata } = wanted
      const pairs = Object.entries(metadata ?? {}).map((pair) => ({ metadata: { $elemMatch: { $eq: pair } } }))
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const found = connection.collections.sessions.find({
        _id: { $gt: after, ...(ids ? { $in: [...ids] } : {}) },
        ...(desired ? { desired } : {}),
        ...(requestsTo ? { 'request.node': requestsTo } : {}),
        ...(status ? { status } : {}),
        ...(text === undefined ? {} : { search: { $regex: literal(searchForm(text)) } }),
        ...(pairs.length > 0 ? { $and: pairs } : {}),
        ...(deletedBefore
          ? { deletedAt: { $lt: deletedBefore } }
          : includeDeleted
            ? {}
            : { deletedAt: { $exists: false } }),
      })
      const documents = await found
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      return pageOf(documents.map(recordOf), limit, ({ id }) => [id])
    },

    async tally({ ids, except = [] } = {}) {
      const { sessions } = connection.collections
      const _id = { ...(ids ? { $in: [...ids] } : {}), ...(except.length > 0 ? { $nin: [...except] } : {}) }
      const among = { deletedAt: { $exists: false }, ...(ids || except.length > 0 ? { _id } : {}) }
      const heaps = await sessions.aggregate<Heap>([{ $match: among }, HEAPS]).toArray()
      return {
        resting: heaps.flatMap(({ _id: { id, ...alike }, count, ...heap }) =>
          id ? [] : [{ ...alike, count, counters: countersOf(heap) }],
        ),
        running: heaps.flatMap(({ _id: { id, code: _, ...session }, statusSince, healthCheck, ...heap }) =>
          id
            ? [{ ...session, id, counters: countersOf(heap), statusSince, ...(healthCheck ? { healthCheck } : {}) }]
            : [],
        ),
      }
    },

    async update(sessionId, changes, options) {
      const revision = options?.expectedRevision
      const document = await connection.collections.sessions.findOneAndUpdate(
        { _id: sessionId, ...(revision === undefined ? {} : { revision }) },
        { $inc: { revision: 1 }, ...updateOf(sessionId, changes) },
        { returnDocument: 'after' },
      )
      return document ? recordOf(document) : undefined
    },

    async report(sessionId, changes, { epoch }) {
      const { sessions } = connection.collections
      const { $set, ...update } = updateOf(sessionId, changes)
      const document = await sessions.findOneAndUpdate(
        { _id: sessionId, $or: [{ epoch: { $exists: false } }, { epoch: { $lte: epoch } }] },
        { ...update, $set: { ...$set, epoch } },
        { returnDocument: 'after' },
      )
      if (document) return recordOf(document)
      if (!(await sessions.findOne({ _id: sessionId }, { projection: { _id: 1 } }))) return undefined
      throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
    },

    async increment(increments) {
      const writes = increments.flatMap(incrementOf)
      if (writes.length > 0) await connection.collections.sessions.bulkWrite(writes, { ordered: false })
    },

    async remove(sessionId) {
      const { sessions, sessionFences } = connection.collections
      const { epoch } = (await sessions.findOne({ _id: sessionId }, { projection: { epoch: 1 } })) ?? {}
      // Before the record goes: whoever can insert the next one finds it.
      if (epoch !== undefined) await sessionFences.updateOne({ _id: sessionId }, { $max: { epoch } }, { upsert: true })
      await sessions.deleteOne({ _id: sessionId })
    },
  }
}

function countersOf({ sent, received, failed, chats }: SessionCounters): SessionCounters {
  return { sent, received, failed, chats }
}

function recordOf({ _id: id, metadata, search: _, epoch: __, ...record }: WithId<SessionDocument>): SessionRecord {
  return { id, metadata: Object.fromEntries(metadata), ...record }
}

/** Fields that are undefined are left alone, those that are null are removed. */
function updateOf(
  id: string,
  { metadata, ...changes }: SessionChanges,
): Pick<UpdateFilter<SessionDocument>, '$set' | '$unset'> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const set = {
    ...Object.fromEntries(given.filter(([, value]) => value !== null)),
    ...(metadata ? { metadata: Object.entries(metadata) } : {}),
    ...(changes.label === undefined ? {} : { search: sessionSearchText({ id, label: changes.label }) }),
  }
  const removed = given.filter(([, value]) => value === null)
  return {
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(removed.length > 0 ? { $unset: Object.fromEntries(removed.map(([name]) => [name, '' as const])) } : {}),
  }
}

function incrementOf({
  sessionId,
  counters,
  lastActivityAt,
}: SessionIncrement): AnyBulkWriteOperation<SessionDocument>[] {
  const added = Object.entries(counters).map(([name, by]) => [`counters.${name}`, by])
  if (added.length === 0 && !lastActivityAt) return []
  const update = {
    ...(added.length > 0 ? { $inc: Object.fromEntries(added) } : {}),
    ...(lastActivityAt ? { $max: { lastActivityAt } } : {}),
  }
  return [{ updateOne: { filter: { _id: sessionId }, update } }]
}
