import { TrunklineError } from '../errors/trunkline-error.js'
import type { RefreshFamily, UserRecord, UserStore } from '../ports/user-store.js'
import { decodeCursor } from '../records/cursor.js'
import { pageOf } from '../records/page.js'

export function createUserStore(): UserStore {
  const users = new Map<string, UserRecord>()
  const families = new Map<string, RefreshFamily>()

  return {
    async insert(user) {
      if (users.has(user.id) || withEmail(user.email)) return false
      users.set(user.id, structuredClone(user))
      return true
    },

    async get(userId) {
      return structuredClone(users.get(userId))
    },

    async findByEmail(email) {
      return structuredClone(withEmail(email))
    },

    async list({ limit, cursor }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const matching = [...users.values()].filter(({ id }) => id > after)
      const ordered = matching.sort((left, right) => (left.id < right.id ? -1 : 1))
      return structuredClone(pageOf(ordered, limit, ({ id }) => [id]))
    },

    async update(userId, changes) {
      const user = users.get(userId)
      if (!user) return undefined
      const namesake = changes.email === undefined ? undefined : withEmail(changes.email)
      if (namesake && namesake !== user) throw new TrunklineError('EMAIL_IN_USE')
      const given = Object.entries(structuredClone(changes)).filter(([, value]) => value !== undefined)
      const updated: UserRecord = { ...user, ...Object.fromEntries(given) }
      users.set(userId, updated)
      return structuredClone(updated)
    },

    async remove(userId) {
      users.delete(userId)
      revokeAll(userId)
    },

    async insertRefreshFamily(family) {
      families.set(family.id, structuredClone(family))
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

  function revokeAll(userId: string): void {
    for (const family of families.values()) if (family.userId === userId) families.delete(family.id)
  }
}
