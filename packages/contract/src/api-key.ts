import { z } from 'zod'
import { sessionIdSchema, timeSchema } from './fields.js'
import { PERMISSIONS } from './permissions.js'

const permissionsSchema = z.array(z.enum(PERMISSIONS))

export const apiKeySchema = z
  .object({
    id: z.string().meta({ description: 'The id of the key.', example: '019ac2f0-5d2e-7c31-9f0a-6b1d2c3e4f50' }),
    name: z.string().meta({ description: 'Name for people.', example: 'Shop backend' }),
    prefix: z.string().meta({ description: 'How the key begins, to tell keys apart.', example: 'trunkline_h3Kx9QpT' }),
    userId: z.string().meta({ description: 'Who has made it: it never may more than they do.' }),
    permissions: permissionsSchema.meta({ description: 'What it may do, as long as its maker may.' }),
    sessionIds: z.union([z.array(sessionIdSchema), z.literal('*')]).meta({
      description: "The sessions that exist for it, as long as they do for its maker; `*` is all of its maker's.",
    }),
    createdAt: timeSchema.meta({ description: 'When it was made (ISO 8601).' }),
    expiresAt: timeSchema.optional().meta({ description: 'When it ends (ISO 8601); left out when it does not.' }),
    lastUsedAt: timeSchema.optional().meta({ description: 'When it was used last, to about a minute (ISO 8601).' }),
  })
  .meta({
    description:
      'A key that lets a machine in, by the header `X-API-Key`, as the token of `Authorization: Bearer`, or as the `apiKey` of a handshake.',
  })

export type ApiKey = z.infer<typeof apiKeySchema>

/** The only answer that has the key itself. */
export const createdApiKeySchema = apiKeySchema.extend({
  key: z.string().meta({ description: 'The key itself, shown this once: only its hash is kept.' }),
})

/** Nobody gives what they do not have themselves. */
export const createApiKeySchema = z.strictObject({
  name: z.string().trim().min(1).max(100).meta({ description: 'Name for people.', example: 'Shop backend' }),
  permissions: permissionsSchema
    .min(1)
    .max(PERMISSIONS.length)
    .meta({ description: 'What it may do, some of what you may do.', example: ['messages:send'] }),
  sessionIds: z
    .union([z.array(sessionIdSchema).max(10_000), z.literal('*')])
    .default('*')
    .meta({
      description: 'The sessions that exist for it; `*`, which it is unless given, is all of yours.',
      example: ['shop'],
    }),
  expiresAt: timeSchema
    .optional()
    .meta({ description: 'When it ends (ISO 8601), never unless given.', example: '2027-11-28T00:00:00.000Z' }),
})
