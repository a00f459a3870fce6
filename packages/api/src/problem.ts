import { HTTP_STATUS, PROBLEM_MEDIA_TYPE, type Problem } from '@trunkline/contract'
import { ERRORS, type FieldError, TrunklineError } from '@trunkline/core'
import type { ApiResponse } from './request.js'

const DOCUMENTATION = 'https://github.com/trunkline/trunkline/blob/main/docs/errors.md'

interface About {
  requestId?: string | undefined
  /** Nobody knows whether what failed was done all the same. */
  mayBeDone?: boolean
}

/** Every error as problem+json. What failed inside is told in general words only: messages of stores and drivers stay here. */
export function toProblem(error: unknown, { requestId, mayBeDone = false }: About = {}): Problem {
  const known = TrunklineError.is(error) ? error : new TrunklineError('INTERNAL', { cause: error })
  const status = HTTP_STATUS[known.code]
  const title = ERRORS[known.code].message
  const { errors, details } = splitDetails(known)
  return {
    type: `${DOCUMENTATION}#${known.code.toLowerCase()}`,
    title,
    status,
    detail: status >= 500 ? title : known.message,
    code: known.code,
    ...(errors ? { errors } : {}),
    // What WhatsApp said of a request is for who made it; what failed in here is not.
    ...(details && (status < 500 || known.code === 'PAIRING_CODE_FAILED') ? { details } : {}),
    ...(mayBeDone ? { details: { outcome: 'unknown' } } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

export function problemResponse(error: unknown, about: About = {}): ApiResponse {
  const problem = toProblem(error, about)
  const headers: Record<string, string> = { 'content-type': PROBLEM_MEDIA_TYPE }
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer'
  if (TrunklineError.is(error, 'RATE_LIMITED')) headers['retry-after'] = String(error.details.retryAfterSeconds)
  if (MOVING.some((code) => TrunklineError.is(error, code))) headers['retry-after'] = '1'
  if (TrunklineError.is(error, 'PAIRING_CODE_FAILED') && error.details.retryAt)
    headers['retry-after'] = new Date(error.details.retryAt).toUTCString()
  if (TrunklineError.is(error, 'RANGE_NOT_SATISFIABLE')) headers['content-range'] = `bytes */${error.details.size}`
  return { status: problem.status, headers, body: JSON.stringify(problem) }
}

/** The session is on its way from one node to another, or its node comes back: soon somebody has it. */
const MOVING = ['LEASE_HELD', 'CLUSTER_UNREACHABLE', 'LEASE_UNSURE'] as const

/** Each of them is the fault of one field, as what is wrong with a request is. */
const ABOUT_A_FIELD = ['RECIPIENT_INVALID', 'UNSUPPORTED_MEDIA_TYPE', 'URL_REFUSED', 'URL_FAILED'] as const

function splitDetails(error: TrunklineError): { errors?: FieldError[]; details?: Record<string, unknown> } {
  if (TrunklineError.is(error, 'VALIDATION_FAILED')) return { errors: error.details.errors }
  for (const code of ABOUT_A_FIELD) {
    if (!TrunklineError.is(error, code)) continue
    const { field } = error.details
    return { errors: [{ field, message: error.message.replace(`${field}: `, '') }] }
  }
  return error.details ? { details: { ...error.details } } : {}
}
