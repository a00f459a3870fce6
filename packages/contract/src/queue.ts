import type { QUEUE_STATES } from '@trunkline/core'
import { z } from 'zod'
import { countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'
import { messageSchema } from './message.js'
import { sendRestrictionSchema } from './pacing.js'
import { problemSchema } from './problem.js'
import { PRIORITIES, sendMessageSchema } from './send-message.js'

const STATES = ['running', 'paused', 'limited', 'offline'] as const satisfies typeof QUEUE_STATES

const waitingForSchema = z
  .object({
    code: z.string().meta({ description: 'Stable code.', example: 'SESSION_NOT_CONNECTED' }),
    message: z.string().meta({ description: 'A sentence for people.' }),
    until: timeSchema.optional().meta({ description: 'Until when (ISO 8601); left out when nobody can tell.' }),
  })
  .meta({ id: 'WaitingFor', description: 'What sending waits for.' })

const usageSchema = z
  .object({
    minute: countSchema.meta({ description: 'Messages within the last minute.' }),
    hour: countSchema.meta({ description: 'Messages within the last hour.' }),
    day: countSchema.meta({ description: 'Messages within the last day.' }),
    newChats: countSchema.meta({ description: 'New conversations within the last day.' }),
  })
  .meta({ id: 'SendUsage', description: 'What was sent of late, as far as limits count it.' })

export const queueSchema = z
  .object({
    state: z.enum(STATES).meta({
      description: 'Whether it is sent: paused by somebody, limited by WhatsApp, or the session is not connected.',
    }),
    waiting: countSchema.meta({ description: 'How many messages wait.' }),
    nextAt: timeSchema.optional().meta({ description: 'When the next one goes out at the earliest (ISO 8601).' }),
    waitingFor: waitingForSchema
      .optional()
      .meta({ description: 'Why none, or the last one that was put off, goes out.' }),
    used: usageSchema,
    limits: usageSchema
      .partial()
      .meta({ description: 'How much of it the session may send, by its settings; what has no limit is left out.' }),
    restrictions: z.array(sendRestrictionSchema).meta({ description: 'What WhatsApp limits at the moment.' }),
  })
  .meta({ id: 'Queue', description: 'What of a session waits to be sent.' })

export const queuedMessageSchema = z
  .object({
    message: messageSchema,
    priority: z.enum(PRIORITIES).meta({ description: 'Of what is queued for different chats, what goes first.' }),
    sendAt: timeSchema.optional().meta({ description: 'Not before (ISO 8601).' }),
    expiresAt: timeSchema.optional().meta({ description: 'Not later (ISO 8601).' }),
  })
  .meta({ id: 'QueuedMessage', description: 'A message that waits to be sent.' })

export const clearedQueueSchema = z
  .object({ canceled: countSchema.meta({ description: 'How many messages were canceled.' }) })
  .meta({ id: 'ClearedQueue', description: 'What was canceled.' })

/**
 * One message of a batch, as it was given: what is wrong with it is its own outcome, so that it is judged by itself, with
 * `sendMessageSchema`, where it is queued. It comes inside a function, which no check of the whole body looks into.
 */
const batchItemSchema = z.union([z.unknown().transform((given) => () => given), sendMessageSchema]).meta({
  description: 'A message. One that is wrong is answered by an error in its place, and the others are queued.',
})

export const sendBatchSchema = z
  .strictObject({
    messages: z
      .array(batchItemSchema as unknown as z.ZodType<() => unknown, z.input<typeof sendMessageSchema>>)
      .min(1)
      .max(LIMITS.batch.maxCount)
      .meta({ description: 'What is queued, in this order.', example: [{ to: '15550000001', text: 'Hello' }] }),
  })
  .meta({ id: 'SendBatch', description: 'Messages to queue.' })

const index = countSchema.meta({ description: 'The place of the message in the request, from 0.' })

export const sentBatchSchema = z
  .object({
    items: z
      .array(
        z.object({
          index,
          message: messageSchema.optional().meta({ description: 'The message as it is stored, where it was queued.' }),
          error: problemSchema.optional().meta({ description: 'Why it was not.' }),
        }),
      )
      .meta({ description: 'What came of each, in their order.' }),
  })
  .meta({ id: 'SentBatch', description: 'What came of each message of a batch.' })

export const queueLengthSchema = z
  .object({
    sessionId: sessionIdSchema,
    waiting: z.int().min(1).meta({ description: 'How many messages wait.' }),
  })
  .meta({ id: 'QueueLength', description: 'How much waits to be sent in one session.' })

export const queueLengthsSchema = z.object({
  items: z
    .array(queueLengthSchema)
    .meta({ description: 'Sessions in which something waits, the longest queues first.' }),
})
