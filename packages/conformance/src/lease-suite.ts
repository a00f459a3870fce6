import type { Lease } from '@trunkline/core/store'
import { expect } from 'vitest'
import { times } from './expectations.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

const TTL = { ttlMs: 15_000 }
const as = (owner: string) => ({ owner, ...TTL })
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
      name: 'names a renewed lease, and the one that was taken last',
      async run({ open, clock }) {
        const { leases } = await open()
        const renewed = (await leases.acquire('renewed', as('a'))) ?? lost
        await leases.acquire('taken', as('a'))
        await clock.advance(TTL.ttlMs)
        await leases.renew([renewed], TTL)
        const taken = await leases.acquire('taken', as('b'))
        expect(await leases.held(['renewed'])).toEqual([renewed])
        expect(await leases.held(['taken'])).toEqual([taken])
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
  ...promise<'leases'>('renewal and release', [
    {
      name: 'extends the leases that are still ours and names the others',
      async run({ open, clock }) {
        const { leases } = await open()
        const mine = []
        for (const id of ['s1', 's2', 's3']) mine.push((await leases.acquire(id, as('a'))) ?? lost)
        await clock.advance(TTL.ttlMs)
        await leases.acquire('s2', as('b'))
        await leases.acquire('s3', as('a'))
        expect((await leases.renew([...mine, lost, { ...lost, sessionId: 'never' }], TTL)).sort()).toEqual([
          'never',
          's',
          's2',
          's3',
        ])
        await clock.advance(TTL.ttlMs - 1)
        expect(await leases.acquire('s1', as('b'))).toBeUndefined()
        expect(await leases.renew([], TTL)).toEqual([])
      },
    },
    {
      name: 'renews a lease that expired and that nobody took',
      async run({ open, clock }) {
        const { leases } = await open()
        const lease = (await leases.acquire('s', as('a'))) ?? lost
        await clock.advance(TTL.ttlMs * 2)
        expect(await leases.renew([lease], TTL)).toEqual([])
        expect(await leases.acquire('s', as('b'))).toBeUndefined()
      },
    },
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
        expect(await leases.renew([current], TTL)).toEqual(['s'])
        expect(await leases.acquire('s', as('c'))).toEqual({ sessionId: 's', owner: 'c', epoch: 3 })
      },
    },
  ]),
]

export function leaseStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'leases'>): void {
  registerCases('leases', leaseCases, subject)
}
