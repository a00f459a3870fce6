import { z } from 'zod'
import { ERROR_CODES } from './http-status.js'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export const errorCodeSchema = z.enum(ERROR_CODES).meta({ id: 'ErrorCode', description: 'Stable code.' })

/** The body of every error answer (RFC 9457). Branch on `code`; `details` holds the fields that the code brings along. */
export const problemSchema = z
  .object({
    type: z.url().meta({ description: 'Where the error is explained.' }),
    title: z.string().meta({ description: 'The sentence of the code.' }),
    status: z.int().min(400).max(599).meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'A sentence about this very answer.' }),
    code: errorCodeSchema.meta({ description: 'Stable: branch on it.' }),
    errors: z
      .array(
        z.object({
          field: z.string().meta({ description: 'Path of the field.', example: 'settings.preload.limit' }),
          message: z.string().meta({ description: 'What is wrong with it.' }),
        }),
      )
      .optional()
      .meta({ description: 'Which fields of the request are wrong, the first of them when there are many.' }),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'What the code brings along, such as `sessionId` or `retryAfterSeconds`.' }),
    requestId: z.string().optional().meta({
      description: 'The id of the request, which stands in the log too: that of `X-Request-Id` where it was given.',
    }),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457).' })

export type Problem = z.infer<typeof problemSchema>
