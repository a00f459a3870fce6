import type { z } from 'zod'
import type { ErrorCode } from './http-status.js'
import type { roleSchema } from './user.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Role = z.infer<typeof roleSchema>

/** One route of the HTTP interface: everything that api, hosts, clients and documentation need to know about it. */
export interface Route {
  readonly method: Method
  /** Relative to the base path, with `:name` for parameters. */
  readonly path: `/${string}`
  /** One sentence for people. */
  readonly summary: string
  /** The least role that may call it; `public` needs no login. A session that is named must also be one of the caller's. */
  readonly access: 'public' | Role
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** Of JSON bodies. A route without one takes no fields. */
  readonly body?: z.ZodObject
  /** By status; `z.undefined()` where there is no body. */
  readonly responses: { readonly [status: number]: z.ZodType }
  /** Media types of a successful answer, best first; JSON alone when left out. */
  readonly produces?: readonly string[]
  /** The codes of its own; `errorCodesOf` adds those that come with a login, parameters or a body. */
  readonly errors: readonly ErrorCode[]
}

const EVERYWHERE = ['NOT_ACCEPTABLE', 'VALIDATION_FAILED', 'INTERNAL'] satisfies ErrorCode[]
const BEHIND_LOGIN = ['UNAUTHENTICATED', 'FORBIDDEN', 'MANAGER_CLOSED', 'STORE_UNAVAILABLE'] satisfies ErrorCode[]
const WITH_BODY = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] satisfies ErrorCode[]

/** Every code that a route can answer. */
export function errorCodesOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>([...route.errors, ...EVERYWHERE])
  if (route.access !== 'public') for (const code of BEHIND_LOGIN) codes.add(code)
  if (namesSession(route)) codes.add('SESSION_NOT_FOUND')
  if (route.method !== 'GET') for (const code of WITH_BODY) codes.add(code)
  return [...codes]
}

/** Where a request to this route names the session it is about, when it is about one. */
export function namesSession(route: Route): 'params' | 'query' | undefined {
  if (route.params && 'sessionId' in route.params.shape) return 'params'
  if (route.query && 'sessionId' in route.query.shape) return 'query'
  return undefined
}
