// Keys of machines: what they may, until when, and what is kept of them.
import type { ApiKey, Login } from '@trunkline/contract'
import { createMemoryStore, MultiSessionManager, type Store } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi, createAuthenticator, ensureAdmin } from '../src/index.js'
import { call, problemOf, silent } from './harness.js'

const ADA = { name: 'Ada', email: 'ada@example.org', password: 'correct horse' }
const BEN = { name: 'Ben', email: 'ben@example.org', password: 'battery staple', role: 'admin', sessionIds: ['own'] }

type Created = ApiKey & { key: string }

let clock: { now: number }
let store: Required<Store>
let manager: MultiSessionManager
let api: Api
let ada: Headers
let ben: Headers
let benId: string

type Headers = { headers: Record<string, string> }

beforeEach(async () => {
  clock = { now: Date.parse('2026-01-01T00:00:00Z') }
  store = createMemoryStore()
  manager = new MultiSessionManager({ store, logger: silent })
  for (const id of ['own', 'other']) await manager.create({ id, start: false })
  await ensureAdmin(manager.store.users, ADA)
  api = createApi(manager, options())
  ada = await signIn(ADA)
  benId = ((await call(api, 'createUser', '/users', { ...ada, body: BEN })).body as { id: string }).id
  ben = await signIn(BEN)
})
afterEach(() => manager.close())

function options() {
  return { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent, now: () => clock.now }
}

async function signIn({ email, password }: { email: string; password: string }): Promise<Headers> {
  const { body } = await call(api, 'login', '/auth/login', { body: { email, password } })
  return { headers: { authorization: `Bearer ${(body as Login).accessToken}` } }
}

async function make(as: Headers, given: object = {}): Promise<Created> {
  const body = { name: 'Shop backend', permissions: ['sessions:read', 'sessions:manage'], ...given }
  const answer = await call(api, 'createKey', '/keys', { ...as, body })
  expect(answer.status).toBe(201)
  return answer.body as Created
}

const by = ({ key }: Created): Headers => ({ headers: { 'x-api-key': key } })
const see = async (as: Headers, sessionId = 'own') =>
  (await call(api, 'getSession', `/sessions/${sessionId}`, as)).status
const keysOf = async (as: Headers) =>
  ((await call(api, 'listKeys', '/keys', as)).body as { items: ApiKey[] }).items.map(({ id }) => id)

describe('a key', () => {
  it('is shown once and kept as a hash; lists have its beginning', async () => {
    const made = await make(ben, { expiresAt: '2026-06-01T00:00:00Z' })
    expect(made.key).toMatch(/^trunkline_[\w-]{8}_[\w-]{43}$/)
    expect(made.key.startsWith(`${made.prefix}_`)).toBe(true)
    const [listed] = ((await call(api, 'listKeys', '/keys', ben)).body as { items: ApiKey[] }).items
    const { key, ...shown } = made
    expect(listed).toEqual(shown)
    const kept = JSON.stringify(await store.apiKeys.get(made.id))
    expect(kept).not.toContain(key.slice(-43))
    expect(listed).not.toHaveProperty('hash')
  })

  it('may what it was given of what its maker may, on HTTP and in a handshake', async () => {
    const key = await make(ben, { permissions: ['sessions:read'] })
    expect([await see(by(key)), await see(by(key), 'other')]).toEqual([200, 404])
    const refused = await call(api, 'startSession', '/sessions/own/start', by(key))
    expect(problemOf(refused).code).toBe('FORBIDDEN')
    const handshake = createAuthenticator(manager.store, options()).authenticate(by(key))
    expect(await handshake).toEqual({
      userId: benId,
      keyId: key.id,
      role: 'admin',
      permissions: ['sessions:read'],
      sessionIds: ['own'],
    })
    expect((await call(api, 'me', '/auth/me', by(key))).body).toMatchObject({ id: benId })
  })

  it('comes in its own header, or as the token of tools that know no other', async () => {
    const { key } = await make(ben, { permissions: ['sessions:read', 'keys:manage'] })
    const asToken = { headers: { authorization: `Bearer ${key}` } }
    expect([await see(asToken), await see(asToken, 'other')]).toEqual([200, 404])
    expect(await keysOf(asToken)).toEqual(await keysOf({ headers: { 'x-api-key': key } }))
    // Who sends both is judged by the token, whichever is better.
    expect(await see({ headers: { authorization: 'Bearer nonsense', 'x-api-key': key } })).toBe(401)
    expect(await see({ headers: { authorization: `Bearer ${key}`, 'x-api-key': 'nonsense' } })).toBe(200)
  })

  it('ends with its end date, and cannot be made with one that has passed', async () => {
    const key = await make(ben, { expiresAt: '2026-01-01T00:10:00Z' })
    clock.now += 10 * 60_000 - 1
    expect(await see(by(key))).toBe(200)
    clock.now += 1
    expect(await see(by(key))).toBe(401)
    const body = { name: 'Late', permissions: ['sessions:read'], expiresAt: '2026-01-01T00:10:00Z' }
    expect(problemOf(await call(api, 'createKey', '/keys', { ...ada, body })).errors).toEqual([
      { field: 'expiresAt', message: 'has passed already' },
    ])
  })

  it('gives nobody what they do not have, and makes no keys and no passwords', async () => {
    for (const given of [{ sessionIds: ['own', 'other'] }, { sessionIds: ['foreign'] }]) {
      const body = { name: 'x', permissions: ['sessions:read'], ...given }
      expect(problemOf(await call(api, 'createKey', '/keys', { ...ben, body })).code).toBe('FORBIDDEN')
    }
    const master = await make(ada, { permissions: ['keys:manage', 'users:manage', 'sessions:read'] })
    const body = { name: 'x', permissions: ['sessions:read'] }
    expect(problemOf(await call(api, 'createKey', '/keys', { ...by(master), body })).code).toBe('FORBIDDEN')
    const user = { ...BEN, email: 'eve@example.org', role: 'viewer' }
    expect(problemOf(await call(api, 'createUser', '/users', { ...by(master), body: user })).code).toBe('FORBIDDEN')
    const changed = await call(api, 'updateUser', `/users/${benId}`, {
      ...by(master),
      body: { password: 'guessed it' },
    })
    expect(problemOf(changed).code).toBe('USER_NOT_FOUND')
  })

  it.each(['nonsense', `trunkline_${'a'.repeat(8)}_${'b'.repeat(43)}`, 'x'.repeat(100_000), '{"$gt":""}'])(
    'that was never made lets nobody in: %.40s',
    async (key) => {
      expect(await see({ headers: { 'x-api-key': key } })).toBe(401)
    },
  )
})

