import type { ClusterNode, Lease } from '@trunkline/core/store'
import { expect } from 'vitest'
import { times } from './expectations.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

const TTL = { ttlMs: 15_000 }
const CLOCK_ERROR_MS = 1_000
const as = (owner: string) => ({ owner, ...TTL })
/** Like a node of that name; its id is that of one process. */
const node = (id: string, changes: Partial<ClusterNode> = {}): ClusterNode => ({
  id,
  name: id.split('#')[0] ?? id,
  version: '1.0.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  sessions: 0,
  draining: false,
  ...changes,
})
const report = { sessions: 0, draining: false }
const lost = { sessionId: 's', owner: 'nobody', epoch: -1 } satisfies Lease

export const leaseCases: readonly Case<'leases'>[] = [
  ...promise<'leases'>('ownership', [
    {
      name: 'gives a free session to the first who asks and to nobody else',
      async run({ open }) {
        const { leases } = await open()
        expect(await leases.acquire('s', as('a'))).toEqual({ sessionId: 's', owner: 'a', epoch: 1 })
        expect(await leases.acquire('s', as('b'))).toBeUndefined()
        expect(await leases.acquire('other', as('b'))).toEqual({ sessionId: 'other', owner: 'b', epoch: 1 })
      },
    },
    {
      name: 'gives one session to one of many who ask at once',
      async run({ open }) {
        const { leases } = await open()
        const outcomes = await Promise.all(times(20).map((n) => leases.acquire('s', as(`owner${n}`))))
        expect(outcomes.filter(Boolean)).toHaveLength(1)
      },
    },
    {
      name: 'gives one session to one of two instances that ask at once',
      needs: ['shared'],
      async run({ open }) {
        const stores = [await open(), await open()]
        for (const session of times(10)) {
          const asked = stores.map((store, n) => store.leases.acquire(`s${session}`, as(`node${n}`)))
          expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1)
        }
      },
    },
    {
      name: 'tells the time by which a lease runs out',
      async run({ open, clock }) {
        const { leases } = await open()
        const began = await leases.now()
        await clock.advance(TTL.ttlMs)
        expect((await leases.now()) - began).toBeGreaterThanOrEqual(TTL.ttlMs - CLOCK_ERROR_MS)
      },
    },
    {
      name: 'tells two instances the same time',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        const before = await one.leases.now()
        const between = await other.leases.now()
        const after = await one.leases.now()
        expect(between).toBeGreaterThanOrEqual(before - CLOCK_ERROR_MS)
        expect(between).toBeLessThanOrEqual(after + CLOCK_ERROR_MS)
      },
    },
    {
      name: 'takes an expired lease over, not a moment too early',
      async run({ open, clock }) {
        const { leases } = await open()
        await leases.acquire('s', as('a'))
        await clock.advance(TTL.ttlMs - 1)
        expect(await leases.acquire('s', as('b'))).toBeUndefined()
        await clock.advance(1)
        expect(await leases.acquire('s', as('b'))).toEqual({ sessionId: 's', owner: 'b', epoch: 2 })
      },
    },
  ]),
  ...promise<'leases'>('who holds what', [
    {
      name: 'names the leases that are held and have not expired, of the sessions it is asked for and no other',
      async run({ open, clock }) {
        const { leases } = await open()
        const expired = await leases.acquire('expired', as('a'))
        await leases.release((await leases.acquire('released', as('a'))) ?? lost)
        await clock.advance(TTL.ttlMs - 1)
        const held = [await leases.acquire('s1', as('a')), await leases.acquire('s2', as('b'))]
        await leases.acquire('another', as('a'))
        const asked = ['s1', 's2', 'expired', 'released', 'never']
        const byId = (left: Lease, right: Lease) => (left.sessionId < right.sessionId ? -1 : 1)
        expect((await leases.held(asked)).sort(byId)).toEqual([expired, ...held])
        await clock.advance(1)
        expect((await leases.held(asked)).sort(byId)).toEqual(held)
        expect(await leases.held([])).toEqual([])
      },
    },
    {
      name: 'names what a node holds until its time runs out, and who took it last',
      async run({ open, clock }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        const first = await leases.acquire('s', { node: 'a#1' })
        await clock.advance(TTL.ttlMs - 1)
        expect(await leases.held(['s'])).toEqual([first])
        await leases.renew('a#1', report, TTL)
        await clock.advance(1)
        expect(await leases.held(['s'])).toEqual([first])
        await clock.advance(TTL.ttlMs)
        expect(await leases.held(['s'])).toEqual([])
        const taken = await leases.acquire('s', as('b'))
        expect(await leases.held(['s'])).toEqual([taken])
      },
    },
    {
      name: 'names what another instance holds',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        const lease = await one.leases.acquire('s', as('a'))
        expect(await other.leases.held(['s'])).toEqual([lease])
      },
    },
  ]),
  ...promise<'leases'>('epochs', [
    {
      name: 'raises the epoch with every acquisition, by the same owner too',
      async run({ open }) {
        const { leases } = await open()
        const epochs = []
        for (const _ of times(3)) epochs.push((await leases.acquire('s', as('a')))?.epoch)
        expect(epochs).toEqual([1, 2, 3])
      },
    },
    {
      name: 'gives every one of many acquisitions by one owner an epoch of its own',
      async run({ open }) {
        const { leases } = await open()
        const acquired = await Promise.all(times(10).map(() => leases.acquire('s', as('a'))))
        expect(acquired.map((lease) => lease?.epoch).sort((a = 0, b = 0) => a - b)).toEqual(times(10).map((n) => n + 1))
      },
    },
    {
      name: 'remembers the epoch after a release',
      async run({ open }) {
        const { leases } = await open()
        const first = await leases.acquire('s', as('a'))
        await leases.release(first ?? lost)
        expect(await leases.acquire('s', as('b'))).toEqual({ sessionId: 's', owner: 'b', epoch: 2 })
      },
    },
    {
      name: 'remembers the epoch after close and open',
      needs: ['durable'],
      async run({ open, reopen, clock }) {
        const before = await open()
        await before.leases.acquire('s', as('a'))
        await before.leases.acquire('s', as('a'))
        const { leases } = await reopen()
        await clock.advance(TTL.ttlMs)
        expect((await leases.acquire('s', as('b')))?.epoch).toBe(3)
      },
    },
  ]),
  ...promise<'leases'>('release', [
    {
      name: 'frees the session on release, and only by its owner of now',
      async run({ open, clock }) {
        const { leases } = await open()
        const former = (await leases.acquire('s', as('a'))) ?? lost
        await clock.advance(TTL.ttlMs)
        const current = (await leases.acquire('s', as('b'))) ?? lost
        await leases.release(former)
        await leases.release({ ...current, epoch: current.epoch - 1 })
        expect(await leases.acquire('s', as('c'))).toBeUndefined()
        await leases.release(current)
        await leases.release(current)
        expect(await leases.held(['s'])).toEqual([])
        expect(await leases.acquire('s', as('c'))).toEqual({ sessionId: 's', owner: 'c', epoch: 3 })
      },
    },
  ]),
  ...promise<'leases'>('nodes', [
    {
      name: 'names the members whose time has not run out, each as it spoke of itself last',
      async run({ open, clock }) {
        const { leases } = await open()
        expect(await leases.members()).toEqual([])
        await leases.join(node('b#1', { sessions: 3, capacity: 5 }), TTL)
        await clock.advance(TTL.ttlMs - 1)
        await leases.join(node('a#1'), TTL)
        expect(await leases.members()).toEqual([node('a#1'), node('b#1', { sessions: 3, capacity: 5 })])
        expect(await leases.renew('a#1', { sessions: 2, capacity: 4, draining: true }, TTL)).toBe(true)
        await clock.advance(1)
        expect(await leases.members()).toEqual([node('a#1', { sessions: 2, capacity: 4, draining: true })])
        expect(await leases.renew('a#1', report, TTL)).toBe(true)
        expect(await leases.members()).toEqual([node('a#1')])
      },
    },
    {
      name: 'keeps all that a node holds with one renewal, and gives it away when its time ran out, not a moment too early',
      async run({ open, clock }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        await leases.join(node('b#1'), TTL)
        for (const id of ['s1', 's2'])
          expect(await leases.acquire(id, { node: 'a#1' })).toEqual({ sessionId: id, owner: 'a#1', epoch: 1 })
        await clock.advance(TTL.ttlMs - 1)
        await leases.renew('a#1', report, TTL)
        await leases.renew('b#1', report, TTL)
        await clock.advance(TTL.ttlMs - 1)
        await leases.renew('b#1', report, TTL)
        expect(await leases.acquire('s1', { node: 'b#1' })).toBeUndefined()
        expect(await leases.acquire('s2', as('c'))).toBeUndefined()
        await clock.advance(1)
        expect(await leases.acquire('s1', { node: 'b#1' })).toEqual({ sessionId: 's1', owner: 'b#1', epoch: 2 })
        expect(await leases.acquire('s2', as('c'))).toEqual({ sessionId: 's2', owner: 'c', epoch: 2 })
      },
    },
    {
      name: 'lets a node go on whose time ran out while nobody wanted what it holds',
      async run({ open, clock }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        const lease = await leases.acquire('s', { node: 'a#1' })
        await clock.advance(TTL.ttlMs * 2)
        expect(await leases.acquire('another', as('b'))).toBeDefined()
        expect(await leases.renew('a#1', report, TTL)).toBe(true)
        expect(await leases.held(['s'])).toEqual([lease])
        expect(await leases.acquire('s', as('b'))).toBeUndefined()
      },
    },
    {
      name: 'never renews a node that was declared dead, nor gives it a session, until it joins anew',
      async run({ open, clock }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        for (const id of ['taken', 'left', 'kept']) await leases.acquire(id, { node: 'a#1' })
        await clock.advance(TTL.ttlMs)
        await leases.acquire('taken', as('b'))
        expect(await leases.renew('a#1', report, TTL)).toBe(false)
        expect(await leases.members()).toEqual([])
        expect(await leases.acquire('free', { node: 'a#1' })).toBeUndefined()
        expect(await leases.held(['free', 'left'])).toEqual([])
        expect(await leases.acquire('left', as('b'))).toMatchObject({ epoch: 2 })
        await leases.join(node('a#1'), TTL)
        expect(await leases.acquire('kept', { node: 'a#1' })).toEqual({ sessionId: 'kept', owner: 'a#1', epoch: 2 })
        expect(await leases.acquire('kept', as('b'))).toBeUndefined()
        expect(await leases.acquire('taken', { node: 'a#1' })).toBeUndefined()
      },
    },
    {
      name: 'gives each session of a dead node to one of many who declare it dead at once',
      async run({ open, clock }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        for (const n of times(5)) await leases.acquire(`s${n}`, { node: 'a#1' })
        await clock.advance(TTL.ttlMs)
        const others = times(4).map((n) => `b#${n}`)
        for (const id of others) await leases.join(node(id), TTL)
        for (const n of times(5)) {
          const outcomes = await Promise.all(others.map((id) => leases.acquire(`s${n}`, { node: id })))
          expect(outcomes.filter(Boolean)).toMatchObject([{ epoch: 2 }])
        }
        expect(await leases.renew('a#1', report, TTL)).toBe(false)
      },
    },
    {
      name: 'either renews a node whose time ran out or gives what it holds away, whichever comes first',
      needs: ['shared'],
      async run({ open, clock }) {
        const [one, other] = [await open(), await open()]
        for (const n of times(10)) {
          await one.leases.join(node(`a#${n}`), TTL)
          const lease = await one.leases.acquire(`s${n}`, { node: `a#${n}` })
          await clock.advance(TTL.ttlMs)
          const asked = [one.leases.renew(`a#${n}`, report, TTL), other.leases.acquire(`s${n}`, as('b'))] as const
          const [isMember, taken] = await Promise.all(asked)
          expect([isMember, taken === undefined]).toEqual([isMember, isMember])
          expect(await one.leases.held([`s${n}`])).toEqual([taken ?? lease])
        }
      },
    },
    {
      name: 'frees at once what a node holds that leaves, whoever says so',
      async run({ open }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        await leases.join(node('b#1'), TTL)
        await leases.acquire('s', { node: 'a#1' })
        await leases.leave('a#1')
        await leases.leave('a#1')
        await leases.leave('never')
        expect(await leases.members()).toEqual([node('b#1')])
        expect(await leases.held(['s'])).toEqual([])
        expect(await leases.renew('a#1', report, TTL)).toBe(false)
        expect(await leases.acquire('s', { node: 'b#1' })).toEqual({ sessionId: 's', owner: 'b#1', epoch: 2 })
      },
    },
    {
      name: 'keeps two processes of one name apart',
      async run({ open }) {
        const { leases } = await open()
        await leases.join(node('a#1'), TTL)
        await leases.join(node('a#2'), TTL)
        const lease = await leases.acquire('s', { node: 'a#1' })
        expect(await leases.acquire('s', { node: 'a#2' })).toBeUndefined()
        await leases.leave('a#2')
        expect(await leases.held(['s'])).toEqual([lease])
      },
    },
  ]),
]

export function leaseStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'leases'>): void {
  registerCases('leases', leaseCases, subject)
}
