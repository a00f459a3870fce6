import type { Clock } from '../ports/clock.js'
import type { Lease, LeaseStore } from '../ports/lease-store.js'
import { NodeRoll } from './node-roll.js'

/** Without an owner once it was released; the epoch stays. Without an end where it is a node's. */
type HeldLease = Omit<Lease, 'owner'> & { owner?: string; expiresAt?: number }

export function createLeaseStore(clock: Pick<Clock, 'now'>): LeaseStore {
  const leases = new Map<string, HeldLease>()
  const roll = new NodeRoll(clock)

  return {
    join: async (node, { ttlMs }) => roll.join(node, ttlMs),
    renew: async (nodeId, report, { ttlMs }) => roll.renew(nodeId, report, ttlMs),
    leave: async (nodeId) => roll.leave(nodeId),
    members: async () => roll.members,
    now: async () => clock.now(),

    async acquire(sessionId, by) {
      if ('node' in by && !roll.isMember(by.node)) return undefined
      const owner = 'node' in by ? by.node : by.owner
      const held = leases.get(sessionId)
      if (held && held.owner !== owner && !isFree(held)) return undefined
      const lease = { sessionId, owner, epoch: (held?.epoch ?? 0) + 1 }
      leases.set(sessionId, { ...lease, ...('node' in by ? {} : { expiresAt: clock.now() + by.ttlMs }) })
      return lease
    },

    async held(sessionIds) {
      return sessionIds.flatMap((sessionId) => {
        const { owner, epoch = 0, expiresAt } = leases.get(sessionId) ?? {}
        if (owner === undefined) return []
        const lasts = expiresAt === undefined ? roll.isAlive(owner) : expiresAt > clock.now()
        return lasts ? [{ sessionId, owner, epoch }] : []
      })
    },

    async release(lease) {
      const held = leases.get(lease.sessionId)
      if (held?.owner === lease.owner && held.epoch === lease.epoch) delete held.owner
    },
  }

  function isFree({ owner, expiresAt }: HeldLease): boolean {
    if (owner === undefined) return true
    return expiresAt === undefined ? roll.bury(owner) : expiresAt <= clock.now()
  }
}
