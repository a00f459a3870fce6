import { ROUTES } from '@trunkline/contract'

/** Where the API is mounted. */
const MOUNT = '/api'
const KNOWN = [
  '',
  '/healthz',
  '/readyz',
  '/metrics',
  '/socket.io',
  '/admin',
  MOUNT,
  ...Object.values(ROUTES).map(({ path }) => `${MOUNT}${path}`),
]
const PATTERNS = [...new Set(KNOWN)]
  .map((path) => path.split('/').slice(1))
  // Words go before names: `/sessions/active` is no session.
  .sort((one, other) => names(one) - names(other))
const WORDS = new Set(PATTERNS.flat().filter((segment) => !segment.startsWith(':')))

/**
 * What may stand in the log of a path: the pattern of its route. Paths hold phone numbers and the ids of chats and messages;
 * of one that no route has, only the words are left that routes are made of.
 */
export function pathPattern(path: string): { path: string; sessionId?: string } {
  const segments = segmentsOf(path)
  const pattern = patternOf(segments)
  if (!pattern) return { path: `/${segments.map((segment) => (WORDS.has(segment) ? segment : ':unknown')).join('/')}` }
  const sessionId = segments[pattern.indexOf(':sessionId')]
  return {
    path: `/${pattern.join('/')}`,
    ...(sessionId === undefined || !pattern.includes(':sessionId') ? {} : { sessionId }),
  }
}

/** The pattern of the route that a path is of, if it is of one. */
export function routePattern(path: string): string | undefined {
  const pattern = patternOf(segmentsOf(path))
  return pattern && `/${pattern.join('/')}`
}

function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1)
}

function patternOf(segments: readonly string[]): string[] | undefined {
  return PATTERNS.find(
    (each) =>
      each.length === segments.length &&
      each.every((segment, index) => segment.startsWith(':') || segment === segments[index]),
  )
}

function names(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith(':')).length
}
