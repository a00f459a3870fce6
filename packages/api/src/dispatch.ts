import { mediaTypesOf, namesSession, type Route, type RouteName } from '@trunkline/contract'
import { type Clock, type Logger, TrunklineError } from '@trunkline/core'
import { v7 as uuid } from 'uuid'
import { auditEntry, type Deed } from './audit/audit-entry.js'
import type { AuditTrail } from './audit/audit-trail.js'
import type { Authenticator, Principal } from './auth/authenticator.js'
import { type ByteSource, byteResponse } from './byte-source.js'
import type { Call } from './handler.js'
import { parseHeaders, parseParams, parseQuery } from './input.js'
import { LargeBodies } from './large-bodies.js'
import { negotiate } from './negotiate.js'
import { decide } from './policy.js'
import { problemResponse } from './problem.js'
import { readBody } from './read-body.js'
import type { ApiRequest, ApiResponse } from './request.js'
import { requestIdOf } from './request-id.js'
import { createRouter } from './router.js'
import type { StoreSilence } from './store-silence.js'

/** The HTTP interface without a framework: `handle` takes a request as data, answers as data, and never rejects. */
export interface Api {
  handle(request: ApiRequest): Promise<ApiResponse>
}

/** What a handler answers: a value for JSON, bytes of another media type that its route has, or something to read from. */
export type AnyAnswer =
  | { status: number; body: unknown; headers?: Readonly<Record<string, string>> }
  | { status: number; content: string | Uint8Array; headers?: Readonly<Record<string, string>> }
  | { source: ByteSource }

export type AnyHandler = (call: never) => Promise<AnyAnswer>

export interface DispatchOptions {
  /** By the names of their handlers. */
  routes: Readonly<Record<string, Route>>
  handlers: Readonly<Record<string, AnyHandler>>
  authenticator: Authenticator
  clock: Clock
  /** By it, whoever waits for a store that has fallen silent is told so. */
  silence?: StoreSilence
  bodyLimitBytes: number
  logger?: Logger
  /** Where it is written down who did what; nowhere without it. */
  audit?: AuditTrail
}

/** Takes requests through routing, login, permission and validation to their handlers. */
export function createDispatch(options: DispatchOptions): Api {
  const router = createRouter(options.routes)
  const large = new LargeBodies()
  const { silence } = options
  const unlessSilent = <Result>(work: Promise<Result>) => (silence ? silence.unless(work) : work)
  const compiled = new Map(Object.entries(options.routes).map(([name, route]) => [name, compile(route)]))

  return {
    async handle(request) {
      const requestId = requestIdOf(request.headers)
      let response: ApiResponse
      let failure: unknown
      const deed: Deed = {}
      try {
        response = await answer(request, { requestId, deed })
      } catch (error) {
        failure = error
        response = problemResponse(error, { requestId, mayBeDone: mayBeDone(deed, error) })
        // A caller who went away is no fault of ours, whatever broke by it.
        const isOurs = response.status >= 500 && !request.signal?.aborted
        if (isOurs) options.logger?.error({ err: error, method: request.method, requestId }, 'A request failed')
      }
      const writing = writeDown(request, deed, { status: response.status, error: failure, requestId })
      // What a silent store cannot take yet is written behind the answer.
      if (!TrunklineError.is(failure, 'STORE_UNAVAILABLE')) await unlessSilent(writing).catch(() => undefined)
      const around = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': requestId }
      const headers = { ...around, ...response.headers }
      return request.method === 'HEAD' ? { status: response.status, headers } : { ...response, headers }
    },
  }

  /** The one place: every route that changes something is written down, also when it is refused or fails. Never rejects. */
  async function writeDown(
    { ip: address }: ApiRequest,
    deed: Deed,
    { requestId, ...ended }: { status: number; error: unknown; requestId: string },
  ): Promise<void> {
    const entry = options.audit && auditEntry(deed, ended)
    if (!entry) return
    await options.audit?.record({
      id: uuid(),
      at: new Date(options.clock.now()).toISOString(),
      ...entry,
      ...(address === undefined ? {} : { address }),
      requestId,
    })
  }

  async function answer(
    request: ApiRequest,
    { requestId, deed }: { requestId: string; deed: Deed },
  ): Promise<ApiResponse> {
    const match = router(request.method, request.path)
    if (match.kind === 'unknown') throw new TrunklineError('ROUTE_NOT_FOUND')
    if (match.kind === 'wrong-method') {
      const response = problemResponse(new TrunklineError('METHOD_NOT_ALLOWED'), { requestId })
      return { ...response, headers: { ...response.headers, allow: match.allow.join(', ') } }
    }
    const { handlers, authenticator, clock, bodyLimitBytes } = options
    const [found, handler] = [compiled.get(match.name), handlers[match.name]]
    if (!found || !handler) throw new TrunklineError('ROUTE_NOT_FOUND')
    const { route, names, mediaTypes } = found
    deed.route = { name: match.name, route }
    const principal =
      route.access === 'public'
        ? undefined
        : await unlessSilent(authenticator.authenticate({ headers: request.headers }))
    if (route.access !== 'public' && !principal) throw new TrunklineError('UNAUTHENTICATED')
    if (principal) deed.principal = principal

    const params = parseParams(route.params, match.params)
    const query = parseQuery(route.query, request.query)
    const sessionId = names === 'query' ? query.sessionId : params.sessionId
    deed.params = params
    if (typeof sessionId === 'string') deed.sessionId = sessionId
    permit(route, principal, sessionId)
    const mediaType = negotiate(headerOf(request, 'accept'), mediaTypes)
    if (!mediaType) throw new TrunklineError('NOT_ACCEPTABLE')
    const headerFields = parseHeaders(route.headers, request.headers)

    // Only now is memory spent on what the caller sends.
    const { body, upload, release } = await readBody(route, request, { clock, limitBytes: bodyLimitBytes, large })
    const carryOut = async () => {
      try {
        const { headers, basePath, ip, secure, signal } = request
        const note: Call<RouteName>['note'] = (facts) => {
          deed.noted = { ...deed.noted, ...facts }
        }
        const given = { params, query, headerFields, body, upload, principal }
        const call = { ...given, headers, mediaType, basePath, ip, secure, note, signal }
        // The table pairs name, schemas and handler; TypeScript cannot follow that through a lookup by name.
        return await handler(call as never)
      } finally {
        release()
      }
    }
    deed.isBegun = true
    const result = await unlessSilent(carryOut())
    const createdId = idOfCreated(result)
    if (createdId !== undefined) deed.createdId = createdId
    return respond(result, { mediaType, request })
  }
}

/** A store that did not answer may have done what it was asked, and what waits for it goes on when it comes back. */
function mayBeDone({ route, isBegun = false }: Deed, error: unknown): boolean {
  return isBegun && route?.route.method !== 'GET' && TrunklineError.is(error, 'STORE_UNAVAILABLE')
}

/** What the table says of a route that is asked for with every request. */
function compile(route: Route) {
  return { route, names: namesSession(route), mediaTypes: mediaTypesOf(route) }
}

/** What answers 201 is the thing that was made. */
function idOfCreated(result: AnyAnswer): string | undefined {
  if (!('body' in result) || result.status !== 201) return undefined
  const { id } = (result.body ?? {}) as { id?: unknown }
  return typeof id === 'string' ? id : undefined
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
  if (result.body === undefined) return { status: result.status, headers: { ...result.headers } }
  return {
    status: result.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...result.headers },
    body: JSON.stringify(result.body),
  }
}

function headerOf(request: ApiRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
