import {
  decodeCursor,
  type EnqueuedJob,
  type Job,
  type JobClaim,
  type JobFilter,
  type JobRef,
  type JobStore,
  type NewJob,
  pageOf,
} from '@trunkline/core/store'
import { type Filter, MongoBulkWriteError, type UpdateFilter } from 'mongodb'
import type { Connection } from './connection.js'
import { type JobDocument, literal, partsOf } from './documents.js'
import { isDuplicateKey } from './errors.js'
import { retryOnDuplicate } from './retry.js'

/** How many that are due are looked at in one round trip. */
const LOOKED_AT = 100
/** Later than any time, as texts are compared. */
const END_OF_TIME = '9999'

/**
 * A job is taken by compare-and-set of its one document, so no transaction is needed. Two things keep a lane in order: only its
 * first open job is asked for, and `busyLane` is unique, for the moment in which an earlier job appears beside one that is taken.
 */
export function createJobStore(connection: Connection): JobStore {
  return {
    async enqueue(jobs) {
      if (jobs.length === 0) return []
      const firsts = new Map([...jobs].reverse().map((job) => [jobId(job), job]))
      // In the order given: a map that is filled from the end is in the opposite one.
      const ids = [...firsts.keys()].reverse()
      const fresh = await insertMissing(
        ids.flatMap((id) => firsts.get(id) ?? []),
        documentOf,
      )
      const stored = await connection.collections.jobs.find({ _id: { $in: ids } }, { batchSize: 5_000 }).toArray()
      const byId = new Map(stored.map((document) => [document._id, document]))
      return jobs.map((given): EnqueuedJob => {
        const id = jobId(given)
        const document = byId.get(id)
        const repeated = !fresh.delete(id)
        return { job: document ? jobOf(document) : { ...given, state: 'waiting', attempts: 0 }, repeated }
      })
    },

    async record(jobs, { kind, at, keep }) {
      if (jobs.length === 0) return
      const firsts = new Map([...jobs].reverse().map((job) => [jobId(job), job]))
      await insertMissing([...firsts.values()].reverse(), (job, order) => doneDocumentOf(job, order, at))
      const done = { kind, state: 'done' as const }
      const last = connection.collections.jobs.find(done, { projection: { order: 1 } }).sort({ order: -1 })
      const [removed] = await last.skip(keep).limit(1).toArray()
      if (removed) await connection.collections.jobs.deleteMany({ ...done, order: { $lte: removed.order } })
    },

    async claim({ kind, owner, limit, leaseMs, now }) {
      const leasedUntil = after(now, leaseMs)
      const claimed: Job[] = []
      const looked = new Set<string>()
      while (claimed.length < limit) {
        const due = await findDue(kind, now, looked)
        const lanes = [...new Set(due.flatMap(({ openLane }) => openLane ?? []))]
        const heads = await headsOf(lanes)
        const free = due.filter(({ openLane, order }) => openLane === undefined || heads.get(openLane) === order)
        const taken = free.slice(0, limit - claimed.length).map((document) => take(document, { owner, leasedUntil }))
        claimed.push(...(await Promise.all(taken)).flat())
        if (due.length < LOOKED_AT) break
        for (const lane of lanes) looked.add(lane)
      }
      return claimed
    },

    async nextAt(kind) {
      const looked = new Set<string>()
      for (;;) {
        const open = await findDue(kind, END_OF_TIME, looked)
        const lanes = [...new Set(open.flatMap(({ openLane }) => openLane ?? []))]
        const heads = await headsOf(lanes)
        const first = open.find(({ openLane, order }) => openLane === undefined || heads.get(openLane) === order)
        if (first || open.length < LOOKED_AT) return first?.availableAt
        for (const lane of lanes) looked.add(lane)
      }
    },

    async hasten({ kind, dueAt }) {
      const late = { kind, availableAt: { $gt: dueAt }, state: 'waiting' as const, openLane: { $exists: true } }
      const { modifiedCount } = await connection.collections.jobs.updateMany(late, {
        $set: { dueAt, availableAt: dueAt },
      })
      return modifiedCount
    },

    async renew(claims, { leaseMs, now }) {
      if (claims.length === 0) return []
      const leasedUntil = after(now, leaseMs)
      const { jobs } = connection.collections
      const update = { $set: { leasedUntil, availableAt: leasedUntil } }
      const writes = claims.map((claim) => ({ updateOne: { filter: claimed(claim), update } }))
      const { matchedCount } = await jobs.bulkWrite(writes, { ordered: false })
      if (matchedCount === claims.length) return []
      const held = await jobs.find({ _id: { $in: claims.map(jobId) }, state: 'claimed' }).toArray()
      return claims.filter((claim) => !held.some((one) => one._id === jobId(claim) && one.attempts === claim.attempts))
    },

    async settle(claim, outcome) {
      const told = {
        ...('lastError' in outcome && outcome.lastError !== undefined ? { lastError: outcome.lastError } : {}),
        ...(outcome.payload === undefined ? {} : { payload: JSON.stringify(outcome.payload) }),
      }
      const update: UpdateFilter<JobDocument> =
        outcome.state === 'waiting'
          ? {
              $set: { state: 'waiting', dueAt: outcome.dueAt, availableAt: outcome.dueAt, ...told },
              $unset: { owner: '', leasedUntil: '', busyLane: '' },
            }
          : ended(outcome.state, outcome.at, told)
      const { matchedCount } = await connection.collections.jobs.updateOne(claimed(claim), update)
      return matchedCount === 1
    },

    async cancel(ref, { at }) {
      const waiting = { _id: jobId(ref), state: 'waiting' as const }
      const { matchedCount } = await connection.collections.jobs.updateOne(waiting, ended('canceled', at))
      return matchedCount === 1
    },

    async get(ref) {
      const document = await connection.collections.jobs.findOne({ _id: jobId(ref) })
      return document ? jobOf(document) : undefined
    },

    async list({ limit, cursor, ...filter }) {
      const last = cursor === undefined ? 0 : Number(decodeCursor(cursor, 1)[0])
      const found = connection.collections.jobs.find({ ...filterOf(filter), order: { $gt: last } }).sort({ order: 1 })
      const { items, ...rest } = pageOf(await found.limit(limit + 1).toArray(), limit, ({ order }) => [`${order}`])
      return { items: items.map(jobOf), ...rest }
    },

    async count(filter) {
      return connection.collections.jobs.countDocuments(filterOf(filter))
    },

    async countOpen(beginning) {
      const counts = await connection.collections.jobs
        .aggregate<{ _id: string; count: number }>([
          { $match: { kind: { $regex: `^${literal(beginning)}` }, availableAt: { $exists: true } } },
          { $group: { _id: '$kind', count: { $sum: 1 } } },
        ])
        .toArray()
      return new Map(counts.map(({ _id, count }) => [_id, count]))
    },

    async prune({ before, limit }) {
      const { jobs } = connection.collections
      const old = { endedAt: { $lt: before } }
      if (limit === undefined) return (await jobs.deleteMany(old)).deletedCount
      const found = jobs.find(old, { projection: { _id: 1 } }).sort({ endedAt: 1 })
      const ids = (await found.limit(limit).toArray()).map(({ _id }) => _id)
      return (await jobs.deleteMany({ _id: { $in: ids } })).deletedCount
    },

    async removeAll(sessionId) {
      await connection.collections.jobs.deleteMany({ sessionId })
    },
  }

  /** Answers the ids of those that were not there. */
  async function insertMissing(
    jobs: readonly NewJob[],
    toDocument: (job: NewJob, order: number) => Omit<JobDocument, '_id'>,
  ): Promise<Set<string>> {
    const first = await nextNumbers(jobs.length)
    const writes = jobs.map((job, number) => ({
      updateOne: {
        filter: { _id: jobId(job) },
        update: { $setOnInsert: toDocument(job, first + number) },
        upsert: true,
      },
    }))
    const written = connection.collections.jobs.bulkWrite(writes, { ordered: false })
    const { upsertedIds } = await written.catch((error: unknown) => {
      // Somebody else stored some of them in this moment: those are not new.
      if (error instanceof MongoBulkWriteError && isDuplicateKey(error)) return error.result
      throw error
    })
    return new Set(Object.values(upsertedIds).map(String))
  }

  /** The first of as many numbers that nobody else has. */
  async function nextNumbers(count: number): Promise<number> {
    const counted = await retryOnDuplicate(() =>
      connection.collections.jobNumbers.findOneAndUpdate(
        { _id: 'jobs' },
        { $inc: { last: count } },
        { upsert: true, returnDocument: 'after' },
      ),
    )
    return (counted?.last ?? count) - count + 1
  }

  function findDue(kind: string, now: string, looked: ReadonlySet<string>): Promise<JobDocument[]> {
    const others = looked.size > 0 ? { openLane: { $nin: [...looked] } } : {}
    const found = connection.collections.jobs.find({ kind, availableAt: { $lte: now }, ...others })
    return found.sort({ availableAt: 1, order: 1 }).limit(LOOKED_AT).toArray()
  }

  /** The number of the first open job of each lane. */
  async function headsOf(lanes: readonly string[]): Promise<Map<string, number>> {
    if (lanes.length === 0) return new Map()
    const heads = await connection.collections.jobs
      .aggregate<{ _id: string; order: number }>([
        { $match: { openLane: { $in: lanes } } },
        { $sort: { openLane: 1, order: 1 } },
        { $group: { _id: '$openLane', order: { $first: '$order' } } },
      ])
      .toArray()
    return new Map(heads.map(({ _id, order }) => [_id, order]))
  }

  /** Nothing when somebody else was faster. */
  async function take(
    { _id, state, attempts, availableAt, openLane }: JobDocument,
    { owner, leasedUntil }: { owner: string; leasedUntil: string },
  ): Promise<Job[]> {
    const busy = openLane === undefined ? {} : { busyLane: openLane }
    const set = { state: 'claimed' as const, owner, leasedUntil, availableAt: leasedUntil, ...busy }
    try {
      const taken = await connection.collections.jobs.findOneAndUpdate(
        { _id, state, attempts, ...(availableAt === undefined ? {} : { availableAt }) },
        { $set: set, $inc: { attempts: 1 } },
        { returnDocument: 'after' },
      )
      return taken ? [jobOf(taken)] : []
    } catch (error) {
      if (isDuplicateKey(error)) return []
      throw error
    }
  }
}

