import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createMemoryStore, type Store } from '@trunkline/core'
import { SignJWT } from 'jose'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createAuthenticator } from '../api.js'
import { ensureAdmin, retireFormerAdmins } from './ensure-admin.js'
import { LoginService } from './login.js'

const SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
const ADMIN = { name: 'Ada', email: 'Ada@Example.org', password: 'correct horse' }

let store: Required<Store>
let clock: { now: number }
let login: LoginService

beforeEach(async () => {
  store = createMemoryStore()
  await store.setup()
  await ensureAdmin(store.users, ADMIN)
  clock = { now: Date.parse('2026-01-01T00:00:00Z') }
  login = new LoginService(store, { jwtSecret: SECRET, now: () => clock.now })
})

const signIn = () => login.signIn({ email: 'ada@example.org', password: ADMIN.password }, { address: '127.0.0.1' })
const authenticate = (token: string) => login.authenticate({ headers: { authorization: `Bearer ${token}` } })

describe('signing in', () => {
  it('gives an access token of 15 minutes and the user without the hash', async () => {
    const result = await signIn()
    expect(result).toMatchObject({
      tokenType: 'Bearer',
      expiresAt: '2026-01-01T00:15:00.000Z',
      user: { email: 'Ada@Example.org', role: 'admin', sessionIds: '*', disabled: false },
    })
    expect(JSON.stringify(result)).not.toContain('argon2')
    expect(await authenticate(result.accessToken)).toEqual({
      userId: result.user.id,
      role: 'admin',
      sessionIds: '*',
      expiresAt: '2026-01-01T00:15:00.000Z',
    })
  })

  it('answers the same to a wrong password, an unknown e-mail and a disabled user', async () => {
    const refused = expect.objectContaining({ code: 'INVALID_CREDENTIALS' })
    await expect(login.signIn({ email: ADMIN.email, password: 'wrong' }, { address: undefined })).rejects.toEqual(
      refused,
    )
    await expect(login.signIn({ email: 'nobody@example.org', password: 'x' }, { address: undefined })).rejects.toEqual(
      refused,
    )
    const { user } = await signIn()
    await store.users.update(user.id, { disabled: true })
    await expect(signIn()).rejects.toEqual(refused)
  })

  it('is throttled by all processes of a store together', async () => {
    const throttle = { perAccount: 4, perAddress: 50, windowMs: 60_000 }
    const processes = [1, 2].map(() => createAuthenticator(store, { jwtSecret: SECRET, throttle }) as LoginService)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        processes[n % 2]?.signIn({ email: ADMIN.email, password: 'wrong' }, { address: '10.0.0.1' }),
      ),
    )
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)
    expect(codes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(4)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(4)
  })

  it('is throttled by account, and not for ever', async () => {
    const throttled = new LoginService(store, {
      jwtSecret: SECRET,
      throttle: { perAccount: 3, perAddress: 50, windowMs: 1_000 },
    })
    const wrong = () => throttled.signIn({ email: ADMIN.email, password: 'wrong' }, { address: '10.0.0.1' })
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, wrong))
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)
    expect(codes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(3)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(2)

    const right = { email: ADMIN.email, password: ADMIN.password }
    await throttled.signIn(right, { address: '10.0.0.2' })
    await vi.waitFor(() => throttled.signIn(right, { address: '10.0.0.1' }), { timeout: 30_000, interval: 100 })
  })
})

