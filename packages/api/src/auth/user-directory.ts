import type { BodyOf, QueryOf } from '@trunkline/contract'
import { LIMITS, ROLES } from '@trunkline/contract'
import { type Page, TrunklineError, type User } from '@trunkline/core'
import type { ApiKeyStore, UserRecord, UserStore } from '@trunkline/core/store'
import { v7 as uuid } from 'uuid'
import { fullPage } from '../full-page.js'
import { covers } from '../policy.js'
import type { Principal } from './authenticator.js'
import type { PasswordHasher } from './passwords.js'
import { publicUser } from './public-user.js'
import type { RightsChanges } from './rights-changes.js'
import { untilSet } from './until-set.js'

export interface UserDirectoryParts {
  users: UserStore
  apiKeys: ApiKeyStore | undefined
  rights: RightsChanges
  passwords(): Promise<PasswordHasher>
  now(): number
}

/**
 * The users, as one who manages them sees them: whoever may do more than the caller does not exist for the caller, and nobody
 * gives what they do not have.
 */
export class UserDirectory {
  readonly #parts: UserDirectoryParts

  constructor(parts: UserDirectoryParts) {
    this.#parts = parts
  }

  async list(
    principal: Principal,
    { limit = LIMITS.page.default, cursor, q }: QueryOf<'listUsers'>,
  ): Promise<Page<User>> {
    const { users } = this.#parts
    const page = await fullPage<UserRecord>(
      { limit, cursor },
      {
        read: (part) => users.list({ ...part, ...(q === undefined ? {} : { search: q }) }),
        exists: (user) => covers(principal, user),
      },
    )
    return { ...page, items: page.items.map(publicUser) }
  }

  /** @throws FORBIDDEN · EMAIL_IN_USE */
  async create(principal: Principal, { password, ...given }: BodyOf<'createUser'>): Promise<User> {
    if (!covers(principal, given)) throw beyondOwnRights()
    const { users, now, passwords } = this.#parts
    const user: UserRecord = {
      id: uuid(),
      ...given,
      createdAt: new Date(now()).toISOString(),
      disabled: false,
      passwordHash: await (await passwords()).hash(password),
      tokenEpoch: 0,
      revision: 1,
    }
    if (!(await users.insert(user))) throw new TrunklineError('EMAIL_IN_USE')
    return publicUser(user)
  }

  /** @throws USER_NOT_FOUND */
  async get(principal: Principal, userId: string): Promise<User> {
    return publicUser(await this.#find(principal, userId))
  }

  /** @throws USER_NOT_FOUND · FORBIDDEN · EMAIL_IN_USE · LAST_ADMIN */
  async update(principal: Principal, userId: string, { password, ...changes }: BodyOf<'updateUser'>): Promise<User> {
    const { users, rights, passwords } = this.#parts
    await this.#find(principal, userId)
    const hashed = password === undefined ? {} : { passwordHash: await (await passwords()).hash(password) }
    const [before, after] = await untilSet(async () => {
      const user = await this.#find(principal, userId)
      const wanted = { ...user, ...changes, ...hashed }
      if (!covers(principal, wanted)) throw beyondOwnRights()
      const next = endsLogins(user, wanted) ? { tokenEpoch: user.tokenEpoch + 1 } : {}
      const options = { expectedRevision: user.revision, keepAdmin: true }
      const updated = await users.update(userId, { ...changes, ...hashed, ...next }, options)
      return updated && ([user, updated] as const)
    })
    // First those who hold connections: their proofs are none any more, whatever becomes of the store now.
    rights.tell(userId)
    if (after.tokenEpoch !== before.tokenEpoch) await users.revokeRefreshFamilies(userId)
    return publicUser(after)
  }

  /** @throws USER_NOT_FOUND · LAST_ADMIN */
  async remove(principal: Principal, userId: string): Promise<void> {
    const { users, apiKeys, rights } = this.#parts
    await this.#find(principal, userId)
    await users.remove(userId, { keepAdmin: true })
    rights.tell(userId)
    // Without their maker they let nobody in; this clears them away.
    await apiKeys?.removeAll(userId)
  }

  async #find(principal: Principal, userId: string): Promise<UserRecord> {
    const user = await this.#parts.users.get(userId)
    if (!user || !covers(principal, user)) throw new TrunklineError('USER_NOT_FOUND')
    return user
  }
}

/** Whether what was given out before must not be used any more: the password is another, or rights were taken away. */
function endsLogins(before: UserRecord, after: UserRecord): boolean {
  if (after.passwordHash !== before.passwordHash || (after.disabled && !before.disabled)) return true
  const lost = ROLES[before.role].some((permission) => !ROLES[after.role].includes(permission))
  return lost || !includesAll(after.sessionIds, before.sessionIds)
}

function includesAll(sessionIds: User['sessionIds'], wanted: User['sessionIds']): boolean {
  if (sessionIds === '*') return true
  return wanted !== '*' && wanted.every((sessionId) => sessionIds.includes(sessionId))
}

function beyondOwnRights() {
  return new TrunklineError('FORBIDDEN', { message: 'Nobody gives a role or sessions that they do not have' })
}
