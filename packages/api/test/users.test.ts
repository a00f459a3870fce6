// Who may do what to whom, and what ends with it: over the interface, looked at in the store and by other logins.
import type { Login } from '@trunkline/contract'
import { createMemoryStore, MultiSessionManager, type Store, type User } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi, createAuthenticator, ensureAdmin } from '../src/index.js'
import { type Answer, call, problemOf, send, silent } from './harness.js'

const JWT = { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent }
const ADA = { name: 'Ada', email: 'ada@example.org', password: 'correct horse' }
const BEN = { name: 'Ben', email: 'Ben@Example.org', password: 'battery staple', role: 'operator', sessionIds: ['own'] }

let store: Required<Store>
let manager: MultiSessionManager
let api: Api
let ada: Login

beforeEach(async () => {
  store = createMemoryStore()
  manager = new MultiSessionManager({ store, logger: silent })
  await manager.create({ id: 'own', start: false })
  await ensureAdmin(manager.store.users, ADA)
  api = createApi(manager, JWT)
  ada = await signIn(ADA)
})
afterEach(() => manager.close())

async function signIn({ email, password }: { email: string; password: string }): Promise<Login> {
  const answer = await call(api, 'login', '/auth/login', { body: { email, password } })
  expect(answer.status).toBe(200)
  return answer.body as Login
}

const as = ({ accessToken }: Login) => ({ headers: { authorization: `Bearer ${accessToken}` } })

async function make(given: object = {}): Promise<User> {
  const answer = await call(api, 'createUser', '/users', { ...as(ada), body: { ...BEN, ...given } })
  expect(answer.status).toBe(201)
  return answer.body as User
}

const change = (userId: string, body: object, login = ada) =>
  call(api, 'updateUser', `/users/${userId}`, { ...as(login), body })
const remove = (userId: string, login = ada) => call(api, 'deleteUser', `/users/${userId}`, as(login))

/** How a login still stands: by its access token, and by its refresh token. */
async function standing(login: Login): Promise<[number, number]> {
  const me = await call(api, 'me', '/auth/me', as(login))
  const refreshed = await call(api, 'refresh', '/auth/refresh', { body: { refreshToken: login.refreshToken } })
  return [me.status, refreshed.status]
}

const idsOf = ({ body }: Answer) => (body as { items: User[] }).items.map(({ id }) => id)

describe('a user whom an admin makes', () => {
  it('signs in by the e-mail in any case, sees the given sessions, and is nowhere shown with a hash', async () => {
    const made = await make()
    const ben = await signIn({ email: 'bEN@example.ORG', password: BEN.password })
    expect(ben.user).toEqual(made)
    expect(made).toMatchObject({ email: 'Ben@Example.org', role: 'operator', sessionIds: ['own'], disabled: false })
    const listed = await call(api, 'listUsers', '/users', as(ada))
    expect(idsOf(listed)).toEqual([ada.user.id, made.id])
    expect(JSON.stringify([made, ben, listed])).not.toMatch(/argon2|scrypt|epoch|revision/i)
    expect((await call(api, 'getSession', '/sessions/own', as(ben))).status).toBe(200)
  })

  it('is found by part of name or e-mail, page by page', async () => {
    const ids = [await make(), await make({ name: 'Benita', email: 'x@example.org' })].map(({ id }) => id)
    const first = await call(api, 'listUsers', '/users?q=bEN&limit=1', as(ada))
    const cursor = (first.body as { nextCursor: string }).nextCursor
    const second = await call(api, 'listUsers', `/users?q=bEN&limit=1&cursor=${cursor}`, as(ada))
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids)
    expect(second.body).not.toHaveProperty('nextCursor')
  })

  it('has an e-mail of their own, and a password that is not too short', async () => {
    await make()
    const again = await call(api, 'createUser', '/users', { ...as(ada), body: { ...BEN, email: 'ben@example.org' } })
    expect(problemOf(again).code).toBe('EMAIL_IN_USE')
    const body = { ...BEN, email: 'nobody', password: '1234567', role: 'root', sessionIds: ['../x'] }
    const wrong = problemOf(await call(api, 'createUser', '/users', { ...as(ada), body }))
    expect(wrong.errors?.map(({ field }) => field)).toEqual(['email', 'password', 'role', 'sessionIds.0'])
  })
})

describe('what takes rights away', () => {
  it.each([
    ['disabling', { disabled: true }],
    ['a new password', { password: 'another one' }],
    ['a lesser role', { role: 'viewer' }],
    ['taking a session away', { sessionIds: [] }],
  ])('%s ends access and refresh tokens at once', async (_, body) => {
    const { id } = await make()
    const ben = await signIn(BEN)
    expect((await change(id, body)).status).toBe(200)
    expect(await standing(ben)).toEqual([401, 401])
    expect(await standing(ada)).toEqual([200, 200])
  })

  it('is removal too', async () => {
    const { id } = await make()
    const ben = await signIn(BEN)
    expect((await remove(id)).status).toBe(204)
    expect(await standing(ben)).toEqual([401, 401])
    expect(
      problemOf(await call(api, 'login', '/auth/login', { body: { email: BEN.email, password: BEN.password } })).code,
    ).toBe('INVALID_CREDENTIALS')
    expect(problemOf(await remove(id)).code).toBe('USER_NOT_FOUND')
  })

  it('is not a new name, a greater role or more sessions: logins go on with them', async () => {
    const { id } = await make()
    const ben = await signIn(BEN)
    for (const body of [
      { name: 'Benjamin' },
      { role: 'admin' },
      { sessionIds: ['own', 'other'] },
      { sessionIds: '*' },
    ]) {
      await change(id, body)
    }
    expect((await call(api, 'listUsers', '/users', as(ben))).status).toBe(200)
    expect(await standing(ben)).toEqual([200, 200])
  })

  it('ends a login that was begun with the former password and stored after the others were ended', async () => {
    const { id } = await make()
    const insert = store.users.insertRefreshFamily
    let late: (() => Promise<void>) | undefined
    store.users.insertRefreshFamily = async (family) => {
      late = () => insert(family)
    }
    const ben = await signIn(BEN)
    store.users.insertRefreshFamily = insert
    await change(id, { password: 'another one' })
    await late?.()
    expect(await standing(ben)).toEqual([401, 401])
  })

  it('is told at once to whoever holds sockets of the user', async () => {
    const { id } = await make()
    const told: string[] = []
    const stop = createAuthenticator(manager.store, JWT).onRightsChange?.((userId) => told.push(userId))
    await change(id, { disabled: true })
    await remove(id)
    stop?.()
    await make()
    expect(told).toEqual([id, id])
  })
})

