import { type Authenticator, maySee, type Principal, toProblem } from '@trunkline/api'
import { handshakeSchema } from '@trunkline/contract'
import { TrunklineError } from '@trunkline/core'
import type { Socket } from 'socket.io'

/** Who a socket belongs to and what it asked for. */
export interface Admission {
  principal: Principal
  /** Only these sessions; all permitted ones when left out. */
  only?: ReadonlySet<string>
  /** The last sequence number seen, by session. */
  after: ReadonlyMap<string, number>
}

/**
 * Reads the handshake: a token in `auth.token` or the `Authorization` header, a key in `auth.apiKey` or `X-API-Key`.
 *
 * @throws UNAUTHENTICATED · VALIDATION_FAILED
 */
export async function admit(handshake: Socket['handshake'], authenticator: Authenticator): Promise<Admission> {
  const parsed = handshakeSchema.safeParse(handshake.auth ?? {})
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'auth', message }))
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
  }
  const { token, apiKey, sessions, after = {} } = parsed.data
  const headers = {
    ...handshake.headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
  }
  const principal = await authenticator.authenticate({ headers, handshake: parsed.data })
  if (!principal) throw new TrunklineError('UNAUTHENTICATED')
  return { principal, ...(sessions ? { only: new Set(sessions) } : {}), after: new Map(Object.entries(after)) }
}

/** Whether events of this session are for this socket. */
export function wants({ principal, only }: Admission, sessionId: string): boolean {
  return maySee(principal, sessionId) && (only?.has(sessionId) ?? true)
}

/** The sessions that can be told without asking the manager; `undefined` when it is all there are. */
export function namedSessions({ principal, only }: Admission): string[] | undefined {
  if (only) return [...only].filter((sessionId) => maySee(principal, sessionId))
  return principal.sessionIds === '*' ? undefined : [...principal.sessionIds]
}

/** What the client finds in `connect_error`: `error.data` is the problem that REST would answer. */
export function connectError(error: unknown): Error & { data: ReturnType<typeof toProblem> } {
  const problem = toProblem(error)
  return Object.assign(new Error(problem.title), { data: problem })
}