function claimed(claim: JobClaim): Filter<JobDocument> {
  return { _id: jobId(claim), state: 'claimed', attempts: claim.attempts }
}

function ended(
  state: 'done' | 'dead' | 'canceled',
  endedAt: string,
  told: { lastError?: string; payload?: string } = {},
): UpdateFilter<JobDocument> {
  return {
    $set: { state, endedAt, ...told },
    $unset: { availableAt: '', openLane: '', busyLane: '', owner: '', leasedUntil: '' },
  }
}

function filterOf({ kind, lane, sessionId, state }: JobFilter): Filter<JobDocument> {
  const given = Object.entries({ kind, lane, sessionId, state })
  // Found by an index, in which those that have not ended lie beside each other.
  const open = state === 'waiting' || state === 'claimed' ? { availableAt: { $gt: '' } } : {}
  return { ...open, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) }
}

function documentOf(job: NewJob, order: number): Omit<JobDocument, '_id'> {
  const { kind, key, lane, sessionId, payload, dueAt, enqueuedAt } = job
  return {
    kind,
    key,
    ...(lane === undefined ? {} : { lane, openLane: partsOf(kind, lane) }),
    ...(sessionId === undefined ? {} : { sessionId }),
    order,
    payload: JSON.stringify(payload),
    dueAt,
    enqueuedAt,
    state: 'waiting',
    attempts: 0,
    availableAt: dueAt,
  }
}

/** Of a job that nobody can take: it is in no lane. */
function doneDocumentOf(job: NewJob, order: number, endedAt: string): Omit<JobDocument, '_id'> {
  const { availableAt: _at, openLane: _lane, ...document } = documentOf(job, order)
  return { ...document, state: 'done', endedAt }
}

function jobOf({ _id, order: _order, availableAt: _at, openLane: _open, busyLane: _busy, ...job }: JobDocument): Job {
  return { ...job, payload: JSON.parse(job.payload) }
}

function jobId({ kind, key }: JobRef): string {
  return partsOf(kind, key)
}

function after(now: string, ms: number): string {
  return new Date(Date.parse(now) + ms).toISOString()
}
