import type { ErrorCode, Problem } from '@trunkline/contract'

/** What goes wrong before there is an answer, or with an answer that is none of Trunkline's. */
export type LocalErrorCode = 'NETWORK_FAILED' | 'TIMED_OUT' | 'ANSWER_UNKNOWN'

export interface ClientErrorParts {
  message: string
  cause?: unknown
  status?: number
  problem?: Problem
  requestId?: string
  retryAfterMs?: number
}

/** Why a call failed. Branch on `code`; the message is for people. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  /** Of the server (see its list of errors), or one of `LocalErrorCode`. */
  readonly code: ErrorCode | LocalErrorCode
  /** Of the answer, when there was one. */
  readonly status: number | undefined
  /** Names the request in the logs of the server, when it says so. */
  readonly requestId: string | undefined
  /** Which fields of the request are wrong. */
  readonly errors: Problem['errors']
  /** What the code brings along. */
  readonly details: Problem['details']
  /** After which time the server wants to be asked again. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode | LocalErrorCode, parts: ClientErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = code
    this.status = parts.status
    this.requestId = parts.requestId
    this.errors = parts.problem?.errors
    this.details = parts.problem?.details
    this.retryAfterMs = parts.retryAfterMs
  }

  /** Also for an error of another copy of this package. */
  static is(error: unknown, code?: ErrorCode | LocalErrorCode): error is ClientError {
    if (!(error instanceof Error) || error.name !== 'ClientError') return false
    return code === undefined || ('code' in error && error.code === code)
  }
}

/** An answer that says no. */
export async function errorOf(response: Response, { now }: { now: number }): Promise<ClientError> {
  const { status, headers } = response
  const requestId = headers.get('x-request-id') ?? undefined
  const retryAfterMs = retryAfter(headers.get('retry-after'), now)
  const problem = await problemIn(response)
  const parts = { status, requestId, retryAfterMs }
  if (!problem) return new ClientError('ANSWER_UNKNOWN', { ...parts, message: `The server answered ${status}` })
  return new ClientError(problem.code, { ...parts, problem, message: problem.detail })
}

async function problemIn(response: Response): Promise<Problem | undefined> {
  try {
    const body: unknown = await response.json()
    const isProblem = typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'
    return isProblem ? (body as Problem) : undefined
  } catch {
    return undefined
  }
}

/** Seconds, or a time (RFC 9110, section 10.2.3). */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const at = /^\d+$/.test(header) ? now + Number(header) * 1000 : Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
