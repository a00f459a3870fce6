import { mediaTypesOf, namesSession, type Route } from '@trunkline/contract'
import { type Clock, type Logger, TrunklineError } from '@trunkline/core'
import type { Authenticator, Principal } from './auth/authenticator.js'
import { type ByteSource, byteResponse } from './byte-source.js'
import { parseHeaders, parseParams, parseQuery } from './input.js'
import { negotiate } from './negotiate.js'
import { decide } from './policy.js'
import { problemResponse } from './problem.js'
import { readBody } from './read-body.js'
import type { ApiRequest, ApiResponse } from './request.js'
import { requestIdOf } from './request-id.js'
import { createRouter } from './router.js'

/** The HTTP interface without a framework: `handle` takes a request as data, answers as data, and never rejects. */
export interface Api {
  handle(request: ApiRequest): Promise<ApiResponse>
}

/** What a handler answers: a value for JSON, bytes of another media type that its route has, or something to read from. */
export type AnyAnswer =
  | { status: number; body: unknown }
  | { status: number; content: string | Uint8Array; headers?: Readonly<Record<string, string>> }
  | { source: ByteSource }

export type AnyHandler = (call: never) => Promise<AnyAnswer>

export interface DispatchOptions {
  /** By the names of their handlers. */
  routes: Readonly<Record<string, Route>>
  handlers: Readonly<Record<string, AnyHandler>>
  authenticator: Authenticator
  clock: Clock
  bodyLimitBytes: number
  logger?: Logger
}

/** Takes requests through routing, login, permission and validation to their handlers. */
export function createDispatch(options: DispatchOptions): Api {
  const router = createRouter(options.routes)

  return {
    async handle(request) {
      const requestId = requestIdOf(request.headers)
      let response: ApiResponse
      try {
        response = await answer(request, requestId)
      } catch (error) {
        response = problemResponse(error, { requestId })
        // A caller who went away is no fault of ours, whatever broke by it.
        const isOurs = response.status >= 500 && !request.signal?.aborted
        if (isOurs) options.logger?.error({ err: error, method: request.method, requestId }, 'A request failed')
      }
      const around = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': requestId }
      const headers = { ...around, ...response.headers }
      return request.method === 'HEAD' ? { status: response.status, headers } : { ...response, headers }
    },
  }

  async function answer(request: ApiRequest, requestId: string): Promise<ApiResponse> {
    const match = router(request.method, request.path)
    if (match.kind === 'unknown') throw new TrunklineError('ROUTE_NOT_FOUND')
    if (match.kind === 'wrong-method') {
      const response = problemResponse(new TrunklineError('METHOD_NOT_ALLOWED'), { requestId })
      return { ...response, headers: { ...response.headers, allow: match.allow.join(', ') } }
    }
    const { routes, handlers, authenticator, clock, bodyLimitBytes } = options
    const [route, handler] = [routes[match.name], handlers[match.name]]
    if (!route || !handler) throw new TrunklineError('ROUTE_NOT_FOUND')
    const principal =
      route.access === 'public' ? undefined : await authenticator.authenticate({ headers: request.headers })
    if (route.access !== 'public' && !principal) throw new TrunklineError('UNAUTHENTICATED')

    const params = parseParams(route.params, match.params)
    const query = parseQuery(route.query, request.query)
    permit(route, principal, namesSession(route) === 'query' ? query.sessionId : params.sessionId)
    const mediaType = negotiate(headerOf(request, 'accept'), mediaTypesOf(route))
    if (!mediaType) throw new TrunklineError('NOT_ACCEPTABLE')
    const headerFields = parseHeaders(route.headers, request.headers)

    // Only now is memory spent on what the caller sends.
    const { body, upload, release } = await readBody(route, request, { clock, limitBytes: bodyLimitBytes })
    try {
      const { headers, basePath, ip, signal } = request
      const call = { params, query, headerFields, body, upload, principal, headers, mediaType, basePath, ip, signal }
      // The table pairs name, schemas and handler; TypeScript cannot follow that through a lookup by name.
      return respond(await handler(call as never), { mediaType, request })
    } finally {
      release()
    }
  }
}

function permit(route: Route, principal: Principal | undefined, sessionId: unknown): void {
  const session = typeof sessionId === 'string' ? { id: sessionId } : undefined
  const decision = decide(route.access, principal, session)
  if (decision === 'forbidden') throw new TrunklineError('FORBIDDEN')
  if (decision === 'unauthenticated') throw new TrunklineError('UNAUTHENTICATED')
  if (decision === 'session-not-found') {
    throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: String(sessionId) } })
  }
}

function respond(result: AnyAnswer, { mediaType, request }: { mediaType: string; request: ApiRequest }): ApiResponse {
  if ('source' in result) return byteResponse(result.source, request)
  if ('content' in result)
    return { status: result.status, headers: { 'content-type': mediaType, ...result.headers }, body: result.content }
  if (result.body === undefined) return { status: result.status, headers: {} }
  return {
    status: result.status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(result.body),
  }
}

function headerOf(request: ApiRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
