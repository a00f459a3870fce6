import { z } from 'zod'
import { pageOf } from '../fields.js'
import type { Route } from '../route.js'
import {
  createdWebhookSchema,
  createdWebhookSecretSchema,
  createWebhookSchema,
  deliveryAttemptSchema,
  deliverySchema,
  redeliveredSchema,
  redeliverSchema,
  updateWebhookSchema,
  webhookSchema,
} from '../webhook.js'
import { pageQuery } from './parts.js'

const webhookParams = z.strictObject({
  webhookId: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'The webhook that this is about.', example: '019ac2f0-5d2e-7c31-9f0a-6b1d2c3e4f50' }),
})

/** Not there on a store that keeps no webhooks. Those that read sessions of others do not exist for the caller. */
export const WEBHOOKS_ROUTES = {
  listWebhooks: {
    method: 'GET',
    path: '/webhooks',
    summary: 'The webhooks, in the order in which they were made.',
    access: 'webhooks:manage',
    query: pageQuery,
    responses: { 200: { json: pageOf(webhookSchema) } },
    errors: [],
  },
  createWebhook: {
    method: 'POST',
    path: '/webhooks',
    summary: 'Makes a webhook. The answer has its secret, which nobody sees again.',
    access: 'webhooks:manage',
    body: { json: createWebhookSchema },
    responses: { 201: { json: createdWebhookSchema } },
    errors: ['WEBHOOK_LIMIT_REACHED'],
  },
  getWebhook: {
    method: 'GET',
    path: '/webhooks/:webhookId',
    summary: 'One webhook.',
    access: 'webhooks:manage',
    params: webhookParams,
    responses: { 200: { json: webhookSchema } },
    errors: ['WEBHOOK_NOT_FOUND'],
  },
  updateWebhook: {
    method: 'PATCH',
    path: '/webhooks/:webhookId',
    summary: 'Changes a webhook, or switches it on or off.',
    access: 'webhooks:manage',
    params: webhookParams,
    body: { json: updateWebhookSchema },
    responses: { 200: { json: webhookSchema } },
    errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_BUSY'],
  },
  deleteWebhook: {
    method: 'DELETE',
    path: '/webhooks/:webhookId',
    summary: 'Removes a webhook; what waits to be delivered is canceled.',
    access: 'webhooks:manage',
    params: webhookParams,
    responses: { 204: {} },
    errors: ['WEBHOOK_NOT_FOUND'],
  },
  testWebhook: {
    method: 'POST',
    path: '/webhooks/:webhookId/test',
    summary: 'Sends a message of the type `webhook.test` once, and answers what came of it.',
    access: 'webhooks:manage',
    params: webhookParams,
    responses: { 200: { json: deliveryAttemptSchema } },
    errors: ['WEBHOOK_NOT_FOUND'],
  },
  createWebhookSecret: {
    method: 'POST',
    path: '/webhooks/:webhookId/secrets',
    summary: 'A second signing secret: messages are signed by both until the older one is removed.',
    access: 'webhooks:manage',
    params: webhookParams,
    responses: { 201: { json: createdWebhookSecretSchema } },
    errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_LIMIT_REACHED', 'WEBHOOK_BUSY'],
  },
  deleteWebhookSecret: {
    method: 'DELETE',
    path: '/webhooks/:webhookId/secrets/:secretId',
    summary: 'Ends a signing secret; the last one stays.',
    access: 'webhooks:manage',
    params: webhookParams.extend({
      secretId: z
        .string()
        .min(1)
        .max(128)
        .meta({ description: 'The secret that ends.', example: '019ac2f0-5d2e-7c31-9f0a-6b1d2c3e4f51' }),
    }),
    responses: { 204: {} },
    errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_SECRET_NOT_FOUND', 'WEBHOOK_BUSY'],
  },
  listWebhookDeliveries: {
    method: 'GET',
    path: '/webhooks/:webhookId/deliveries',
    summary:
      'What is on its way and what became of the others, oldest first, with every attempt. Kept for 30 days; of those that were delivered the last 500.',
    access: 'webhooks:manage',
    params: webhookParams,
    query: pageQuery.extend({
      state: z
        .enum(['retrying', 'delivered', 'dead', 'canceled'])
        .optional()
        .meta({ description: 'Only deliveries in this state.' }),
    }),
    responses: { 200: { json: pageOf(deliverySchema) } },
    errors: ['WEBHOOK_NOT_FOUND'],
  },
  redeliver: {
    method: 'POST',
    path: '/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
    summary: 'Delivers an event again, at once and with the same `webhook-id`, as a delivery of its own.',
    access: 'webhooks:manage',
    params: webhookParams.extend({
      deliveryId: z.string().min(1).max(128).meta({
        description: 'The delivery to repeat.',
        example: 'msg_Vp1WxQJXvJqoTLVZrSyfk0XHmRSWWQWW',
      }),
    }),
    responses: { 202: { json: deliverySchema } },
    errors: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'],
  },
  redeliverMany: {
    method: 'POST',
    path: '/webhooks/:webhookId/redeliver',
    summary: 'Delivers the events of a range of time again, with the same `webhook-id` each.',
    access: 'webhooks:manage',
    params: webhookParams,
    body: { json: redeliverSchema },
    responses: { 202: { json: redeliveredSchema } },
    errors: ['WEBHOOK_NOT_FOUND'],
  },
} as const satisfies Record<string, Route>
