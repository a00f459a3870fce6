import { z } from 'zod'
import { EVENT_NAMES } from './events.js'
import { countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'
import { metadataSchema } from './session.js'

const { webhooks: limits } = LIMITS
const ID = { example: '019ac2f0-5d2e-7c31-9f0a-6b1d2c3e4f50' }
const SECRET = { example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD8G1mGZlRzY4=' }

const eventNameSchema = z.enum(EVENT_NAMES)
const eventsSchema = z.union([z.array(eventNameSchema).max(EVENT_NAMES.length), z.literal('*')])
const sessionIdsSchema = z.union([z.array(sessionIdSchema).max(limits.maxSessions), z.literal('*')])

const OWN_HEADERS =
  /^(webhook-.*|host|content-length|content-type|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect)$/i
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const headerName = z
  .string()
  .regex(new RegExp(limits.headerPattern), `must match ${limits.headerPattern}`)
  .refine((name) => !OWN_HEADERS.test(name), 'is a header of the request itself')
const headersSchema = z
  .record(
    headerName,
    z.string().max(limits.maxHeaderLength).regex(HEADER_VALUE, 'has characters that no header can have'),
  )
  .refine(
    (headers) => Object.keys(headers).length <= limits.maxHeaders,
    `must have at most ${limits.maxHeaders} entries`,
  )

const urlSchema = z
  .string()
  .max(limits.maxUrlLength)
  .refine(isHttpUrl, 'must be an address that begins with https:// or http://, without a user and a password')
const descriptionSchema = z.string().min(1).max(limits.description.maxLength)

const secretSchema = z.object({
  id: z.string().meta({ description: 'The id of the secret.', ...ID }),
  createdAt: timeSchema.meta({ description: 'When it was made (ISO 8601).' }),
})

export const webhookSchema = z
  .object({
    id: z.string().meta({ description: 'The id of the webhook.', ...ID }),
    url: z.string().meta({ description: 'Where messages are sent to.', example: 'https://example.org/hooks' }),
    events: eventsSchema.meta({ description: 'What is sent; `*` is every event that is logged.' }),
    sessionIds: sessionIdsSchema.meta({ description: 'The sessions that it is for; `*` is all of them.' }),
    metadata: z
      .record(z.string(), z.string())
      .optional()
      .meta({
        description: 'It is for sessions that have all of these in their metadata.',
        example: { team: 'sales' },
      }),
    headerNames: z
      .array(z.string())
      .meta({ description: 'Headers that go with each request. Their values are not shown.' }),
    ordered: z.boolean().meta({ description: 'Whether later events of a session wait for one that failed.' }),
    enabled: z.boolean().meta({ description: 'Whether it was switched on by somebody.' }),
    description: z.string().optional().meta({ description: 'A note for people.' }),
    state: z.enum(['ok', 'failing', 'disabled']).meta({
      description:
        '`failing` since a delivery failed and none succeeded, `disabled` when nothing is delivered any more.',
    }),
    stateReason: z.string().optional().meta({ description: 'Why it fails, or was disabled.', example: 'HTTP 503' }),
    failingSince: timeSchema.optional().meta({ description: 'Since when nothing could be delivered (ISO 8601).' }),
    secrets: z.array(secretSchema).meta({ description: 'The active signing secrets, oldest first, without values.' }),
    createdAt: timeSchema.meta({ description: 'When it was made (ISO 8601).' }),
    updatedAt: timeSchema.meta({ description: 'When somebody changed it last (ISO 8601).' }),
  })
  .meta({ id: 'Webhook', description: 'Somewhere that events are sent to, by Standard Webhooks.' })

/** The only answer that has the first secret. */
export const createdWebhookSchema = webhookSchema
  .extend({ secret: z.string().meta({ description: 'Signs the messages; shown this once.', ...SECRET }) })
  .meta({ id: 'CreatedWebhook', description: 'A webhook that was just made, with its secret.' })

export const createdWebhookSecretSchema = secretSchema
  .extend({ secret: z.string().meta({ description: 'Signs the messages; shown this once.', ...SECRET }) })
  .meta({ id: 'CreatedWebhookSecret', description: 'A secret that was just made.' })

export const createWebhookSchema = z
  .strictObject({
    url: urlSchema.meta({
      description: 'Where messages are sent to: `https:` or `http:`, not inside unless the server allows it.',
      example: 'https://example.org/hooks',
    }),
    events: eventsSchema.optional().meta({
      description:
        'What is sent; `*`, which it is unless given, is every event that is logged. Others can be named: they are sent once.',
      example: ['message', 'session.status'],
    }),
    sessionIds: sessionIdsSchema.optional().meta({ description: 'The sessions that it is for; `*` unless given.' }),
    metadata: metadataSchema
      .optional()
      .meta({ description: 'Only sessions that have all of these in their metadata.', example: { team: 'sales' } }),
    headers: headersSchema.optional().meta({
      description: 'Sent with each request; never shown again.',
      example: { Authorization: 'Bearer of-the-receiver' },
    }),
    ordered: z
      .boolean()
      .optional()
      .meta({ description: 'Whether later events of a session wait for one that failed; false unless given.' }),
    enabled: z.boolean().optional().meta({ description: 'Whether it begins at once; true unless given.' }),
    description: descriptionSchema.optional().meta({ description: 'A note for people.', example: 'Orders' }),
    from: z
      .union([z.enum(['now', 'start']), z.iso.datetime({ offset: true })])
      .optional()
      .meta({
        description:
          'With which events it begins: those from `now` on, which it is unless given, all that are kept (`start`), or those since a time.',
        example: 'now',
      }),
  })
  .meta({ id: 'CreateWebhook', description: 'A webhook to make.' })

export const updateWebhookSchema = z
  .strictObject({
    url: urlSchema.optional().meta({ description: 'Where messages are sent to.' }),
    events: eventsSchema.optional().meta({ description: 'What is sent.' }),
    sessionIds: sessionIdsSchema.optional().meta({ description: 'The sessions that it is for.' }),
    metadata: metadataSchema
      .nullable()
      .optional()
      .meta({ description: 'Takes the place of all it had; `null` clears it.' }),
    headers: headersSchema
      .nullable()
      .optional()
      .meta({ description: 'Take the place of all it had; `null` clears them.' }),
    ordered: z
      .boolean()
      .optional()
      .meta({ description: 'Whether later events of a session wait for one that failed.' }),
    enabled: z
      .boolean()
      .optional()
      .meta({ description: 'Switches it on or off; `true` tries a disabled one again, which goes on where it was.' }),
    description: descriptionSchema.nullable().optional().meta({ description: 'A note for people; `null` clears it.' }),
  })
  .meta({ id: 'UpdateWebhook', description: 'What to change of a webhook.' })

export const deliveryAttemptSchema = z
  .object({
    at: timeSchema.meta({ description: 'When the request began (ISO 8601).' }),
    status: z.int().optional().meta({ description: 'The status of the answer; left out when there was none.' }),
    durationMs: countSchema.meta({ description: 'How long it took, in milliseconds.' }),
    error: z.string().optional().meta({ description: 'Why it failed.', example: 'No answer in time' }),
    answer: z.string().optional().meta({ description: 'The first 1,024 bytes of the answer.' }),
  })
  .meta({ id: 'DeliveryAttempt', description: 'One request, and what came of it.' })

export const deliverySchema = z
  .object({
    id: z.string().meta({ description: 'The id of the delivery.', example: 'msg_Vp1WxQJXvJqoTLVZrSyfk0XHmRSWWQWW' }),
    webhookId: z.string().meta({ description: 'The webhook that it is of.', ...ID }),
    messageId: z.string().meta({ description: 'The header `webhook-id`, the same for each repeat of one event.' }),
    sessionId: sessionIdSchema.meta({ description: 'The session of the event.' }),
    seq: countSchema.meta({ description: "The number of the event in its session's log." }),
    event: eventNameSchema.meta({ description: 'The name of the event.' }),
    state: z.enum(['retrying', 'delivered', 'dead', 'canceled']).meta({
      description: '`dead` when no attempt is left, `canceled` with its webhook.',
    }),
    attempts: z.array(deliveryAttemptSchema).meta({ description: 'Every attempt so far, oldest first.' }),
    nextAt: timeSchema.optional().meta({ description: 'When the next attempt is due (ISO 8601).' }),
    createdAt: timeSchema.meta({ description: 'When it was begun (ISO 8601).' }),
  })
  .meta({ id: 'Delivery', description: 'An event on its way to a webhook, or what became of it.' })

export const redeliverSchema = z
  .strictObject({
    from: timeSchema.meta({
      description: 'Events that happened at this time or later (ISO 8601).',
      example: '2026-11-29T00:00:00.000Z',
    }),
    to: timeSchema.meta({ description: 'And before this time (ISO 8601).', example: '2026-11-30T00:00:00.000Z' }),
    state: z.enum(['dead', 'delivered']).optional().meta({
      description:
        'Those that could not be delivered, which it is unless given, or those that were and are still kept.',
      example: 'dead',
    }),
  })
  .meta({ id: 'Redeliver', description: 'Which events to deliver again.' })

export const redeliveredSchema = z
  .object({ count: countSchema.meta({ description: 'How many events are delivered again.' }) })
  .meta({ id: 'Redelivered', description: 'What is delivered again.' })

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}
