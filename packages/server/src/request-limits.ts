import { createHash } from 'node:crypto'
import { bearerToken } from '@trunkline/api'
import { TrunklineError } from '@trunkline/core'
import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'

const WINDOW_MS = 60_000

export interface RequestLimits {
  /** Requests in a minute with one login or API key; `Infinity` for no limit. */
  perCaller: number
  /** Requests in a minute from one address, or one network of IPv6 addresses. */
  perAddress: number
}

/**
 * Refuses what is too much with RATE_LIMITED, before anything is done for it, and tells how much is left (`RateLimit`,
 * `RateLimit-Policy`). Logins have a throttle of their own besides.
 */
export function limitRequests({ perCaller, perAddress }: RequestLimits): RequestHandler[] {
  const limits: RequestHandler[] = []
  if (Number.isFinite(perAddress)) limits.push(limiter('address', perAddress, addressOf, () => false))
  if (Number.isFinite(perCaller)) limits.push(limiter('caller', perCaller, callerOf, (request) => !proofOf(request)))
  return limits
}

function limiter(
  identifier: string,
  limit: number,
  keyGenerator: (request: Request) => string,
  skip: (request: Request) => boolean,
): RequestHandler {
  return rateLimit({
    identifier,
    windowMs: WINDOW_MS,
    limit,
    keyGenerator,
    skip,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // How the addresses come about is for TRUST_PROXY to say; the server warns by itself.
    validate: false,
    handler: (request, _response, next) => {
      const resetAt = (request as LimitedRequest).rateLimit?.resetTime?.getTime() ?? Date.now() + WINDOW_MS
      const retryAfterSeconds = Math.max(1, Math.ceil((resetAt - Date.now()) / 1000))
      next(new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds } }))
    },
  })
}

type LimitedRequest = Request & { rateLimit?: { resetTime?: Date } }

function addressOf(request: Request): string {
  return request.ip === undefined ? 'none' : ipKeyGenerator(request.ip)
}

/** Not the proof itself: what is kept in memory signs nobody in. */
function callerOf(request: Request): string {
  return createHash('sha256')
    .update(proofOf(request) ?? '')
    .digest('base64')
}

function proofOf({ headers }: Request): string | undefined {
  const key = headers['x-api-key']
  return bearerToken(headers) ?? headers.authorization ?? (typeof key === 'string' ? key : undefined)
}
