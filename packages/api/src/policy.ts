import { type Permission, ROLES, type Route } from '@trunkline/contract'
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
  const { sessionIds } = other
  const sessions =
    principal.sessionIds === '*' || (sessionIds !== '*' && sessionIds.every((id) => maySee(principal, id)))
  return sessions && ROLES[other.role].every((permission) => holds(principal, permission))
}

/** The events that link an account (`qr`, `pairing-code`) reach only those who may read the QR by REST as well. */
export function mayLink(principal: Principal): boolean {
  return holds(principal, 'sessions:manage')
}

/** Nothing is allowed to a role that does not exist: a host's authenticator may have made it up. */
function holds({ role }: Principal, permission: Permission): boolean {
  return Object.hasOwn(ROLES, role) && ROLES[role].includes(permission)
}
