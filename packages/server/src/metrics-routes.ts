import { createHash, timingSafeEqual } from 'node:crypto'
import { type Authenticator, bearerToken, mayReadSystem } from '@trunkline/api'
import { TrunklineError } from '@trunkline/core'
import type { Request, RequestHandler } from 'express'
import { isLoopback } from './environment.js'
import type { Metrics } from './metrics.js'
import { routePattern } from './path-pattern.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Notes every request when it is answered. Routes and methods that are none are counted together: they cost no memory. */
export function measureRequests(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    const [path = '/'] = request.originalUrl.split('?')
    response.once('close', () => {
      metrics.observeRequest({
        method: METHODS.includes(request.method) ? request.method : 'other',
        route: routePattern(path) ?? 'other',
        status: response.writableEnded ? response.statusCode : 499,
        seconds: (performance.now() - startedAt) / 1000,
      })
    })
    next()
  }
}

export interface MetricsReaders {
  /** Whoever brings it may read them; without one, this machine may. */
  token: string | undefined
  /** Knows people and API keys, who may when they have `system:read`. */
  authenticator: Authenticator
}

/** Answers `/metrics` to those who may read them. */
export function showMetrics(metrics: Metrics, readers: MetricsReaders): RequestHandler {
  return async (request, response, next) => {
    try {
      await refuse(request, readers)
      response.type(metrics.contentType).send(await metrics.text())
    } catch (error) {
      next(error)
    }
  }
}

/** @throws UNAUTHENTICATED · FORBIDDEN · STORE_UNAVAILABLE and its like when nobody can tell who asks */
async function refuse(request: Request, { token, authenticator }: MetricsReaders): Promise<void> {
  const { headers } = request
  const given = bearerToken(headers)
  if (token !== undefined && given !== undefined && isSame(given, token)) return
  if (token === undefined && isOnThisMachine(request)) return
  const principal = await authenticator.authenticate({ headers })
  if (principal && mayReadSystem(principal)) return
  const isNobody = principal === undefined && (token !== undefined || hasProof(headers))
  throw new TrunklineError(isNobody ? 'UNAUTHENTICATED' : 'FORBIDDEN')
}

/** Whoever comes through a proxy on this machine has its address. */
function isOnThisMachine({ headers, socket }: Request): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return isLoopback(address) && headers.forwarded === undefined && headers['x-forwarded-for'] === undefined
}

function hasProof(headers: Request['headers']): boolean {
  return headers.authorization !== undefined || headers['x-api-key'] !== undefined
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
