import { type ApiKey, type Permission, ROLES, type Route } from '@trunkline/contract'
import { TrunklineError, type Webhook } from '@trunkline/core'
import type { Principal } from './auth/authenticator.js'

export type Decision = 'allowed' | 'unauthenticated' | 'session-not-found' | 'forbidden'

/**
 * Who may do what, in one place. A session that the caller may not see does not exist for them, so it is "not found" before
 * anything else is said about it.
 */
export function decide(
  access: Route['access'],
  principal: Principal | undefined,
  session: { id: string } | undefined,
): Decision {
  if (access === 'public') return 'allowed'
  if (!principal) return 'unauthenticated'
  if (session && !maySee(principal, session.id)) return 'session-not-found'
  return access === 'signed-in' || holds(principal, access) ? 'allowed' : 'forbidden'
}

export function maySee(principal: Principal, sessionId: string): boolean {
  return principal.sessionIds === '*' || principal.sessionIds.includes(sessionId)
}

/** Somebody with given sessions only may make those and no others: they could not even see another one. */
export function mayCreate(principal: Principal, sessionId: string | undefined): boolean {
  return principal.sessionIds === '*' || (sessionId !== undefined && principal.sessionIds.includes(sessionId))
}

/** Whether somebody's rights hold all those of another: only then may they give them, change them and take them away. */
export function covers(principal: Principal, other: Pick<Principal, 'role' | 'sessionIds'>): boolean {
  return seesAll(principal, other.sessionIds) && ROLES[other.role].every((permission) => holds(principal, permission))
}

/** The same of an API key. What somebody has made stays theirs to see and to end, whatever became of their rights. */
export function coversKey(principal: Principal, key: Pick<ApiKey, 'userId' | 'permissions' | 'sessionIds'>): boolean {
  if (principal.keyId === undefined && principal.userId === key.userId) return true
  return seesAll(principal, key.sessionIds) && key.permissions.every((permission) => holds(principal, permission))
}

/** Whether somebody may read everything that is read of these sessions: those of others do not exist for them. */
export function coversSessions(principal: Principal, sessionIds: readonly string[] | '*'): boolean {
  return seesAll(principal, sessionIds)
}

function seesAll(principal: Principal, sessionIds: readonly string[] | '*'): boolean {
  if (principal.sessionIds === '*') return true
  return sessionIds !== '*' && sessionIds.every((sessionId) => maySee(principal, sessionId))
}

/** @throws FORBIDDEN for an API key */
export function onlyPeople({ keyId }: Principal): void {
  if (keyId !== undefined) throw new TrunklineError('FORBIDDEN', { message: 'An API key may not do this' })
}

/** Sockets hear what the event log has, so the same permission opens both. */
export function mayListen(principal: Principal): boolean {
  return holds(principal, 'events:read')
}

/** The events that link an account (`qr`, `pairing-code`) reach only those who may read the QR by REST as well. */
export function mayLink(principal: Principal): boolean {
  return holds(principal, 'sessions:manage')
}

/** Whether somebody may hear of a webhook: those that read sessions of others do not exist for them. */
export function mayManageWebhook(principal: Principal, { sessionIds }: Pick<Webhook, 'sessionIds'>): boolean {
  return holds(principal, 'webhooks:manage') && coversSessions(principal, sessionIds)
}

/** What a host shows of itself beside the routes, its metrics for one, is read with the permission of the system's routes. */
export function mayReadSystem(principal: Principal): boolean {
  return holds(principal, 'system:read')
}

/** Nothing is allowed to a role that does not exist: a host's authenticator may have made it up. */
export function holds({ role, permissions }: Principal, permission: Permission): boolean {
  const given = permissions === undefined || permissions.includes(permission)
  return given && Object.hasOwn(ROLES, role) && ROLES[role].includes(permission)
}

/** For what is about every session there is. @throws FORBIDDEN to those who were given some of them */
export function refuseUnlessAll({ sessionIds }: Principal): void {
  if (sessionIds !== '*') throw new TrunklineError('FORBIDDEN')
}
