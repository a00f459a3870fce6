import type { Login } from '@trunkline/contract'
import type { MultiSessionManager } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi, ensureAdmin, readiness } from '../src/index.js'
import { call, createManager, hostApi, problemOf, send, silent } from './harness.js'

let manager: MultiSessionManager

beforeEach(async () => {
  manager = await createManager()
})
afterEach(() => manager.close())

describe('routing', () => {
  it('answers 404 and 405 as problems, with the methods that are allowed', async () => {
    const api = hostApi(manager)
    expect(problemOf(await send(api, 'GET', '/nowhere')).code).toBe('ROUTE_NOT_FOUND')
    const answer = await send(api, 'PUT', '/sessions/own')
    expect(problemOf(answer).code).toBe('METHOD_NOT_ALLOWED')
    expect(answer.headers.allow).toBe('DELETE, GET, HEAD, PATCH')
  })

  it('answers HEAD without a body', async () => {
    const answer = await send(hostApi(manager), 'HEAD', '/sessions', { as: 'admin' })
    expect(answer).toMatchObject({ status: 200, body: undefined })
  })

  it('keeps every answer out of caches', async () => {
    const api = hostApi(manager)
    for (const path of ['/version', '/sessions', '/nowhere']) {
      expect((await send(api, 'GET', path)).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  it('says which version it is to everybody', async () => {
    const answer = await call(hostApi(manager), 'version', '/version')
    expect(answer.body).toEqual({ name: 'trunkline', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  })
})

describe('sessions', () => {
  let api: Api
  beforeEach(() => {
    api = hostApi(manager)
  })

  it('are made, changed, listed in pages and removed', async () => {
    const body = { id: 'shop', label: ' Shop ', metadata: { team: 'sales' }, start: false }
    const created = await call(api, 'createSession', '/sessions', { as: 'admin', body })
    expect(created).toMatchObject({
      status: 201,
      body: { id: 'shop', label: 'Shop', status: 'stopped', desired: 'stopped' },
    })

    const again = await call(api, 'createSession', '/sessions', { as: 'admin', body })
    expect(problemOf(again)).toMatchObject({ code: 'SESSION_ID_IN_USE', details: { sessionId: 'shop' } })

    const changed = await call(api, 'updateSession', '/sessions/shop', { as: 'admin', body: { label: null } })
    expect(changed.body).not.toHaveProperty('label')

    const first = await call(api, 'listSessions', '/sessions?limit=2', { as: 'admin' })
    const { items, nextCursor } = first.body as { items: { id: string }[]; nextCursor: string }
    const rest = await call(api, 'listSessions', `/sessions?limit=2&cursor=${encodeURIComponent(nextCursor)}`, {
      as: 'admin',
    })
    expect(
      [...items, ...(rest.body as typeof first.body & { items: { id: string }[] }).items].map(({ id }) => id),
    ).toEqual(['foreign', 'own', 'shop'])

    expect((await call(api, 'deleteSession', '/sessions/shop', { as: 'admin' })).status).toBe(204)
    expect(problemOf(await call(api, 'getSession', '/sessions/shop', { as: 'admin' })).code).toBe('SESSION_NOT_FOUND')
    const taken = await call(api, 'createSession', '/sessions', { as: 'admin', body })
    expect(problemOf(taken).code).toBe('SESSION_ID_IN_USE')
    expect((await call(api, 'cleanupSession', '/sessions/shop/cleanup', { as: 'admin' })).status).toBe(204)
    expect((await call(api, 'createSession', '/sessions', { as: 'admin', body })).status).toBe(201)
  })

  it('may be made by somebody with given sessions when the id is one of them', async () => {
    await manager.cleanup('own')
    const created = await call(api, 'createSession', '/sessions', { as: 'operator', body: { id: 'own', start: false } })
    expect(created.status).toBe(201)
  })

  it('have no QR while they are stopped, and say so with their status', async () => {
    const answer = await call(api, 'getQr', '/sessions/own/qr', { as: 'operator', headers: { accept: 'image/png' } })
    expect(problemOf(answer)).toMatchObject({ code: 'QR_NOT_AVAILABLE', details: { status: 'stopped' } })
  })

  it('refuse to send while they are stopped', async () => {
    const body = { to: '15550000001', text: 'hello' }
    const answer = await call(api, 'sendMessage', '/sessions/own/messages', { as: 'operator', body })
    expect(problemOf(answer)).toMatchObject({ code: 'SESSION_NOT_CONNECTED', details: { status: 'stopped' } })
  })

  it('refuse a recipient that is nobody, by field', async () => {
    const body = { to: 'not a number', text: 'hello' }
    const answer = await call(api, 'sendMessage', '/sessions/own/messages', { as: 'operator', body })
    expect(problemOf(answer)).toMatchObject({ status: 400, errors: [{ field: 'to' }] })
  })

  it('refuse two different idempotency keys', async () => {
    const body = { to: '15550000001', text: 'hello', clientMessageId: 'a' }
    const headers = { 'idempotency-key': 'b' }
    const answer = await call(api, 'sendMessage', '/sessions/own/messages', { as: 'operator', body, headers })
    expect(problemOf(answer).errors?.[0]?.field).toBe('Idempotency-Key')
  })

  it('have a log of events, read by sequence number', async () => {
    const answer = await call(api, 'listEvents', '/events?sessionId=own', { as: 'viewer' })
    expect(answer.body).toMatchObject({
      items: [{ name: 'session.created', event: { sessionId: 'own', seq: 1 } }],
      gap: false,
    })
    const after = await call(api, 'listEvents', '/events?sessionId=own&after=1', { as: 'viewer' })
    expect(after.body).toMatchObject({ items: [] })
  })

  it('answer a health check, and say in their details what to do', async () => {
    expect((await call(api, 'checkHealth', '/sessions/own/health-check', { as: 'operator' })).body).toMatchObject({
      at: expect.any(String),
    })
    expect((await call(api, 'getSessionDetails', '/sessions/own/details', { as: 'viewer' })).body).toMatchObject({
      advice: expect.any(String),
    })
  })
})

describe("Trunkline's own login", () => {
  const credentials = { email: 'ada@example.org', password: 'correct horse' }
  let api: Api

  beforeEach(async () => {
    await ensureAdmin(manager.store.users, { name: 'Ada', ...credentials })
    api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent })
  })

  async function signIn(): Promise<Login> {
    return (await call(api, 'login', '/auth/login', { body: credentials })).body as Login
  }

  it('leads from e-mail and password to the sessions, and on with the refresh token', async () => {
    const { accessToken, refreshToken } = await signIn()
    const me = await call(api, 'me', '/auth/me', { as: undefined, headers: { authorization: `Bearer ${accessToken}` } })
    expect(me.body).toMatchObject({ email: 'ada@example.org', role: 'admin', sessionIds: '*' })

    const refreshed = (await call(api, 'refresh', '/auth/refresh', { body: { refreshToken } })).body as Login
    const headers = { authorization: `Bearer ${refreshed.accessToken}` }
    expect((await call(api, 'listSessions', '/sessions', { headers })).status).toBe(200)

    const ended = await call(api, 'signOut', '/auth/logout', { body: { refreshToken: refreshed.refreshToken } })
    expect(ended.status).toBe(204)
    const over = await call(api, 'refresh', '/auth/refresh', { body: { refreshToken: refreshed.refreshToken } })
    expect(problemOf(over).code).toBe('UNAUTHENTICATED')
  })

  it('refuses wrong passwords, and after some of them everything, with the time to wait', async () => {
    const wrong = () => call(api, 'login', '/auth/login', { body: { ...credentials, password: 'wrong' } })
    const codes = (await Promise.all(Array.from({ length: 11 }, wrong))).map((answer) => problemOf(answer).code)
    expect(codes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(10)
    const limited = await wrong()
    expect(problemOf(limited).code).toBe('RATE_LIMITED')
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  })

  it.each([
    [{ email: { $gt: '' }, password: { $gt: '' } }, ['email', 'password']],
    [{ email: 'ada@example.org' }, ['password']],
    [{ email: 'ada@example.org', password: 'x'.repeat(1025) }, ['password']],
    [{ ...credentials, role: 'admin' }, ['role']],
  ])('refuses %j', async (body, fields) => {
    const answer = await call(api, 'login', '/auth/login', { body })
    expect(problemOf(answer).errors?.map(({ field }) => field)).toEqual(fields)
  })

  it('is not there for a host with its own', async () => {
    const answer = await send(hostApi(manager), 'POST', '/auth/login', { body: credentials })
    expect(problemOf(answer).code).toBe('ROUTE_NOT_FOUND')
  })

  it('needs a secret of 32 bytes', () => {
    expect(() => createApi(manager, { jwtSecret: 'short' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

describe('the options in a host without types', () => {
  const jwtSecret = 'x'.repeat(32)
  it.each<[unknown, string]>([
    [undefined, 'jwtSecret'],
    [null, 'jwtSecret'],
    ['a secret of at least 32 bytes, as text', 'options'],
    [{ jwtSecret: 42 }, 'jwtSecret'],
    [{ jwtSecret, bodyLimitBytes: '1mb' }, 'bodyLimitBytes'],
    [{ jwtSecret, bodyLimitBytes: 0 }, 'bodyLimitBytes'],
    [{ jwtSecret, bodyLimitBytes: Number.NaN }, 'bodyLimitBytes'],
    [{ jwtSecret, clock: Date }, 'clock'],
    [{ jwtSecret, logger: 'info' }, 'logger'],
    [{ jwtSecret, logger: {} }, 'logger'],
    [{ jwtSecret, issuer: 42 }, 'issuer'],
    [{ jwtSecret, audience: '' }, 'audience'],
    [{ jwtSecret, accessTokenSeconds: '15m' }, 'accessTokenSeconds'],
    [{ jwtSecret, refreshTokenSeconds: -1 }, 'refreshTokenSeconds'],
    [{ jwtSecret, throttle: 5 }, 'throttle'],
    [{ jwtSecret, throttle: { perAccount: 1 } }, 'throttle'],
    [{ jwtSecret, allowShortSecret: 'no' }, 'allowShortSecret'],
    [{ jwtSecret, now: 5 }, 'now'],
    [{ authenticator: {} }, 'authenticator'],
    [{ authenticator: { authenticate: () => undefined }, bodyLimitBytes: 1.5 }, 'bodyLimitBytes'],
  ])('are refused by name: %j', (options, field) => {
    const loosely = createApi as (...given: unknown[]) => unknown
    expect(() => loosely(manager, options)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(field),
        details: { errors: [expect.objectContaining({ field })] },
      }),
    )
  })

  it.each([undefined, null, {}, { store: 5 }])('are refused when the manager is none: %j', (none) => {
    const loosely = createApi as (...given: unknown[]) => unknown
    expect(() => loosely(none, { jwtSecret })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('manager') }),
    )
  })
})

describe('failures inside', () => {
  it('are told in general words and logged', async () => {
    const logged: object[] = []
    const authenticator = { authenticate: () => Promise.reject(new Error('secret detail of a driver')) }
    const logger = { ...silent, error: (fields: object) => void logged.push(fields) }
    const answer = await send(createApi(manager, { authenticator, logger }), 'GET', '/sessions')
    expect(problemOf(answer).code).toBe('INTERNAL')
    expect(JSON.stringify(answer.body)).not.toContain('secret detail')
    expect(logged).toHaveLength(1)
  })

  it('make readiness say no, also when the store never answers', async () => {
    expect(await readiness(manager.store)).toMatchObject({
      status: 200,
      body: { status: 'ready', store: { kind: 'memory' } },
    })
    const down = await readiness({ health: () => Promise.reject(new Error('down')) })
    expect(down).toMatchObject({ status: 503, body: { status: 'not_ready' } })
  })
})
