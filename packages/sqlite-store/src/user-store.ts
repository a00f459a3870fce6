import { decodeCursor, pageOf, TrunklineError, type UserRecord, type UserStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { Row } from './engine.js'

interface UserRow extends Row {
  id: string
  record: string
}

interface FamilyRow extends Row {
  user_id: string
  token_hash: string
  expires_at: string
}

export function createUserStore(connection: Connection): UserStore {
  return {
    async insert(user) {
      const inserted = await connection.write(() =>
        connection.engine.run(
          'INSERT INTO users (id, email, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          user.id,
          user.email.toLowerCase(),
          JSON.stringify(user),
        ),
      )
      return inserted === 1
    },

    async get(userId) {
      return read(userId)
    },

    async findByEmail(email) {
      const row = connection.engine.get<UserRow>('SELECT id, record FROM users WHERE email = ?', email.toLowerCase())
      return row && recordOf(row)
    },

    async list({ limit, cursor }) {
      const rows = connection.engine.all<UserRow>(
        'SELECT id, record FROM users WHERE id > ? ORDER BY id LIMIT ?',
        cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? ''),
        limit + 1,
      )
      return pageOf(rows.map(recordOf), limit, ({ id }) => [id])
    },

    async update(userId, changes) {
      const { engine } = connection
      return connection.write(() => {
        const user = read(userId)
        if (!user) return undefined
        const given = Object.entries(changes).filter(([, value]) => value !== undefined)
        const updated: UserRecord = { ...user, ...Object.fromEntries(given) }
        const email = updated.email.toLowerCase()
        if (engine.get('SELECT id FROM users WHERE email = ? AND id <> ?', email, userId)) {
          throw new TrunklineError('EMAIL_IN_USE')
        }
        engine.run('UPDATE users SET email = ?, record = ? WHERE id = ?', email, JSON.stringify(updated), userId)
        return updated
      })
    },

    async remove(userId) {
      const { engine } = connection
      await connection.write(() => {
        engine.run('DELETE FROM users WHERE id = ?', userId)
        engine.run('DELETE FROM refresh_families WHERE user_id = ?', userId)
      })
    },

    async insertRefreshFamily({ id, userId, tokenHash, createdAt, expiresAt }) {
      const { engine } = connection
      await connection.write(() => {
        // A login is the moment to clear away the families that have expired by then.
        engine.run('DELETE FROM refresh_families WHERE expires_at <= ?', createdAt)
        engine.run(
          `INSERT INTO refresh_families (id, user_id, token_hash, expires_at) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
          id,
          userId,
          tokenHash,
          expiresAt,
        )
      })
    },

    async rotateRefreshToken(familyId, { presentedHash, nextHash, expiresAt, now }) {
      const { engine } = connection
      return connection.write(() => {
        const family = engine.get<FamilyRow>(
          'SELECT user_id, token_hash, expires_at FROM refresh_families WHERE id = ?',
          familyId,
        )
        if (!family || family.expires_at <= now) return { outcome: 'missing' as const }
        if (family.token_hash !== presentedHash) {
          engine.run('DELETE FROM refresh_families WHERE id = ?', familyId)
          return { outcome: 'reused' as const }
        }
        engine.run(
          'UPDATE refresh_families SET token_hash = ?, expires_at = ? WHERE id = ?',
          nextHash,
          expiresAt,
          familyId,
        )
        return { outcome: 'rotated' as const, userId: family.user_id }
      })
    },

    async revokeRefreshFamily(familyId) {
      await connection.write(() => connection.engine.run('DELETE FROM refresh_families WHERE id = ?', familyId))
    },

    async revokeRefreshFamilies(userId) {
      await connection.write(() => connection.engine.run('DELETE FROM refresh_families WHERE user_id = ?', userId))
    },
  }

  function read(userId: string): UserRecord | undefined {
    const row = connection.engine.get<UserRow>('SELECT id, record FROM users WHERE id = ?', userId)
    return row && recordOf(row)
  }
}

function recordOf(row: UserRow): UserRecord {
  return JSON.parse(row.record)
}
