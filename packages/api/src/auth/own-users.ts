import { TrunklineError } from '@trunkline/core'
import type { UserStore } from '@trunkline/core/store'

/** The users of Trunkline's own login. @throws CONFIG_INVALID when the store keeps none */
export function ownUsers(users: UserStore | undefined): UserStore {
  if (users) return users
  const message = 'is needed: the store keeps no users, which the own login needs'
  const details = { errors: [{ field: 'authenticator', message }] }
  throw new TrunklineError('CONFIG_INVALID', { message: `authenticator ${message}`, details })
}
