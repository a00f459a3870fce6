import {
  labelKey,
  RESTING_STATUSES,
  type RestingSessions,
  type SessionChanges,
  type SessionCounters,
  type SessionIncrement,
  type SessionOrder,
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
import type { AnyBulkWriteOperation, Filter, UpdateFilter, WithId } from 'mongodb'
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
        const found = foundBy(id, record.label)
        await sessions.insertOne({ _id: id, metadata: Object.entries(metadata), ...found, ...record, ...fence })
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

    async list(query) {
      const order = sessionOrder(query)
      const direction = order.descending ? -1 : 1
      const { sessions } = connection.collections
      const documents = await sessions
        .find({ $and: [filterOf(query), behind(order)] })
        .sort({ ...(order.field === 'id' ? {} : { [SORTED_BY[order.field]]: direction }), _id: direction })
        .limit(query.limit + 1)
        .toArray()
      return sessionPage(documents.map(recordOf), query)
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

/** What a session is found by, beside its record. */
function foundBy(id: string, label: string | null | undefined): Pick<SessionDocument, 'search' | 'labelKey'> {
  return { search: sessionSearchText({ id, label }), labelKey: labelKey(label) }
}

/** Where a session has what each sort looks at before the id. */
const SORTED_BY = {
  createdAt: 'createdAt',
  label: 'labelKey',
  status: 'status',
  lastActivityAt: 'lastActivityAt',
} as const satisfies Record<Exclude<SessionSortField, 'id'>, keyof SessionDocument>

/** Which sessions fit a query, wherever they stand in its order. */
function filterOf(query: SessionQuery): Filter<SessionDocument> {
  const { ids, desired, requestsTo, includeDeleted, deletedBefore, status, text, metadata = {} } = query
  const pairs = Object.entries(metadata).map((pair) => ({ metadata: { $elemMatch: { $eq: pair } } }))
  const alive = includeDeleted ? {} : { deletedAt: { $exists: false } }
  return {
    ...(deletedBefore === undefined ? alive : { deletedAt: { $lt: deletedBefore } }),
    ...(ids ? { _id: { $in: [...ids] } } : {}),
    ...(desired ? { desired } : {}),
    ...(requestsTo ? { 'request.node': requestsTo } : {}),
    ...(status ? { status } : {}),
    ...(text === undefined ? {} : { search: { $regex: literal(searchForm(text)) } }),
    ...(pairs.length > 0 ? { $and: pairs } : {}),
  }
}

/** Those that come after the cursor. What a session may not have comes before everything, as the server sorts it, too. */
function behind({ field, descending, after }: SessionOrder): Filter<SessionDocument> {
  if (!after) return {}
  const further = descending ? '$lt' : '$gt'
  const nextId = { _id: { [further]: after.id } }
  if (field === 'id') return nextId
  const name = SORTED_BY[field]
  const missing = { [name]: { $exists: false } }
  const same = after.value === '' && field === 'lastActivityAt' ? missing : { [name]: after.value }
  const others = { [name]: { [further]: after.value } }
  const isBeforeAll = descending && field === 'lastActivityAt' && after.value !== ''
  return { $or: [{ ...same, ...nextId }, others, ...(isBeforeAll ? [missing] : [])] }
}

function countersOf({ sent, received, failed, chats }: SessionCounters): SessionCounters {
  return { sent, received, failed, chats }
}

function recordOf({
  _id: id,
  metadata,
  search: _,
  labelKey: __,
  epoch: ___,
  ...record
}: WithId<SessionDocument>): SessionRecord {
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
    ...(changes.label === undefined ? {} : foundBy(id, changes.label)),
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