describe('what ends a key at once', () => {
  it.each([
    ['its removal', (key: Created) => call(api, 'deleteKey', `/keys/${key.id}`, ben)],
    [
      'the disabling of its maker',
      () => call(api, 'updateUser', `/users/${benId}`, { ...ada, body: { disabled: true } }),
    ],
    ['the removal of its maker', () => call(api, 'deleteUser', `/users/${benId}`, ada)],
  ])('is %s', async (_, end) => {
    const key = await make(ben)
    const told: string[] = []
    createAuthenticator(manager.store, options()).onRightsChange?.((userId) => told.push(userId))
    expect(await see(by(key))).toBe(200)
    expect((await end(key)).status).toBeLessThan(300)
    expect(await see(by(key))).toBe(401)
    expect(told).toEqual([benId])
  })

  it('is in part what is taken from its maker; a new password takes nothing', async () => {
    const key = await make(ben)
    const change = (body: object) => call(api, 'updateUser', `/users/${benId}`, { ...ada, body })
    await change({ password: 'another one' })
    expect((await call(api, 'stopSession', '/sessions/own/stop', by(key))).status).toBe(200)
    await change({ role: 'viewer' })
    expect(problemOf(await call(api, 'stopSession', '/sessions/own/stop', by(key))).code).toBe('FORBIDDEN')
    expect(await see(by(key))).toBe(200)
    await change({ sessionIds: [] })
    expect(await see(by(key))).toBe(404)
  })
})

describe('keys of others', () => {
  it('exist for those who may do what they may', async () => {
    const mine = await make(ben)
    const below = await make(ada, { sessionIds: ['own'] })
    const above = await make(ada)
    expect(await keysOf(ben)).toEqual([mine.id, below.id])
    expect(await keysOf(ada)).toEqual([mine.id, below.id, above.id])
    expect(problemOf(await call(api, 'deleteKey', `/keys/${above.id}`, ben)).code).toBe('API_KEY_NOT_FOUND')
    expect((await call(api, 'deleteKey', `/keys/${below.id}`, ben)).status).toBe(204)
    expect(await see(by(above))).toBe(200)
  })
})

describe('the last use of a key', () => {
  it('is written at most once a minute, whatever the traffic, and harms no request', async () => {
    const key = await make(ben)
    const written: string[] = []
    const { touch } = store.apiKeys
    store.apiKeys.touch = async (id, at) => {
      written.push(at)
      await touch(id, at)
      throw new Error('a disk is full')
    }
    for (let second = 0; second < 150; second += 10) {
      clock.now = Date.parse('2026-01-01T00:00:00Z') + second * 1000
      const answers = await Promise.all([see(by(key)), see(by(key))])
      expect(answers).toEqual([200, 200])
    }
    const times = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z', '2026-01-01T00:02:00.000Z']
    expect(written).toEqual(times)
    expect((await store.apiKeys.get(key.id))?.lastUsedAt).toBe(times[2])
  })
})
