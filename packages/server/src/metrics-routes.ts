import { createHash, timingSafeEqual } from 'node:crypto'
import { bearerToken } from '@trunkline/api'
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

/** Answers `/metrics` to those who bring the token; without a token, to this machine. */
export function showMetrics(metrics: Metrics, { token }: { token: string | undefined }): RequestHandler {
  return async (request, response, next) => {
    try {
      refuse(request, token)
      response.type(metrics.contentType).send(await metrics.text())
    } catch (error) {
      next(error)
    }
  }
}

/** @throws UNAUTHENTICATED · FORBIDDEN */
function refuse(request: Request, token: string | undefined): void {
  if (token !== undefined) {
    const given = bearerToken(request.headers)
    if (given === undefined || !isSame(given, token)) throw new TrunklineError('UNAUTHENTICATED')
    return
  }
  // Whoever comes through a proxy on this machine has its address.
  const { forwarded, 'x-forwarded-for': forwardedFor } = request.headers
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  if (forwarded ?? forwardedFor ?? !isLoopback(address)) throw new TrunklineError('FORBIDDEN')
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