describe('the last admin', () => {
  it('can neither be removed, disabled nor restricted, by nobody', async () => {
    const { id } = ada.user
    for (const body of [{ disabled: true }, { role: 'operator' }, { sessionIds: ['own'] }]) {
      expect(problemOf(await change(id, body)).code).toBe('LAST_ADMIN')
    }
    expect(problemOf(await remove(id)).code).toBe('LAST_ADMIN')
    expect(await standing(ada)).toEqual([200, 200])
  })

  it('stays when two admins end each other at once', async () => {
    const { id } = await make({ role: 'admin', sessionIds: '*' })
    const ben = await signIn(BEN)
    const answers = await Promise.all([change(id, { disabled: true }), remove(ada.user.id, ben)])
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
    const { items } = await store.users.list({ limit: 9 })
    expect(items.filter(({ role, disabled }) => role === 'admin' && !disabled)).toHaveLength(1)
  })
})

describe('an admin of some sessions', () => {
  let tenant: Login
  beforeEach(async () => {
    await make({ role: 'admin', sessionIds: ['own'] })
    tenant = await signIn(BEN)
  })

  it('sees and changes those who may do no more, and no others', async () => {
    const below = await make({ email: 'c@example.org', role: 'viewer', sessionIds: ['own'] })
    const beside = await make({ email: 'd@example.org', role: 'viewer', sessionIds: ['other'] })
    expect(idsOf(await call(api, 'listUsers', '/users', as(tenant)))).toEqual([tenant.user.id, below.id])
    expect((await change(below.id, { name: 'Cleo' }, tenant)).body).toMatchObject({ name: 'Cleo' })
    for (const id of [beside.id, ada.user.id, 'nobody']) {
      expect(problemOf(await change(id, { password: 'guessed it' }, tenant)).code).toBe('USER_NOT_FOUND')
      expect(problemOf(await remove(id, tenant)).code).toBe('USER_NOT_FOUND')
    }
  })

  it('gives no sessions that are not theirs', async () => {
    const body = { ...BEN, email: 'c@example.org' }
    for (const sessionIds of ['*', ['own', 'other']]) {
      const answer = await call(api, 'createUser', '/users', { ...as(tenant), body: { ...body, sessionIds } })
      expect(problemOf(answer).code).toBe('FORBIDDEN')
      expect(problemOf(await change(tenant.user.id, { sessionIds }, tenant)).code).toBe('FORBIDDEN')
    }
  })
})

describe('the own password', () => {
  const set = (login: Login, body: object) => call(api, 'changePassword', '/auth/password', { ...as(login), body })

  it('is changed by who knows it: this login goes on with new tokens, every other one ends', async () => {
    await make()
    const [here, elsewhere] = [await signIn(BEN), await signIn(BEN)]
    const answer = await set(here, { password: BEN.password, newPassword: 'another one' })
    expect(answer.status).toBe(200)
    expect(await standing(elsewhere)).toEqual([401, 401])
    expect(await standing(here)).toEqual([401, 401])
    expect(await standing(answer.body as Login)).toEqual([200, 200])
    await signIn({ email: BEN.email, password: 'another one' })
  })

  it('stays as it is for who does not know it, however often they guess', async () => {
    const codes: string[] = []
    for (let guess = 0; guess < 11; guess += 1) {
      codes.push(problemOf(await set(ada, { password: `guess ${guess}`, newPassword: 'another one' })).code)
    }
    expect(new Set(codes.slice(0, 10))).toEqual(new Set(['INVALID_CREDENTIALS']))
    expect(codes[10]).toBe('RATE_LIMITED')
    expect((await store.users.get(ada.user.id))?.revision).toBe(1)
  })
})

describe('a hash of before', () => {
  it('is made anew by the first sign-in, without ending any login', async () => {
    const { createPasswordHasher } = await import('../src/auth/passwords.js')
    const former = await (await createPasswordHasher({ load: async () => undefined })).hash(ADA.password)
    await store.users.update(ada.user.id, { passwordHash: former })
    await expect(
      send(api, 'POST', '/auth/login', { body: { email: ADA.email, password: 'wrong' } }),
    ).resolves.toMatchObject({ status: 401 })
    expect((await store.users.get(ada.user.id))?.passwordHash).toBe(former)
    await signIn(ADA)
    expect((await store.users.get(ada.user.id))?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    await signIn(ADA)
    expect(await standing(ada)).toEqual([200, 200])
  })
})
