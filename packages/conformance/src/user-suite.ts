import type { RefreshFamily } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, rejection, times } from './expectations.js'
import { at, user } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const family = (id: string, changes: Partial<RefreshFamily> = {}): RefreshFamily => ({
  id,
  userId: 'u1',
  tokenHash: 'first',
  createdAt: at(0),
  expiresAt: at(100),
  ...changes,
})
const rotation = (presentedHash: string, nextHash: string, now = at(1)) => ({
  presentedHash,
  nextHash,
  expiresAt: at(200),
  now,
})

export const userCases = needing('users', [
  ...promise<'users'>('users', [
    {
      name: 'keeps a user, found by id and by e-mail in any case',
      async run({ open }) {
        const { users } = await open()
        const ann = user('u1', { email: 'Ann.O@Example.com', sessionIds: '*', role: 'admin' })
        expect(await users.insert(ann)).toBe(true)
        expect(await users.get('u1')).toStrictEqual(ann)
        expect(await users.findByEmail('aNN.o@eXAMPLE.COM')).toStrictEqual(ann)
        expect(await users.get('u2')).toBeUndefined()
        expect(await users.findByEmail('ann@example.com')).toBeUndefined()
        expect(await users.findByEmail('%')).toBeUndefined()
      },
    },
    {
      name: 'keeps nothing by reference',
      async run({ open }) {
        const { users } = await open()
        const given = user('u1')
        await users.insert(given)
        const changes = { sessionIds: ['s', 't'] }
        const handedOut = [
          await users.get('u1'),
          await users.findByEmail('u1@example.com'),
          await users.update('u1', changes),
        ]
        changes.sessionIds.length = 0
        for (const one of [given, ...handedOut]) if (one) Object.assign(one, { role: 'admin', sessionIds: '*' })
        expect(await users.get('u1')).toStrictEqual(user('u1', { sessionIds: ['s', 't'] }))
      },
    },
    {
      name: 'refuses an id or an e-mail in use and writes nothing',
      async run({ open }) {
        const { users } = await open()
        await users.insert(user('u1', { email: 'ann@example.com' }))
        expect(await users.insert(user('u1', { email: 'other@example.com' }))).toBe(false)
        expect(await users.insert(user('u2', { email: 'ANN@example.com' }))).toBe(false)
        expect(await users.findByEmail('other@example.com')).toBeUndefined()
        expect(await users.get('u2')).toBeUndefined()
      },
    },
    {
      name: 'gives an e-mail to one of many that want it at once',
      async run({ open }) {
        const { users } = await open()
        const outcomes = await Promise.all(
          times(10).map((n) => users.insert(user(`u${n}`, { email: 'a@example.com' }))),
        )
        expect(outcomes.filter(Boolean)).toHaveLength(1)
      },
    },
    {
      name: 'lists by id, ascending, page by page',
      async run({ open }) {
        const { users } = await open()
        for (const id of ['b', 'c', 'a', 'B', 'aa'])
          await users.insert(user(id, { email: `${Buffer.from(id).toString('hex')}@x.y` }))
        for (const limit of [1, 2, 5]) {
          const listed = await allPages(limit, (query) => users.list(query))
          expect(listed.map(({ id }) => id)).toEqual(['B', 'a', 'aa', 'b', 'c'])
        }
        await rejection(users.list({ limit: 1, cursor: 'nonsense' }), 'VALIDATION_FAILED')
      },
    },
    {
      name: 'updates the given fields only',
      async run({ open }) {
        const { users } = await open()
        await users.insert(user('u1'))
        const expected = user('u1', { email: 'new@example.com', disabled: true, sessionIds: [] })
        const changes = { email: 'new@example.com', disabled: true, sessionIds: [] }
        expect(await users.update('u1', changes)).toStrictEqual(expected)
        expect(await users.findByEmail('new@example.com')).toStrictEqual(expected)
        expect(await users.findByEmail('u1@example.com')).toBeUndefined()
        expect(await users.update('nobody', { name: 'x' })).toBeUndefined()
      },
    },
    {
      name: 'refuses to update to an e-mail of somebody else, and takes another spelling of the own one',
      async run({ open }) {
        const { users } = await open()
        await users.insert(user('u1'))
        await users.insert(user('u2'))
        await rejection(users.update('u2', { email: 'U1@example.com', name: 'Eve' }), 'EMAIL_IN_USE')
        expect(await users.get('u2')).toStrictEqual(user('u2'))
        expect((await users.update('u2', { email: 'U2@example.com' }))?.email).toBe('U2@example.com')
      },
    },
    {
      name: 'finds users and tokens after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.users.insert(user('u1'))
        await before.users.insertRefreshFamily(family('f'))
        const { users } = await reopen()
        expect(await users.get('u1')).toStrictEqual(user('u1'))
        expect(await users.rotateRefreshToken('f', rotation('first', 'second'))).toEqual({
          outcome: 'rotated',
          userId: 'u1',
        })
      },
    },
  ]),
  ...promise<'users'>('refresh tokens', [
    {
      name: 'swaps the token of a family again and again, and extends it',
      async run({ open }) {
        const { users } = await open()
        await users.insertRefreshFamily(family('f'))
        const rotated = { outcome: 'rotated', userId: 'u1' }
        expect(await users.rotateRefreshToken('f', rotation('first', 'second'))).toEqual(rotated)
        expect(await users.rotateRefreshToken('f', rotation('second', 'third', at(150)))).toEqual(rotated)
      },
    },
    {
      name: 'tells reuse of an old token and revokes the family with it',
      async run({ open }) {
        const { users } = await open()
        await users.insertRefreshFamily(family('f'))
        await users.rotateRefreshToken('f', rotation('first', 'second'))
        expect(await users.rotateRefreshToken('f', rotation('first', 'thief'))).toEqual({ outcome: 'reused' })
        expect(await users.rotateRefreshToken('f', rotation('second', 'third'))).toEqual({ outcome: 'missing' })
      },
    },
    {
      name: 'lets one of many callers with the same token win',
      async run({ open }) {
        const { users } = await open()
        await users.insertRefreshFamily(family('f'))
        const outcomes = await Promise.all(
          times(10).map((n) => users.rotateRefreshToken('f', rotation('first', `next${n}`))),
        )
        expect(outcomes.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
        expect(outcomes.filter(({ outcome }) => outcome === 'reused').length).toBeGreaterThanOrEqual(1)
      },
    },
    {
      name: 'misses a family that is unknown, expired, revoked, or whose user is gone or was signed out',
      async run({ open }) {
        const { users } = await open()
        const missing = { outcome: 'missing' }
        await users.insert(user('u2'))
        await users.insertRefreshFamily(family('expired', { expiresAt: at(1) }))
        for (const id of ['revoked', 'alive']) await users.insertRefreshFamily(family(id))
        for (const id of ['gone1', 'gone2']) await users.insertRefreshFamily(family(id, { userId: 'u2' }))
        for (const id of ['out1', 'out2']) await users.insertRefreshFamily(family(id, { userId: 'u3' }))
        await users.revokeRefreshFamily('revoked')
        await users.remove('u2')
        await users.revokeRefreshFamilies('u3')
        for (const id of ['unknown', 'expired', 'revoked', 'gone1', 'gone2', 'out1', 'out2']) {
          expect([id, await users.rotateRefreshToken(id, rotation('first', 'x'))]).toEqual([id, missing])
        }
        expect(await users.rotateRefreshToken('alive', rotation('first', 'x'))).toMatchObject({ outcome: 'rotated' })
        expect(await users.get('u2')).toBeUndefined()
      },
    },
  ]),
  ...promise<'users'>('instances and outages', [
    {
      name: 'shows in one instance which users another has changed since they were read there',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        const told = async () => [
          (await other.users.get('u'))?.name,
          (await other.users.findByEmail('u@example.com'))?.name,
        ]
        await one.users.insert(user('u', { name: 'first' }))
        expect(await told()).toEqual(['first', 'first'])
        await one.users.update('u', { name: 'second' })
        expect(await told()).toEqual(['second', 'second'])
      },
    },
    {
      name: 'rejects with STORE_UNAVAILABLE whoever asks for users while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { users } = await openFailing(0)
        await rejection(users.findByEmail('a@example.com'), 'STORE_UNAVAILABLE')
        await rejection(users.insert(user('u')), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

export function userStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'users'>): void {
  registerCases('users', userCases, subject)
}
