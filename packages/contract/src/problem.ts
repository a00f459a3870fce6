import { z } from 'zod'
import { ERROR_CODES } from './http-status.js'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** The body of every error answer (RFC 9457). Branch on `code`; `details` holds the fields that the code brings along. */
export const problemSchema = z.object({
  type: z.url(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.enum(ERROR_CODES),
  /** Which fields of the request are wrong, by path (`settings.preload.limit`). */
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})

export type Problem = z.infer<typeof problemSchema>
