import type { AttemptStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { retryOnDuplicate } from './retry.js'

/** A counter is one document; the server removes those that have ended. */
export function createAttemptStore(connection: Connection): AttemptStore {
  return {
    add(key, { windowMs }) {
      const { attempts } = connection.collections
      const options = { returnDocument: 'after' } as const
      // Another process may begin the same counter in the middle of it: it is found at the next attempt.
      return retryOnDuplicate(async () => {
        const now = Math.floor(await connection.serverNow())
        const running = await attempts.findOneAndUpdate(
          { _id: key, endsAt: { $gt: new Date(now) } },
          { $inc: { count: 1 } },
          options,
        )
        const { count, endsAt } =
          running ??
          (await attempts.findOneAndUpdate(
            { _id: key, endsAt: { $lte: new Date(now) } },
            { $set: { count: 1, endsAt: new Date(now + windowMs) } },
            { ...options, upsert: true },
          )) ??
          unanswered()
        return { count, leftMs: endsAt.getTime() - now }
      })
    },

    async takeBack(key) {
      await connection.collections.attempts.updateOne({ _id: key, count: { $gt: 0 } }, { $inc: { count: -1 } })
    },

    async forget(key) {
      await connection.collections.attempts.deleteOne({ _id: key })
    },
  }
}

function unanswered(): never {
  throw new Error('An upsert answered with no document')
}
