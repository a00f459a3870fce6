import { z } from 'zod'
import {
  addressSchema,
  cursorSchema,
  flagSchema,
  messageIdSchema,
  pageQueryFields,
  sessionIdSchema,
} from '../fields.js'
import { LIMITS } from '../limits.js'
import { messageTypeSchema } from '../message-body.js'
import { clientMessageIdSchema } from '../send-message.js'

export const sessionParams = z.strictObject({
  sessionId: sessionIdSchema.meta({ description: 'The session that this is about.', example: 'shop' }),
})

export const messageParams = sessionParams.extend({
  messageId: messageIdSchema.meta({ description: "WhatsApp's id of the message.", example: '3EB0C767D82E6F3A1B2C' }),
})

export const chatParams = sessionParams.extend({
  chatId: addressSchema.meta({
    description: 'The chat, by any form of its id: LID, phone-number JID, group JID or a bare phone number.',
    example: '15550000001',
  }),
})

export const contactParams = sessionParams.extend({
  contactId: addressSchema.meta({
    description: 'The person, by any address: LID, phone-number JID or a bare phone number.',
    example: '15550000001',
  }),
})

export const groupParams = sessionParams.extend({
  groupId: z
    .string()
    .regex(/^[\d-]{5,64}@g\.us$/, 'must be the id of a group: …@g.us')
    .meta({ description: 'The group.', example: '120363000000000001@g.us' }),
})

/** Of routes that may be asked again and do it once. */
export const idempotencyHeaders = z.object({
  'Idempotency-Key': clientMessageIdSchema.optional().meta({
    description:
      'The same as `clientMessageId`: a repeat answers with the stored message, for 24 hours after it was sent.',
    example: 'order-1',
  }),
})

export const pageQuery = z.strictObject(pageQueryFields)

const boundary = (side: 'older' | 'newer') =>
  cursorSchema.optional().meta({ description: `Only messages ${side} than this time (ISO 8601), or than this cursor.` })

export const rawFlag = flagSchema
  .optional()
  .meta({ description: "Whether WhatsApp's own protobuf of each message comes along." })

export const messageQuery = pageQuery.extend({
  before: boundary('older'),
  after: boundary('newer'),
  type: messageTypeSchema.optional().meta({ description: 'Only messages of this type.' }),
  fromMe: flagSchema.optional().meta({ description: 'Only messages of this account, or only those of others.' }),
  raw: rawFlag,
  q: z
    .string()
    .min(1)
    .max(LIMITS.search.maxLength)
    .optional()
    .meta({ description: 'Only messages whose text has this in it, whatever the case of its letters.' }),
})

export const chatFilter = addressSchema.optional().meta({
  description: 'Only this chat, by any form of its id. With a message id: which of several messages is meant.',
})
