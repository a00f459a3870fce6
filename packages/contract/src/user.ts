import { z } from 'zod'
import { sessionIdSchema, timeSchema } from './fields.js'

export const roleSchema = z.enum(['admin', 'operator', 'viewer'])

export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  sessionIds: z.union([z.array(sessionIdSchema), z.literal('*')]),
  createdAt: timeSchema,
  disabled: z.boolean(),
})

/** The answer to a login and to a refresh. `expiresAt` is the end of the access token. */
export const loginSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresAt: timeSchema,
  user: userSchema,
})

export type Login = z.infer<typeof loginSchema>

/** Bounded, so that nobody has a server hash megabytes. */
export const credentialsSchema = z.strictObject({
  email: z.string().trim().min(3).max(254),
  password: z.string().min(1).max(1024),
})

export const refreshTokenSchema = z.strictObject({ refreshToken: z.string().min(1).max(512) })
