import type { Permission, Role } from '../react/types.js'

const VIEWER: readonly Permission[] = ['sessions:read', 'messages:read', 'contacts:read', 'events:read']

const OPERATOR: readonly Permission[] = [
  ...VIEWER,
  'sessions:manage',
  'messages:send',
  'chats:manage',
  'contacts:manage',
  'groups:manage',
  'profile:manage',
]

const ADMIN: readonly Permission[] = [
  ...OPERATOR,
  'sessions:delete',
  'webhooks:manage',
  'users:manage',
  'keys:manage',
  'audit:read',
  'system:read',
  'system:manage',
]

/** What each role is shown, as the server allows it: a test holds this against its own table. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  admin: ADMIN,
}
