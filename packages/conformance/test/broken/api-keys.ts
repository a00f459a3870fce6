import { apiKeys, type BrokenStore, cached, onceReopened, tick } from './broken-store.js'

export const BROKEN_API_KEYS: BrokenStore[] = [
  {
    name: 'takes no sessions for all of them',
    caughtBy: 'keeps a key, found by id and by hash, exactly as it was',
    wrap: apiKeys(({ get }) => ({
      async get(id) {
        const key = await get(id)
        return key && { ...key, sessionIds: key.sessionIds === '*' ? [] : key.sessionIds }
      },
    })),
  },
  {
    name: 'looks whether a hash is free and does not look again',
    caughtBy: 'refuses an id or a hash in use and writes nothing',
    wrap: apiKeys(({ findByHash, insert }) => ({
      async insert(key) {
        if (await findByHash(key.hash)) return false
        await tick()
        return (await insert(key)) || insert({ ...key, hash: `${key.hash} ${key.id}` })
      },
    })),
  },
  {
    name: 'lists the keys of everybody',
    caughtBy: 'lists by id, ascending, page by page, all or those of one maker',
    wrap: apiKeys(({ list }) => ({ list: ({ userId: _, ...query }) => list(query) })),
  },
  {
    name: 'writes the last use that came last',
    caughtBy: 'moves the last use forward, and never back',
    wrap: apiKeys(({ get, touch, remove, insert }) => ({
      async touch(id, at) {
        const key = await get(id)
        if (!key) return touch(id, at)
        await remove(id)
        await insert({ ...key, lastUsedAt: at })
      },
    })),
  },
  {
    name: 'leaves the keys of a maker who is gone',
    caughtBy: 'removes one key, or all of one maker',
    wrap: apiKeys(() => ({ removeAll: async () => {} })),
  },
  {
    name: 'keeps keys in memory',
    caughtBy: 'finds keys after close and open',
    wrap: onceReopened(apiKeys(() => ({ findByHash: async () => undefined }))),
  },
  {
    name: 'answers apiKeys.findByHash from a cache that only its own writes refresh',
    caughtBy: 'shows in one instance which keys another has removed',
    wrap: apiKeys((port) => cached(port, 'findByHash', ['insert', 'remove', 'removeAll'])),
  },
  {
    name: 'lets the errors of its engine through when it is asked for keys',
    caughtBy: 'rejects with STORE_UNAVAILABLE whoever asks for keys while the engine does not answer',
    wrap: (store, { failing }) =>
      failing ? apiKeys(() => ({ findByHash: () => Promise.reject(new Error('ECONNRESET')) }))(store) : store,
  },
]
