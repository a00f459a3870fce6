import { z } from 'zod'
import { sessionIdSchema, timeSchema } from './fields.js'

export const roleSchema = z
  .enum(['admin', 'operator', 'viewer'])
  .meta({ description: 'What somebody may do: see `ROLES`.' })

export const userSchema = z
  .object({
    id: z.string().meta({ description: 'The id of the user.' }),
    name: z.string().meta({ description: 'Name for people.' }),
    email: z.string().meta({ description: 'Signs in with it.' }),
    role: roleSchema,
    sessionIds: z
      .union([z.array(sessionIdSchema), z.literal('*')])
      .meta({ description: 'The sessions that exist for them; `*` is all.' }),
    createdAt: timeSchema.meta({ description: 'When the user was made (ISO 8601).' }),
    disabled: z.boolean().meta({ description: 'Whether they are kept from signing in.' }),
  })
  .meta({ description: 'Somebody who can sign in.' })

/** The answer to a login and to a refresh. */
export const loginSchema = z.object({
  accessToken: z.string().meta({ description: 'Goes into `Authorization: Bearer …`.' }),
  refreshToken: z.string().meta({ description: 'Swaps for new tokens, once.' }),
  tokenType: z.literal('Bearer').meta({ description: 'The scheme of the access token.' }),
  expiresAt: timeSchema.meta({ description: 'When the access token ends (ISO 8601).' }),
  user: userSchema,
})

export type Login = z.infer<typeof loginSchema>

/** Bounded, so that nobody has a server hash megabytes. */
export const credentialsSchema = z.strictObject({
  email: z.string().trim().min(3).max(254).meta({ description: 'E-mail of the user.', example: 'ada@example.org' }),
  password: z.string().min(1).max(1024).meta({ description: 'Password of the user.' }),
})

export const refreshTokenSchema = z.strictObject({
  refreshToken: z.string().min(1).max(512).meta({ description: 'The last refresh token of the login.' }),
})
