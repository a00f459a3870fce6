import { type Clock, type LeaseStore, NodeRoll } from '@trunkline/core/store'
import type { Connection } from './connection.js'

/** As long as its node is a member, or until then: milliseconds since 1970. */
interface Held {
  owner: string
  epoch: number
  expiresAt: number | undefined
}

/**
 * Leases of an earlier process are cleared when the file is opened: the lock on it says that its nodes are gone. So when leases
 * expire, and who is a member, is remembered here and never written, and a process that does nothing does not keep the disk busy.
 */
export function createLeaseStore(connection: Connection, clock: Pick<Clock, 'now'>): LeaseStore {
  const held = new Map<string, Held>()
  const roll = new NodeRoll(clock)

  return {
    join: async (node, { ttlMs }) => roll.join(node, ttlMs),
    renew: async (nodeId, report, { ttlMs }) => roll.renew(nodeId, report, ttlMs),
    leave: async (nodeId) => roll.leave(nodeId),
    members: async () => roll.members,
    now: async () => clock.now(),

    async acquire(sessionId, by) {
      const { engine } = connection
      const owner = 'node' in by ? by.node : by.owner
      const taken = await connection.write(() => {
        if ('node' in by && !roll.isMember(by.node)) return undefined
        const last = held.get(sessionId)
        const isFree = !last || last.owner === owner || hasEnded(last)
        const lease = engine.get<{ epoch: number }>(
          `INSERT INTO leases (session_id, owner, epoch) VALUES (?, ?, 1)
           ON CONFLICT DO UPDATE SET owner = excluded.owner, epoch = epoch + 1
           WHERE owner IS NULL OR owner = excluded.owner OR ?
           RETURNING epoch`,
          sessionId,
          owner,
          isFree ? 1 : 0,
        )
        const expiresAt = 'node' in by ? undefined : clock.now() + by.ttlMs
        if (lease) held.set(sessionId, { owner, epoch: lease.epoch, expiresAt })
        return lease
      })
      return taken && { sessionId, owner, epoch: taken.epoch }
    },

    async held(sessionIds) {
      return sessionIds.flatMap((sessionId) => {
        const lease = held.get(sessionId)
        return lease && isAlive(lease) ? [{ sessionId, owner: lease.owner, epoch: lease.epoch }] : []
      })
    },

    async release({ sessionId, owner, epoch }) {
      const sql = 'UPDATE leases SET owner = NULL WHERE session_id = ? AND owner = ? AND epoch = ?'
      await connection.write(() => {
        if (connection.engine.run(sql, sessionId, owner, epoch) > 0) held.delete(sessionId)
      })
    },
  }

  function isAlive({ owner, expiresAt }: Held): boolean {
    return expiresAt === undefined ? roll.isAlive(owner) : expiresAt > clock.now()
  }

  /** Declares its node dead, where it is the lease of a node whose time ran out. */
  function hasEnded({ owner, expiresAt }: Held): boolean {
    return expiresAt === undefined ? roll.bury(owner) : expiresAt <= clock.now()
  }
}
