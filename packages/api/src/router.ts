import type { Route } from '@trunkline/contract'
import { TrunklineError } from '@trunkline/core'

export type Match =
  | { kind: 'route'; name: string; params: Record<string, string> }
  | { kind: 'wrong-method'; allow: string[] }
  | { kind: 'unknown' }

export type Router = (method: string, path: string) => Match

/** What there is at one path, by method. */
interface Place {
  segments: string[]
  names: Map<string, string>
}

/**
 * Finds the route of a request. Fixed path parts win over parameters, whatever the method: `DELETE /sessions/stats` is no session that
 * is called so. HEAD is GET; one trailing slash is fine.
 */
export function createRouter(routes: Readonly<Record<string, Pick<Route, 'method' | 'path'>>>): Router {
  const byLength = placesByLength(routes)
  return (method, path) => {
    const segments = segmentsOf(path)
    const place = byLength.get(segments.length)?.find((candidate) => fits(candidate, segments))
    if (!place) return { kind: 'unknown' }
    const name = place.names.get(method === 'HEAD' ? 'GET' : method)
    if (name !== undefined) return { kind: 'route', name, params: paramsOf(place, segments) }
    const allow = new Set(place.names.keys())
    if (allow.has('GET')) allow.add('HEAD')
    return { kind: 'wrong-method', allow: [...allow].sort() }
  }
}

/** Those of one length are looked through one after the other, fixed parts first. */
function placesByLength(routes: Parameters<typeof createRouter>[0]): Map<number, Place[]> {
  const byPath = new Map<string, Place>()
  for (const [name, { method, path }] of Object.entries(routes)) {
    const place = byPath.get(path) ?? { segments: segmentsOf(path), names: new Map() }
    byPath.set(path, place)
    place.names.set(method, name)
  }
  const byLength = new Map<number, Place[]>()
  for (const place of [...byPath.values()].sort((a, b) => rank(a) - rank(b))) {
    const { length } = place.segments
    byLength.set(length, [...(byLength.get(length) ?? []), place])
  }
  return byLength
}

function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1)
}

function rank({ segments }: Place): number {
  return segments.filter(isParameter).length
}

function fits({ segments }: Place, actual: string[]): boolean {
  return segments.every((segment, index) => (isParameter(segment) ? actual[index] !== '' : segment === actual[index]))
}

function paramsOf({ segments }: Place, actual: string[]): Record<string, string> {
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
