import { decodeCursor, type SessionChanges, type SessionRecord, type SessionStore } from '@trunkline/core'
import type { Collections, SessionDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'
import { pageOf } from './page.js'

export function createSessionStore({ sessions }: Collections): SessionStore {
  return {
    async insert(record) {
      try {
        await sessions.insertOne(documentOf(record))
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async get(sessionId) {
      const found = await sessions.findOne({ _id: sessionId })
      return found ? recordOf(found) : undefined
    },

    async list({ limit, cursor, ids, desired, includeDeleted }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const found = await sessions
        .find({
          _id: { $gt: after, ...(ids ? { $in: [...ids] } : {}) },
          ...(includeDeleted ? {} : { deletedAt: null }),
          ...(desired ? { desired } : {}),
        })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      return pageOf(found, limit, { positionOf: ({ _id }) => [_id], itemOf: recordOf })
    },

    async update(sessionId, changes, options) {
      for (;;) {
        const found = await sessions.findOne({ _id: sessionId })
        if (!found || (options?.expectedRevision ?? found.revision) !== found.revision) return undefined
        const updated = applyChanges(recordOf(found), changes)
        const { _id, sent: _s, received: _r, failed: _f, chats: _c, lastActivityAt, ...fields } = documentOf(updated)
        // Counters and the last activity are added to by others at any time: only what was asked for is written.
        const activity = changes.lastActivityAt === undefined ? {} : { lastActivityAt }
        const { matchedCount } = await sessions.updateOne(
          { _id, revision: found.revision },
          { $set: { ...fields, ...activity } },
        )
        if (matchedCount === 1) return updated
      }
    },

    async increment(increments) {
      if (increments.length === 0) return
      await sessions.bulkWrite(
        increments.map(({ sessionId, counters, lastActivityAt }) => {
          const { sent = 0, received = 0, failed = 0, chats = 0 } = counters
          const $inc = { sent, received, failed, chats }
          return {
            updateOne: {
              filter: { _id: sessionId },
              update: { $inc, ...(lastActivityAt ? { $max: { lastActivityAt } } : {}) },
            },
          }
        }),
        { ordered: false },
      )
    },

    async remove(sessionId) {
      await sessions.deleteOne({ _id: sessionId })
    },
  }
}

function documentOf(record: SessionRecord): SessionDocument {
  const { id, counters, revision, lastActivityAt, ...rest } = record
  return {
    _id: id,
    desired: record.desired,
    deletedAt: record.deletedAt ?? null,
    revision,
    ...counters,
    lastActivityAt: lastActivityAt ?? null,
    record: JSON.stringify({ id, ...rest }),
  }
}

function recordOf({ record, revision, sent, received, failed, chats, lastActivityAt }: SessionDocument): SessionRecord {
  return {
    ...JSON.parse(record),
    counters: { sent, received, failed, chats },
    revision,
    ...(lastActivityAt === null ? {} : { lastActivityAt }),
  }
}

/** Fields that are undefined are left alone, those that are null are removed. */
function applyChanges(record: SessionRecord, changes: SessionChanges): SessionRecord {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const merged = Object.entries({ ...record, ...Object.fromEntries(given), revision: record.revision + 1 })
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as SessionRecord
}
