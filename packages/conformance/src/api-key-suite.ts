import type { ApiKeyRecord } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, rejection, times } from './expectations.js'
import { at } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const key = (id: string, changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  id,
  userId: 'u1',
  name: 'Ann’s machine',
  prefix: 'trunkline_abcd',
  hash: `hash of ${id}`,
  permissions: ['messages:send', 'messages:read'],
  sessionIds: ['s'],
  createdAt: at(0),
  ...changes,
})

export const apiKeyCases = needing('apiKeys', [
  ...promise<'apiKeys'>('API keys', [
    {
      name: 'keeps a key, found by id and by hash, exactly as it was',
      async run({ open }) {
        const { apiKeys } = await open()
        const full = key('k1', { sessionIds: '*', permissions: [], expiresAt: at(9), lastUsedAt: at(1) })
        expect([await apiKeys.insert(full), await apiKeys.insert(key('k2'))]).toEqual([true, true])
        for (const found of [await apiKeys.get('k1'), await apiKeys.findByHash('hash of k1')]) {
          expect(found).toStrictEqual(full)
          // What is handed out is a copy.
          if (found) Object.assign(found, { permissions: ['users:manage'], sessionIds: '*' })
        }
        expect(await apiKeys.get('k1')).toStrictEqual(full)
        expect(await apiKeys.get('k2')).toStrictEqual(key('k2'))
        expect([await apiKeys.get('k3'), await apiKeys.findByHash('hash of k3')]).toEqual([undefined, undefined])
      },
    },
    {
      name: 'refuses an id or a hash in use and writes nothing',
      async run({ open }) {
        const { apiKeys } = await open()
        const outcomes = await Promise.all(times(5).map((n) => apiKeys.insert(key(`k${n}`, { hash: 'the same' }))))
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        const [id = ''] = times(5).flatMap((n) => (outcomes[n] ? [`k${n}`] : []))
        expect(await apiKeys.insert(key(id))).toBe(false)
        expect((await apiKeys.findByHash('the same'))?.id).toBe(id)
        expect(await apiKeys.findByHash(`hash of ${id}`)).toBeUndefined()
      },
    },
    {
      name: 'lists by id, ascending, page by page, all or those of one maker',
      async run({ open }) {
        const { apiKeys } = await open()
        for (const id of ['b', 'c', 'a', 'B']) await apiKeys.insert(key(id, { userId: id === 'c' ? 'u2' : 'u1' }))
        for (const limit of [1, 2, 4]) {
          const idsOf = async (userId?: string) =>
            (await allPages(limit, (query) => apiKeys.list({ ...query, ...(userId ? { userId } : {}) }))).map(
              ({ id }) => id,
            )
          expect(await idsOf()).toEqual(['B', 'a', 'b', 'c'])
          expect(await idsOf('u1')).toEqual(['B', 'a', 'b'])
          expect(await idsOf('u3')).toEqual([])
        }
        await rejection(apiKeys.list({ limit: 1, cursor: 'nonsense' }), 'VALIDATION_FAILED')
      },
    },
    {
      name: 'moves the last use forward, and never back',
      async run({ open }) {
        const { apiKeys } = await open()
        await apiKeys.insert(key('k1'))
        await apiKeys.touch('nobody', at(1))
        for (const [used, last] of [
          [2, 2],
          [1, 2],
          [3, 3],
        ] as const) {
          await apiKeys.touch('k1', at(used))
          expect(await apiKeys.get('k1')).toStrictEqual(key('k1', { lastUsedAt: at(last) }))
        }
        expect(await apiKeys.get('nobody')).toBeUndefined()
      },
    },
    {
      name: 'removes one key, or all of one maker',
      async run({ open }) {
        const { apiKeys } = await open()
        for (const id of ['a', 'b', 'c']) await apiKeys.insert(key(id))
        await apiKeys.insert(key('d', { userId: 'u2' }))
        expect([await apiKeys.remove('a'), await apiKeys.remove('a')]).toEqual([true, false])
        expect(await apiKeys.findByHash('hash of a')).toBeUndefined()
        await apiKeys.removeAll('u1')
        expect((await apiKeys.list({ limit: 9 })).items).toStrictEqual([key('d', { userId: 'u2' })])
      },
    },
    {
      name: 'finds keys after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.apiKeys.insert(key('k1'))
        await before.apiKeys.touch('k1', at(5))
        const { apiKeys } = await reopen()
        expect(await apiKeys.findByHash('hash of k1')).toStrictEqual(key('k1', { lastUsedAt: at(5) }))
      },
    },
    {
      name: 'shows in one instance which keys another has removed',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        await one.apiKeys.insert(key('k1'))
        expect(await other.apiKeys.findByHash('hash of k1')).toStrictEqual(key('k1'))
        await one.apiKeys.remove('k1')
        expect(await other.apiKeys.findByHash('hash of k1')).toBeUndefined()
      },
    },
    {
      name: 'rejects with STORE_UNAVAILABLE whoever asks for keys while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { apiKeys } = await openFailing(0)
        await rejection(apiKeys.findByHash('h'), 'STORE_UNAVAILABLE')
        await rejection(apiKeys.insert(key('k')), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

export function apiKeyStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'apiKeys'>): void {
  registerCases('api keys', apiKeyCases, subject)
}
