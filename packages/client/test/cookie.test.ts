// A page keeps no refresh token: the browser does, where no script reads it.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import express from 'express'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, createClient } from '../src/index.js'

const ADA = { email: 'ada@example.org', password: 'correct horse' }
const HOUR_MS = 3_600_000

let manager: MultiSessionManager
let server: Server
let baseUrl: string
/** How far the clock of the server is ahead. */
let aheadMs: number
let swaps: number
let browser: Browser

beforeEach(async () => {
  aheadMs = 0
  swaps = 0
  manager = new MultiSessionManager({ store: createMemoryStore() })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
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
  browser = new Browser()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  server.close()
  await manager.close()
})

/** What a browser does with the cookies of its pages, and what those pages can read. */
class Browser {
  #cookie = ''
  readonly read: string[] = []

  /** A page that was just loaded. */
  page(): Client {
    return createClient({ baseUrl, cookie: true, fetch: (input, init) => this.#fetch(String(input), init) })
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const goesAlong = init.credentials === 'include' && new URL(url).pathname.startsWith('/api/auth')
    if (goesAlong && this.#cookie) headers.set('cookie', this.#cookie)
    const response = await fetch(url, { ...init, headers })
    const [set] = response.headers.getSetCookie()
    if (set !== undefined) {
      expect(set).toMatch(/; HttpOnly; SameSite=Strict; Path=\/api\/auth;/)
      this.#cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '')
    }
    this.read.push(await response.clone().text())
    return response
  }
}

/** Web Locks: one after the other. */
function lockManager() {
  let last: Promise<unknown> = Promise.resolve()
  return {
    request<Result>(_name: string, work: () => Promise<Result>): Promise<Result> {
      const result = last.then(work, work)
      last = result.catch(() => {})
      return result
    },
  }
}

describe('a page with the cookie', () => {
  it('is signed in without ever reading a refresh token', async () => {
    const page = browser.page()
    const { user } = await page.signIn(ADA)
    aheadMs = HOUR_MS
    expect(await page.auth.me()).toEqual(user)
    expect(swaps).toBe(1)
    expect(browser.read.join()).toContain('accessToken')
    expect(browser.read.join()).not.toContain('refreshToken')
  })

  it('is still signed in after it was loaded again, and swaps once for twenty calls at the same time', async () => {
    await browser.page().signIn(ADA)
    const again = browser.page()
    const answers = await Promise.all(Array.from({ length: 20 }, () => again.auth.me()))
    expect(answers.map(({ email }) => email)).toEqual(Array(20).fill(ADA.email))
    expect(swaps).toBe(1)
  })

  it.each([
    ['as on https', () => vi.stubGlobal('navigator', { locks: lockManager() })],
    [
      'as on plain http, where there are no Web Locks',
      () => {
        vi.stubGlobal('navigator', {})
        vi.stubGlobal('indexedDB', new IDBFactory())
      },
    ],
  ])('swaps after the other pages of the browser, so that none of them ends the login: %s', async (_, stub) => {
    stub()
    await browser.page().signIn(ADA)
    const pages = Array.from({ length: 5 }, () => browser.page())
    await Promise.all(pages.map((page) => page.auth.me()))
    aheadMs = HOUR_MS
    const answers = await Promise.all(pages.map((page) => page.auth.me()))
    expect(answers.map(({ email }) => email)).toEqual(Array(5).fill(ADA.email))
  })

  it('is nobody after signing out, also once loaded again, and does not ask again and again', async () => {
    const page = browser.page()
    await page.signIn(ADA)
    await page.signOut()
    await expect(page.auth.me()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    const again = browser.page()
    for (let calls = 0; calls < 3; calls += 1)
      await expect(again.auth.me()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(swaps).toBe(1)
    await again.signIn(ADA)
    expect(await again.auth.me()).toMatchObject({ email: ADA.email })
  })

  it('stays signed in when the server cannot be reached for a swap', async () => {
    await browser.page().signIn(ADA)
    const page = browser.page()
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    await expect(page.auth.me({ maxRetries: 0 })).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    expect(await page.auth.me()).toMatchObject({ email: ADA.email })
  })
})

describe('who changes the own password', () => {
  it.each([true, false])(
    'stays signed in, also for calls after the token of now (with the cookie: %s)',
    async (cookie) => {
      const mine = cookie ? browser.page() : createClient({ baseUrl })
      await mine.signIn(ADA)
      await mine.auth.changePassword({ password: ADA.password, newPassword: 'battery staple' })
      expect(await mine.auth.me()).toMatchObject({ email: ADA.email })
      aheadMs = HOUR_MS
      expect(await mine.auth.me()).toMatchObject({ email: ADA.email })
    },
  )
})
