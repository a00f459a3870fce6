import type { WebhookStore } from '../ports/webhook-store.js'
import { decodeCursor } from '../records/cursor.js'
import { pageOf } from '../records/page.js'
import type { WebhookRecord } from '../records/webhook.js'
import { copyOf } from '../util/copy.js'

export function createWebhookStore(): WebhookStore {
  const webhooks = new Map<string, WebhookRecord>()

  return {
    async insert(webhook) {
      if (webhooks.has(webhook.id)) return false
      webhooks.set(webhook.id, copyOf(webhook))
      return true
    },

    async get(webhookId) {
      return copyOf(webhooks.get(webhookId))
    },

    async list({ limit, cursor }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const found = [...webhooks.values()].filter(({ id }) => id > after)
      const byId = found.sort((left, right) => (left.id < right.id ? -1 : 1))
      return pageOf(copyOf(byId), limit, ({ id }) => [id])
    },

    async replace(webhook) {
      if (webhooks.get(webhook.id)?.revision !== webhook.revision - 1) return false
      webhooks.set(webhook.id, copyOf(webhook))
      return true
    },

    async remove(webhookId) {
      return webhooks.delete(webhookId)
    },
  }
}
