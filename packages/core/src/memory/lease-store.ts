import type { Clock } from '../ports/clock.js'
import type { Lease, LeaseStore } from '../ports/lease-store.js'

/** Without an owner once it was released; the epoch stays. */
type HeldLease = Omit<Lease, 'owner'> & { owner?: string; expiresAt: number }

export function createLeaseStore(clock: Pick<Clock, 'now'>): LeaseStore {
  const leases = new Map<string, HeldLease>()

  return {
    async acquire(sessionId, { owner, ttlMs }) {
      const held = leases.get(sessionId)
      const heldByOther = held?.owner !== undefined && held.owner !== owner
      if (heldByOther && held.expiresAt > clock.now()) return undefined
      const lease = { sessionId, owner, epoch: (held?.epoch ?? 0) + 1 }
      leases.set(sessionId, { ...lease, expiresAt: clock.now() + ttlMs })
      return lease
    },

    async renew(renewed, { ttlMs }) {
      return renewed.flatMap((lease) => {
        const held = ours(lease)
        if (!held) return [lease.sessionId]
        held.expiresAt = clock.now() + ttlMs
        return []
      })
    },

    async held(sessionIds) {
      return sessionIds.flatMap((sessionId) => {
        const { owner, epoch = 0, expiresAt = 0 } = leases.get(sessionId) ?? {}
        return owner !== undefined && expiresAt > clock.now() ? [{ sessionId, owner, epoch }] : []
      })
    },

    async release(lease) {
      const held = ours(lease)
      if (held) delete held.owner
    },
  }

  function ours(lease: Lease): HeldLease | undefined {
    const held = leases.get(lease.sessionId)
    return held?.owner === lease.owner && held.epoch === lease.epoch ? held : undefined
  }
}
