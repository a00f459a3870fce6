import type { Lease, LeaseStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { LeaseDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'
import { createNodeRoll } from './node-roll.js'

/**
 * The end of a node's lease, which lasts as long as its node. Versions before there were any read it as one that is far away, and
 * leave the session alone; leases of those have an end like any other, so that none of the two takes what the other holds.
 */
const NEVER = Number.MAX_SAFE_INTEGER

/**
 * A lease is one document that is taken by compare-and-set. Safe between nodes on a replica set only: a standalone server that
 * loses its last writes in a crash may give a lease twice.
 */
export function createLeaseStore(connection: Connection): LeaseStore {
  const roll = createNodeRoll(connection)

  return {
    join: roll.join,
    renew: roll.renew,
    leave: roll.leave,
    members: roll.members,
    now: () => connection.serverNow(),

    async acquire(sessionId, by) {
      const owner = 'node' in by ? by.node : by.owner
      const [isMember, now] = await Promise.all(['node' in by ? roll.has(owner) : true, connection.serverNow()])
      if (!isMember) return undefined
      const next = { owner, expiresAt: 'node' in by ? NEVER : now + by.ttlMs }
      const free = { $or: [{ owner: null }, { owner }, { expiresAt: { $lte: now } }] }
      return (await take(sessionId, free, next)) ?? (await takeFromDead(sessionId, next))
    },

    async held(sessionIds) {
      if (sessionIds.length === 0) return []
      const now = await connection.serverNow()
      const filter = { _id: { $in: [...sessionIds] }, owner: { $ne: null }, expiresAt: { $gt: now } }
      const [documents, members] = await Promise.all([
        connection.collections.leases.find(filter).toArray(),
        roll.members(),
      ])
      const alive = new Set(members.map(({ id }) => id))
      return documents.flatMap(({ _id: sessionId, owner, epoch, expiresAt }) =>
        owner !== null && (expiresAt !== NEVER || alive.has(owner)) ? [{ sessionId, owner, epoch }] : [],
      )
    },

    async release({ sessionId, owner, epoch }) {
      await connection.collections.leases.updateOne({ _id: sessionId, owner, epoch }, { $set: { owner: null } })
    },
  }

  type Next = Pick<LeaseDocument, 'expiresAt'> & { owner: string }

  async function take(sessionId: string, free: object, next: Next): Promise<Lease | undefined> {
    const { leases } = connection.collections
    const update = { $set: next, $inc: { epoch: 1 } }
    const options = { returnDocument: 'after' } as const
    const filter = { _id: sessionId, ...free }
    const taken = await leases
      .findOneAndUpdate(filter, update, { ...options, upsert: true })
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error
        // There is a lease, and the filter did not match it when it was tried, or it was made in that moment.
        return leases.findOneAndUpdate(filter, update, options)
      })
    return taken ? { sessionId, owner: next.owner, epoch: taken.epoch } : undefined
  }

  /** By the epoch that was seen: a node that was declared dead may have joined anew, and taken the session first. */
  async function takeFromDead(sessionId: string, next: Next): Promise<Lease | undefined> {
    const { leases } = connection.collections
    const seen = await leases.findOne({ _id: sessionId, expiresAt: NEVER })
    if (!seen || seen.owner === null || !(await roll.bury(seen.owner))) return undefined
    const { owner, epoch } = seen
    const update = { $set: next, $inc: { epoch: 1 } }
    const taken = await leases.findOneAndUpdate({ _id: sessionId, owner, epoch }, update, { returnDocument: 'after' })
    return taken ? { sessionId, owner: next.owner, epoch: taken.epoch } : undefined
  }
}
