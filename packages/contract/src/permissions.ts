import type { Role } from '@trunkline/core'

/** What somebody may be allowed to do, in words of the areas. A route asks for one of them. */
export const PERMISSIONS = [
  'sessions:read',
  /** Make, change, start, stop, link, unlink and delete sessions; their messages and archived credentials stay for a while. */
  'sessions:manage',
  /** Remove sessions with everything that is kept of them, for good. */
  'sessions:delete',
  'messages:read',
  'messages:send',
  'chats:manage',
  'contacts:read',
  'contacts:manage',
  'groups:manage',
  'profile:manage',
  'events:read',
  'webhooks:manage',
  'users:manage',
  'keys:manage',
  'audit:read',
  'system:read',
  'system:manage',
] as const

export type Permission = (typeof PERMISSIONS)[number]

const VIEWER = ['sessions:read', 'messages:read', 'contacts:read', 'events:read'] as const satisfies Permission[]

const OPERATOR = [
  ...VIEWER,
  'sessions:manage',
  'messages:send',
  'chats:manage',
  'contacts:manage',
  'groups:manage',
  'profile:manage',
] as const satisfies Permission[]

/** What each role may do, with the sessions given to the person who has it. */
export const ROLES: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  admin: PERMISSIONS,
}
