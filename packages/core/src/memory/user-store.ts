import { TrunklineError } from '../errors/trunkline-error.js'
import type { RefreshFamily, UserStore } from '../ports/user-store.js'
import { decodeCursor } from '../records/cursor.js'
import { pageOf } from '../records/page.js'
import { searchForm, userSearchText } from '../records/search.js'
import { changedUser, isFullAdmin, type UserRecord } from '../records/user.js'
import { copyOf } from '../util/copy.js'

export function createUserStore(): UserStore {
  const users = new Map<string, UserRecord>()
  const families = new Map<string, RefreshFamily>()

  return {
    async insert(user) {
      if (users.has(user.id) || withEmail(user.email)) return false
      users.set(user.id, copyOf(user))
      return true
    },

    async get(userId) {
      return copyOf(users.get(userId))
    },

    async findByEmail(email) {
      return copyOf(withEmail(email))
    },

    async list({ limit, cursor, search = '' }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const sought = searchForm(search)
      const matching = [...users.values()].filter((user) => user.id > after && userSearchText(user).includes(sought))
      const ordered = matching.sort((left, right) => (left.id < right.id ? -1 : 1))
      return copyOf(pageOf(ordered, limit, ({ id }) => [id]))
    },

    async update(userId, changes, { expectedRevision, keepAdmin = false } = {}) {
      const user = users.get(userId)
      if (!user || (expectedRevision !== undefined && user.revision !== expectedRevision)) return undefined
      const namesake = changes.email === undefined ? undefined : withEmail(changes.email)
      if (namesake && namesake !== user) throw new TrunklineError('EMAIL_IN_USE')
      const updated = changedUser(user, copyOf(changes))
      if (keepAdmin && !isFullAdmin(updated)) keepAnother(user)
      users.set(userId, updated)
      return copyOf(updated)
    },

    async remove(userId, { keepAdmin = false } = {}) {
      const user = users.get(userId)
      if (user && keepAdmin) keepAnother(user)
      users.delete(userId)
      revokeAll(userId)
    },

    async insertRefreshFamily(family) {
      families.set(family.id, copyOf(family))
    },

    async rotateRefreshToken(familyId, { presentedHash, nextHash, expiresAt, now }) {
      const family = families.get(familyId)
      if (!family || family.expiresAt <= now) return { outcome: 'missing' }
      if (family.tokenHash !== presentedHash) {
        families.delete(familyId)
        return { outcome: 'reused' }
      }
      families.set(familyId, { ...family, tokenHash: nextHash, expiresAt })
      return { outcome: 'rotated', userId: family.userId }
    },

    async revokeRefreshFamily(familyId) {
      families.delete(familyId)
    },

    async revokeRefreshFamilies(userId) {
      revokeAll(userId)
    },
  }

  function withEmail(email: string): UserRecord | undefined {
    return [...users.values()].find((user) => user.email.toLowerCase() === email.toLowerCase())
  }

  /** @throws LAST_ADMIN when this is the only full admin */
  function keepAnother(leaving: UserRecord): void {
    const another = [...users.values()].some((user) => user !== leaving && isFullAdmin(user))
    if (isFullAdmin(leaving) && !another) throw new TrunklineError('LAST_ADMIN')
  }

  function revokeAll(userId: string): void {
    for (const family of families.values()) if (family.userId === userId) families.delete(family.id)
  }
}
