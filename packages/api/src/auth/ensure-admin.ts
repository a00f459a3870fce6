import type { UserStore } from '@trunkline/core/store'
import { v7 as uuid } from 'uuid'
import { ownUsers } from './own-users.js'
import { createPasswordHasher } from './passwords.js'
import { rightsChangesOf } from './rights-changes.js'

export interface AdminOptions {
  name: string
  email: string
  password: string
  /** `environment`: it is marked as the one that the environment names, for `retireFormerAdmins`. */
  madeBy?: 'environment'
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
      ...(admin.madeBy ? { madeBy: admin.madeBy } : {}),
      tokenEpoch: 0,
      revision: 1,
    })
    // Another process that starts at the same time may have been first.
    return inserted ? 'created' : 'unchanged'
  }
  const samePassword = await passwords.verify(existing.passwordHash, admin.password)
  const { name, role, sessionIds, disabled } = existing
  const isMarked = admin.madeBy === undefined || existing.madeBy === admin.madeBy
  if (isMarked && samePassword && name === admin.name && role === 'admin' && sessionIds === '*' && !disabled)
    return 'unchanged'
  await users.update(existing.id, {
    name: admin.name,
    role: 'admin',
    sessionIds: '*',
    disabled: false,
    ...(admin.madeBy ? { madeBy: admin.madeBy } : {}),
    ...(samePassword
      ? {}
      : { passwordHash: await passwords.hash(admin.password), tokenEpoch: existing.tokenEpoch + 1 }),
  })
  rightsChangesOf(users).tell(existing.id)
  if (!samePassword) await users.revokeRefreshFamilies(existing.id)
  return 'updated'
}

/**
 * Disables the admins that the environment named before, all but the one with this e-mail, and ends their logins: who takes an
 * address out of the environment means that nobody signs in by it any more. Admins that people have made stay.
 *
 * @returns the ids of those that were disabled
 */
export async function retireFormerAdmins(
  given: UserStore | undefined,
  { email }: Pick<AdminOptions, 'email'>,
): Promise<string[]> {
  const users = ownUsers(given)
  const current = await users.findByEmail(email)
  const retired: string[] = []
  let cursor: string | undefined
  do {
    const page = await users.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) })
    for (const { id, role, madeBy, disabled, tokenEpoch } of page.items) {
      if (madeBy !== 'environment' || role !== 'admin' || disabled || id === current?.id) continue
      await users.update(id, { disabled: true, tokenEpoch: tokenEpoch + 1 })
      rightsChangesOf(users).tell(id)
      await users.revokeRefreshFamilies(id)
      retired.push(id)
    }
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return retired
}
