import { decodeCursor, pageOf, TrunklineError, type UserStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { isDuplicateKey } from './errors.js'

export function createUserStore(connection: Connection): UserStore {
  return {
    async insert(user) {
      try {
        await connection.collections.users.insertOne({ _id: user.id, emailKey: user.email.toLowerCase(), record: user })
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

    async list({ limit, cursor }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const found = connection.collections.users.find({ _id: { $gt: after } }).sort({ _id: 1 })
      const documents = await found.limit(limit + 1).toArray()
      return pageOf(
        documents.map(({ record }) => record),
        limit,
        ({ id }) => [id],
      )
    },

    async update(userId, changes) {
      const { users } = connection.collections
      const given = Object.entries(changes).filter(([, value]) => value !== undefined)
      const set = {
        ...Object.fromEntries(given.map(([name, value]) => [`record.${name}`, value])),
        ...(changes.email === undefined ? {} : { emailKey: changes.email.toLowerCase() }),
      }
      if (given.length === 0) return (await users.findOne({ _id: userId }))?.record
      try {
        const updated = await users.findOneAndUpdate({ _id: userId }, { $set: set }, { returnDocument: 'after' })
        return updated?.record
      } catch (error) {
        if (isDuplicateKey(error)) throw new TrunklineError('EMAIL_IN_USE', { cause: error })
        throw error
      }
    },

    async remove(userId) {
      const { users, refreshFamilies } = connection.collections
      await users.deleteOne({ _id: userId })
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
}
