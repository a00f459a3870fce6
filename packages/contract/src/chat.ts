import { z } from 'zod'
import { countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { messageSchema } from './message.js'

export const chatKindSchema = z.enum(['individual', 'group', 'status', 'newsletter', 'broadcast', 'other']).meta({
  id: 'ChatKind',
  description: 'What kind of conversation it is; `other` are bots, other networks, and whatever comes next.',
})

const phone = z.string().optional().meta({ description: 'Phone number, digits only.', example: '15550000001' })
const lid = z.string().optional().meta({ description: 'The LID JID of the person, once it is known.' })

export const chatSchema = z
  .object({
    id: z.string().meta({
      description: 'LID JID of a person once it is known, phone-number JID until then; groups are `…@g.us`.',
      example: '200000000000001@lid',
    }),
    sessionId: sessionIdSchema,
    kind: chatKindSchema,
    phone,
    lid,
    name: z.string().optional().meta({ description: 'Name of the contact or of the group.', example: 'Ben' }),
    unreadCount: countSchema.meta({ description: 'Messages that nobody has read yet.' }),
    lastMessage: messageSchema.optional().meta({ description: 'The newest message of the chat.' }),
    archived: z.boolean().meta({ description: 'Whether the chat is in the archive.' }),
    pinned: z.boolean().meta({ description: 'Whether the chat is kept on top.' }),
    disappearsAfterSeconds: countSchema
      .optional()
      .meta({ description: 'After how many seconds new messages disappear from phones.' }),
    labels: z
      .array(z.string())
      .optional()
      .meta({ description: 'Ids of the labels that are on it.', example: ['7'] }),
    mutedUntil: timeSchema.optional().meta({ description: 'Until when the chat makes no sound (ISO 8601).' }),
  })
  .meta({ id: 'Chat', description: 'A conversation.' })

export const contactSchema = z
  .object({
    id: z.string().meta({
      description: 'LID JID of the person once it is known, phone-number JID until then.',
      example: '200000000000001@lid',
    }),
    sessionId: sessionIdSchema,
    phone,
    lid,
    name: z.string().optional().meta({ description: "Name in the phone's address book." }),
    pushName: z.string().optional().meta({ description: 'Name that the person gave themselves.' }),
  })
  .meta({ id: 'Contact', description: 'A person.' })
