import { type BrokenStore, users } from './broken-store.js'

export const BROKEN_LIFE: BrokenStore[] = [
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
        ? users(() => ({
            findByEmail: async () => {
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
