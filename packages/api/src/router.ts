import type { Method, Route } from '@trunkline/contract'
import { TrunklineError } from '@trunkline/core'

export type Match =
  | { kind: 'route'; name: string; params: Record<string, string> }
  | { kind: 'wrong-method'; allow: string[] }
  | { kind: 'unknown' }

export type Router = (method: string, path: string) => Match

interface CompiledRoute {
  name: string
  method: Method
  path: string
  segments: string[]
}

/**
 * Finds the route of a request. Fixed path parts win over parameters, whatever the method: `DELETE /sessions/stats` is no session that
 * is called so. HEAD is GET; one trailing slash is fine.
 */
export function createRouter(routes: Readonly<Record<string, Pick<Route, 'method' | 'path'>>>): Router {
  const compiled = Object.entries(routes)
    .map(([name, { method, path }]): CompiledRoute => ({ name, method, path, segments: segmentsOf(path) }))
    .sort((a, b) => rank(a) - rank(b))
  return (method, path) => {
    const segments = segmentsOf(path)
    const first = compiled.find((route) => fits(route, segments))
    const candidates = compiled.filter(({ path }) => path === first?.path)
    const wanted = method === 'HEAD' ? 'GET' : method
    const route = candidates.find((candidate) => candidate.method === wanted)
    if (route) return { kind: 'route', name: route.name, params: paramsOf(route, segments) }
    if (candidates.length === 0) return { kind: 'unknown' }
    const allow = new Set<string>(candidates.map((candidate) => candidate.method))
    if (allow.has('GET')) allow.add('HEAD')
    return { kind: 'wrong-method', allow: [...allow].sort() }
  }
}

function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1)
}

function rank({ segments }: CompiledRoute): number {
  return segments.filter(isParameter).length
}

function fits({ segments }: CompiledRoute, actual: string[]): boolean {
  if (segments.length !== actual.length) return false
  return segments.every((segment, index) => (isParameter(segment) ? actual[index] !== '' : segment === actual[index]))
}

function paramsOf({ segments }: CompiledRoute, actual: string[]): Record<string, string> {
  const params: Record<string, string> = {}
  segments.forEach((segment, index) => {
    if (isParameter(segment)) params[segment.slice(1)] = decode(segment.slice(1), actual[index] ?? '')
  })
  return params
}

function isParameter(segment: string): boolean {
  return segment.startsWith(':')
}

function decode(field: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    const message = 'is not percent-encoded UTF-8'
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors: [{ field, message }] } })
  }
}