describe('access tokens', () => {
  it('end with their time, and with their user', async () => {
    const { accessToken, user } = await signIn()
    clock.now += 15 * 60_000 + 1000
    expect(await authenticate(accessToken)).toBeUndefined()
    clock.now -= 60_000
    expect(await authenticate(accessToken)).toBeDefined()
    // Its signature is remembered by now; the time is not.
    clock.now += 60_000
    expect(await authenticate(accessToken)).toBeUndefined()
    clock.now -= 15 * 60_000 + 61_000 + 61_000
    expect(await authenticate(accessToken)).toBeUndefined()
    clock.now += 14 * 60_000
    expect(await authenticate(accessToken)).toBeDefined()
    await store.users.update(user.id, { disabled: true })
    expect(await authenticate(accessToken)).toBeUndefined()
  })

  it.each([
    ['without a signature (alg none)', (claims: Claims) => unsigned(claims)],
    [
      'signed with another secret',
      (claims: Claims) => sign(claims, { secret: 'another-secret-of-thirty-two-bytes!!!!' }),
    ],
    ['signed with HS512', (claims: Claims) => sign(claims, { alg: 'HS512' })],
    ['signed with RS256', (claims: Claims) => signRs256(claims)],
    ['signed with a public key as the secret', (claims: Claims) => signWithPublicKey(claims)],
    ['of another type', (claims: Claims) => sign(claims, { typ: 'JWT' })],
    ['of another issuer', (claims: Claims) => sign({ ...claims, iss: 'somebody' })],
    ['for another audience', (claims: Claims) => sign({ ...claims, aud: 'somebody' })],
    ['that has ended', (claims: Claims) => sign({ ...claims, exp: claims.iat - 1 })],
    ['without an end', ({ exp: _, ...claims }: Claims) => sign(claims)],
    ['of logins that were ended', (claims: Claims) => sign({ ...claims, epoch: 1 })],
    ['of no epoch', ({ epoch: _, ...claims }: Claims) => sign(claims)],
    ['without a subject', ({ sub: _, ...claims }: Claims) => sign(claims)],
    ['of a user who does not exist', (claims: Claims) => sign({ ...claims, sub: 'nobody' })],
    ['whose kid is a path', (claims: Claims) => sign(claims, { kid: '../../dev/null', secret: '\0'.repeat(32) })],
    ['whose subject is a query', (claims: Claims) => sign({ ...claims, sub: { $gt: '' } })],
    ['whose subject is a list', (claims: Claims) => sign({ ...claims, sub: [claims.sub] })],
    ['whose subject is a number', (claims: Claims) => sign({ ...claims, sub: 42 })],
    ['whose subject is empty', (claims: Claims) => sign({ ...claims, sub: '' })],
    ['whose subject is long', (claims: Claims) => sign({ ...claims, sub: 'x'.repeat(5_000) })],
    ['whose subject is no text that can be written', (claims: Claims) => sign({ ...claims, sub: '\ud83d' })],
    ['made a day ahead', (claims: Claims) => sign({ ...claims, iat: claims.iat + 86_400, exp: claims.exp + 86_400 })],
    ['made at a text', (claims: Claims) => sign({ ...claims, iat: 'yesterday' })],
    ['that end at a text', (claims: Claims) => sign({ ...claims, exp: '2099-01-01' })],
    ['that end when no calendar has a day', (claims: Claims) => sign({ ...claims, exp: 1e300 })],
    ['that end before they were made', (claims: Claims) => sign({ ...claims, iat: claims.exp + 1 })],
    ['whose id is an object', (claims: Claims) => sign({ ...claims, jti: {} })],
    ['that is no token at all', () => 'nonsense'],
  ])('are refused when they are %s', async (_, forge) => {
    const { user } = await signIn()
    const iat = Math.floor(clock.now / 1000)
    const claims: Claims = { sub: user.id, iss: 'trunkline', aud: 'trunkline', epoch: 0, iat, exp: iat + 60 }
    expect(await authenticate(await sign(claims))).toBeDefined()
    expect(await authenticate(await forge(claims))).toBeUndefined()
  })

  it.each([{}, { authorization: 'Basic YTpi' }, { authorization: ['Bearer a', 'Bearer b'] }])(
    'are not found in the headers %j',
    async (headers) => {
      expect(await login.authenticate({ headers })).toBeUndefined()
    },
  )

  it('need a secret that cannot be guessed', () => {
    expect(() => new LoginService(store, { jwtSecret: 'short' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
    expect(() => new LoginService(store, { jwtSecret: '', allowShortSecret: true })).toThrow()
    new LoginService(store, { jwtSecret: 'short', allowShortSecret: true })
  })
})

describe('refresh tokens', () => {
  const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' })

  it('are swapped for new ones', async () => {
    const first = await signIn()
    clock.now += 60_000
    const second = await login.refresh(first.refreshToken)
    expect(second.refreshToken).not.toBe(first.refreshToken)
    expect(second.expiresAt).toBe('2026-01-01T00:16:00.000Z')
    await login.refresh(second.refreshToken)
  })

  it('end the whole login when one is used twice', async () => {
    const first = await signIn()
    const second = await login.refresh(first.refreshToken)
    await expect(login.refresh(first.refreshToken)).rejects.toEqual(refused)
    await expect(login.refresh(second.refreshToken)).rejects.toEqual(refused)
    await login.refresh((await signIn()).refreshToken)
  })

  it('give one winner when the same one is used at the same time', async () => {
    const { refreshToken } = await signIn()
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => login.refresh(refreshToken)))
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
  })

  it('end with their time, with signing out, and with the user', async () => {
    const expired = await signIn()
    clock.now += 30 * 24 * 60 * 60_000 + 1000
    await expect(login.refresh(expired.refreshToken)).rejects.toEqual(refused)

    const ended = await signIn()
    await login.signOut(ended.refreshToken)
    await login.signOut(ended.refreshToken)
    await expect(login.refresh(ended.refreshToken)).rejects.toEqual(refused)

    const disabled = await signIn()
    await store.users.update(disabled.user.id, { disabled: true })
    await expect(login.refresh(disabled.refreshToken)).rejects.toEqual(refused)
  })

  it.each(['', 'x', 'x.y', '.', 'a.b.c'])('that were never given out (%j) are refused', async (token) => {
    await expect(login.refresh(token)).rejects.toEqual(refused)
    await login.signOut(token)
  })
})

describe('ensureAdmin', () => {
  it('changes nothing when all is as it should be', async () => {
    expect(await ensureAdmin(store.users, ADMIN)).toBe('unchanged')
  })

  it('makes the password the given one, enables the user, and ends the logins of the old password', async () => {
    const { user, refreshToken } = await signIn()
    await store.users.update(user.id, { disabled: true, role: 'viewer', sessionIds: [] })
    expect(await ensureAdmin(store.users, { ...ADMIN, password: 'new password' })).toBe('updated')
    expect(await store.users.get(user.id)).toMatchObject({ role: 'admin', sessionIds: '*', disabled: false })
    await expect(login.refresh(refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await login.signIn({ email: ADMIN.email, password: 'new password' }, { address: undefined })
  })

  it('marks the admin of the environment, and retires the one of before when another is named, and nobody else', async () => {
    const environment = { madeBy: 'environment' } as const
    expect(await ensureAdmin(store.users, { ...ADMIN, ...environment })).toBe('updated')
    const { user, accessToken } = await signIn()
    await ensureAdmin(store.users, { name: 'Eve', email: 'eve@example.org', password: 'made by a person' })
    const next = { name: 'Ben', email: 'ben@example.org', password: 'another password', ...environment }
    await ensureAdmin(store.users, next)
    expect(await retireFormerAdmins(store.users, next)).toEqual([user.id])
    expect(await retireFormerAdmins(store.users, next)).toEqual([])
    await expect(signIn()).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    expect(await authenticate(accessToken)).toBeUndefined()
    await login.signIn({ email: 'eve@example.org', password: 'made by a person' }, { address: undefined })
    await login.signIn({ email: next.email, password: next.password }, { address: undefined })
  })
})

interface Claims {
  [claim: string]: unknown
  sub: string
  iat: number
  exp: number
}

function sign(
  claims: object,
  { alg = 'HS256', typ = 'at+jwt', secret = SECRET, kid = undefined as string | undefined } = {},
) {
  const header = { alg, typ, ...(kid ? { kid } : {}) }
  return new SignJWT({ ...claims }).setProtectedHeader(header).sign(new TextEncoder().encode(secret))
}

function encode(value: object) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function unsigned(claims: object) {
  return `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`
}

function signRs256(claims: object) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' }).sign(privateKey)
}

function signWithPublicKey(claims: object) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const content = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(claims)}`
  const key = publicKey.export({ type: 'spki', format: 'pem' })
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`
}

describe('a store that keeps no users', () => {
  it('is refused by name where the own login is asked for, and is enough for a host with a login of its own', async () => {
    const { users: _, ...others } = createMemoryStore()
    const rest: Store = others
    const refused = { code: 'CONFIG_INVALID', details: { errors: [{ field: 'authenticator' }] } }
    await expect(ensureAdmin(rest.users, ADMIN)).rejects.toMatchObject(refused)
    expect(() => createAuthenticator(rest, { jwtSecret: SECRET })).toThrow('the store keeps no users')
    const authenticator = { authenticate: async () => ({ userId: 'host', role: 'admin', sessionIds: '*' }) as const }
    expect(createAuthenticator(rest, { authenticator })).toBe(authenticator)
  })
})
