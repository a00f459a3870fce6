import {
  changedUser,
  decodeCursor,
  isFullAdmin,
  pageOf,
  searchForm,
  TrunklineError,
  type UserRecord,
  type UserStore,
  userSearchText,
} from '@trunkline/core/store'
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
          'INSERT INTO users (id, email, search, record) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          user.id,
          user.email.toLowerCase(),
          userSearchText(user),
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

    async list({ limit, cursor, search = '' }) {
      const rows = connection.engine.all<UserRow>(
        'SELECT id, record FROM users WHERE id > ? AND instr(search, ?) > 0 ORDER BY id LIMIT ?',
        cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? ''),
        searchForm(search),
        limit + 1,
      )
      return pageOf(rows.map(recordOf), limit, ({ id }) => [id])
    },

    async update(userId, changes, { expectedRevision, keepAdmin = false } = {}) {
      const { engine } = connection
      return connection.write(() => {
        const user = read(userId)
        if (!user || (expectedRevision !== undefined && user.revision !== expectedRevision)) return undefined
        const updated = changedUser(user, changes)
        const email = updated.email.toLowerCase()
        if (engine.get('SELECT id FROM users WHERE email = ? AND id <> ?', email, userId)) {
          throw new TrunklineError('EMAIL_IN_USE')
        }
        if (keepAdmin && !isFullAdmin(updated)) keepAnother(user)
        engine.run(
          'UPDATE users SET email = ?, search = ?, record = ? WHERE id = ?',
          email,
          userSearchText(updated),
          JSON.stringify(updated),
          userId,
        )
        return updated
      })
    },

    async remove(userId, { keepAdmin = false } = {}) {
      const { engine } = connection
      await connection.write(() => {
        const user = read(userId)
        if (user && keepAdmin) keepAnother(user)
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

  /** @throws LAST_ADMIN when this is the only full admin */
  function keepAnother(leaving: UserRecord): void {
    if (!isFullAdmin(leaving)) return
    const rows = connection.engine.all<UserRow>('SELECT id, record FROM users WHERE id <> ?', leaving.id)
    if (!rows.map(recordOf).some(isFullAdmin)) throw new TrunklineError('LAST_ADMIN')
  }

  function read(userId: string): UserRecord | undefined {
    const row = connection.engine.get<UserRow>('SELECT id, record FROM users WHERE id = ?', userId)
    return row && recordOf(row)
  }
}

function recordOf(row: UserRow): UserRecord {
  return JSON.parse(row.record)
}
