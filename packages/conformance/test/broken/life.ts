import type { Store } from '@trunkline/core/store'
import { type BrokenStore, cached, chats, events, messages, sessions } from './broken-store.js'

export const BROKEN_LIFE: BrokenStore[] = [
  ...cachedReads(),
  {
    name: 'starts afresh with each setup',
    caughtBy: 'takes setup and close twice, and keeps what is there through a second setup',
    wrap: (store) => ({ ...store, setup: () => store.sessions.remove('s') }),
  },
  {
    name: 'fails to close twice',
    caughtBy: 'takes setup and close twice, and keeps what is there through a second setup',
    wrap(store) {
      let closed = false
      return {
        ...store,
        async close() {
          if (closed) throw new Error('closed already')
          closed = true
        },
      }
    },
  },
  {
    name: 'lets the errors of its engine through',
    caughtBy: 'rejects with STORE_UNAVAILABLE whatever is asked while the engine does not answer',
    wrap: (store, { failing }) =>
      failing
        ? sessions(() => ({
            get: async () => {
              throw new Error('ECONNRESET')
            },
          }))(store)
        : store,
  },
  {
    name: 'hands out what its engine says about itself',
    caughtBy: 'says what it is and whether it answers',
    wrap: (store) => ({
      ...store,
      async health() {
        const health = await store.health()
        const build = { version: '7.0.0', modules: [] }
        return { ...health, capabilities: { ...health.capabilities, build } as never }
      },
    }),
  },
]

/** Each method that reads, answered from a cache of its own process. */
function cachedReads(): BrokenStore[] {
  return [
    ...readingFromCache('sessions', sessions, ['get', 'list'], ['insert', 'update', 'increment', 'remove']),
    ...readingFromCache('messages', messages, ['find', 'page'], ['upsert', 'change', 'prune', 'trim', 'removeAll']),
    ...readingFromCache(
      'chats',
      chats,
      ['get', 'count', 'getContact', 'pageContacts', 'resolve'],
      ['upsert', 'upsertContacts', 'mapIdentities', 'removeAll'],
    ),
    ...readingFromCache('events', events, ['read', 'lastSeq'], ['append', 'prune', 'removeAll']),
  ]
}

function readingFromCache<Port extends object>(
  name: string,
  on: (methods: (port: Port) => Partial<Port>) => (store: Store) => Store,
  reads: (keyof Port & string)[],
  writes: (keyof Port)[],
): BrokenStore[] {
  return reads.map((read) => ({
    name: `answers ${name}.${read} from a cache that only its own writes refresh`,
    caughtBy: 'shows in one instance what another has changed since it was read there',
    wrap: on((port) => cached(port, read, writes)),
  }))
}
