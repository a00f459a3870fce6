import { type BrokenStore, cached, onceReopened, tick, webhooks } from './broken-store.js'

export const BROKEN_WEBHOOKS: BrokenStore[] = [
  {
    name: 'takes no events for all of them',
    caughtBy: 'are kept exactly as they were, by id',
    wrap: webhooks(({ get }) => ({
      async get(id) {
        const webhook = await get(id)
        return webhook && { ...webhook, events: '*' as const }
      },
    })),
  },
  {
    name: 'looks whether an id is free and does not look again',
    caughtBy: 'are made once for each id',
    wrap: webhooks(({ get, insert, remove }) => ({
      async insert(webhook) {
        if (await get(webhook.id)) return false
        await tick()
        await remove(webhook.id)
        return insert(webhook)
      },
    })),
  },
  {
    name: 'lists page after page from the beginning',
    caughtBy: 'are listed by id, ascending, page by page',
    wrap: webhooks(({ list }) => ({
      async list(query) {
        const page = await list(query)
        return { ...page, items: page.items.toReversed() }
      },
    })),
  },
  {
    name: 'compares the revision with what it read a moment before',
    caughtBy: 'are replaced by the next revision alone, of many at once too',
    wrap: webhooks(({ get, insert, remove }) => ({
      async replace(webhook) {
        const known = await get(webhook.id)
        await tick()
        if (known?.revision !== webhook.revision - 1) return false
        await remove(webhook.id)
        return insert(webhook)
      },
    })),
  },
  {
    name: 'says that everything was there when it is removed',
    caughtBy: 'are removed one by one',
    wrap: webhooks(({ remove }) => ({
      async remove(id) {
        await remove(id)
        return true
      },
    })),
  },
  {
    name: 'keeps webhooks in memory',
    caughtBy: 'are there after close and open',
    wrap: onceReopened(webhooks(() => ({ get: async () => undefined }))),
  },
  {
    name: 'answers webhooks.get from a cache that only its own writes refresh',
    caughtBy: 'show in one instance what another has changed',
    wrap: webhooks((port) => cached(port, 'get', ['insert', 'replace', 'remove'])),
  },
  {
    name: 'lets the errors of its engine through when it is asked for webhooks',
    caughtBy: 'reject with STORE_UNAVAILABLE while the engine does not answer',
    wrap: (store, { failing }) =>
      failing ? webhooks(() => ({ get: () => Promise.reject(new Error('ECONNRESET')) }))(store) : store,
  },
]
