import { z } from 'zod'
import { sessionIdSchema, timeSchema } from './fields.js'
import { ERROR_CODES } from './http-status.js'

export const auditOutcomeSchema = z
  .enum(['done', 'refused', 'failed'])
  .meta({ description: 'Whether it was done, was not allowed or not right, or something broke.' })

export const auditEntrySchema = z
  .object({
    id: z.string().meta({ description: 'The id of the entry.' }),
    at: timeSchema.meta({ description: 'When the action ended (ISO 8601).' }),
    action: z.string().meta({ description: 'The `operationId` of the route.', example: 'deleteSession' }),
    outcome: auditOutcomeSchema,
    status: z.int().meta({ description: 'The HTTP status of the answer.', example: 204 }),
    code: z.enum(ERROR_CODES).optional().meta({ description: 'The code of the error, when there was one.' }),
    userId: z.string().optional().meta({ description: 'Who did it; left out for a sign-in that failed.' }),
    keyId: z.string().optional().meta({ description: 'By which API key of theirs.' }),
    sessionId: sessionIdSchema.optional().meta({ description: 'The session that it was about.' }),
    targetId: z.string().optional().meta({
      description: 'What else it was about: the id of a user (whose sign-in it was, too), a key or a message.',
    }),
    address: z.string().optional().meta({ description: 'Where the request came from.', example: '192.0.2.7' }),
    requestId: z.string().optional().meta({ description: 'The id of the request, as in the log.' }),
  })
  .meta({ description: 'One action of somebody. Never what was said, nor any secret.' })
