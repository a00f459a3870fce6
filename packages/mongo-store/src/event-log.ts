import type { EventLog } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { type AppendEvents, eventOf, lastSeqOf } from './event-append.js'

export function createEventLog(connection: Connection, append: AppendEvents): EventLog {
  return {
    append,

    async read(sessionId, { after, limit }) {
      const found = connection.collections.events.find({ sessionId, seq: { $gt: after } }).sort({ seq: 1 })
      const events = await found.limit(limit).toArray()
      const next = events[0]?.seq ?? (await lastSeqOf(connection, sessionId)) + 1
      return { events: events.map(eventOf), gap: next !== after + 1 }
    },

    async lastSeq(sessionId) {
      return lastSeqOf(connection, sessionId)
    },

    async lastSeqs(sessionIds) {
      const { events, eventNumbers } = connection.collections
      const newest = await events
        .aggregate<{ _id: string; seq: number }>([
          { $match: { sessionId: { $in: [...sessionIds] } } },
          { $sort: { sessionId: -1, seq: -1 } },
          { $group: { _id: '$sessionId', seq: { $first: '$seq' } } },
        ])
        .toArray()
      const lastSeqs = new Map(newest.map(({ _id, seq }) => [_id, seq]))
      const empty = sessionIds.filter((id) => !lastSeqs.has(id))
      if (empty.length === 0) return lastSeqs
      // Asked after the logs were found empty: the number is remembered before the last event goes.
      for (const { _id, lastSeq } of await eventNumbers.find({ _id: { $in: empty } }).toArray())
        lastSeqs.set(_id, lastSeq)
      return lastSeqs
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

  async function rememberLastSeq(sessionId: string, lastSeq: number): Promise<void> {
    await connection.collections.eventNumbers.updateOne({ _id: sessionId }, { $max: { lastSeq } }, { upsert: true })
  }
}
