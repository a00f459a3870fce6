import type { UserStore } from '@trunkline/core/store'
import { v7 as uuid } from 'uuid'
import { ownUsers } from './own-users.js'
import { createPasswordHasher } from './passwords.js'
import { rightsChangesOf } from './rights-changes.js'

export interface AdminOptions {
  name: string
  email: string
  password: string
}

/**
 * Makes sure that this admin exists, is enabled and has this password; safe to call at every start. A password that differs
 * is replaced, and its logins end.
 *
 * @throws CONFIG_INVALID when the store keeps no users
 */
export async function ensureAdmin(
  given: UserStore | undefined,
  admin: AdminOptions,
): Promise<'created' | 'updated' | 'unchanged'> {
  const users = ownUsers(given)
  const passwords = await createPasswordHasher()
  const existing = await users.findByEmail(admin.email)
  if (!existing) {
    const inserted = await users.insert({
      id: uuid(),
      name: admin.name,
      email: admin.email,
      role: 'admin',
      sessionIds: '*',
      createdAt: new Date().toISOString(),
      disabled: false,
      passwordHash: await passwords.hash(admin.password),
      tokenEpoch: 0,
      revision: 1,
    })
    // Another process that starts at the same time may have been first.
    return inserted ? 'created' : 'unchanged'
  }
  const samePassword = await passwords.verify(existing.passwordHash, admin.password)
  const { name, role, sessionIds, disabled } = existing
  if (samePassword && name === admin.name && role === 'admin' && sessionIds === '*' && !disabled) return 'unchanged'
  await users.update(existing.id, {
    name: admin.name,
    role: 'admin',
    sessionIds: '*',
    disabled: false,
    ...(samePassword
      ? {}
      : { passwordHash: await passwords.hash(admin.password), tokenEpoch: existing.tokenEpoch + 1 }),
  })
  rightsChangesOf(users).tell(existing.id)
  if (!samePassword) await users.revokeRefreshFamilies(existing.id)
  return 'updated'
}
