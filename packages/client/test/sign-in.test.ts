import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import express from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, type ClientOptions, createClient, type Tokens } from '../src/index.js'

const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse' }
const HOUR_MS = 3_600_000

let manager: MultiSessionManager
let server: Server
let baseUrl: string
/** How far the clock of the server is ahead. */
let aheadMs = 0
let swaps = 0
let kept: Tokens | undefined

beforeAll(async () => {
  manager = new MultiSessionManager({ store: createMemoryStore() })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...CREDENTIALS })
  const app = express()
  app.use((request, _response, next) => {
    if (request.path === '/api/auth/refresh') swaps += 1
    next()
  })
  const jwtSecret = 'a-secret-of-at-least-thirty-two-bytes!'
  app.use('/api', createExpressAdapter(manager, { jwtSecret, now: () => Date.now() + aheadMs }))
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
})
afterAll(async () => {
  server.close()
  await manager.close()
})

beforeEach(() => {
  aheadMs = 0
  swaps = 0
  kept = undefined
})

function keep(tokens: Tokens | undefined): void {
  kept = tokens
}

function client(options: Partial<ClientOptions> = {}): Client {
  const storage = { load: () => kept, save: keep }
  return createClient({ baseUrl, storage, ...options })
}

describe('somebody who signed in', () => {
  it('is known by every call, until they sign out', async () => {
    const mine = client()
    const { user } = await mine.signIn(CREDENTIALS)
    expect(await mine.auth.me()).toEqual(user)
    const { refreshToken } = kept ?? { refreshToken: '' }
    await mine.signOut()
    expect(kept).toBeUndefined()
    await expect(mine.auth.me()).rejects.toMatchObject({ code: 'UNAUTHENTICATED', status: 401 })
    await expect(mine.auth.refresh({ refreshToken })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('swaps the token once for twenty calls that are refused at the same time', async () => {
    const mine = client()
    await mine.signIn(CREDENTIALS)
    aheadMs = HOUR_MS
    const answers = await Promise.all(Array.from({ length: 20 }, () => mine.auth.me()))
    expect(answers.map(({ email }) => email)).toEqual(Array(20).fill(CREDENTIALS.email))
    expect(swaps).toBe(1)
  })

  it('swaps the token before it ends, and before it is used', async () => {
    const mine = client()
    aheadMs = -HOUR_MS
    await mine.signIn(CREDENTIALS)
    const before = kept?.accessToken
    aheadMs = 0
    await Promise.all([mine.auth.me(), mine.sessions.list(), mine.sessions.stats()])
    expect(swaps).toBe(1)
    expect(kept?.accessToken).not.toBe(before)
  })

  it('is signed in again after a restart, by what was kept', async () => {
    await client().signIn(CREDENTIALS)
    aheadMs = HOUR_MS
    expect(await client().auth.me()).toMatchObject({ email: CREDENTIALS.email })
  })

  it('takes the tokens that another page has swapped meanwhile', async () => {
    await client().signIn(CREDENTIALS)
    aheadMs = HOUR_MS
    const [one, other] = [client(), client()]
    await one.auth.me()
    expect(await other.auth.me()).toMatchObject({ email: CREDENTIALS.email })
    expect(swaps).toBe(1)
  })

  it('is nobody any more when the refresh token is refused', async () => {
    const mine = client()
    await mine.signIn(CREDENTIALS)
    aheadMs = 1_000 * HOUR_MS
    await expect(mine.auth.me()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(kept).toBeUndefined()
  })

  it('stays signed in when the server cannot be reached for a swap', async () => {
    const mine = client({
      maxRetries: 0,
      fetch: (input, init) =>
        String(input).endsWith('/refresh') ? Promise.reject(new TypeError('lost')) : fetch(input, init),
    })
    await mine.signIn(CREDENTIALS)
    aheadMs = HOUR_MS
    await expect(mine.auth.me()).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    expect(kept).toBeDefined()
  })
})

it('reads all pages of a list, one after the other', async () => {
  const mine = client()
  await mine.signIn(CREDENTIALS)
  for (let index = 0; index < 7; index += 1) await mine.sessions.create({ id: `s${index}`, start: false })
  const ids: string[] = []
  for await (const { id } of mine.sessions.list({ limit: 3 })) ids.push(id)
  expect(ids.toSorted()).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6'])
  expect((await mine.sessions.list({ limit: 3 })).items).toHaveLength(3)
  const names: string[] = []
  for await (const { name } of mine.events.list({ sessionId: 's0', limit: 1 })) names.push(name)
  expect(names).toEqual(['session.created'])
})

it('answers bytes as they come', async () => {
  const page = await client().service.docs()
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toContain('<!doctype html>')
})
