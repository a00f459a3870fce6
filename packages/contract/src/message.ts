import { z } from 'zod'
import { sessionIdSchema, timeSchema } from './fields.js'
import { messageBodySchema, messageTypeSchema } from './message-body.js'

export const messageStatusSchema = z
  .enum(['queued', 'pending', 'sent', 'delivered', 'read', 'played', 'failed', 'canceled', 'expired', 'unknown'])
  .meta({
    id: 'MessageStatus',
    description:
      'How far an outbound message came. `queued`, and nothing happened yet; `canceled` or `expired` before it was sent. `unknown`: the connection was lost before WhatsApp answered; it is never sent again by itself.',
  })

export const reactionSchema = z
  .object({
    senderId: z.string().meta({ description: 'JID of who reacted.', example: '200000000000001@lid' }),
    emoji: z.string().meta({ description: 'The reaction.', example: '👍' }),
    at: timeSchema.meta({ description: 'When it was given (ISO 8601).' }),
  })
  .meta({ id: 'Reaction', description: 'A reaction to a message.' })

export const messageSchema = z
  .object({
    id: z.string().meta({
      description: "WhatsApp's id: unique together with chat and sender, not alone.",
      example: '3EB0C767D82E6F3A1B2C',
    }),
    sessionId: sessionIdSchema,
    chatId: z.string().meta({ description: 'The chat it belongs to.', example: '200000000000001@lid' }),
    senderId: z.string().meta({ description: 'JID of who wrote it.', example: '200000000000001@lid' }),
    fromMe: z.boolean().meta({ description: 'Whether this account wrote it, here or on another device.' }),
    timestamp: timeSchema.meta({ description: 'When it was sent (ISO 8601).' }),
    type: messageTypeSchema,
    ...messageBodySchema.shape,
    quotedMessageId: z.string().optional().meta({ description: 'The message that this one answers.' }),
    serverId: z.string().optional().meta({ description: 'Of a post of somebody else in a channel: its number there.' }),
    reactions: z.array(reactionSchema).meta({ description: 'One for each person who reacted.' }),
    status: messageStatusSchema,
    error: z
      .object({
        code: z.string().meta({ description: 'Stable code.' }),
        message: z.string().meta({ description: 'A sentence for people.' }),
      })
      .optional()
      .meta({ description: 'Why it failed.' }),
    editedAt: timeSchema.optional().meta({ description: 'When its text was changed last (ISO 8601).' }),
    starred: z.literal(true).optional().meta({ description: 'The account has marked it with a star.' }),
    labels: z.array(z.string()).optional().meta({ description: 'Ids of the labels that the account has put on it.' }),
    deletedAt: timeSchema.optional().meta({ description: 'When it was deleted for everybody (ISO 8601).' }),
    clientMessageId: z.string().optional().meta({ description: "The caller's own id, as given when it was sent." }),
    source: z.enum(['live', 'offline', 'history', 'api', 'phone']).meta({
      description:
        'Where it came from: live or waiting at WhatsApp while this was offline, an older history, this API, or the phone of the account.',
    }),
  })
  .meta({ id: 'Message', description: 'A message as it is stored.' })

/** A message as it is read: with its protobuf for those who ask for it. */
export const readMessageSchema = messageSchema
  .extend({
    raw: z.string().optional().meta({
      description: "WhatsApp's own protobuf of the message in base64, when `raw=true` asks for it and it is kept.",
    }),
  })
  .meta({ id: 'ReadMessage', description: 'A message, with its protobuf where that was asked for.' })
