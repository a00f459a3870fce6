import { z } from 'zod'
import { countSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

export const newsletterSchema = z
  .object({
    id: z.string().meta({ description: 'JID of the channel.', example: '120363000000000001@newsletter' }),
    name: z.string().meta({ description: 'Its name.', example: 'The shop' }),
    description: z.string().optional().meta({ description: 'What it says of itself.' }),
    invite: z.string().optional().meta({ description: 'The code of the link that leads to it.' }),
    subscriberCount: countSchema.optional().meta({ description: 'How many follow it.' }),
    pictureUrl: z
      .string()
      .optional()
      .meta({ description: 'Where WhatsApp has its picture, for some time; left out where it has none.' }),
    verified: z.boolean().meta({ description: 'Whether WhatsApp says that it is who it says.' }),
    role: z
      .enum(['owner', 'admin', 'subscriber', 'guest'])
      .optional()
      .meta({ description: 'What the account is in it: owners and admins post.' }),
    muted: z.boolean().optional().meta({ description: 'Whether it makes no sound.' }),
    createdAt: timeSchema.optional().meta({ description: 'When it was made (ISO 8601).' }),
  })
  .meta({ id: 'Newsletter', description: 'A channel, as WhatsApp has it.' })

const name = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.newsletterName.maxLength)
  .meta({ description: 'Its name.', example: 'The shop' })
const description = z
  .string()
  .max(LIMITS.newsletterDescription.maxLength)
  .meta({ description: 'What it says of itself; empty for nothing.', example: 'What is new' })

export const createNewsletterSchema = z
  .strictObject({ name, description: description.optional() })
  .meta({ id: 'CreateNewsletter', description: 'A new channel, which the account owns.' })

export const updateNewsletterSchema = z
  .strictObject({ name: name.optional(), description: description.optional() })
  .refine((changes) => Object.keys(changes).length > 0, 'must name something')
  .meta({ id: 'UpdateNewsletter', description: 'What of a channel is to change.' })
