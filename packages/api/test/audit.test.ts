// Who did what: what is written, what is not, and who reads it.
import type { Login } from '@trunkline/contract'
import { createMemoryStore, type Logger, MultiSessionManager, type Store } from '@trunkline/core'
import type { AuditEntry } from '@trunkline/core/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Api, createApi, ensureAdmin } from '../src/index.js'
import { call, exampleOf, hostApi, problemOf, send, silent } from './harness.js'

const ADA = { name: 'Ada', email: 'ada@example.org', password: 'correct horse' }
const BEN = { name: 'Ben', email: 'ben@example.org', password: 'battery staple', role: 'operator', sessionIds: ['own'] }

let store: Required<Store>
let manager: MultiSessionManager
let logged: [object, string][]
let api: Api
let ada: Login

const logger: Logger = { ...silent, error: (fields, message) => void logged.push([fields, message]) }

beforeEach(async () => {
  logged = []
  store = createMemoryStore()
  manager = new MultiSessionManager({ store, logger: silent })
  for (const id of ['own', 'foreign']) await manager.create({ id, start: false })
  await ensureAdmin(manager.store.users, ADA)
  api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger })
  ada = (await call(api, 'login', '/auth/login', { body: { email: ADA.email, password: ADA.password } })).body as Login
})
afterEach(() => manager.close())

const as = ({ accessToken }: Login) => ({ headers: { authorization: `Bearer ${accessToken}` } })

/** What is kept, oldest first, without what every entry has. */
async function kept(): Promise<Partial<AuditEntry>[]> {
  const { items } = await store.audit.list({ limit: 99 })
  return items.toReversed().map(({ id: _, at: __, address, requestId, ...entry }) => {
    expect([address, requestId]).toEqual(['127.0.0.1', expect.any(String)])
    return entry
  })
}

it('holds every sign-in: whose it was, where it came from, and whether it was one', async () => {
  const { id: userId } = ada.user
  await call(api, 'login', '/auth/login', { body: { email: 'ADA@example.org', password: 'a wrong password' } })
  await call(api, 'login', '/auth/login', { body: { email: 'nobody@example.org', password: 'a wrong password' } })
  const next = await call(api, 'refresh', '/auth/refresh', { body: { refreshToken: ada.refreshToken } })
  await call(api, 'refresh', '/auth/refresh', { body: { refreshToken: ada.refreshToken } })
  await call(api, 'signOut', '/auth/logout', { body: { refreshToken: (next.body as Login).refreshToken } })
  const wrong = { action: 'login', outcome: 'refused', status: 401, code: 'INVALID_CREDENTIALS' }
  expect(await kept()).toEqual([
    { action: 'login', outcome: 'done', status: 200, userId, targetId: userId },
    { ...wrong, targetId: userId },
    wrong,
    { action: 'refresh', outcome: 'refused', status: 401, code: 'UNAUTHENTICATED' },
  ])
})

