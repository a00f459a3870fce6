import type { Lease, LeaseStore } from '@trunkline/core/store'

/**
 * Leases whose epochs go on where those of the auth store are: it outlives a lease store that begins again at 1, and would
 * take every new owner for a former one.
 *
 * @param highestEpoch the highest epoch that has written to a session, 0 when none has
 */
export function continueEpochs(leases: LeaseStore, highestEpoch: (sessionId: string) => Promise<number>): LeaseStore {
  /** As the lease store knows those that were given. */
  const stored = new WeakMap<Lease, Lease>()
  const asStored = (lease: Lease): Lease => stored.get(lease) ?? lease
  return {
    join: (node, options) => leases.join(node, options),
    renew: (nodeId, report, options) => leases.renew(nodeId, report, options),
    leave: (nodeId) => leases.leave(nodeId),
    members: () => leases.members(),
    now: () => leases.now(),
    async acquire(sessionId, by) {
      const lease = await leases.acquire(sessionId, by)
      if (!lease) return undefined
      const given = { ...lease, epoch: Math.max(lease.epoch, (await highestEpoch(sessionId)) + 1) }
      stored.set(given, lease)
      return given
    },
    // The epochs of other nodes are known to their stores alone.
    held: (sessionIds) => leases.held(sessionIds),
    release: (lease) => leases.release(asStored(lease)),
  }
}
