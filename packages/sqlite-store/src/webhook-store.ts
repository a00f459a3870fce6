import { decodeCursor, pageOf, type WebhookRecord, type WebhookStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { Row } from './engine.js'

interface WebhookRow extends Row {
  record: string
}

export function createWebhookStore(connection: Connection): WebhookStore {
  return {
    async insert(webhook) {
      const { id, revision } = webhook
      const sql = 'INSERT INTO webhooks (id, revision, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
      return (await connection.write(() => connection.engine.run(sql, id, revision, JSON.stringify(webhook)))) === 1
    },

    async get(webhookId) {
      const row = connection.engine.get<WebhookRow>('SELECT record FROM webhooks WHERE id = ?', webhookId)
      return row && recordOf(row)
    },

    async list({ limit, cursor }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const sql = 'SELECT record FROM webhooks WHERE id > ? ORDER BY id LIMIT ?'
      const rows = connection.engine.all<WebhookRow>(sql, after, limit + 1)
      return pageOf(rows.map(recordOf), limit, ({ id }) => [id])
    },

    async replace(webhook) {
      const { id, revision } = webhook
      const sql = 'UPDATE webhooks SET revision = ?, record = ? WHERE id = ? AND revision = ?'
      const record = JSON.stringify(webhook)
      return (await connection.write(() => connection.engine.run(sql, revision, record, id, revision - 1))) === 1
    },

    async remove(webhookId) {
      return (await connection.write(() => connection.engine.run('DELETE FROM webhooks WHERE id = ?', webhookId))) === 1
    },
  }
}

function recordOf({ record }: WebhookRow): WebhookRecord {
  return JSON.parse(record)
}
