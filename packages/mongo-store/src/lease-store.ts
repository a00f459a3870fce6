import type { LeaseStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { isDuplicateKey } from './errors.js'

/**
 * A lease is one document that is taken by compare-and-set. Safe between nodes on a replica set only: a standalone server that
 * loses its last writes in a crash may give a lease twice.
 */
export function createLeaseStore(connection: Connection): LeaseStore {
  return {
    async acquire(sessionId, options) {
      try {
        return await take(sessionId, { ...options, upsert: true })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // There is a lease, and the filter did not match it when it was tried, or it was made in that moment.
        return take(sessionId, { ...options, upsert: false })
      }
    },

    async renew(leases, { ttlMs }) {
      if (leases.length === 0) return []
      const { leases: documents } = connection.collections
      const update = { $set: { expiresAt: (await connection.serverNow()) + ttlMs } }
      const { matchedCount } = await documents.bulkWrite(
        leases.map(({ sessionId, owner, epoch }) => ({
          updateOne: { filter: { _id: sessionId, owner, epoch }, update },
        })),
        { ordered: false },
      )
      if (matchedCount === leases.length) return []
      const held = await documents.find({ _id: { $in: leases.map(({ sessionId }) => sessionId) } }).toArray()
      const lost = leases.filter(
        (lease) =>
          !held.some(
            ({ _id, owner, epoch }) => _id === lease.sessionId && owner === lease.owner && epoch === lease.epoch,
          ),
      )
      return lost.map(({ sessionId }) => sessionId)
    },

    async held(sessionIds) {
      if (sessionIds.length === 0) return []
      const filter = { _id: { $in: [...sessionIds] }, expiresAt: { $gt: await connection.serverNow() } }
      const documents = await connection.collections.leases.find(filter).toArray()
      return documents.flatMap(({ _id: sessionId, owner, epoch }) =>
        owner === null ? [] : [{ sessionId, owner, epoch }],
      )
    },

    async release({ sessionId, owner, epoch }) {
      await connection.collections.leases.updateOne({ _id: sessionId, owner, epoch }, { $set: { owner: null } })
    },
  }

  async function take(sessionId: string, { owner, ttlMs, upsert }: { owner: string; ttlMs: number; upsert: boolean }) {
    const now = await connection.serverNow()
    const taken = await connection.collections.leases.findOneAndUpdate(
      { _id: sessionId, $or: [{ owner: null }, { owner }, { expiresAt: { $lte: now } }] },
      { $set: { owner, expiresAt: now + ttlMs }, $inc: { epoch: 1 } },
      { upsert, returnDocument: 'after' },
    )
    return taken ? { sessionId, owner, epoch: taken.epoch } : undefined
  }
}
