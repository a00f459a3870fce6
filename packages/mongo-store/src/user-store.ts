import { decodeCursor, TrunklineError, type UserRecord, type UserStore } from '@trunkline/core'
import type { Collections, UserDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'
import { pageOf } from './page.js'

export function createUserStore({ users, refreshFamilies }: Collections): UserStore {
  return {
    async insert(user) {
      try {
        await users.insertOne({
          _id: user.id,
          email: user.email.toLowerCase(),
          record: JSON.stringify(user),
          revision: 1,
        })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async get(userId) {
      return recordOf(await users.findOne({ _id: userId }))
    },

    async findByEmail(email) {
      return recordOf(await users.findOne({ email: email.toLowerCase() }))
    },

    async list({ limit, cursor }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const found = await users
        .find({ _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      return pageOf(found, limit, {
        positionOf: ({ _id }) => [_id],
        itemOf: ({ record }) => JSON.parse(record) as UserRecord,
      })
    },

    async update(userId, changes) {
      for (;;) {
        const found = await users.findOne({ _id: userId })
        if (!found) return undefined
        const given = Object.entries(changes).filter(([, value]) => value !== undefined)
        const updated: UserRecord = { ...JSON.parse(found.record), ...Object.fromEntries(given) }
        try {
          const { matchedCount } = await users.updateOne(
            { _id: userId, revision: found.revision },
            {
              $set: {
                email: updated.email.toLowerCase(),
                record: JSON.stringify(updated),
                revision: found.revision + 1,
              },
            },
          )
          if (matchedCount === 1) return updated
        } catch (error) {
          if (isDuplicateKey(error)) throw new TrunklineError('EMAIL_IN_USE', { cause: error })
          throw error
        }
      }
    },

    async remove(userId) {
      await users.deleteOne({ _id: userId })
      await refreshFamilies.deleteMany({ userId })
    },

    async insertRefreshFamily({ id, userId, tokenHash, createdAt, expiresAt }) {
      await refreshFamilies.deleteMany({ expiresAt: { $lte: createdAt }, userId })
      await refreshFamilies.insertOne({ _id: id, userId, tokenHash, createdAt, expiresAt })
    },

    async rotateRefreshToken(familyId, { presentedHash, nextHash, expiresAt, now }) {
      const rotated = await refreshFamilies.findOneAndUpdate(
        { _id: familyId, tokenHash: presentedHash, expiresAt: { $gt: now } },
        { $set: { tokenHash: nextHash, expiresAt } },
      )
      if (rotated) return { outcome: 'rotated', userId: rotated.userId }
      const family = await refreshFamilies.findOne({ _id: familyId })
      if (!family || family.expiresAt <= now) return { outcome: 'missing' }
      await refreshFamilies.deleteOne({ _id: familyId })
      return { outcome: 'reused' }
    },

    async revokeRefreshFamily(familyId) {
      await refreshFamilies.deleteOne({ _id: familyId })
    },

    async revokeRefreshFamilies(userId) {
      await refreshFamilies.deleteMany({ userId })
    },
  }
}

function recordOf(found: UserDocument | null): UserRecord | undefined {
  return found ? (JSON.parse(found.record) as UserRecord) : undefined
}
