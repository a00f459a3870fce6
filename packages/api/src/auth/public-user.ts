import type { User } from '@trunkline/core'
import type { UserRecord } from '@trunkline/core/store'

/** A user as others see it: without what only the login needs. */
export function publicUser({ id, name, email, role, sessionIds, createdAt, disabled }: UserRecord): User {
  return { id, name, email, role, sessionIds, createdAt, disabled }
}
