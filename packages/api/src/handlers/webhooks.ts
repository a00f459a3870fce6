import { TrunklineError } from '@trunkline/core'
import type { Principal } from '../auth/authenticator.js'
import type { Handler, Manager } from '../handler.js'
import { coversSessions } from '../policy.js'

type WebhookRoute =
  | 'listWebhooks'
  | 'createWebhook'
  | 'getWebhook'
  | 'updateWebhook'
  | 'deleteWebhook'
  | 'testWebhook'
  | 'createWebhookSecret'
  | 'deleteWebhookSecret'
  | 'listWebhookDeliveries'
  | 'redeliver'
  | 'redeliverMany'

/** Present on a store that keeps webhooks. */
export function webhookHandlers({ webhooks }: Manager): { [Name in WebhookRoute]: Handler<Name> } {
  return {
    async listWebhooks({ principal, query }) {
      const { items, ...page } = await webhooks.list(query)
      return { status: 200, body: { items: items.filter((one) => coversSessions(principal, one.sessionIds)), ...page } }
    },
    async createWebhook({ principal, body }) {
      onlyOwnSessions(principal, body.sessionIds ?? '*')
      return { status: 201, body: await webhooks.create(body) }
    },
    async getWebhook({ principal, params }) {
      return { status: 200, body: await visible(principal, params.webhookId) }
    },
    async updateWebhook({ principal, params, body }) {
      await visible(principal, params.webhookId)
      if (body.sessionIds !== undefined) onlyOwnSessions(principal, body.sessionIds)
      return { status: 200, body: await webhooks.update(params.webhookId, body) }
    },
    async deleteWebhook({ principal, params }) {
      await visible(principal, params.webhookId)
      await webhooks.remove(params.webhookId)
      return { status: 204, body: undefined }
    },
    async testWebhook({ principal, params }) {
      await visible(principal, params.webhookId)
      return { status: 200, body: await webhooks.test(params.webhookId) }
    },
    async createWebhookSecret({ principal, params }) {
      await visible(principal, params.webhookId)
      return { status: 201, body: await webhooks.addSecret(params.webhookId) }
    },
    async deleteWebhookSecret({ principal, params }) {
      await visible(principal, params.webhookId)
      await webhooks.removeSecret(params.webhookId, params.secretId)
      return { status: 204, body: undefined }
    },
    async listWebhookDeliveries({ principal, params, query }) {
      await visible(principal, params.webhookId)
      return { status: 200, body: await webhooks.deliveries(params.webhookId, query) }
    },
    async redeliver({ principal, params }) {
      await visible(principal, params.webhookId)
      return { status: 202, body: await webhooks.redeliver(params.webhookId, params.deliveryId) }
    },
    async redeliverMany({ principal, params, body }) {
      await visible(principal, params.webhookId)
      return { status: 202, body: await webhooks.redeliverMany(params.webhookId, body) }
    },
  }

  /** A webhook that reads sessions of others does not exist for the caller. */
  async function visible(principal: Principal, webhookId: string) {
    const webhook = await webhooks.get(webhookId)
    if (coversSessions(principal, webhook.sessionIds)) return webhook
    throw new TrunklineError('WEBHOOK_NOT_FOUND', { details: { webhookId } })
  }
}

function onlyOwnSessions(principal: Principal, sessionIds: readonly string[] | '*'): void {
  if (coversSessions(principal, sessionIds)) return
  const message = 'Only the sessions given to you can be read: name them in sessionIds'
  throw new TrunklineError('FORBIDDEN', { message })
}
