import type { Route } from '@trunkline/contract'
import { type ErrorCode, TrunklineError } from '@trunkline/core'
import type { AuditEntry, AuditOutcome } from '@trunkline/core/store'
import type { Principal } from '../auth/authenticator.js'

/** What a request was, as far as it was understood. */
export interface Deed {
  route?: { name: string; route: Route }
  principal?: Principal
  params?: Readonly<Record<string, unknown>>
  /** The session that the request names. */
  sessionId?: string
  /** It was let in and understood: where it failed after that, it may have been done. */
  isBegun?: boolean
  /** The id of what was made. */
  createdId?: string
  /** What a handler found out about somebody who has not signed in yet. */
  noted?: Partial<Pick<AuditEntry, 'userId' | 'targetId'>>
}

/** What clients do by themselves, every few minutes, to stay signed in; that it was refused is written down. */
const BY_ITSELF = 'refresh'

/** Who people write to is not for the audit. */
const ADDRESSES = new Set(['chatId', 'contactId', 'groupId'])

/**
 * The entry of a request, `undefined` for one that is not written down: what only reads, what clients do by themselves, and what nobody
 * knows who wanted it. An open door would let strangers fill the log.
 */
export function auditEntry(
  { route, principal, params = {}, sessionId, createdId, noted }: Deed,
  ended: { status: number; error?: unknown },
): Omit<AuditEntry, 'id' | 'at'> | undefined {
  if (!route || route.route.method === 'GET' || !(principal || noted)) return undefined
  if (route.name === BY_ITSELF && outcomeOf(ended.status) === 'done') return undefined
  const code = codeOf(ended.error)
  const others = Object.entries(params).filter(([name]) => name !== 'sessionId' && !ADDRESSES.has(name))
  const makesSession = createdId !== undefined && route.route.path === '/sessions'
  return withoutUndefined({
    action: route.name,
    outcome: outcomeOf(ended.status),
    status: ended.status,
    code,
    userId: principal?.userId ?? noted?.userId,
    keyId: principal?.keyId,
    sessionId: sessionId ?? (makesSession ? createdId : undefined),
    targetId: noted?.targetId ?? textOf(others.at(-1)?.[1]) ?? (makesSession ? undefined : createdId),
  })
}

function outcomeOf(status: number): AuditOutcome {
  if (status < 400) return 'done'
  return status < 500 ? 'refused' : 'failed'
}

function codeOf(error: unknown): ErrorCode | undefined {
  if (error === undefined) return undefined
  return TrunklineError.is(error) ? error.code : 'INTERNAL'
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

type Given<Shape> = { [Name in keyof Shape]: Exclude<Shape[Name], undefined> }

function withoutUndefined<Shape extends object>(shape: Shape): Given<Shape> {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Given<Shape>
}
