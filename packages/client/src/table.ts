import type { Area, Route } from '@trunkline/contract'
import { methodName } from './method-name.js'

/** What the client has to know of a route. */
export interface TableRoute {
  /** Its name in the contract. */
  name: string
  method: string
  path: string
  takesBody: boolean
  takesQuery: boolean
  /** Media types of its answers, best first; none for 204 alone. */
  accept: string[]
  isPublic: boolean
  /** The field of the query that takes `nextCursor`, of lists. */
  pagedBy?: string
  /** Whether `Idempotency-Key` makes a repeat harmless. */
  isKeyed: boolean
}

/** Methods by area. */
export type Table = Record<string, Record<string, TableRoute>>

export function tableOf(areas: Readonly<Record<string, Area>>): Table {
  return Object.fromEntries(
    Object.entries(areas).map(([area, { routes }]) => [
      area,
      Object.fromEntries(Object.entries(routes).map(([name, route]) => [methodName(area, name), rowOf(name, route)])),
    ]),
  )
}

function rowOf(name: string, route: Route): TableRoute {
  const responses = Object.values(route.responses)
  const isJson = responses.some(({ json }) => json !== undefined)
  const pagedBy = pagedByOf(route)
  return {
    name,
    method: route.method,
    path: route.path,
    takesBody: route.body !== undefined,
    takesQuery: route.query !== undefined,
    accept: [
      ...(isJson ? ['application/json'] : []),
      ...new Set(responses.flatMap(({ bytes = [], stream = [] }) => [...bytes, ...stream])),
    ],
    isPublic: route.access === 'public',
    ...(pagedBy ? { pagedBy } : {}),
    isKeyed: route.headers !== undefined && 'Idempotency-Key' in route.headers.shape,
  }
}

function pagedByOf({ query, responses }: Route): string | undefined {
  const { json } = responses[200] ?? {}
  const isPage = json !== undefined && 'shape' in json && 'nextCursor' in Object(json.shape)
  return isPage ? ['cursor', 'after'].find((field) => query && field in query.shape) : undefined
}