it('holds who did what to which session, user and key, and what was refused', async () => {
  const { id: userId } = ada.user
  const ben = (await call(api, 'createUser', '/users', { ...as(ada), body: BEN })).body as { id: string }
  const login = (await call(api, 'login', '/auth/login', { body: { email: BEN.email, password: BEN.password } })).body
  const asBen = as(login as Login)
  await call(api, 'createSession', '/sessions', { ...as(ada), body: { id: 'new', start: false } })
  await call(api, 'stopSession', '/sessions/own/stop', asBen)
  await call(api, 'cleanupSession', '/sessions/own/cleanup', asBen)
  await call(api, 'stopSession', '/sessions/foreign/stop', asBen)
  const body = { name: 'Machine', permissions: ['sessions:manage'] }
  const key = (await call(api, 'createKey', '/keys', { ...as(ada), body })).body as { id: string; key: string }
  await call(api, 'stopSession', '/sessions/own/stop', { headers: { 'x-api-key': key.key } })
  await call(api, 'deleteUser', `/users/${ben.id}`, as(ada))
  const [by, byBen] = [{ userId }, { userId: ben.id }]
  const forbidden = { outcome: 'refused', status: 403, code: 'FORBIDDEN' }
  expect((await kept()).slice(1)).toEqual([
    { action: 'createUser', outcome: 'done', status: 201, ...by, targetId: ben.id },
    { action: 'login', outcome: 'done', status: 200, ...byBen, targetId: ben.id },
    { action: 'createSession', outcome: 'done', status: 201, ...by, sessionId: 'new' },
    { action: 'stopSession', outcome: 'done', status: 200, ...byBen, sessionId: 'own' },
    { action: 'cleanupSession', ...forbidden, ...byBen, sessionId: 'own' },
    {
      action: 'stopSession',
      outcome: 'refused',
      status: 404,
      code: 'SESSION_NOT_FOUND',
      ...byBen,
      sessionId: 'foreign',
    },
    { action: 'createKey', outcome: 'done', status: 201, ...by, targetId: key.id },
    { action: 'stopSession', outcome: 'done', status: 200, ...by, keyId: key.id, sessionId: 'own' },
    { action: 'deleteUser', outcome: 'done', status: 204, ...by, targetId: ben.id },
  ])
})

it('holds no secret, no text and no number of anybody, and nothing of strangers and of reading', async () => {
  const secrets = ['a wrong password', ADA.password, 'hello there', '15550000001', '15550000009', ada.accessToken]
  const { body, target } = exampleOf('sendMessage', 'own')
  await call(api, 'sendMessage', target, { ...as(ada), body: { ...(body as object), text: 'hello there' } })
  await call(api, 'login', '/auth/login', { body: { email: ADA.email, password: 'a wrong password' } })
  const before = (await kept()).length
  await call(api, 'stopSession', '/sessions/own/stop')
  await call(api, 'refresh', '/auth/refresh', { body: { refreshToken: 'a.b.c' } })
  await call(api, 'listSessions', '/sessions', as(ada))
  await send(api, 'POST', '/nowhere', as(ada))
  expect((await kept()).length).toBe(before)
  const all = JSON.stringify((await store.audit.list({ limit: 99 })).items)
  for (const secret of secrets) expect(all).not.toContain(secret)
})

it('holds the id of the request, and where it came from', async () => {
  await api.handle({
    method: 'POST',
    path: '/sessions/own/stop',
    query: new URLSearchParams(),
    headers: { ...as(ada).headers, 'x-request-id': 'request-1' },
    ip: '192.0.2.7',
  })
  const { items } = await store.audit.list({ limit: 1 })
  expect(items).toMatchObject([{ address: '192.0.2.7', requestId: 'request-1' }])
})

it('is written before the answer, a few actions at a time, and an action is never lost for it', async () => {
  const stop = () => call(api, 'stopSession', '/sessions/own/stop', as(ada))
  const { append } = store.audit
  let writes = 0
  store.audit.append = async (entries) => {
    writes += 1
    await new Promise((resolve) => setImmediate(resolve))
    await append(entries)
  }
  await Promise.all(Array.from({ length: 20 }, stop))
  expect((await store.audit.list({ limit: 99, action: 'stopSession' })).items).toHaveLength(20)
  expect(writes).toBeLessThan(20)
  store.audit.append = () => Promise.reject(new Error('a disk is full'))
  expect(
    (await call(api, 'createSession', '/sessions', { ...as(ada), body: { id: 'new', start: false } })).status,
  ).toBe(201)
  expect((await manager.get('new')).id).toBe('new')
  expect(logged).toEqual([
    [
      {
        err: new Error('a disk is full'),
        entries: [expect.objectContaining({ action: 'createSession', sessionId: 'new' })],
      },
      'What was done could not be written to the audit log',
    ],
  ])
})

