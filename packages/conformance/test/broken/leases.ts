import type { Lease } from '@trunkline/core/store'
import { type BrokenStore, leases, onceReopened, tick } from './broken-store.js'

export const BROKEN_LEASES: BrokenStore[] = [
  {
    name: 'looks whether a session is free and takes it a moment later',
    caughtBy: 'gives one session to one of many who ask at once',
    wrap: leases(({ acquire }) => {
      const looking = new Map<string, ReturnType<typeof acquire>>()
      return {
        async acquire(id, options) {
          const others = looking.get(id)
          if (others) {
            const lease = await others
            return lease && { ...lease, owner: options.owner }
          }
          const taken = tick().then(() => acquire(id, options))
          looking.set(id, taken)
          return taken.finally(() => looking.delete(id))
        },
      }
    }),
  },
  {
    name: 'starts again at epoch 1 after close and open',
    caughtBy: 'remembers the epoch after close and open',
    wrap: onceReopened(
      leases(({ acquire }) => ({
        async acquire(id, options) {
          const lease = await acquire(id, options)
          return lease && { ...lease, epoch: 1 }
        },
      })),
    ),
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
  {
    name: 'asks a cache of its own process first whether a session is free',
    caughtBy: 'gives one session to one of two instances that ask at once',
    wrap: leases(({ acquire }) => {
      const seen = new Set<string>()
      return {
        async acquire(id, { owner, ttlMs }) {
          const free = !seen.has(id)
          seen.add(id)
          const lease = await acquire(id, { owner, ttlMs })
          return lease ?? (free ? { sessionId: id, owner, epoch: 1 } : undefined)
        },
      }
    }),
  },
  {
    name: 'answers calls that ask the same at the same time with one answer',
    caughtBy: 'gives every one of many acquisitions by one owner an epoch of its own',
    wrap: leases(({ acquire }) => {
      const running = new Map<string, ReturnType<typeof acquire>>()
      return {
        acquire(id, options) {
          const key = JSON.stringify([id, options])
          const call =
            running.get(key) ??
            tick()
              .then(() => acquire(id, options))
              .finally(() => running.delete(key))
          running.set(key, call)
          return call
        },
      }
    }),
  },
  {
    name: 'lets its engine remove leases some seconds after they expired',
    caughtBy: 'renews a lease that expired and that nobody took',
    wrap: (store, { clock }) =>
      leases(({ acquire, renew }) => {
        const AFTER_MS = 5_000
        const removedAt = new Map<string, number>()
        return {
          async acquire(id, options) {
            const lease = await acquire(id, options)
            if (lease) removedAt.set(id, clock.now() + options.ttlMs + AFTER_MS)
            return lease
          },
          async renew(renewed, options) {
            const there = renewed.filter(({ sessionId }) => clock.now() < (removedAt.get(sessionId) ?? 0))
            const lost = await renew(there, options)
            for (const { sessionId } of there)
              if (!lost.includes(sessionId)) removedAt.set(sessionId, clock.now() + options.ttlMs + AFTER_MS)
            return [...lost, ...renewed.filter((lease) => !there.includes(lease)).map(({ sessionId }) => sessionId)]
          },
        }
      })(store),
  },
  {
    name: 'names leases that have expired',
    caughtBy: 'names the leases that are held and have not expired, of the sessions it is asked for and no other',
    wrap: leases(({ acquire }) => {
      const taken = new Map<string, Lease>()
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          if (lease) taken.set(id, lease)
          return lease
        },
        held: async (ids) => ids.flatMap((id) => taken.get(id) ?? []),
      }
    }),
  },
  {
    name: 'remembers the first who held a session',
    caughtBy: 'names a renewed lease, and the one that was taken last',
    wrap: leases(({ acquire, held }) => {
      const first = new Map<string, Lease>()
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          if (lease && !first.has(id)) first.set(id, lease)
          return lease
        },
        held: async (ids) => (await held(ids)).map((lease) => first.get(lease.sessionId) ?? lease),
      }
    }),
  },
  {
    name: 'names what its own instance holds, and nothing of others',
    caughtBy: 'names what another instance holds',
    wrap: leases(({ acquire, held }) => {
      const own = new Set<string>()
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          if (lease) own.add(id)
          return lease
        },
        held: (ids) => held(ids.filter((id) => own.has(id))),
      }
    }),
  },
]
