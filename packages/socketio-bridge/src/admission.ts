import { type Authenticator, mayListen, maySee, type Principal, toProblem } from '@trunkline/api'
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
  /** Who it belongs to now, by the same proof; `undefined` when the proof is none any more. Rejects when nobody can tell. */
  ask(): Promise<Principal | undefined>
}

/**
 * Reads the handshake: a token in `auth.token` or the `Authorization` header, a key in `auth.apiKey` or `X-API-Key`.
 *
 * @throws UNAUTHENTICATED · FORBIDDEN · VALIDATION_FAILED
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
  const ask = async () => {
    const principal = await authenticator.authenticate({ headers, handshake: parsed.data })
    return principal && !hasEnded(principal) ? copyOf(principal) : undefined
  }
  const principal = await ask()
  if (!principal) throw new TrunklineError('UNAUTHENTICATED')
  if (!mayListen(principal)) throw new TrunklineError('FORBIDDEN')
  return { principal, ...(sessions ? { only: new Set(sessions) } : {}), after: new Map(Object.entries(after)), ask }
}

/** A host may hand out one object and change it: what it was is compared with what it becomes. */
function copyOf(principal: Principal): Principal {
  const { sessionIds } = principal
  return { ...principal, sessionIds: sessionIds === '*' ? sessionIds : [...sessionIds] }
}

/** A time that cannot be read has passed: a proof without an end says so by leaving it out. */
function hasEnded({ expiresAt }: Principal): boolean {
  return expiresAt !== undefined && !(Date.parse(expiresAt) > Date.now())
}

/** Whether events of this session are for this socket. */
export function wants({ principal, only }: Pick<Admission, 'principal' | 'only'>, sessionId: string): boolean {
  return maySee(principal, sessionId) && (only?.has(sessionId) ?? true)
}

/** The sessions that can be told without asking the manager; `undefined` when it is all there are. */
export function namedSessions({ principal, only }: Pick<Admission, 'principal' | 'only'>): string[] | undefined {
  if (only) return [...only].filter((sessionId) => maySee(principal, sessionId))
  return principal.sessionIds === '*' ? undefined : [...principal.sessionIds]
}

/** Whether two answers of an authenticator allow the same. */
export function sameRights(one: Principal, other: Principal): boolean {
  return (
    one.role === other.role &&
    one.expiresAt === other.expiresAt &&
    one.permissions?.join() === other.permissions?.join() &&
    sameSessions(one.sessionIds, other.sessionIds)
  )
}

function sameSessions(one: Principal['sessionIds'], other: Principal['sessionIds']): boolean {
  if (one === '*' || other === '*') return one === other
  const [first, second] = [new Set(one), new Set(other)]
  return first.size === second.size && [...first].every((sessionId) => second.has(sessionId))
}

/** Whether the same handshake can be right later without anybody changing anything; an authenticator may reject with anything. */
export function mayPassLater(error: unknown): boolean {
  return !TrunklineError.is(error) || error.retryable
}

/** What the client finds in `connect_error`: `error.data` is the problem that REST would answer. */
export function connectError(error: unknown): Error & { data: ReturnType<typeof toProblem> } {
  const problem = toProblem(error)
  return Object.assign(new Error(problem.title), { data: problem })
}
