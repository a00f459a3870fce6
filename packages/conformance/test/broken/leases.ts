import type { Lease } from '@trunkline/core/store'
import { type BrokenStore, leases, onceReopened, tick } from './broken-store.js'

type By = { node: string } | { owner: string }
const ownerOf = (by: By) => ('node' in by ? by.node : by.owner)

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
            return lease && { ...lease, owner: ownerOf(options) }
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
    name: 'tells a time that stands still',
    caughtBy: 'tells the time by which a lease runs out',
    wrap: leases(() => ({ now: async () => Date.UTC(2026, 0, 1) })),
  },
  {
    name: 'tells a time of its own',
    caughtBy: 'tells two instances the same time',
    wrap: leases(({ now }) => {
      const aheadMs = 60_000 * Math.floor(Math.random() * 1_000_000)
      return { now: async () => (await now()) + aheadMs }
    }),
  },
  {
    name: 'takes a lease over before it expires',
    caughtBy: 'takes an expired lease over, not a moment too early',
    wrap: leases(({ acquire }) => ({
      acquire: (id, by) => acquire(id, 'node' in by ? by : { ...by, ttlMs: by.ttlMs - 10 }),
    })),
  },
  {
    name: 'keeps the epoch when the owner stays the same',
    caughtBy: 'raises the epoch with every acquisition, by the same owner too',
    wrap: leases(({ acquire }) => {
      const held = new Map<string, Awaited<ReturnType<typeof acquire>>>()
      return {
        async acquire(id, options) {
          const lease = held.get(id)?.owner === ownerOf(options) ? held.get(id) : await acquire(id, options)
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
        async acquire(id, by) {
          const free = !seen.has(id)
          seen.add(id)
          const lease = await acquire(id, by)
          return lease ?? (free ? { sessionId: id, owner: ownerOf(by), epoch: 1 } : undefined)
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
    caughtBy: 'names what a node holds until its time runs out, and who took it last',
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
  {
    name: 'goes on naming members whose time ran out',
    caughtBy: 'names the members whose time has not run out, each as it spoke of itself last',
    wrap: leases(({ join, renew }) => ({
      join: (node, { ttlMs }) => join(node, { ttlMs: ttlMs * 10 }),
      renew: (id, report, { ttlMs }) => renew(id, report, { ttlMs: ttlMs * 10 }),
    })),
  },
  {
    name: 'gives what a node holds a time of its own, which no renewal extends',
    caughtBy:
      'keeps all that a node holds with one renewal, and gives it away when its time ran out, not a moment too early',
    wrap: leases(({ acquire }) => ({
      acquire: (id, by) => acquire(id, 'node' in by ? { owner: by.node, ttlMs: 15_000 } : by),
    })),
  },
  {
    name: 'takes a node for dead as soon as its time ran out',
    caughtBy: 'lets a node go on whose time ran out while nobody wanted what it holds',
    wrap: (store, { clock }) =>
      leases(({ join, renew, leave }) => {
        const until = new Map<string, number>()
        return {
          async join(node, options) {
            until.set(node.id, clock.now() + options.ttlMs)
            await join(node, options)
          },
          async renew(id, report, options) {
            if ((until.get(id) ?? 0) <= clock.now()) await leave(id)
            const isMember = await renew(id, report, options)
            if (isMember) until.set(id, clock.now() + options.ttlMs)
            return isMember
          },
        }
      })(store),
  },
  {
    name: 'makes a node that was declared dead a member again with its next renewal',
    caughtBy: 'never renews a node that was declared dead, nor gives it a session, until it joins anew',
    wrap: leases(({ join, renew }) => {
      const known = new Map<string, Parameters<typeof join>[0]>()
      return {
        async join(node, options) {
          known.set(node.id, node)
          await join(node, options)
        },
        async renew(id, report, options) {
          const node = known.get(id)
          if (!(await renew(id, report, options)) && node) await join({ ...node, ...report }, options)
          return true
        },
      }
    }),
  },
  {
    name: 'looks who is dead and gives everybody the session a moment later',
    caughtBy: 'gives each session of a dead node to one of many who declare it dead at once',
    wrap: leases(({ acquire }) => {
      const taking = new Map<string, ReturnType<typeof acquire>>()
      return {
        async acquire(id, by) {
          const others = taking.get(id)
          if (others) {
            const lease = await others
            return lease && { ...lease, owner: ownerOf(by) }
          }
          const taken = tick().then(() => acquire(id, by))
          taking.set(id, taken)
          return taken.finally(() => taking.delete(id))
        },
      }
    }),
  },
  {
    name: 'says that a node is renewed before it knows',
    caughtBy: 'either renews a node whose time ran out or gives what it holds away, whichever comes first',
    wrap: leases(({ renew }) => ({
      async renew(id, report, options) {
        await tick()
        await renew(id, report, options)
        return true
      },
    })),
  },
  {
    name: 'lets what a node holds run out when it leaves',
    caughtBy: 'frees at once what a node holds that leaves, whoever says so',
    wrap: leases(() => ({ leave: async () => undefined })),
  },
  {
    name: 'knows nodes by their names',
    caughtBy: 'keeps two processes of one name apart',
    wrap: leases(({ join, acquire, leave }) => {
      const named = (id: string) => id.split('#')[0] ?? id
      return {
        join: (node, options) => join({ ...node, id: named(node.id) }, options),
        acquire: (id, by) => acquire(id, 'node' in by ? { node: named(by.node) } : by),
        leave: (id) => leave(named(id)),
      }
    }),
  },
]
