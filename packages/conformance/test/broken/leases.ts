import { type BrokenStore, leases, tick } from './broken-store.js'

export const BROKEN_LEASES: BrokenStore[] = [
  {
    name: 'looks whether a session is free and takes it a moment later',
    caughtBy: 'gives one session to one of many who ask at once',
    wrap: leases(({ acquire, release }) => {
      let held = false
      return {
        async acquire(id, options) {
          if (held) return undefined
          await tick()
          held = true
          const lease = await acquire(id, options)
          if (lease) await release(lease)
          return lease
        },
      }
    }),
  },
  {
    name: 'starts again at epoch 1 after close and open',
    caughtBy: 'remembers the epoch after close and open',
    wrap: (store, { opening }) =>
      opening === 1
        ? store
        : leases(({ acquire }) => ({
            async acquire(id, options) {
              const lease = await acquire(id, options)
              return lease && { ...lease, epoch: 1 }
            },
          }))(store),
  },
  {
    name: 'gives a held session away',
    caughtBy: 'gives a free session to the first who asks and to nobody else',
    wrap: leases(({ acquire, release }) => ({
      async acquire(id, options) {
        const lease = await acquire(id, options)
        if (lease) await release(lease)
        return lease
      },
    })),
  },
  {
    name: 'takes a lease over before it expires',
    caughtBy: 'takes an expired lease over, not a moment too early',
    wrap: leases(({ acquire }) => ({ acquire: (id, { owner, ttlMs }) => acquire(id, { owner, ttlMs: ttlMs - 10 }) })),
  },
  {
    name: 'keeps the epoch when the owner stays the same',
    caughtBy: 'raises the epoch with every acquisition, by the same owner too',
    wrap: leases(({ acquire }) => {
      const held = new Map<string, Awaited<ReturnType<typeof acquire>>>()
      return {
        async acquire(id, options) {
          const lease = held.get(id)?.owner === options.owner ? held.get(id) : await acquire(id, options)
          held.set(id, lease)
          return lease
        },
      }
    }),
  },
  {
    name: 'starts again at epoch 1 after a release',
    caughtBy: 'remembers the epoch after a release',
    wrap: leases(({ acquire, release }) => {
      let released = false
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          return lease && (released ? { ...lease, epoch: 1 } : lease)
        },
        async release(lease) {
          released = true
          await release(lease)
        },
      }
    }),
  },
  {
    name: 'says that every lease could be renewed',
    caughtBy: 'extends the leases that are still ours and names the others',
    wrap: leases(({ renew }) => ({
      async renew(renewed, options) {
        await renew(renewed, options)
        return []
      },
    })),
  },
  {
    name: 'frees a session for whoever asks',
    caughtBy: 'frees the session on release, and only by its owner of now',
    wrap: leases(({ acquire, release }) => {
      let newest: Awaited<ReturnType<typeof acquire>>
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          newest = lease ?? newest
          return lease
        },
        release: async (lease) => release(newest ?? lease),
      }
    }),
  },
]
