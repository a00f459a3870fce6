import type { CursorStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { partsOf } from './documents.js'
import { retryOnDuplicate } from './retry.js'

export function createCursorStore(connection: Connection): CursorStore {
  return {
    async begin(reader, at) {
      const begun = await retryOnDuplicate(() =>
        connection.collections.readers.findOneAndUpdate(
          { _id: reader },
          { $setOnInsert: { beganAt: at } },
          { upsert: true, returnDocument: 'after' },
        ),
      )
      return begun?.beganAt ?? at
    },

    async read(reader, sessionIds) {
      const ids = sessionIds.map((sessionId) => partsOf(reader, sessionId))
      const found = await connection.collections.cursors.find({ _id: { $in: ids } }, { batchSize: 5_000 }).toArray()
      return new Map(found.map(({ sessionId, seq }) => [sessionId, seq]))
    },

    async save(reader, numbers) {
      if (numbers.size === 0) return
      const writes = [...numbers].map(([sessionId, seq]) => ({
        updateOne: {
          filter: { _id: partsOf(reader, sessionId) },
          update: { $max: { seq }, $setOnInsert: { reader, sessionId } },
          upsert: true,
        },
      }))
      await retryOnDuplicate(() => connection.collections.cursors.bulkWrite(writes, { ordered: false }))
    },

    async remove(reader) {
      await connection.collections.readers.deleteOne({ _id: reader })
      await connection.collections.cursors.deleteMany({ reader })
    },

    async removeAll(sessionId) {
      await connection.collections.cursors.deleteMany({ sessionId })
    },
  }
}
