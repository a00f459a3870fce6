import { type BrokenStore, cursors, onceReopened, tick } from './broken-store.js'

export const BROKEN_CURSORS: BrokenStore[] = [
  {
    name: 'takes the last beginning for the first',
    caughtBy: 'keep the first beginning of a reader, of many who begin at once too',
    wrap: cursors(() => ({ begin: async (_reader, at) => at })),
  },
  {
    name: 'says 0 where it knows nothing',
    caughtBy: 'are answered by session, for one reader, and left out where there is none',
    wrap: cursors(({ read }) => ({
      async read(reader, sessionIds) {
        const found = await read(reader, sessionIds)
        return new Map(sessionIds.map((id) => [id, found.get(id) ?? 0]))
      },
    })),
  },
  {
    name: 'writes what came last',
    caughtBy: 'move forward and never back, each by itself',
    wrap: cursors(({ save, removeAll }) => ({
      async save(reader, numbers) {
        for (const sessionId of numbers.keys()) await removeAll(sessionId)
        await save(reader, numbers)
      },
    })),
  },
  {
    name: 'saves the first thousand',
    caughtBy: 'are saved for many sessions at once',
    wrap: cursors(({ save }) => ({
      save: (reader, numbers) => save(reader, new Map([...numbers].slice(0, 1_000))),
    })),
  },
  {
    name: 'leaves the beginning of a reader that is gone',
    caughtBy: 'go with their reader, its beginning too, and no other',
    wrap: cursors(({ begin, remove }) => ({
      async remove(reader) {
        const began = await begin(reader, '')
        await remove(reader)
        await begin(reader, began)
      },
    })),
  },
  {
    name: 'leaves the cursors of a session that is gone',
    caughtBy: 'go with their session, of all readers, and of no other session',
    wrap: cursors(() => ({ removeAll: async () => {} })),
  },
  {
    name: 'keeps cursors in memory',
    caughtBy: 'are there after close and open',
    wrap: onceReopened(cursors(() => ({ read: async () => new Map() }))),
  },
  {
    name: 'compares with what it read a moment before',
    caughtBy: 'of two instances that save at once, end at the higher one',
    wrap: cursors(({ read, save, removeAll }) => ({
      async save(reader, numbers) {
        const known = await read(reader, [...numbers.keys()])
        await tick()
        for (const [sessionId, seq] of numbers) {
          if (seq <= (known.get(sessionId) ?? -1)) continue
          await removeAll(sessionId)
          await save(reader, new Map([[sessionId, seq]]))
        }
      },
    })),
  },
  {
    name: 'lets the errors of its engine through when it is asked for cursors',
    caughtBy: 'reject with STORE_UNAVAILABLE while the engine does not answer',
    wrap: (store, { failing }) =>
      failing ? cursors(() => ({ read: () => Promise.reject(new Error('ECONNRESET')) }))(store) : store,
  },
]
