import { z } from 'zod'
import { countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { messageSchema } from './message.js'

export const chatKindSchema = z.enum(['individual', 'group', 'status', 'newsletter'])

export const chatSchema = z.object({
  id: z.string(),
  sessionId: sessionIdSchema,
  kind: chatKindSchema,
  phone: z.string().optional(),
  lid: z.string().optional(),
  name: z.string().optional(),
  unreadCount: countSchema,
  lastMessage: messageSchema.optional(),
  archived: z.boolean(),
  pinned: z.boolean(),
  mutedUntil: timeSchema.optional(),
})

export const contactSchema = z.object({
  id: z.string(),
  sessionId: sessionIdSchema,
  phone: z.string().optional(),
  lid: z.string().optional(),
  name: z.string().optional(),
  pushName: z.string().optional(),
})