it('is read by filters, page by page, and by who sees some sessions in their part only', async () => {
  const host = hostApi(manager)
  const stop = (sessionId: string, by: string) =>
    call(host, 'stopSession', `/sessions/${sessionId}/stop`, { as: by, headers: {} })
  for (const [sessionId, by] of [
    ['own', 'admin'],
    ['own', 'operator'],
    ['foreign', 'admin'],
  ] as const)
    await stop(sessionId, by)
  await call(host, 'cleanupInactiveSessions', '/sessions/cleanup-inactive', { as: 'admin' })
  const read = async (query: string, by = 'admin') => {
    const { items, nextCursor } = (await call(host, 'listAudit', `/audit${query}`, { as: by })).body as {
      items: AuditEntry[]
      nextCursor?: string
    }
    return { nextCursor, list: items.map(({ userId, sessionId }) => `${userId} ${sessionId}`) }
  }
  expect((await read('?sessionId=own')).list).toEqual(['operator own', 'admin own'])
  const first = await read('?userId=admin&limit=2')
  expect(first.list).toEqual(['admin undefined', 'admin foreign'])
  expect((await read(`?userId=admin&limit=2&cursor=${first.nextCursor}`)).list).toEqual(['admin own'])
  expect((await read('?action=stopSession&outcome=done&from=2000-01-01T00:00:00Z', 'tenant')).list).toEqual([
    'operator own',
    'admin own',
  ])
  expect((await read('?to=2000-01-01T00:00:00Z')).list).toEqual([])
  expect(problemOf(await call(host, 'listAudit', '/audit?sessionId=foreign', { as: 'tenant' })).code).toBe(
    'SESSION_NOT_FOUND',
  )
  expect(problemOf(await call(host, 'listAudit', '/audit', { as: 'operator' })).code).toBe('FORBIDDEN')
  expect(problemOf(await call(host, 'listAudit', '/audit?from=yesterday', { as: 'admin' })).errors?.[0]?.field).toBe(
    'from',
  )
})

it('is not there on a store that keeps none', async () => {
  const { audit: _, ...rest } = createMemoryStore()
  const without = new MultiSessionManager({ store: rest as Store, logger: silent })
  const host = hostApi(without)
  expect((await send(host, 'POST', '/sessions', { as: 'admin', body: { id: 'own', start: false } })).status).toBe(201)
  const headers = { authorization: 'Bearer admin' }
  const { body } = await host.handle({ method: 'GET', path: '/audit', query: new URLSearchParams(), headers })
  expect(JSON.parse(String(body)).code).toBe('ROUTE_NOT_FOUND')
  await without.close()
})

it('holds who changed the maintenance, and whose change came too late', async () => {
  const { id: userId } = ada.user
  const body = { revision: 0, settings: { healthCheckIntervalMs: 60_000, cleanupIntervalMs: 'off' } }
  const changed = await call(api, 'updateMaintenance', '/maintenance', { ...as(ada), body })
  expect(changed.body).toMatchObject({ changes: { revision: 1, settings: body.settings } })
  expect((await store.installation.read())?.maintenance).toEqual(body.settings)
  const late = await call(api, 'updateMaintenance', '/maintenance', { ...as(ada), body })
  expect(problemOf(late)).toMatchObject({ status: 409, code: 'SETTINGS_CHANGED_MEANWHILE', details: { revision: 1 } })
  expect((await kept()).slice(1)).toEqual([
    { action: 'updateMaintenance', outcome: 'done', status: 200, userId },
    { action: 'updateMaintenance', outcome: 'refused', status: 409, code: 'SETTINGS_CHANGED_MEANWHILE', userId },
  ])
})

it('names the field of the maintenance that is wrong', async () => {
  const settings = { healthCheckIntervalMs: 5, messageMaxAgeMs: 1_000 }
  const answer = await call(api, 'updateMaintenance', '/maintenance', { ...as(ada), body: { revision: 0, settings } })
  expect(problemOf(answer).errors?.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['settings.healthCheckIntervalMs', 'settings.messageMaxAgeMs']),
  )
  expect(await store.installation.read()).toBeUndefined()
})
