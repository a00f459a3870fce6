// What is said to be an access token, over HTTP: none of these opens anything, and none breaks anything.
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager, type Store } from '@trunkline/core'
import express from 'express'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createExpressAdapter } from '../src/index.js'

const SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
const ADA = { email: 'ada@example.org', password: 'correct horse' }
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let store: Required<Store>
let manager: MultiSessionManager
let http: Server
let url: string
let login: { accessToken: string; refreshToken: string; user: { id: string } }

beforeEach(async () => {
  store = createMemoryStore()
  manager = new MultiSessionManager({ store, logger: silent })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
  const app = express().use('/api', createExpressAdapter(manager, { jwtSecret: SECRET, logger: silent }))
  http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api`
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/auth/login`, { method: 'POST', headers, body: JSON.stringify(ADA) })
  login = (await answer.json()) as typeof login
})
afterEach(async () => {
  http.closeAllConnections()
  await new Promise((resolve) => http.close(resolve))
  await manager.close()
})

async function ask(token: string): Promise<{ status: number; code?: string }> {
  const answer = await fetch(`${url}/sessions`, { headers: { authorization: `Bearer ${token}` } })
  const { code } = (await answer.json()) as { code?: string }
  return { status: answer.status, ...(code === undefined ? {} : { code }) }
}

interface Forgery {
  header?: object
  claims?: object
  secret?: string | KeyObject
}

/** Right in everything that is not given. */
function forge({ header = {}, claims = {}, secret = SECRET }: Forgery = {}): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const right = { sub: login.user.id, iss: 'trunkline', aud: 'trunkline', epoch: 0, iat, exp: iat + 600 }
  const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  return new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header }).sign(key)
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const now = () => Math.floor(Date.now() / 1000)

const FORGERIES: [string, () => string | Promise<string>][] = [
  ['alg none', () => `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claimsOf(login.accessToken))}.`],
  [
    'alg None with the right signature',
    () => login.accessToken.replace(/^[^.]+/, encode({ alg: 'None', typ: 'at+jwt' })),
  ],
  ['no signature', () => login.accessToken.replace(/[^.]+$/, '')],
  ['RS256', () => forge({ header: { alg: 'RS256' }, secret: rsa.privateKey })],
  [
    'HS256 with a public key as its secret',
    () => {
      const content = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(claimsOf(login.accessToken))}`
      const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
      return `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`
    },
  ],
  ['HS512', () => forge({ header: { alg: 'HS512' } })],
  [
    'a key of its own in the header',
    () => forge({ header: { jwk: { kty: 'oct', k: 'AAAA' } }, secret: 'x'.repeat(32) }),
  ],
  ['another secret', () => forge({ secret: 'another-secret-of-thirty-two-bytes!!!!' })],
  ['an end that has passed', () => forge({ claims: { iat: now() - 900, exp: now() - 1 } })],
  ['a beginning that has not come', () => forge({ claims: { nbf: now() + 600 } })],
  ['a time of making that has not come', () => forge({ claims: { iat: now() + 600, exp: now() + 900 } })],
  ['no end', () => forge({ claims: { exp: undefined } })],
  ['another type', () => forge({ header: { typ: 'JWT' } })],
  ['no type', () => forge({ header: { typ: undefined } })],
  ['another issuer', () => forge({ claims: { iss: 'somebody' } })],
  ['another audience', () => forge({ claims: { aud: 'somebody' } })],
  ['somebody who does not exist', () => forge({ claims: { sub: 'nobody' } })],
  ['another epoch', () => forge({ claims: { epoch: 7 } })],
  [
    'changed claims',
    () => login.accessToken.replace(/\.[^.]+\./, `.${encode({ ...claimsOf(login.accessToken), sub: 'x' })}.`),
  ],
  ['a refresh token', () => login.refreshToken],
  ['an unknown extension that must be understood', () => forge({ header: { crit: ['x'], x: 1 } }).catch(() => 'a.b.c')],
  ['12 kB', () => `${login.accessToken}${'a'.repeat(12_000)}`],
  ['claims of 10 kB, well signed', () => forge({ claims: { sub: 'x'.repeat(7_000) } })],
  ['five parts', () => `${login.accessToken}.a.b`],
]

it.each(FORGERIES)('%s is answered 401, and the true token goes on', async (_, make) => {
  expect((await ask(await forge())).status).toBe(200)
  expect(await ask(await make())).toEqual({ status: 401, code: 'UNAUTHENTICATED' })
  expect((await ask(login.accessToken)).status).toBe(200)
})

it('a token of more than all headers may have ends in 431, before anybody looks at it', async () => {
  const answer = await fetch(`${url}/sessions`, { headers: { authorization: `Bearer ${'a'.repeat(100_000)}` } })
  expect(answer.status).toBe(431)
})

it.each([
  ['removed', () => store.users.remove(login.user.id)],
  ['disabled', () => store.users.update(login.user.id, { disabled: true })],
  ['signed out everywhere', () => store.users.update(login.user.id, { tokenEpoch: 1 })],
])('the token of a user who was %s is answered 401', async (_, act) => {
  await act()
  expect(await ask(login.accessToken)).toEqual({ status: 401, code: 'UNAUTHENTICATED' })
})
