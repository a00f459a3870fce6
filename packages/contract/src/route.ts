import type { z } from 'zod'
import type { ErrorCode } from './http-status.js'
import type { Permission } from './permissions.js'
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
  /**
   * Who may call it: `public` needs no login, `signed-in` any login, the others somebody who has this permission. A session that
   * is named must also be one of the caller's.
   */
  readonly access: 'public' | 'signed-in' | Permission
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** Headers that it reads, by their names as they are written; others are passed over. */
  readonly headers?: z.ZodObject
  /** A route without one takes no fields. */
  readonly body?: RequestBody
  /** By status. */
  readonly responses: { readonly [status: number]: ResponseBody }
  /** The codes of its own; `errorCodesOf` adds those that come with a login, parameters or a body. */
  readonly errors: readonly ErrorCode[]
}

/** Routes that belong together. */
export interface Area {
  /** One sentence for people. */
  readonly description: string
  readonly routes: Readonly<Record<string, Route>>
}

/** What a request carries; with several, its `Content-Type` decides. */
export interface RequestBody {
  /** Whether it may be left out, which says the same as `{}`. */
  readonly optional?: true
  /** Of the JSON value: an object, a union of objects, … */
  readonly json?: z.ZodType
  /** How long the JSON may be, where that is more than everywhere: of routes that take bytes as base64. */
  readonly maxJsonBytes?: number
  /** Read as a stream, of one of these media types (`image/png`, `image/*`, `*` + `/*`). */
  readonly bytes?: { readonly mediaTypes: readonly string[]; readonly maxBytes: number }
  readonly form?: FormBody
}

/**
 * `multipart/form-data`: parts with fields, and after them one part `file`. The file is read as a stream while the fields are known
 * already, so a field behind it is refused.
 */
export interface FormBody {
  /** Of all parts but the file. Each is text and comes once: schemas make numbers and flags of it, as in a query. */
  readonly fields: z.ZodObject
  readonly file: { readonly description: string; readonly mediaTypes: readonly string[]; readonly maxBytes: number }
}

/** What an answer carries; nothing at all with status 204. Which of several is taken decides the `Accept` header. */
export interface ResponseBody {
  readonly json?: z.ZodType
  /** Media types of answers that are small and made at once, best first. */
  readonly bytes?: readonly string[]
  /** Media types of answers that are read from somewhere as they are sent. Ranges and `If-None-Match` are taken then. */
  readonly stream?: readonly string[]
}

/** RATE_LIMITED also comes from what stands in front of all routes, as the server's limits do. */
const EVERYWHERE = ['NOT_ACCEPTABLE', 'VALIDATION_FAILED', 'RATE_LIMITED', 'INTERNAL'] satisfies ErrorCode[]
const BEHIND_LOGIN = ['UNAUTHENTICATED', 'FORBIDDEN', 'MANAGER_CLOSED', 'STORE_UNAVAILABLE'] satisfies ErrorCode[]
const WITH_BODY = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'REQUEST_TIMEOUT'] satisfies ErrorCode[]
/** What changes something is stored. */
const STORING = ['STORE_FULL'] satisfies ErrorCode[]

/** Every code that a route can answer. */
export function errorCodesOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>([...route.errors, ...EVERYWHERE])
  if (route.access !== 'public') for (const code of BEHIND_LOGIN) codes.add(code)
  if (namesSession(route)) codes.add('SESSION_NOT_FOUND')
  if (route.method !== 'GET') for (const code of [...WITH_BODY, ...STORING]) codes.add(code)
  // What another node may hold is asked of that one, where nodes can talk to each other.
  if (codes.has('LEASE_HELD')) codes.add('CLUSTER_UNREACHABLE').add('LEASE_UNSURE')
  if (Object.values(route.responses).some(({ stream }) => stream)) codes.add('RANGE_NOT_SATISFIABLE')
  return [...codes]
}

/** Where a request to this route names the session it is about, when it is about one. */
export function namesSession(route: Route): 'params' | 'query' | undefined {
  if (route.params && 'sessionId' in route.params.shape) return 'params'
  if (route.query && 'sessionId' in route.query.shape) return 'query'
  return undefined
}

/** The media types of a successful answer, best first. */
export function mediaTypesOf({ responses }: Route): string[] {
  const types = Object.values(responses).flatMap(({ json, bytes = [], stream = [] }) => [
    ...(json ? ['application/json'] : []),
    ...bytes,
    ...stream,
  ])
  return types.length > 0 ? [...new Set(types)] : ['application/json']
}
