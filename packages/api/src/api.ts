import { namesSession, ROUTES, type Route, type RouteName } from '@trunkline/contract'
import { type Logger, TrunklineError, type UserStore } from '@trunkline/core'
import type { Authenticator, Principal } from './auth/authenticator.js'
import { checkAuthOptions } from './auth/check-auth-options.js'
import { type LoginOptions, LoginService } from './auth/login.js'
import type { Answer, Handler, Manager } from './handler.js'
import { authHandlers } from './handlers/auth.js'
import { eventHandlers } from './handlers/events.js'
import { messageHandlers } from './handlers/messages.js'
import { monitoringHandlers } from './handlers/monitoring.js'
import { version } from './handlers/service.js'
import { sessionHandlers } from './handlers/sessions.js'
import { parseBody, parseParams, parseQuery } from './input.js'
import { negotiate } from './negotiate.js'
import { decide } from './policy.js'
import { problemResponse } from './problem.js'
import type { ApiRequest, ApiResponse } from './request.js'
import { createRouter, type Router } from './router.js'

/** Trunkline's own login, or the host's. */
export type AuthOptions =
  | (LoginOptions & { authenticator?: undefined })
  | { authenticator: Authenticator; jwtSecret?: undefined }

export type ApiOptions = AuthOptions & { logger?: Logger }

/** The HTTP interface without a framework: `handle` takes a request as data, answers as data, and never rejects. */
export interface Api {
  handle(request: ApiRequest): Promise<ApiResponse>
}

/** Routes of Trunkline's own login are there only without an `authenticator`. @throws CONFIG_INVALID for a weak `jwtSecret` */
export function createApi(manager: Manager, options: ApiOptions): Api {
  const authenticator = createAuthenticator(manager.store.users, options)
  const handlers: Handlers = {
    ...sessionHandlers(manager),
    ...monitoringHandlers(manager),
    ...messageHandlers(manager),
    ...eventHandlers(manager),
    ...(authenticator instanceof LoginService ? authHandlers(authenticator) : {}),
    version,
  }
  const router = createRouter(Object.keys(handlers) as RouteName[])
  const { logger } = options

  return {
    async handle(request) {
      let response: ApiResponse
      try {
        response = await answer(request, { authenticator, handlers, router })
      } catch (error) {
        response = problemResponse(error)
        if (response.status >= 500) logger?.error({ err: error, method: request.method }, 'A request failed')
      }
      const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...response.headers }
      return request.method === 'HEAD' ? { status: response.status, headers } : { ...response, headers }
    },
  }
}

/** The one to give to every mount of the same manager. */
export function createAuthenticator(users: UserStore, options: AuthOptions): Authenticator {
  checkAuthOptions(options)
  return options.authenticator ?? new LoginService(users, options)
}

type LoginRoute = keyof ReturnType<typeof authHandlers>

/** A route without a handler does not compile. */
type Handlers = { [Name in Exclude<RouteName, LoginRoute>]: Handler<Name> } & { [Name in LoginRoute]?: Handler<Name> }

interface Context {
  authenticator: Authenticator
  handlers: Handlers
  router: Router
}

async function answer(request: ApiRequest, { authenticator, handlers, router }: Context): Promise<ApiResponse> {
  const match = router(request.method, request.path)
  if (match.kind === 'unknown') throw new TrunklineError('ROUTE_NOT_FOUND')
  if (match.kind === 'wrong-method') {
    const response = problemResponse(new TrunklineError('METHOD_NOT_ALLOWED'))
    return { ...response, headers: { ...response.headers, allow: match.allow.join(', ') } }
  }
  const route: Route = ROUTES[match.name]
  const principal =
    route.access === 'public' ? undefined : await authenticator.authenticate({ headers: request.headers })
  if (route.access !== 'public' && !principal) throw new TrunklineError('UNAUTHENTICATED')

  const params = parseParams(route.params, match.params)
  const query = parseQuery(route.query, request.query)
  permit(route, principal, namesSession(route) === 'query' ? query.sessionId : params.sessionId)
  const mediaType = negotiate(headerOf(request, 'accept'), route.produces ?? ['application/json'])
  if (!mediaType) throw new TrunklineError('NOT_ACCEPTABLE')
  const body = parseBody(route.body, request.body, request.headers)

  // The table pairs name, schemas and handler; TypeScript cannot follow that through a lookup by a union of names.
  const handler = handlers[match.name] as unknown as (call: unknown) => Promise<Answer<RouteName>>
  const { headers, ip, signal } = request
  return respond(await handler({ params, query, body, principal, headers, mediaType, ip, signal }), mediaType)
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

function respond(result: Answer<RouteName>, mediaType: string): ApiResponse {
  if ('content' in result)
    return { status: result.status, headers: { 'content-type': mediaType }, body: result.content }
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
