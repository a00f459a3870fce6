import {
  changedUser,
  decodeCursor,
  isFullAdmin,
  pageOf,
  searchForm,
  TrunklineError,
  type UserRecord,
  type UserStore,
  userSearchText,
} from '@trunkline/core/store'
import { leaveAsAdmin } from './admin-guard.js'
import type { Connection } from './connection.js'
import { literal, type UserDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'
import { retryUntilSet } from './retry.js'

export function createUserStore(connection: Connection): UserStore {
  return {
    async insert(user) {
      try {
        await connection.collections.users.insertOne(documentOf(user))
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async get(userId) {
      return (await connection.collections.users.findOne({ _id: userId }))?.record
    },

    async findByEmail(email) {
      return (await connection.collections.users.findOne({ emailKey: email.toLowerCase() }))?.record
    },

    async list({ limit, cursor, search }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const matching = search ? { search: { $regex: literal(searchForm(search)) } } : {}
      const found = connection.collections.users.find({ _id: { $gt: after }, ...matching }).sort({ _id: 1 })
      const documents = await found.limit(limit + 1).toArray()
      return pageOf(
        documents.map(({ record }) => record),
        limit,
        ({ id }) => [id],
      )
    },

    async update(userId, changes, { expectedRevision, keepAdmin = false } = {}) {
      const outcome = await retryUntilSet(async () => {
        const user = await read(userId)
        if (!user || (expectedRevision !== undefined && user.revision !== expectedRevision)) return 'none'
        const updated = changedUser(user, changes)
        const write = () => replace(user, updated)
        const leaves = keepAdmin && isFullAdmin(user) && !isFullAdmin(updated)
        return leaves ? await leaveAsAdmin(connection, userId, write) : await write()
      })
      if (outcome === 'email-in-use') throw new TrunklineError('EMAIL_IN_USE')
      return outcome === 'none' ? undefined : outcome
    },

    async remove(userId, { keepAdmin = false } = {}) {
      const { users, refreshFamilies } = connection.collections
      await retryUntilSet(async () => {
        const user = await read(userId)
        if (!user) return 'gone'
        const write = async () => {
          const { deletedCount } = await users.deleteOne({ _id: userId, 'record.revision': user.revision })
          return deletedCount === 1 ? 'gone' : undefined
        }
        return keepAdmin && isFullAdmin(user) ? await leaveAsAdmin(connection, userId, write) : await write()
      })
      await refreshFamilies.deleteMany({ userId })
    },

    async insertRefreshFamily({ id, userId, tokenHash, createdAt, expiresAt }) {
      const { refreshFamilies } = connection.collections
      const family = { userId, tokenHash, expiresAt, removeAt: new Date(expiresAt) }
      await refreshFamilies.replaceOne({ _id: id }, family, { upsert: true })
      // The server's own removal is late, and some servers have none: a login is the moment to clear away what has expired.
      await refreshFamilies.deleteMany({ userId, expiresAt: { $lte: createdAt } })
    },

    async rotateRefreshToken(familyId, { presentedHash, nextHash, expiresAt, now }) {
      const { refreshFamilies } = connection.collections
      const alive = { _id: familyId, expiresAt: { $gt: now } }
      const rotated = await refreshFamilies.findOneAndUpdate(
        { ...alive, tokenHash: presentedHash },
        { $set: { tokenHash: nextHash, expiresAt, removeAt: new Date(expiresAt) } },
      )
      if (rotated) return { outcome: 'rotated', userId: rotated.userId }
      const revoked = await refreshFamilies.findOneAndDelete({ ...alive, tokenHash: { $ne: presentedHash } })
      return { outcome: revoked ? 'reused' : 'missing' }
    },

    async revokeRefreshFamily(familyId) {
      await connection.collections.refreshFamilies.deleteOne({ _id: familyId })
    },

    async revokeRefreshFamilies(userId) {
      await connection.collections.refreshFamilies.deleteMany({ userId })
    },
  }

  async function read(userId: string): Promise<UserRecord | undefined> {
    return (await connection.collections.users.findOne({ _id: userId }))?.record
  }

  /** `undefined` when somebody else has changed the user meanwhile. */
  async function replace(user: UserRecord, updated: UserRecord): Promise<UserRecord | 'email-in-use' | undefined> {
    const unchanged = { _id: user.id, 'record.revision': user.revision }
    try {
      const { matchedCount } = await connection.collections.users.replaceOne(unchanged, documentOf(updated))
      return matchedCount === 1 ? updated : undefined
    } catch (error) {
      if (isDuplicateKey(error)) return 'email-in-use'
      throw error
    }
  }
}

function documentOf(user: UserRecord): UserDocument {
  return { _id: user.id, emailKey: user.email.toLowerCase(), search: userSearchText(user), record: user }
}
