import { z } from 'zod'
import { addressSchema, countSchema, messageIdSchema, sessionIdSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

export const messageTypeSchema = z.enum([
  'text',
  'image',
  'video',
  'voice',
  'audio',
  'document',
  'sticker',
  'location',
  'contact',
  'poll',
  'event',
  'interactive',
  'product',
  'order',
  'payment',
  'invite',
  'call',
  'system',
  'placeholder',
  'hidden',
  'unknown',
])

export const messageStatusSchema = z.enum(['pending', 'sent', 'delivered', 'read', 'played', 'failed', 'unknown'])

export const mediaSchema = z.object({
  mimetype: z.string(),
  bytes: countSchema,
  sha256: z.string().optional(),
  width: countSchema.optional(),
  height: countSchema.optional(),
  seconds: z.number().min(0).optional(),
  fileName: z.string().optional(),
  caption: z.string().optional(),
  state: z.enum(['remote', 'stored', 'expired']),
})

export const reactionSchema = z.object({ senderId: z.string(), emoji: z.string(), at: timeSchema })

const pollSchema = z.object({
  question: z.string(),
  options: z.array(z.object({ name: z.string(), voters: z.array(z.string()), count: countSchema.optional() })),
  selectableCount: countSchema,
  votes: z.array(z.object({ voterId: z.string(), at: timeSchema })).optional(),
})

const locationSchema = z.object({
  latitude: z.number(),
  longitude: z.number(),
  name: z.string().optional(),
  address: z.string().optional(),
})

const eventSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  startsAt: timeSchema.optional(),
  endsAt: timeSchema.optional(),
  location: locationSchema.optional(),
  joinUrl: z.string().optional(),
  canceled: z.boolean().optional(),
})

const buttonSchema = z.object({
  text: z.string(),
  id: z.string().optional(),
  description: z.string().optional(),
  url: z.string().optional(),
  phone: z.string().optional(),
})

/** What a message says: what its sender wrote, and nothing of what happened to it later. */
const messageBodySchema = z.object({
  text: z.string().optional(),
  media: mediaSchema.optional(),
  location: locationSchema.optional(),
  contacts: z.array(z.object({ name: z.string(), vcard: z.string() })).optional(),
  poll: pollSchema.optional(),
  event: eventSchema.optional(),
  buttons: z.array(buttonSchema).optional(),
  selection: z.object({ id: z.string().optional(), data: z.string().optional() }).optional(),
  amount: z.object({ currency: z.string(), value: z.string() }).optional(),
  order: z.object({ id: z.string().optional(), itemCount: countSchema.optional() }).optional(),
  invite: z
    .object({
      chatId: z.string().optional(),
      name: z.string().optional(),
      code: z.string().optional(),
      expiresAt: timeSchema.optional(),
    })
    .optional(),
  call: z
    .object({
      kind: z.enum(['audio', 'video']),
      outcome: z.string().optional(),
      seconds: countSchema.optional(),
      startsAt: timeSchema.optional(),
    })
    .optional(),
  ad: z
    .object({
      id: z.string().optional(),
      title: z.string().optional(),
      text: z.string().optional(),
      url: z.string().optional(),
    })
    .optional(),
  notice: z
    .object({ kind: z.string(), people: z.array(z.string()).optional(), value: z.string().optional() })
    .optional(),
  mentions: z.array(z.string()).optional(),
})

export const messageSchema = z.object({
  id: z.string(),
  sessionId: sessionIdSchema,
  chatId: z.string(),
  senderId: z.string(),
  fromMe: z.boolean(),
  timestamp: timeSchema,
  type: messageTypeSchema,
  ...messageBodySchema.shape,
  quotedMessageId: z.string().optional(),
  reactions: z.array(reactionSchema),
  status: messageStatusSchema,
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  editedAt: timeSchema.optional(),
  deletedAt: timeSchema.optional(),
  clientMessageId: z.string().optional(),
  source: z.enum(['live', 'offline', 'history', 'api', 'phone']),
})

export const clientMessageIdSchema = z.string().min(1).max(LIMITS.clientMessageId.maxLength)

/** What can be sent: discriminated by `type`, text when left out. WhatsApp cuts texts at 65,536 characters. */
export const sendMessageSchema = z.strictObject({
  to: addressSchema,
  type: z.literal('text').optional(),
  text: z.string().min(1).max(LIMITS.text.maxLength),
  quotedMessageId: messageIdSchema.optional(),
  mentions: z.array(addressSchema).max(LIMITS.mentions.maxCount).optional(),
  clientMessageId: clientMessageIdSchema.optional(),
})
