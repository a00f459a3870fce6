import { randomUUID } from 'node:crypto'
import { type AuthArchive, type AuthStore, TrunklineError } from '@trunkline/core/store'
import { ROWS_AT_ONCE } from './batches.js'
import type { Connection } from './connection.js'

export function createAuthStore(connection: Connection): AuthStore {
  /** The epochs in the file, as far as they are known to be there: no other process writes to it. */
  const fences = new Map<string, number>()

  return {
    async readCreds(sessionId) {
      const { engine } = connection
      return engine.get<{ value: Uint8Array }>('SELECT value FROM auth_creds WHERE session_id = ?', sessionId)?.value
    },

    async readKeys(sessionId, type, ids) {
      const rows = connection.engine.all<{ id: string; value: Uint8Array }>(
        `SELECT id, value FROM auth_keys
         WHERE session_id = ? AND type = ? AND id IN (SELECT value FROM json_each(?))`,
        sessionId,
        type,
        JSON.stringify(ids),
      )
      return new Map(rows.map(({ id, value }) => [id, value]))
    },

    async listKeyIds(sessionId, type) {
      const rows = connection.engine.all<{ id: string }>(
        'SELECT id FROM auth_keys WHERE session_id = ? AND type = ?',
        sessionId,
        type,
      )
      return rows.map(({ id }) => id)
    },

    async commit(sessionId, batch, { epoch }) {
      const { engine } = connection
      await connection.write(() => {
        if (fences.get(sessionId) !== epoch) fence(sessionId, epoch)
        for (const { type, id, value } of batch.puts ?? []) {
          engine.run(
            `INSERT INTO auth_keys (session_id, type, id, value) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET value = excluded.value`,
            sessionId,
            type,
            id,
            value,
          )
        }
        for (const { type, id } of batch.deletes ?? []) {
          engine.run('DELETE FROM auth_keys WHERE session_id = ? AND type = ? AND id = ?', sessionId, type, id)
        }
        if (batch.creds) {
          engine.run(
            `INSERT INTO auth_creds (session_id, value) VALUES (?, ?)
             ON CONFLICT DO UPDATE SET value = excluded.value`,
            sessionId,
            batch.creds,
          )
        }
      })
      fences.set(sessionId, epoch)
    },

    async archive(sessionId, { epoch, reason, at }) {
      const { engine } = connection
      return connection.write(() => {
        fence(sessionId, epoch)
        const archive: AuthArchive = { id: randomUUID(), at, reason }
        const archived = engine.run(
          `INSERT INTO auth_archives (id, session_id, at, reason, creds)
           SELECT ?, session_id, ?, ?, value FROM auth_creds WHERE session_id = ?`,
          archive.id,
          at,
          reason,
          sessionId,
        )
        if (archived === 0) return undefined
        engine.run(
          `INSERT INTO auth_archived_keys (archive_number, type, id, value)
           SELECT archives.number, keys.type, keys.id, keys.value
           FROM auth_archives AS archives JOIN auth_keys AS keys ON keys.session_id = archives.session_id
           WHERE archives.id = ?`,
          archive.id,
        )
        removeInUse(sessionId)
        return archive
      })
    },

    async listArchives(sessionId) {
      return connection.engine.all<{ id: string; at: string; reason: string }>(
        'SELECT id, at, reason FROM auth_archives WHERE session_id = ? ORDER BY at DESC, number DESC',
        sessionId,
      )
    },

    async restore(sessionId, archiveId, { epoch }) {
      const { engine } = connection
      await connection.write(() => {
        fence(sessionId, epoch)
        const archive = engine.get<{ number: number }>(
          'SELECT number FROM auth_archives WHERE id = ? AND session_id = ?',
          archiveId,
          sessionId,
        )
        if (!archive) throw new TrunklineError('ARCHIVE_NOT_FOUND')
        if (engine.get('SELECT 1 AS found FROM auth_creds WHERE session_id = ?', sessionId)) {
          throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
        }
        removeInUse(sessionId)
        engine.run(
          `INSERT INTO auth_creds (session_id, value)
           SELECT session_id, creds FROM auth_archives WHERE number = ?`,
          archive.number,
        )
        engine.run(
          `INSERT INTO auth_keys (session_id, type, id, value)
           SELECT ?, type, id, value FROM auth_archived_keys WHERE archive_number = ?`,
          sessionId,
          archive.number,
        )
        removeArchives('number = ?', archive.number)
      })
    },

    async purge(sessionId) {
      await connection.write(() => {
        removeInUse(sessionId)
        removeArchives('session_id = ?', sessionId)
      })
    },

    async purgeArchives({ before }) {
      const { engine } = connection
      const old = engine.all<{ number: number }>(
        'SELECT number FROM auth_archives WHERE at < ? ORDER BY number',
        before,
      )
      for (const { number } of old) {
        // Each holds hundreds of keys: others get their turn in between.
        await connection.write(() => removeArchives('number = ?', number), { rows: ROWS_AT_ONCE })
      }
      return old.length
    },
  }

  /** Lets a writer of this epoch through and shuts out every older one. */
  function fence(sessionId: string, epoch: number): void {
    const raised = connection.engine.run(
      `INSERT INTO auth_fences (session_id, epoch) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET epoch = excluded.epoch WHERE epoch <= excluded.epoch`,
      sessionId,
      epoch,
    )
    if (raised === 0) throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
    // Known again once it is on the disk: until then an older one must not be let through beside it.
    fences.delete(sessionId)
  }

  function removeInUse(sessionId: string): void {
    connection.engine.run('DELETE FROM auth_creds WHERE session_id = ?', sessionId)
    connection.engine.run('DELETE FROM auth_keys WHERE session_id = ?', sessionId)
  }

  function removeArchives(condition: 'number = ?' | 'session_id = ?', value: string | number): void {
    connection.engine.run(
      `DELETE FROM auth_archived_keys WHERE archive_number IN (SELECT number FROM auth_archives WHERE ${condition})`,
      value,
    )
    connection.engine.run(`DELETE FROM auth_archives WHERE ${condition}`, value)
  }
}
