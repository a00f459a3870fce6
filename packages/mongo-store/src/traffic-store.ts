import type { TrafficHour, TrafficStore } from '@trunkline/core/store'
import { type AnyBulkWriteOperation, MongoBulkWriteError } from 'mongodb'
import type { Connection } from './connection.js'
import { partsOf, type TrafficDocument } from './documents.js'
import { retryOnDuplicate } from './retry.js'

type SummedHour = { _id: string } & Omit<TrafficHour, 'at'>

export function createTrafficStore(connection: Connection): TrafficStore {
  return {
    async add(counts) {
      if (counts.length === 0) return
      const writes = counts.map(({ at, sessionId, sent, received, failed }) => ({
        updateOne: {
          filter: { _id: partsOf(at, sessionId) },
          update: { $inc: { sent, received, failed }, $setOnInsert: { at, sessionId } },
          upsert: true,
        },
      }))
      await addAll(writes)
    },

    async sum({ since, ids }) {
      const among = { at: { $gte: since }, ...(ids ? { sessionId: { $in: [...ids] } } : {}) }
      const sums = await connection.collections.traffic
        .aggregate<SummedHour>([
          { $match: among },
          {
            $group: {
              _id: '$at',
              sent: { $sum: '$sent' },
              received: { $sum: '$received' },
              failed: { $sum: '$failed' },
            },
          },
          { $sort: { _id: 1 } },
        ])
        .toArray()
      return sums.map(({ _id: at, sent, received, failed }) => ({ at, sent, received, failed }))
    },

    async prune({ before, limit }) {
      const { traffic } = connection.collections
      const old = await traffic
        .find({ at: { $lt: before } }, { projection: { _id: 1 } })
        .sort({ at: 1 })
        .limit(limit)
        .toArray()
      if (old.length === 0) return 0
      const { deletedCount } = await traffic.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } })
      return deletedCount
    },

    async removeAll(sessionId) {
      await connection.collections.traffic.deleteMany({ sessionId })
    },
  }

  /** Another node may have made a row of the same hour in the middle of it: those writes alone are done again. */
  async function addAll(writes: AnyBulkWriteOperation<TrafficDocument>[]): Promise<void> {
    let left = writes
    await retryOnDuplicate(async () => {
      try {
        await connection.collections.traffic.bulkWrite(left, { ordered: false })
      } catch (error) {
        left = notWritten(error, left)
        throw error
      }
    })
  }
}

function notWritten<Write>(error: unknown, writes: Write[]): Write[] {
  if (!(error instanceof MongoBulkWriteError)) return writes
  const refused = new Set([error.writeErrors].flat().map(({ index }) => index))
  return writes.filter((_, index) => refused.has(index))
}
