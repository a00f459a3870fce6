import { ClientError } from './client-error.js'

export interface Failure {
  method: string
  /** Whether the request carries a key that makes a repeat harmless. */
  isKeyed: boolean
  /** Whether the body can be sent once more. */
  isReplayable: boolean
  error: unknown
  /** How often it was tried, 1 after the first time. */
  tries: number
  maxRetries: number
  /** From 0 to 1, by chance. */
  random: number
}

const IDEMPOTENT = ['GET', 'HEAD', 'PUT', 'DELETE']
/** Of what the server did not do, or may do the next time. */
const PASSING = [408, 429, 502, 503, 504]
const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 8_000
/** Who is told to come back later than this is told so, and not kept. */
const MAX_WAIT_MS = 30_000

/** How long to wait before the same request is sent again; `undefined` when it must not be, or would not help. */
export function retryDelay(failure: Failure): number | undefined {
  const { method, isKeyed, isReplayable, error, tries, maxRetries, random } = failure
  if (tries > maxRetries || !isReplayable || !(isKeyed || IDEMPOTENT.includes(method))) return undefined
  if (!ClientError.is(error) || !mayPass(error)) return undefined
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= MAX_WAIT_MS ? error.retryAfterMs : undefined
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1))
  return Math.round(ceiling * (0.5 + random / 2))
}

function mayPass({ code, status }: ClientError): boolean {
  if (code === 'NETWORK_FAILED' || code === 'TIMED_OUT') return true
  return status !== undefined && PASSING.includes(status)
}
