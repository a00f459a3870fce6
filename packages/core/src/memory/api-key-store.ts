import type { ApiKeyRecord, ApiKeyStore } from '../ports/api-key-store.js'
import { decodeCursor } from '../records/cursor.js'
import { pageOf } from '../records/page.js'
import { copyOf } from '../util/copy.js'

export function createApiKeyStore(): ApiKeyStore {
  const keys = new Map<string, ApiKeyRecord>()
  const withHash = (hash: string) => [...keys.values()].find((key) => key.hash === hash)

  return {
    async insert(key) {
      if (keys.has(key.id) || withHash(key.hash)) return false
      keys.set(key.id, copyOf(key))
      return true
    },

    async get(keyId) {
      return copyOf(keys.get(keyId))
    },

    async findByHash(hash) {
      return copyOf(withHash(hash))
    },

    async list({ limit, cursor, userId }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const matching = [...keys.values()].filter(
        (key) => key.id > after && (userId === undefined || key.userId === userId),
      )
      const ordered = matching.sort((left, right) => (left.id < right.id ? -1 : 1))
      return copyOf(pageOf(ordered, limit, ({ id }) => [id]))
    },

    async touch(keyId, at) {
      const key = keys.get(keyId)
      if (key && (key.lastUsedAt ?? '') < at) keys.set(keyId, { ...key, lastUsedAt: at })
    },

    async remove(keyId) {
      return keys.delete(keyId)
    },

    async removeAll(userId) {
      for (const key of keys.values()) if (key.userId === userId) keys.delete(key.id)
    },
  }
}
