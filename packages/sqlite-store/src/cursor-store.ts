import type { CursorStore } from '@trunkline/core/store'
import { ROWS_AT_ONCE } from './batches.js'
import type { Connection } from './connection.js'

export function createCursorStore(connection: Connection): CursorStore {
  return {
    async begin(reader, at) {
      const { engine } = connection
      const readBeginning = () =>
        engine.get<{ began_at: string }>('SELECT began_at FROM readers WHERE name = ?', reader)?.began_at
      return (
        readBeginning() ??
        connection.write(() => {
          engine.run('INSERT INTO readers (name, began_at) VALUES (?, ?) ON CONFLICT DO NOTHING', reader, at)
          return readBeginning() ?? at
        })
      )
    },

    async read(reader, sessionIds) {
      const sql = 'SELECT seq FROM cursors WHERE reader = ? AND session_id = ?'
      return new Map(
        sessionIds.flatMap((sessionId) => {
          const found = connection.engine.get<{ seq: number }>(sql, reader, sessionId)
          return found ? [[sessionId, found.seq] as const] : []
        }),
      )
    },

    async save(reader, numbers) {
      const all = [...numbers]
      for (let from = 0; from < all.length; from += ROWS_AT_ONCE) {
        const some = all.slice(from, from + ROWS_AT_ONCE)
        await connection.write(
          () => {
            for (const [sessionId, seq] of some)
              connection.engine.run(
                `INSERT INTO cursors (reader, session_id, seq) VALUES (?, ?, ?)
                 ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
                reader,
                sessionId,
                seq,
              )
          },
          { rows: some.length },
        )
      }
    },

    async remove(reader) {
      await connection.write(() => {
        connection.engine.run('DELETE FROM readers WHERE name = ?', reader)
        connection.engine.run('DELETE FROM cursors WHERE reader = ?', reader)
      })
    },

    async removeAll(sessionId) {
      await connection.write(() => connection.engine.run('DELETE FROM cursors WHERE session_id = ?', sessionId))
    },
  }
}
