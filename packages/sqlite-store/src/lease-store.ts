import type { Clock, LeaseStore } from '@trunkline/core'
import type { Connection } from './connection.js'

/** Leases of an earlier process are cleared when the file is opened: the lock on it says that its owner is gone. */
export function createLeaseStore(connection: Connection, clock: Pick<Clock, 'now'>): LeaseStore {
  return {
    async acquire(sessionId, { owner, ttlMs }) {
      const { engine } = connection
      const taken = await connection.write(() =>
        engine.get<{ epoch: number }>(
          `INSERT INTO leases (session_id, owner, epoch, expires_at_ms) VALUES (?, ?, 1, ?)
           ON CONFLICT DO UPDATE SET owner = excluded.owner, epoch = epoch + 1, expires_at_ms = excluded.expires_at_ms
           WHERE owner IS NULL OR owner = excluded.owner OR expires_at_ms <= ?
           RETURNING epoch`,
          sessionId,
          owner,
          clock.now() + ttlMs,
          clock.now(),
        ),
      )
      return taken && { sessionId, owner, epoch: taken.epoch }
    },

    async renew(leases, { ttlMs }) {
      const { engine } = connection
      return connection.write(() => {
        const expiresAt = clock.now() + ttlMs
        const lost = leases.filter(({ sessionId, owner, epoch }) => {
          const sql = 'UPDATE leases SET expires_at_ms = ? WHERE session_id = ? AND owner = ? AND epoch = ?'
          return engine.run(sql, expiresAt, sessionId, owner, epoch) === 0
        })
        return lost.map(({ sessionId }) => sessionId)
      })
    },

    async release({ sessionId, owner, epoch }) {
      const sql = 'UPDATE leases SET owner = NULL WHERE session_id = ? AND owner = ? AND epoch = ?'
      await connection.write(() => connection.engine.run(sql, sessionId, owner, epoch))
    },
  }
}
