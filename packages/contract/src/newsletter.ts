import { z } from 'zod'
import { countSchema, timeSchema } from './fields.js'

export const newsletterSchema = z
  .object({
    id: z.string().meta({ description: 'JID of the channel.', example: '120363000000000001@newsletter' }),
    name: z.string().meta({ description: 'Its name.', example: 'The shop' }),
    description: z.string().optional().meta({ description: 'What it says of itself.' }),
    invite: z.string().optional().meta({ description: 'The code of the link that leads to it.' }),
    subscriberCount: countSchema.optional().meta({ description: 'How many follow it.' }),
    verified: z.boolean().meta({ description: 'Whether WhatsApp says that it is who it says.' }),
    role: z
      .enum(['owner', 'admin', 'subscriber', 'guest'])
      .optional()
      .meta({ description: 'What the account is in it: owners and admins post.' }),
    muted: z.boolean().optional().meta({ description: 'Whether it makes no sound.' }),
    createdAt: timeSchema.optional().meta({ description: 'When it was made (ISO 8601).' }),
  })
  .meta({ id: 'Newsletter', description: 'A channel, as WhatsApp has it.' })
