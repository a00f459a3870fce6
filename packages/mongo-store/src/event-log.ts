import { randomUUID } from 'node:crypto'
import type { AppendedEvent, EventLog, LoggedEvent, NewEvent } from '@trunkline/core'
import type { Connection } from './connection.js'
import type { EventDocument } from './documents.js'
import { retryOnDuplicate } from './retry.js'

/** An event by its key where there is one, else by its place. */
interface Named {
  name: string
  event: NewEvent
}

export function createEventLog(connection: Connection): EventLog {
  return {
    async append(sessionId, events, { lastSeq: expected } = {}) {
      // What is in here is stored.
      const done = new Map<string, AppendedEvent>()
      const named = events.map(
        (event, place): Named => ({
          name: event.key === undefined ? `#${place}` : `=${event.key}`,
          event,
        }),
      )
      const seen = new Set<string>()
      const firsts = named.filter(({ name }) => !seen.has(name) && seen.add(name))
      let last = expected
      await retryOnDuplicate(
        () => appendSome({ sessionId, events: firsts.filter(({ name }) => !done.has(name)), last }, done),
        async () => {
          last = undefined
        },
      )
      const answered = new Set<string>()
      return named.flatMap(({ name }) => {
        const appended = done.get(name)
        if (!appended) return []
        const repeated = appended.repeated || answered.has(name)
        answered.add(name)
        return [{ ...appended, repeated }]
      })
    },

    async read(sessionId, { after, limit }) {
      const found = connection.collections.events.find({ sessionId, seq: { $gt: after } }).sort({ seq: 1 })
      const events = await found.limit(limit).toArray()
      const next = events[0]?.seq ?? (await lastSeq(sessionId)) + 1
      return { events: events.map(eventOf), gap: next !== after + 1 }
    },

    async lastSeq(sessionId) {
      return lastSeq(sessionId)
    },

    async prune({ before = '', keep = Number.MAX_SAFE_INTEGER, limit = Number.POSITIVE_INFINITY }) {
      const { events } = connection.collections
      let pruned = 0
      for (const { sessionId, oldest, newest } of await logsToPrune({ before, keep })) {
        if (pruned >= limit) break
        const end = Math.min(oldest + limit - pruned, newest + 1)
        const filter = { sessionId, seq: { $gt: newest - keep, $lt: end }, at: { $gte: before } }
        const kept = await events.findOne(filter, { sort: { seq: 1 }, projection: { seq: 1 } })
        // Remembered before the last event goes.
        await rememberLastSeq(sessionId, newest)
        const { deletedCount } = await events.deleteMany({ sessionId, seq: { $lt: kept?.seq ?? end } })
        pruned += deletedCount
      }
      return pruned
    },

    async removeAll(sessionId) {
      const { events, eventNumbers } = connection.collections
      await events.deleteMany({ sessionId })
      await eventNumbers.deleteOne({ _id: sessionId })
    },
  }

  /** From one session to the next by the index, from both ends of its log, in two round trips. */
  async function logsToPrune({ before, keep }: { before: string; keep: number }) {
    const endsOf = (direction: 1 | -1) =>
      connection.collections.events
        .aggregate<{ _id: string; seq: number; at: string }>([
          { $sort: { sessionId: direction, seq: direction } },
          { $group: { _id: '$sessionId', seq: { $first: '$seq' }, at: { $first: '$at' } } },
        ])
        .toArray()
    const [oldest, newest] = await Promise.all([endsOf(1), endsOf(-1)])
    const newestSeqs = new Map(newest.map(({ _id, seq }) => [_id, seq]))
    return oldest.flatMap(({ _id: sessionId, seq, at }) => {
      const newestSeq = newestSeqs.get(sessionId) ?? seq
      return at < before || newestSeq - seq >= keep ? [{ sessionId, oldest: seq, newest: newestSeq }] : []
    })
  }

  /**
   * Appends after the last number, which is asked for unless given. The id of an event is its number, and its key is unique in
   * its log: of two who append at once, after a number that is not the last, and for a key that is there already, the insert runs
   * into a duplicate key, and the rest is done again by what the log then holds. No number is given twice, and none is left out.
   */
  async function appendSome(
    {
      sessionId,
      events: left,
      last: expected,
    }: { sessionId: string; events: readonly Named[]; last: number | undefined },
    done: Map<string, AppendedEvent>,
  ): Promise<void> {
    const { events } = connection.collections
    const writer = randomUUID()
    const last = expected ?? (await look(sessionId, left, done))
    const fresh = left.filter(({ name }) => !done.has(name))
    const documents = fresh.map(({ event }, number) => documentOf(sessionId, event, { seq: last + number + 1, writer }))
    if (documents.length === 0) return
    let mine = new Set(documents.map(({ _id }) => _id))
    try {
      await events.insertMany(documents, { ordered: true })
    } catch (error) {
      // Asked rather than concluded from the error: servers differ in what they count.
      const stored = await events.find({ _id: { $in: [...mine] }, writer }, { projection: { _id: 1 } }).toArray()
      mine = new Set(stored.map(({ _id }) => _id))
      throw error
    } finally {
      for (const [number, { name }] of fresh.entries()) {
        const document = documents[number]
        if (document && mine.has(document._id)) done.set(name, { ...eventOf(document), repeated: false })
      }
    }
  }

  /** Answers the last number, and puts the events whose keys are there already into `done`. */
  async function look(sessionId: string, left: readonly Named[], done: Map<string, AppendedEvent>): Promise<number> {
    const keys = left.flatMap(({ name, event }) => (event.key === undefined ? [] : [name]))
    const [last, known] = await Promise.all([
      lastSeq(sessionId),
      keys.length > 0 ? connection.collections.events.find({ sessionId, key: { $in: keys } }).toArray() : [],
    ])
    for (const document of known) done.set(document.key, { ...eventOf(document), repeated: true })
    return last
  }

  async function lastSeq(sessionId: string): Promise<number> {
    const { events, eventNumbers } = connection.collections
    const newest = await events.findOne({ sessionId }, { sort: { seq: -1 }, projection: { seq: 1 } })
    if (newest) return newest.seq
    // Asked after the log was found empty: the number is remembered before the last event goes.
    return (await eventNumbers.findOne({ _id: sessionId }))?.lastSeq ?? 0
  }

  async function rememberLastSeq(sessionId: string, lastSeq: number): Promise<void> {
    await connection.collections.eventNumbers.updateOne({ _id: sessionId }, { $max: { lastSeq } }, { upsert: true })
  }
}

function documentOf(
  sessionId: string,
  { name, at, payload, key }: NewEvent,
  { seq, writer }: { seq: number; writer: string },
): EventDocument {
  return {
    _id: `${sessionId}|${seq}`,
    sessionId,
    seq,
    at,
    writer,
    // Every event has one, because the index on it is unique; numbers and keys of callers cannot be mistaken for each other.
    key: key === undefined ? `#${seq}` : `=${key}`,
    record: JSON.stringify({ name, event: { sessionId, at, seq, ...payload } }),
  }
}

function eventOf({ record }: EventDocument): LoggedEvent {
  return JSON.parse(record)
}
