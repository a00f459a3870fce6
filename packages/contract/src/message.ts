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
  options: z.array(z.object({ name: z.string(), voters: z.array(z.string()) })),
  selectableCount: countSchema,
  votes: z.array(z.object({ voterId: z.string(), at: timeSchema })).optional(),
})

export const messageSchema = z.object({
  id: z.string(),
  sessionId: sessionIdSchema,
  chatId: z.string(),
  senderId: z.string(),
  fromMe: z.boolean(),
  timestamp: timeSchema,
  type: messageTypeSchema,
  text: z.string().optional(),
  media: mediaSchema.optional(),
  location: z
    .object({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
      address: z.string().optional(),
    })
    .optional(),
  contacts: z.array(z.object({ name: z.string(), vcard: z.string() })).optional(),
  quotedMessageId: z.string().optional(),
  mentions: z.array(z.string()).optional(),
  reactions: z.array(reactionSchema),
  poll: pollSchema.optional(),
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
