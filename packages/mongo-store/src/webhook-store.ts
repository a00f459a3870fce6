import { decodeCursor, pageOf, type WebhookRecord, type WebhookStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { WebhookDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'

export function createWebhookStore(connection: Connection): WebhookStore {
  return {
    async insert(webhook) {
      try {
        await connection.collections.webhooks.insertOne({ _id: webhook.id, ...contentOf(webhook) })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async get(webhookId) {
      const document = await connection.collections.webhooks.findOne({ _id: webhookId })
      return document ? recordOf(document) : undefined
    },

    async list({ limit, cursor }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const found = connection.collections.webhooks.find({ _id: { $gt: after } }).sort({ _id: 1 })
      const documents = await found.limit(limit + 1).toArray()
      return pageOf(documents.map(recordOf), limit, ({ id }) => [id])
    },

    async replace(webhook) {
      const before = { _id: webhook.id, revision: webhook.revision - 1 }
      const { matchedCount } = await connection.collections.webhooks.updateOne(before, { $set: contentOf(webhook) })
      return matchedCount === 1
    },

    async remove(webhookId) {
      return (await connection.collections.webhooks.deleteOne({ _id: webhookId })).deletedCount === 1
    },
  }
}

function contentOf(webhook: WebhookRecord): Omit<WebhookDocument, '_id'> {
  return { revision: webhook.revision, record: JSON.stringify(webhook) }
}

function recordOf({ record }: WebhookDocument): WebhookRecord {
  return JSON.parse(record)
}
