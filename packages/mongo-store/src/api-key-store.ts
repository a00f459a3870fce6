import { type ApiKeyStore, decodeCursor, pageOf } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { ApiKeyDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'

export function createApiKeyStore(connection: Connection): ApiKeyStore {
  return {
    async insert({ id, ...key }) {
      try {
        await connection.collections.apiKeys.insertOne({ _id: id, ...key })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async get(keyId) {
      return recordOf(await connection.collections.apiKeys.findOne({ _id: keyId }))
    },

    async findByHash(hash) {
      return recordOf(await connection.collections.apiKeys.findOne({ hash }))
    },

    async list({ limit, cursor, userId }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const filter = { _id: { $gt: after }, ...(userId === undefined ? {} : { userId }) }
      const found = connection.collections.apiKeys.find(filter).sort({ _id: 1 })
      const documents = await found.limit(limit + 1).toArray()
      return pageOf(
        documents.flatMap((document) => recordOf(document) ?? []),
        limit,
        ({ id }) => [id],
      )
    },

    async touch(keyId, at) {
      const earlier = [{ lastUsedAt: { $exists: false } }, { lastUsedAt: { $lt: at } }]
      await connection.collections.apiKeys.updateOne({ _id: keyId, $or: earlier }, { $set: { lastUsedAt: at } })
    },

    async remove(keyId) {
      return (await connection.collections.apiKeys.deleteOne({ _id: keyId })).deletedCount === 1
    },

    async removeAll(userId) {
      await connection.collections.apiKeys.deleteMany({ userId })
    },
  }
}

function recordOf(document: ApiKeyDocument | null) {
  if (!document) return undefined
  const { _id: id, ...key } = document
  return { id, ...key }
}
