import type { Clock, LeaseStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'

/**
 * Leases of an earlier process are cleared when the file is opened: the lock on it says that its owner is gone. So when they
 * expire is remembered here and never written, and a process that does nothing does not keep the disk busy.
 */
export function createLeaseStore(connection: Connection, clock: Pick<Clock, 'now'>): LeaseStore {
  /** By session. `expiresAt`: milliseconds since 1970. */
  const held = new Map<string, { owner: string; epoch: number; expiresAt: number }>()

  return {
    async acquire(sessionId, { owner, ttlMs }) {
      const { engine } = connection
      const taken = await connection.write(() => {
        const last = held.get(sessionId)
        const isFree = !last || last.owner === owner || last.expiresAt <= clock.now()
        const lease = engine.get<{ epoch: number }>(
          `INSERT INTO leases (session_id, owner, epoch) VALUES (?, ?, 1)
           ON CONFLICT DO UPDATE SET owner = excluded.owner, epoch = epoch + 1
           WHERE owner IS NULL OR owner = excluded.owner OR ?
           RETURNING epoch`,
          sessionId,
          owner,
          isFree ? 1 : 0,
        )
        if (lease) held.set(sessionId, { owner, epoch: lease.epoch, expiresAt: clock.now() + ttlMs })
        return lease
      })
      return taken && { sessionId, owner, epoch: taken.epoch }
    },

    async renew(leases, { ttlMs }) {
      const expiresAt = clock.now() + ttlMs
      const sql = 'SELECT 1 AS held FROM leases WHERE session_id = ? AND owner = ? AND epoch = ?'
      const lost = leases.filter(({ sessionId, owner, epoch }) => {
        if (!connection.engine.get(sql, sessionId, owner, epoch)) return true
        held.set(sessionId, { owner, epoch, expiresAt })
        return false
      })
      return lost.map(({ sessionId }) => sessionId)
    },

    async held(sessionIds) {
      return sessionIds.flatMap((sessionId) => {
        const lease = held.get(sessionId)
        return lease && lease.expiresAt > clock.now() ? [{ sessionId, owner: lease.owner, epoch: lease.epoch }] : []
      })
    },

    async release({ sessionId, owner, epoch }) {
      const sql = 'UPDATE leases SET owner = NULL WHERE session_id = ? AND owner = ? AND epoch = ?'
      await connection.write(() => {
        if (connection.engine.run(sql, sessionId, owner, epoch) > 0) held.delete(sessionId)
      })
    },
  }
}
