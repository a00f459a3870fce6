import type { TrafficHour, TrafficStore } from '@trunkline/core/store'
import { batchesOf } from './batches.js'
import type { Connection } from './connection.js'

export function createTrafficStore(connection: Connection): TrafficStore {
  return {
    async add(counts) {
      for (const some of batchesOf(counts)) {
        await connection.write(
          () => {
            for (const { at, sessionId, sent, received, failed } of some)
              connection.engine.run(
                `INSERT INTO traffic (hour, session_id, sent, received, failed) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET sent = sent + excluded.sent, received = received + excluded.received,
                 failed = failed + excluded.failed`,
                at,
                sessionId,
                sent,
                received,
                failed,
              )
          },
          { rows: some.length },
        )
      }
    },

    async sum({ since, ids }) {
      const rows = connection.engine.all<{ [Name in keyof TrafficHour]: TrafficHour[Name] }>(
        `SELECT hour AS at, sum(sent) AS sent, sum(received) AS received, sum(failed) AS failed FROM traffic
         WHERE hour >= ? ${ids ? 'AND session_id IN (SELECT value FROM json_each(?))' : ''} GROUP BY hour ORDER BY hour`,
        since,
        ...(ids ? [JSON.stringify(ids)] : []),
      )
      return rows.map(({ at, sent, received, failed }) => ({ at, sent, received, failed }))
    },

    async prune({ before, limit }) {
      return connection.write(() =>
        connection.engine.run(
          `DELETE FROM traffic WHERE (hour, session_id) IN
           (SELECT hour, session_id FROM traffic WHERE hour < ? ORDER BY hour, session_id LIMIT ?)`,
          before,
          limit,
        ),
      )
    },

    async removeAll(sessionId) {
      await connection.write(() => connection.engine.run('DELETE FROM traffic WHERE session_id = ?', sessionId))
    },
  }
}
