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
        expect(await users.get('u1')).toStrictEqual(user('u1', { sessionIds: ['s', 't'], revision: 2 }))
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
        const changes = { email: 'new@example.com', disabled: true, sessionIds: [], tokenEpoch: 3 }
        const expected = user('u1', { ...changes, revision: 2 })
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
      name: 'searches names and e-mails, whatever the case of their letters, page by page',
      async run({ open }) {
        const { users } = await open()
        await users.insert(user('a', { name: 'Ánn O.', email: 'first@x.y' }))
        await users.insert(user('b', { name: 'Ben', email: 'annex@x.y' }))
        await users.insert(user('c', { name: 'Ben', email: 'third@x.y' }))
        const found = async (search: string, limit = 9) =>
          (await allPages(limit, (query) => users.list({ ...query, search }))).map(({ id }) => id)
        expect(await found('áNN')).toEqual(['a'])
        expect(await found('ANN')).toEqual(['b'])
        expect(await found('n', 1)).toEqual(['a', 'b', 'c'])
        await users.insert(user('d', { name: 'İrem П.', email: 'fourth@x.y' }))
        for (const text of ['irem п', 'İREM П']) expect([text, await found(text)]).toEqual([text, ['d']])
        for (const nobody of ['o.x', '.*', '%', '_en', 'ben annex'])
          expect([nobody, await found(nobody)]).toEqual([nobody, []])
        await users.update('c', { name: 'Cleo' })
        expect(await found('ben')).toEqual(['b'])
        expect(await found('cleo')).toEqual(['c'])
      },
    },
    {
      name: 'counts changes, and writes nothing at another revision than the expected one',
      async run({ open }) {
        const { users } = await open()
        await users.insert(user('u1'))
        expect(await users.update('u1', { name: 'Bea' }, { expectedRevision: 1 })).toMatchObject({ revision: 2 })
        expect(await users.update('u1', { name: 'Eve' }, { expectedRevision: 1 })).toBeUndefined()
        expect(await users.get('u1')).toStrictEqual(user('u1', { name: 'Bea', revision: 2 }))
      },
    },
    {
      name: 'lets one of many changes win that expect the same revision, and loses none that expects nothing',
      async run({ open }) {
        const { users } = await open()
        await users.insert(user('u1'))
        const outcomes = await Promise.all(
          times(8).map((n) => users.update('u1', { name: `name ${n}` }, { expectedRevision: 1 })),
        )
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        await Promise.all([users.update('u1', { role: 'viewer' }), users.update('u1', { disabled: true })])
        expect(await users.get('u1')).toMatchObject({ role: 'viewer', disabled: true, revision: 4 })
      },
    },
    {
      name: 'keeps the last full admin where that is asked for, whatever would take it away',
      async run({ open }) {
        const { users } = await open()
        const admin = { role: 'admin', sessionIds: '*' } as const
        await users.insert(user('a', admin))
        await users.insert(user('disabled', { ...admin, disabled: true }))
        await users.insert(user('of-some', { ...admin, sessionIds: ['s'] }))
        await users.insert(user('operator', { sessionIds: '*' }))
        const keepAdmin = true
        for (const changes of [{ role: 'viewer' as const }, { disabled: true }, { sessionIds: ['s'] }]) {
          await rejection(users.update('a', { name: 'Eve', ...changes }, { keepAdmin }), 'LAST_ADMIN')
        }
        await rejection(users.remove('a', { keepAdmin }), 'LAST_ADMIN')
        expect(await users.get('a')).toStrictEqual(user('a', admin))
        expect(await users.update('a', { name: 'Ada' }, { keepAdmin })).toMatchObject({ name: 'Ada' })
        await users.update('operator', { disabled: true }, { keepAdmin })
        await users.remove('of-some', { keepAdmin })
        await users.insert(user('b', admin))
        expect(await users.update('a', { role: 'viewer' }, { keepAdmin })).toMatchObject({ role: 'viewer' })
        await rejection(users.remove('b', { keepAdmin }), 'LAST_ADMIN')
        await users.remove('b')
        expect(await users.get('b')).toBeUndefined()
      },
    },
    {
      name: 'keeps one of two full admins that leave at once, by update, by removal, or by one of each',
      async run({ open }) {
        const { users } = await open()
        const leave = {
          demoted: (id: string) => users.update(id, { role: 'viewer' }, { keepAdmin: true }),
          removed: (id: string) => users.remove(id, { keepAdmin: true }),
        }
        const ways = [
          ['demoted', 'demoted'],
          ['removed', 'removed'],
          ['demoted', 'removed'],
        ] as const
        for (const [round, [first, second]] of [...ways, ...ways].entries()) {
          const [a, b] = [`a${round}`, `b${round}`]
          for (const id of [a, b]) await users.insert(user(id, { role: 'admin', sessionIds: '*' }))
          const outcomes = await Promise.allSettled([leave[first](a), leave[second](b)])
          const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
          expect(refused).toEqual(['LAST_ADMIN'])
          const left = (await Promise.all([users.get(a), users.get(b)])).filter((one) => one?.role === 'admin')
          expect(left).toHaveLength(1)
          await users.remove(left[0]?.id ?? '')
        }
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
