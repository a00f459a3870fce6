import { audit, type BrokenStore, onceReopened } from './broken-store.js'

export const BROKEN_AUDIT: BrokenStore[] = [
  {
    name: 'gives a page that begins at the time of the one before',
    caughtBy: 'keeps entries exactly as they were, newest first, page by page',
    wrap: audit(({ list }) => ({
      async list(query) {
        const page = await list(query)
        const items = page.items.toSorted((one, other) =>
          one.at < other.at ? 1 : one.at > other.at ? -1 : one.id < other.id ? -1 : 1,
        )
        return { ...page, items }
      },
    })),
  },
  {
    name: 'replaces an entry that comes again',
    caughtBy: 'passes over an entry that is kept already',
    wrap: audit(({ append, list, prune }) => ({
      async append(entries) {
        const before = (await list({ limit: 999 })).items
        await prune({ keep: 0 })
        await append([...entries, ...before])
      },
    })),
  },
  {
    name: 'does not look at the end of a time',
    caughtBy: 'finds entries by each of their fields, by several, and between two times',
    wrap: audit(({ list }) => ({ list: ({ to: _, ...query }) => list(query) })),
  },
  {
    name: 'removes without a limit',
    caughtBy: 'removes what is old and what is too much, the oldest first, some at a time',
    wrap: audit(({ prune }) => ({ prune: ({ limit: _, ...options }) => prune(options) })),
  },
  {
    name: 'keeps entries in memory',
    caughtBy: 'finds entries after close and open',
    wrap: onceReopened(audit(() => ({ list: async () => ({ items: [] }) }))),
  },
  {
    name: 'lets the errors of its engine through when the audit is read',
    caughtBy: 'rejects with STORE_UNAVAILABLE whoever writes or reads the audit while the engine does not answer',
    wrap: (store, { failing }) =>
      failing ? audit(() => ({ list: () => Promise.reject(new Error('ECONNRESET')) }))(store) : store,
  },
]
