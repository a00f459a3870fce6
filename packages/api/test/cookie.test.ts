// Pages keep the refresh token where no script reads it.
import type { Login } from '@trunkline/contract'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi, ensureAdmin } from '../src/index.js'
import { problemOf, silent } from './harness.js'

const ADA = { email: 'ada@example.org', password: 'correct horse' }
const CSRF = { 'x-csrf-protection': '1' }

let manager: MultiSessionManager
let api: Api

beforeEach(async () => {
  manager = new MultiSessionManager({ store: createMemoryStore(), logger: silent })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
  api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent })
})
afterEach(() => manager.close())

interface Asked {
  body?: object
  headers?: Record<string, string>
  secure?: boolean
}

async function post(path: string, { body = {}, headers = {}, secure }: Asked = {}) {
  const answer = await api.handle({
    method: 'POST',
    path,
    basePath: '/api',
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ip: '127.0.0.1',
    ...(secure === undefined ? {} : { secure }),
  })
  return { ...answer, body: answer.body === undefined ? undefined : JSON.parse(String(answer.body)) }
}

/** What a browser sends back. */
const cookieOf = ({ headers }: { headers: Record<string, string> }) => ({
  cookie: `theme=dark; ${headers['set-cookie']?.split(';')[0]}`,
})
const signIn = (more: Asked = {}) => post('/auth/login', { ...more, body: { ...ADA, cookie: true } })

describe('a page', () => {
  it('gets the refresh token as a cookie for the login alone, and not in the answer', async () => {
    const answer = await signIn()
    expect(answer.headers['set-cookie']).toMatch(
      /^trunkline_refresh=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/api\/auth; Max-Age=2592000$/,
    )
    expect(answer.body).not.toHaveProperty('refreshToken')
    expect((answer.body as Login).accessToken).toEqual(expect.any(String))
    expect((await signIn({ secure: true })).headers['set-cookie']).toMatch(/; Secure$/)
  })

  it('swaps it by the cookie for a new cookie, and ends its login with it', async () => {
    const first = await signIn()
    const second = await post('/auth/refresh', { headers: { ...cookieOf(first), ...CSRF } })
    expect(second.status).toBe(200)
    expect(second.body).not.toHaveProperty('refreshToken')
    expect(cookieOf(second)).not.toEqual(cookieOf(first))
    const out = await post('/auth/logout', { headers: { ...cookieOf(second), ...CSRF } })
    expect([out.status, out.headers['set-cookie']]).toEqual([
      204,
      'trunkline_refresh=; HttpOnly; SameSite=Strict; Path=/api/auth; Max-Age=0',
    ])
    const after = await post('/auth/refresh', { headers: { ...cookieOf(second), ...CSRF } })
    expect(problemOf(after).code).toBe('UNAUTHENTICATED')
  })

  it('keeps it over a change of the password', async () => {
    const first = await signIn()
    const headers = { authorization: `Bearer ${(first.body as Login).accessToken}` }
    const body = { password: ADA.password, newPassword: 'battery staple', cookie: true }
    const changed = await post('/auth/password', { headers, body })
    expect(changed.body).not.toHaveProperty('refreshToken')
    expect((await post('/auth/refresh', { headers: { ...cookieOf(changed), ...CSRF } })).status).toBe(200)
    expect(problemOf(await post('/auth/refresh', { headers: { ...cookieOf(first), ...CSRF } })).code).toBe(
      'UNAUTHENTICATED',
    )
  })
})

describe('another site', () => {
  it.each(['/auth/refresh', '/auth/logout'])('does nothing with the cookie of a browser: %s', async (path) => {
    const first = await signIn()
    expect(problemOf(await post(path, { headers: cookieOf(first) })).code).toBe('FORBIDDEN')
    const form = { ...cookieOf(first), ...CSRF, 'content-type': 'text/plain' }
    expect(problemOf(await post(path, { headers: form })).code).toBe('UNSUPPORTED_MEDIA_TYPE')
    expect((await post('/auth/refresh', { headers: { ...cookieOf(first), ...CSRF } })).status).toBe(200)
  })
})

describe('a program', () => {
  it('gets and gives the refresh token as JSON, without any cookie', async () => {
    const first = await post('/auth/login', { body: ADA })
    const { refreshToken } = first.body as Login
    expect(first.headers).not.toHaveProperty('set-cookie')
    const second = await post('/auth/refresh', { body: { refreshToken }, headers: { cookie: 'trunkline_refresh=x' } })
    expect(second.body).toHaveProperty('refreshToken')
    expect(second.headers).not.toHaveProperty('set-cookie')
  })

  it('is told what is missing when it gives none', async () => {
    expect(problemOf(await post('/auth/refresh', { headers: CSRF })).errors).toEqual([
      { field: 'refreshToken', message: 'is needed, here or as a cookie' },
    ])
    expect((await post('/auth/logout')).status).toBe(204)
  })
})

describe('20 refreshes at once with one token', () => {
  it('give one new token; the login ends, because one of two who have the same token may be a thief', async () => {
    const { refreshToken } = (await post('/auth/login', { body: ADA })).body as Login
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post('/auth/refresh', { body: { refreshToken } })),
    )
    const winners = answers.filter(({ status }) => status === 200)
    expect(winners).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
    const [winner] = winners.map(({ body }) => body as Login)
    const next = await post('/auth/refresh', { body: { refreshToken: winner?.refreshToken } })
    expect(problemOf(next).code).toBe('UNAUTHENTICATED')
    const { items } = (await manager.store.audit?.list({ limit: 99, action: 'refresh', outcome: 'refused' })) ?? {
      items: [],
    }
    expect(items).toHaveLength(1)
  })
})
