import { type BrokenStore, onceReopened, tick, traffic } from './broken-store.js'

export const BROKEN_TRAFFIC: BrokenStore[] = [
  {
    name: 'puts what came last in the place of what was counted',
    caughtBy: 'are added up by session and hour, and summed over sessions, oldest first',
    wrap: traffic(({ add, removeAll }) => ({
      async add(counts) {
        for (const { sessionId } of counts) await removeAll(sessionId)
        await add(counts)
      },
    })),
  },
  {
    name: 'leaves out the hour that was asked for',
    caughtBy: 'are answered from a time on, that hour with them',
    wrap: traffic(({ sum }) => ({
      sum: async (options) => (await sum(options)).filter(({ at }) => at > options.since),
    })),
  },
  {
    name: 'takes no sessions for all of them',
    caughtBy: 'are answered of some sessions only, and of none',
    wrap: traffic(({ sum }) => ({
      sum: ({ since, ids = [] }) => sum({ since, ...(ids.length > 0 ? { ids } : {}) }),
    })),
  },
  {
    name: 'adds the first thousand',
    caughtBy: 'are added for many sessions at once',
    wrap: traffic(({ add }) => ({ add: (counts) => add(counts.slice(0, 1_000)) })),
  },
  {
    name: 'knows no limit when old hours go',
    caughtBy: 'go when they are old, the oldest first and no more than asked for',
    wrap: traffic(({ prune }) => ({ prune: ({ before }) => prune({ before, limit: 1_000 }) })),
  },
  {
    name: 'keeps the hours of a session that is gone',
    caughtBy: 'go with their session, and of no other',
    wrap: traffic(() => ({ removeAll: async () => {} })),
  },
  {
    name: 'keeps hours in memory',
    caughtBy: 'are there after close and open',
    wrap: onceReopened(traffic(() => ({ sum: async () => [] }))),
  },
  {
    name: 'adds to what it read a moment before',
    caughtBy: 'of two instances that add at once are all counted',
    wrap: traffic(({ add, sum, removeAll }) => ({
      async add(counts) {
        for (const count of counts) {
          const known = await sum({ since: count.at, ids: [count.sessionId] })
          await tick()
          await removeAll(count.sessionId)
          await add([...known.map((hour) => ({ ...hour, sessionId: count.sessionId })), count])
        }
      },
    })),
  },
  {
    name: 'lets the errors of its engine through when it counts',
    caughtBy: 'reject with STORE_UNAVAILABLE while the engine does not answer',
    wrap: (store, { failing }) =>
      failing ? traffic(() => ({ add: () => Promise.reject(new Error('ECONNRESET')) }))(store) : store,
  },
]
