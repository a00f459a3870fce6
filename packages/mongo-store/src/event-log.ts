import type { AppendedEvent, EventLog, LoggedEvent, NewEvent } from '@trunkline/core'
import type { Collections, EventDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'

/** How many sessions' last numbers are remembered, so that appending is one round trip. */
const MAX_REMEMBERED = 5_000

/**
 * Numbers are taken by inserting `session|number`: two writers cannot both have one, and none is skipped, as it would be with
 * a counter that is raised before a crash.
 */
export function createEventLog({ events, eventNumbers }: Collections): EventLog {
  const remembered = new Map<string, number>()

  return {
    async append(sessionId, newEvents) {
      const appended: AppendedEvent[] = []
      for (const event of newEvents) appended.push(await appendOne(sessionId, event))
      return appended
    },

    async read(sessionId, { after, limit }) {
      const found = await events
        .find({ session: sessionId, seq: { $gt: after } })
        .sort({ seq: 1 })
        .limit(limit)
        .toArray()
      const next = found[0]?.seq ?? (await storedLastSeq(sessionId)) + 1
      return { events: found.map(loggedOf), gap: next !== after + 1 }
    },

    lastSeq: (sessionId) => storedLastSeq(sessionId),

    async prune({ before, keep }) {
      let pruned = 0
      for (const sessionId of await events.distinct('session')) {
        const last = await storedLastSeq(sessionId)
        const [first] = await events
          .find({ session: sessionId, seq: { $gt: keep === undefined ? 0 : last - keep }, at: { $gte: before ?? '' } })
          .sort({ seq: 1 })
          .limit(1)
          .toArray()
        // The number outlives its event.
        await eventNumbers.updateOne({ _id: sessionId }, { $max: { lastSeq: last } }, { upsert: true })
        const { deletedCount } = await events.deleteMany({ session: sessionId, seq: { $lt: first?.seq ?? last + 1 } })
        pruned += deletedCount
      }
      return pruned
    },

    async removeAll(sessionId) {
      remembered.delete(sessionId)
      await events.deleteMany({ session: sessionId })
      await eventNumbers.deleteOne({ _id: sessionId })
    },
  }

  async function appendOne(sessionId: string, { name, at, payload, key }: NewEvent): Promise<AppendedEvent> {
    for (;;) {
      const seq = (remembered.get(sessionId) ?? (await storedLastSeq(sessionId))) + 1
      const record = JSON.stringify({ name, event: { sessionId, at, seq, ...payload } })
      try {
        await events.insertOne({
          _id: numberId(sessionId, seq),
          session: sessionId,
          seq,
          at,
          ...(key === undefined ? {} : { key }),
          record,
        })
        remember(sessionId, seq)
        return { ...JSON.parse(record), repeated: false }
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        const first = key === undefined ? null : await events.findOne({ session: sessionId, key })
        if (first) return { ...loggedOf(first), repeated: true }
        // Another writer took the number.
        remembered.delete(sessionId)
      }
    }
  }

  function remember(sessionId: string, seq: number): void {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(sessionId, seq)
  }

  async function storedLastSeq(sessionId: string): Promise<number> {
    const [[newest], pruned] = await Promise.all([
      events.find({ session: sessionId }).sort({ seq: -1 }).limit(1).toArray(),
      eventNumbers.findOne({ _id: sessionId }),
    ])
    return Math.max(newest?.seq ?? 0, pruned?.lastSeq ?? 0)
  }
}

function numberId(sessionId: string, seq: number): string {
  return `${sessionId}|${String(seq).padStart(15, '0')}`
}

function loggedOf({ record }: EventDocument): LoggedEvent {
  return JSON.parse(record) as LoggedEvent
}
