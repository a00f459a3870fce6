import { z } from 'zod'
import { addressSchema, messageIdSchema } from './fields.js'
import { LIMITS } from './limits.js'

export const clientMessageIdSchema = z
  .string()
  .min(1)
  .max(LIMITS.clientMessageId.maxLength)
  .meta({ description: "The caller's own id: the message is sent once, a repeat answers with the stored one." })

/** What everything that is sent has beside its own fields. */
const shared = {
  to: addressSchema.meta({ description: 'A phone number, a JID or a chat id.', example: '15550000001' }),
  quotedMessageId: messageIdSchema.optional().meta({ description: 'A stored message of the same chat to answer.' }),
  mentions: z
    .array(addressSchema)
    .max(LIMITS.mentions.maxCount)
    .optional()
    .meta({ description: 'Phone numbers or JIDs of the people named with `@` in the text.' }),
  clientMessageId: clientMessageIdSchema.optional(),
}

const sendTextSchema = z
  .strictObject({
    ...shared,
    type: z.literal('text').optional().meta({ description: 'What is sent; a text unless given.' }),
    text: z.string().min(1).max(LIMITS.text.maxLength).meta({ description: 'The text.', example: 'Hello' }),
  })
  .meta({ id: 'SendText', description: 'A text to send. WhatsApp cuts it at 65,536 characters.' })

const CONTENTS = [sendTextSchema] as const

const TYPES = CONTENTS.flatMap(({ shape }) => [...shape.type._zod.values]).filter((type) => type !== undefined)

/** What can be sent: discriminated by `type`, text when left out. */
export const sendMessageSchema = z
  .discriminatedUnion('type', CONTENTS, {
    error: ({ code }) => (code === 'invalid_union' ? `must be one of ${TYPES.join(', ')}` : undefined),
  })
  .meta({ id: 'SendMessage', description: 'A message to send: `type` says what it is.' })
