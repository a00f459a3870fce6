import { type ApiKeyRecord, type ApiKeyStore, decodeCursor, pageOf } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { Row } from './engine.js'

interface KeyRow extends Row {
  record: string
  last_used_at: string | null
}

const COLUMNS = 'record, last_used_at'

export function createApiKeyStore(connection: Connection): ApiKeyStore {
  return {
    async insert({ lastUsedAt, ...key }) {
      const inserted = await connection.write(() =>
        connection.engine.run(
          'INSERT INTO api_keys (id, user_id, hash, last_used_at, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
          key.id,
          key.userId,
          key.hash,
          lastUsedAt ?? null,
          JSON.stringify(key),
        ),
      )
      return inserted === 1
    },

    async get(keyId) {
      return found('id', keyId)
    },

    async findByHash(hash) {
      return found('hash', hash)
    },

    async list({ limit, cursor, userId }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const [made, maker] = userId === undefined ? ['', []] : ['user_id = ? AND ', [userId]]
      const rows = connection.engine.all<KeyRow>(
        `SELECT ${COLUMNS} FROM api_keys WHERE ${made}id > ? ORDER BY id LIMIT ?`,
        ...maker,
        after,
        limit + 1,
      )
      return pageOf(rows.map(recordOf), limit, ({ id }) => [id])
    },

    async touch(keyId, at) {
      const newer = 'UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)'
      await connection.write(() => connection.engine.run(newer, at, keyId, at))
    },

    async remove(keyId) {
      return (await connection.write(() => connection.engine.run('DELETE FROM api_keys WHERE id = ?', keyId))) === 1
    },

    async removeAll(userId) {
      await connection.write(() => connection.engine.run('DELETE FROM api_keys WHERE user_id = ?', userId))
    },
  }

  function found(column: 'id' | 'hash', value: string): ApiKeyRecord | undefined {
    const row = connection.engine.get<KeyRow>(`SELECT ${COLUMNS} FROM api_keys WHERE ${column} = ?`, value)
    return row && recordOf(row)
  }
}

function recordOf({ record, last_used_at: lastUsedAt }: KeyRow): ApiKeyRecord {
  return { ...JSON.parse(record), ...(lastUsedAt === null ? {} : { lastUsedAt }) }
}
