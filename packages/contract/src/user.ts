import { z } from 'zod'
import { sessionIdSchema, timeSchema } from './fields.js'

export const roleSchema = z
  .enum(['admin', 'operator', 'viewer'])
  .meta({ id: 'Role', description: 'What somebody may do: see `ROLES`.' })

export const userSchema = z
  .object({
    id: z.string().meta({ description: 'The id of the user.', example: '0198c0de-0000-7000-8000-000000000001' }),
    name: z.string().meta({ description: 'Name for people.', example: 'Ada' }),
    email: z.string().meta({ description: 'Signs in with it.', example: 'ada@example.org' }),
    role: roleSchema,
    sessionIds: z
      .union([z.array(sessionIdSchema), z.literal('*')])
      .meta({ description: 'The sessions that exist for them; `*` is all.' }),
    createdAt: timeSchema.meta({ description: 'When the user was made (ISO 8601).' }),
    disabled: z.boolean().meta({ description: 'Whether they are kept from signing in.' }),
  })
  .meta({ id: 'User', description: 'Somebody who can sign in.' })

const cookieFlag = z.boolean().optional().meta({
  description:
    'For pages: the refresh token comes in an HttpOnly, SameSite=Strict cookie and not in the answer. Requests with it need the header `X-CSRF-Protection`, of any value.',
})

const nameSchema = z.string().trim().min(1).max(100)
const emailSchema = z.email().max(254)
const passwordSchema = z.string().min(8).max(1024)
const givenSessionsSchema = z.union([z.array(sessionIdSchema).max(10_000), z.literal('*')])

/** Nobody gives what they do not have themselves. */
export const createUserSchema = z.strictObject({
  name: nameSchema.meta({ description: 'Name for people.', example: 'Ben' }),
  email: emailSchema.meta({ description: 'Signs in with it; no other user has it.', example: 'ben@example.org' }),
  password: passwordSchema.meta({
    description: 'The first password, at least 8 characters.',
    example: 'correct horse',
  }),
  role: roleSchema,
  sessionIds: givenSessionsSchema
    .default([])
    .meta({ description: 'The sessions that exist for them, none unless given; `*` is all.', example: ['shop'] }),
})

export const updateUserSchema = z.strictObject({
  name: nameSchema.optional().meta({ description: 'Name for people.' }),
  email: emailSchema.optional().meta({ description: 'Signs in with it; no other user has it.' }),
  password: passwordSchema.optional().meta({ description: 'A new password; ends every login of the user.' }),
  role: roleSchema.optional().meta({ description: 'A new role; one that may do less ends every login of the user.' }),
  sessionIds: givenSessionsSchema
    .optional()
    .meta({ description: 'All the sessions of the user; one that is taken away ends every login.', example: ['shop'] }),
  disabled: z.boolean().optional().meta({ description: 'Keeps the user from signing in and ends every login.' }),
})

export const changePasswordSchema = z.strictObject({
  password: z.string().min(1).max(1024).meta({ description: 'The password of now.', example: 'correct horse' }),
  newPassword: passwordSchema.meta({ description: 'The next one, at least 8 characters.', example: 'battery staple' }),
  cookie: cookieFlag,
})

/** The answer to a login and to a refresh. */
export const loginSchema = z
  .object({
    accessToken: z
      .string()
      .meta({ description: 'Goes into `Authorization: Bearer …`.', example: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln' }),
    refreshToken: z.string().optional().meta({
      description: 'Swaps for new tokens, once. Left out where a cookie has it.',
      example: 'q7Yd1c.Zm9vYmFy',
    }),
    tokenType: z.literal('Bearer').meta({ description: 'The scheme of the access token.' }),
    expiresAt: timeSchema.meta({ description: 'When the access token ends (ISO 8601).' }),
    user: userSchema,
  })
  .meta({ id: 'Login', description: 'Tokens, and whose they are.' })

export type Login = z.infer<typeof loginSchema>

/** Bounded, so that nobody has a server hash megabytes. */
export const credentialsSchema = z
  .strictObject({
    email: z.string().trim().min(3).max(254).meta({ description: 'E-mail of the user.', example: 'ada@example.org' }),
    password: z
      .string()
      .min(1)
      .max(1024)
      .meta({ description: 'Password of the user.', example: 'correct horse battery' }),
    cookie: cookieFlag,
  })
  .meta({ id: 'Credentials', description: 'Who signs in.' })

export const refreshTokenSchema = z
  .strictObject({
    refreshToken: z.string().min(1).max(512).optional().meta({
      description: 'The last refresh token of the login, unless a cookie has it.',
      example: 'q7Yd1c.Zm9vYmFy',
    }),
  })
  .meta({ id: 'RefreshToken', description: 'A login to go on with, or to end.' })
