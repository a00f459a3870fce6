import type { Clock, LeaseStore } from '@trunkline/core'
import type { Collections } from './documents.js'
import { isDuplicateKey } from './errors.js'

/** Leases by compare-and-set on one document each. Times are those of the nodes: keep their clocks together. */
export function createLeaseStore({ leases }: Collections, clock: Pick<Clock, 'now'>): LeaseStore {
  return {
    async acquire(sessionId, { owner, ttlMs }) {
      const now = clock.now()
      const filter = { _id: sessionId, $or: [{ owner: null }, { owner }, { expiresAtMs: { $lte: now } }] }
      try {
        const taken = await leases.findOneAndUpdate(
          filter,
          { $set: { owner, expiresAtMs: now + ttlMs }, $inc: { epoch: 1 } },
          { upsert: true, returnDocument: 'after' },
        )
        return taken ? { sessionId, owner, epoch: taken.epoch } : undefined
      } catch (error) {
        // Somebody else holds it: the filter found nothing, and the insert met the document.
        if (isDuplicateKey(error)) return undefined
        throw error
      }
    },

    async renew(held, { ttlMs }) {
      if (held.length === 0) return []
      const expiresAtMs = clock.now() + ttlMs
      const { matchedCount } = await leases.bulkWrite(
        held.map(({ sessionId, owner, epoch }) => ({
          updateOne: { filter: { _id: sessionId, owner, epoch }, update: { $set: { expiresAtMs } } },
        })),
        { ordered: false },
      )
      if (matchedCount === held.length) return []
      const found = await leases.find({ _id: { $in: held.map(({ sessionId }) => sessionId) } }).toArray()
      const current = new Map(found.map((lease) => [lease._id, lease]))
      return held.flatMap(({ sessionId, owner, epoch }) => {
        const lease = current.get(sessionId)
        return lease?.owner === owner && lease.epoch === epoch ? [] : [sessionId]
      })
    },

    async release({ sessionId, owner, epoch }) {
      await leases.updateOne({ _id: sessionId, owner, epoch }, { $set: { owner: null, expiresAtMs: 0 } })
    },
  }
}
