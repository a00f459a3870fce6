import { ALICE, BOB, BOB_LID, message, user } from '@trunkline/conformance/fixtures'
import { type ScriptedConnection, ScriptedConnector } from '@trunkline/conformance/testing'
import { type ErrorCode, errorCodesOf, ROUTES, type Route, type RouteName } from '@trunkline/contract'
import {
  createMemoryNetwork,
  createMemoryStore,
  MultiSessionManager,
  type Store,
  systemClock,
  TrunklineError,
} from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi, ensureAdmin } from '../src/index.js'
import { CALLERS, exampleOf, hostApi, isOfOwnLogin, problemOf, send, silent } from './harness.js'

// The other half of what `call` checks: each code that a route declares is answered by it here, so that the table promises nothing
// that cannot happen.

const ASKS_USERS_ONLY = { MANAGER_CLOSED: 'asks the users only' }

/** Declared by kind of route, and impossible for this one. */
const IMPOSSIBLE: Partial<Record<RouteName, Partial<Record<ErrorCode, string>>>> = {
  me: { ...ASKS_USERS_ONLY, FORBIDDEN: 'takes any login' },
  listAudit: { MANAGER_CLOSED: 'asks the audit log only' },
  changePassword: ASKS_USERS_ONLY,
  listKeys: ASKS_USERS_ONLY,
  createKey: ASKS_USERS_ONLY,
  deleteKey: ASKS_USERS_ONLY,
  listUsers: ASKS_USERS_ONLY,
  createUser: ASKS_USERS_ONLY,
  getUser: ASKS_USERS_ONLY,
  updateUser: ASKS_USERS_ONLY,
  deleteUser: ASKS_USERS_ONLY,
  runMaintenance: {
    INTERNAL: 'tells what went wrong in the step',
    STORE_UNAVAILABLE: 'the same',
    STORE_FULL: 'the same',
  },
  version: { INTERNAL: 'asks nothing that could fail' },
  openApi: { INTERNAL: 'asks nothing that could fail' },
  docs: { INTERNAL: 'asks nothing that could fail' },
}

const routes = Object.entries(ROUTES) as [RouteName, Route][]
const produced = new Map<RouteName, Set<ErrorCode>>(routes.map(([name]) => [name, new Set()]))
const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse' }
const JWT = { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent }

let store: Store
let connector: ScriptedConnector
let manager: MultiSessionManager
let open: MultiSessionManager[]

beforeEach(async () => {
  open = []
  store = createMemoryStore()
  connector = new ScriptedConnector()
  manager = manage({ store })
  await manager.create({ id: 'own', start: false })
})
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
})

function manage(options: ConstructorParameters<typeof MultiSessionManager>[0]): MultiSessionManager {
  const made = new MultiSessionManager({ logger: silent, connector, connectsPerSecond: 1_000, ...options })
  open.push(made)
  return made
}

interface Asked {
  as?: string
  headers?: Record<string, string>
  body?: unknown
  target?: string
  api?: Api
}

/** Asks a route, expects the code, and notes that it can be answered. */
async function expectCode(name: RouteName, code: ErrorCode, asked: Asked = {}): Promise<void> {
  const example = exampleOf(name, 'own')
  const api = asked.api ?? (isOwn(name) ? createApi(manager, JWT) : hostApi(manager))
  const { method, access } = ROUTES[name]
  const as = 'as' in asked ? asked.as : access === 'public' ? undefined : 'admin'
  const answer = await send(api, method, asked.target ?? example.target, {
    ...(as ? { as } : {}),
    body: 'body' in asked ? asked.body : example.body,
    ...(asked.headers ? { headers: asked.headers } : {}),
  })
  expect([name, problemOf(answer).code]).toEqual([name, code])
  produced.get(name)?.add(code)
}

const isOwn = (name: RouteName) => isOfOwnLogin(ROUTES[name])
const hosted = routes.filter(([name]) => !isOwn(name))
const ownBehindLogin = routes.filter(([name, { access }]) => isOwn(name) && access !== 'public')

async function signIn(): Promise<Record<string, string>> {
  await ensureAdmin(store.users, { name: 'Ada', ...CREDENTIALS })
  const { body } = await send(createApi(manager, JWT), 'POST', '/auth/login', { body: CREDENTIALS })
  return { authorization: `Bearer ${(body as { accessToken: string }).accessToken}` }
}

/** A store of which every call rejects. */
function failing(error: Error): Store {
  const port = (target: object): object =>
    new Proxy(target, { get: (_, name) => (name === 'then' ? undefined : () => Promise.reject(error)) })
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'object' && value !== null ? port(value) : async () => undefined
    },
  })
}

/** Linked and connected. */
async function connected(): Promise<ScriptedConnection> {
  await manager.startSession('own')
  await connection()
  await connector.last.qr()
  await connector.last.pair()
  await connection()
  await connector.last.opened()
  return connector.last
}

/** The session's connection is made behind `startSession`, and reads its credentials before anything else. */
async function connection(): Promise<ScriptedConnection> {
  const before = connector.connections.length
  while (connector.open.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(connector.connections.length).toBeGreaterThanOrEqual(before)
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  return connector.last
}

describe.each(hosted)('%s answers what every route of its kind may', (name, route) => {
  const codes = errorCodesOf(route)
  const may = (code: ErrorCode) => codes.includes(code) && IMPOSSIBLE[name]?.[code] === undefined

  it('to bad requests', async () => {
    const { target } = exampleOf(name, 'own')
    await expectCode(name, 'VALIDATION_FAILED', { target: `${target}${target.includes('?') ? '&' : '?'}colour=red` })
    await expectCode(name, 'NOT_ACCEPTABLE', { headers: { accept: 'audio/ogg' } })
    if (may('UNAUTHENTICATED')) await expectCode(name, 'UNAUTHENTICATED', { as: undefined })
    if (may('SESSION_NOT_FOUND'))
      await expectCode(name, 'SESSION_NOT_FOUND', { ...exampleOf(name, 'missing'), as: 'tenant' })
    if (may('FORBIDDEN')) {
      const authenticator = { authenticate: async () => ({ ...CALLERS.admin, role: 'guest' }) as never }
      await expectCode(name, 'FORBIDDEN', { api: createApi(manager, { authenticator, logger: silent }) })
    }
    if (may('PAYLOAD_TOO_LARGE')) await expectBodies(name)
  })

  it('while something is wrong inside', async () => {
    if (may('INTERNAL')) await expectCode(name, 'INTERNAL', { api: apiOn(new Error('a mistake')) })
    for (const code of ['STORE_UNAVAILABLE', 'STORE_FULL'] as const)
      if (may(code)) await expectCode(name, code, { api: apiOn(new TrunklineError(code)) })
    if (!may('MANAGER_CLOSED')) return
    await manager.close()
    await expectCode(name, 'MANAGER_CLOSED')
  })

  function apiOn(error: Error): Api {
    return hostApi(manage({ store: failing(error) }))
  }
})

/** Bodies that are too large, of another kind, or do not come. */
async function expectBodies(name: RouteName, headers: Record<string, string> = {}): Promise<void> {
  const json = { 'content-type': 'application/json', ...headers }
  const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
  const clock = {
    now: Date.now,
    monotonic: () => 0,
    setTimeout(callback: () => void) {
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    },
  }
  const authenticator = { authenticate: async () => CALLERS.admin }
  const options = isOwn(name) ? JWT : { authenticator, logger: silent }
  const api = createApi(manager, { ...options, clock })
  const { target } = exampleOf(name, 'own')
  const ask = async (body: unknown, more: Record<string, string>) => {
    const query = new URLSearchParams(target.split('?')[1])
    const path = target.split('?')[0] ?? ''
    const answer = await api.handle({ method: ROUTES[name].method, path, query, headers: { ...json, ...more }, body })
    const { code } = problemOf({ ...answer, body: JSON.parse(String(answer.body)) })
    produced.get(name)?.add(code)
    return code
  }
  expect(await ask(stuck, { 'content-length': '30000000' })).toBe('PAYLOAD_TOO_LARGE')
  expect(await ask(stuck, {})).toBe('REQUEST_TIMEOUT')
  expect(await ask('a=b', { 'content-type': 'text/plain' })).toBe('UNSUPPORTED_MEDIA_TYPE')
}

describe("the routes of Trunkline's own login", () => {
  it.each(['login', 'refresh', 'signOut'] as const)('%s answers what it may', async (name) => {
    await ensureAdmin(store.users, { name: 'Ada', ...CREDENTIALS })
    await expectCode(name, 'VALIDATION_FAILED', { target: `${ROUTES[name].path}?colour=red` })
    await expectCode(name, 'NOT_ACCEPTABLE', { headers: { accept: 'text/html' } })
    await expectBodies(name)
    for (const [code, error] of [
      ['INTERNAL', new Error('a mistake')],
      ['STORE_UNAVAILABLE', new TrunklineError('STORE_UNAVAILABLE')],
      ['STORE_FULL', new TrunklineError('STORE_FULL')],
    ] as const) {
      await expectCode(name, code, { api: createApi(manage({ store: failing(error) }), JWT) })
    }
  })

  it('answer for whom they do not know', async () => {
    await ensureAdmin(store.users, { name: 'Ada', ...CREDENTIALS })
    const throttle = { perAccount: 1, perAddress: 9, windowMs: 60_000 }
    const api = createApi(manager, { ...JWT, throttle })
    const body = { ...CREDENTIALS, password: 'wrong' }
    await expectCode('login', 'INVALID_CREDENTIALS', { api, body })
    await expectCode('login', 'RATE_LIMITED', { api, body })
    await expectCode('refresh', 'UNAUTHENTICATED')
    const cookie = { cookie: 'trunkline_refresh=x' }
    await expectCode('refresh', 'FORBIDDEN', { headers: cookie, body: {} })
    await expectCode('signOut', 'FORBIDDEN', { headers: cookie, body: {} })
  })

  it.each(ownBehindLogin)('%s answers what it may', async (name, route) => {
    const headers = await signIn()
    const { target } = exampleOf(name, 'own')
    await expectCode(name, 'UNAUTHENTICATED', { as: undefined })
    await expectCode(name, 'VALIDATION_FAILED', { headers, target: `${target}?colour=red` })
    await expectCode(name, 'NOT_ACCEPTABLE', { headers: { ...headers, accept: 'text/html' } })
    if (route.method !== 'GET') await expectBodies(name, headers)
    for (const [code, error] of [
      ['INTERNAL', new Error('a mistake')],
      ['STORE_UNAVAILABLE', new TrunklineError('STORE_UNAVAILABLE')],
      ...(route.method === 'GET' ? [] : [['STORE_FULL', new TrunklineError('STORE_FULL')] as const]),
    ] as const) {
      await expectCode(name, code, { headers, api: createApi(manage({ store: failing(error) }), JWT) })
    }
    if (route.access === 'signed-in') return
    const ada = await store.users?.findByEmail(CREDENTIALS.email)
    await store.users?.update(ada?.id ?? '', { role: 'viewer' })
    await expectCode(name, 'FORBIDDEN', { headers })
  })

  it('say what is wrong with users', async () => {
    const headers = await signIn()
    const { id = '' } = (await store.users?.findByEmail(CREDENTIALS.email)) ?? {}
    const body = { ...(exampleOf('createUser', 'own').body as object), email: CREDENTIALS.email }
    await expectCode('createUser', 'EMAIL_IN_USE', { headers, body })
    for (const name of ['getUser', 'updateUser', 'deleteUser'] as const) {
      await expectCode(name, 'USER_NOT_FOUND', { headers })
    }
    const target = `/users/${id}`
    await expectCode('updateUser', 'LAST_ADMIN', { headers, target, body: { role: 'viewer' } })
    await expectCode('deleteUser', 'LAST_ADMIN', { headers, target })
    await store.users?.insert(user('ben'))
    await expectCode('updateUser', 'EMAIL_IN_USE', { headers, target, body: { email: 'ben@example.com' } })
  })

  it('say that a key is not there, and that a key is no person', async () => {
    const headers = await signIn()
    await expectCode('deleteKey', 'API_KEY_NOT_FOUND', { headers })
    const { body } = await send(createApi(manager, JWT), 'POST', '/keys', {
      headers,
      body: { name: 'Machine', permissions: ['sessions:read'] },
    })
    await expectCode('changePassword', 'FORBIDDEN', {
      as: undefined,
      headers: { 'x-api-key': (body as { key: string }).key },
    })
  })

  it('know the password of now, and hash a few at a time', async () => {
    const headers = await signIn()
    const body = { password: 'wrong', newPassword: 'battery staple' }
    const api = createApi(manager, { ...JWT, throttle: { perAccount: 1, perAddress: 9, windowMs: 60_000 } })
    await expectCode('changePassword', 'INVALID_CREDENTIALS', { api, headers, body })
    await expectCode('changePassword', 'RATE_LIMITED', { api, headers, body })
    await store.users?.insert(user('ben'))
    const busy = createApi(manager, JWT)
    const asked = { api: busy, headers, target: '/users/ben', body: { password: 'correct horse' } }
    const many = Array.from({ length: 60 }, () => send(busy, 'PATCH', asked.target, asked))
    await Promise.all([
      expectCode('createUser', 'RATE_LIMITED', { api: busy, headers }),
      expectCode('updateUser', 'RATE_LIMITED', asked),
    ])
    await Promise.all(many)
  })
})

describe('sessions', () => {
  it('that cannot be made say why', async () => {
    await expectCode('createSession', 'SESSION_ID_IN_USE')
    const api = hostApi(manage({ store, maxSessions: 1 }))
    await expectCode('createSession', 'SESSION_LIMIT_REACHED', { api, body: { id: 'second', start: false } })
  })

  it('are maintained by settings that somebody else has changed, or that the store does not keep', async () => {
    const body = { revision: 7, settings: {} }
    await expectCode('updateMaintenance', 'SETTINGS_CHANGED_MEANWHILE', { body })
    const { installation: _, ...rest } = createMemoryStore()
    await expectCode('updateMaintenance', 'SETTINGS_NOT_KEPT', { api: hostApi(manage({ store: rest })) })
  })

  it('that others keep changing say so', async () => {
    const sessions = { ...store.sessions, update: async () => undefined }
    const api = hostApi(manage({ store: { ...store, sessions } }))
    for (const name of ['updateSession', 'pauseQueue', 'resumeQueue'] as const)
      await expectCode(name, 'SESSION_BUSY', { api })
  })

  it.each(routes.filter(([, { errors }]) => errors.includes('LEASE_HELD')))(
    'that another node runs are not touched by %s',
    async (name) => {
      await store.messages.upsert('own', [withFile()])
      await store.leases.acquire('own', { owner: 'other', ttlMs: 60_000 })
      await expectCode(name, 'LEASE_HELD', { api: hostApi(manage({ store, clock: hurried })) })
    },
  )

  it.each(routes.filter(([, { errors }]) => errors.includes('LEASE_HELD')))(
    'that run on a node that cannot be reached are not touched by %s',
    async (name) => {
      await store.messages.upsert('own', [withFile()])
      await store.leases.acquire('own', { owner: 'other', ttlMs: 60_000 })
      const bus = createMemoryNetwork().bus()
      bus.reach(false)
      await expectCode(name, 'CLUSTER_UNREACHABLE', {
        api: hostApi(manage({ store, clock: hurried, cluster: { bus } })),
      })
    },
  )

  it.each(routes.filter(([, route]) => errorCodesOf(route).includes('LEASE_UNSURE')))(
    'that another node may have by now are not touched by %s',
    async (name) => {
      await store.messages.upsert('own', [withFile()])
      let aheadMs = 0
      const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs }
      const leases = { ...store.leases, renew: () => Promise.reject(new Error('away')) }
      const unsure = manage({ store: { ...store, leases }, clock })
      await unsure.startSession('own')
      aheadMs = 12_000
      await expectCode(name, 'LEASE_UNSURE', { api: hostApi(unsure) })
    },
  )

  it('have no QR while they are stopped', () => expectCode('getQr', 'QR_NOT_AVAILABLE'))
})

/** Nobody waits ten seconds for a node that does not answer. */
const hurried = {
  ...systemClock,
  setTimeout: (callback: () => void, delayMs: number) => systemClock.setTimeout(callback, delayMs / 1_000),
}

describe('linking', () => {
  it('by code is refused where there is an account', async () => {
    await connected()
    await expectCode('requestPairingCode', 'SESSION_ALREADY_LINKED')
  })

  it('by code fails when WhatsApp gives none, and stops at a passkey', async () => {
    await manager.startSession('own')
    const { last } = { last: await connection() }
    await last.qr()
    last.onPairingCode = () => Promise.reject(new Error('WhatsApp says no'))
    await expectCode('requestPairingCode', 'PAIRING_CODE_FAILED')
    await last.emit({ type: 'passkey' })
    await expectCode('requestPairingCode', 'PASSKEY_REQUIRED')
  })
})

describe('nodes', () => {
  /** The node of the examples, which nothing brings a question to. */
  const join = (id = 'one') =>
    store.leases.join(
      { id, name: id, version: '1.0.0', startedAt: '2026-11-28T12:00:00.000Z', sessions: 1, draining: false },
      { ttlMs: 60_000 },
    )
  const isRunning = () => store.leases.acquire('own', { owner: 'one', ttlMs: 60_000 })

  it('that are not there are neither drained nor given a session', async () => {
    await expectCode('drainNode', 'NODE_NOT_FOUND')
    await isRunning()
    await expectCode('moveSession', 'NODE_NOT_FOUND')
  })

  it('that are joined by no bus cannot be told', async () => {
    await join()
    await join('two')
    await isRunning()
    await expectCode('drainNode', 'CLUSTER_UNREACHABLE')
    await expectCode('moveSession', 'CLUSTER_UNREACHABLE')
  })

  it('are given no session that none of them runs, and none where there is no other', async () => {
    await expectCode('moveSession', 'SESSION_NOT_CONNECTED')
    await join()
    await isRunning()
    await expectCode('moveSession', 'NODE_UNAVAILABLE', { body: {} })
  })
})

describe('webhooks', () => {
  const url = 'https://receiver.example/hooks'
  const ofWebhook = (id: string, rest = '') => ({ target: `/webhooks/${id}${rest}` })

  it('that are not there are not found', async () => {
    const names = routes.filter(([, { path }]) => path.startsWith('/webhooks/:')).map(([name]) => name)
    for (const name of names) await expectCode(name, 'WEBHOOK_NOT_FOUND')
  })

  it('of which there are enough, that others keep changing, or that lack what is asked for, say so', async () => {
    const { id, secrets } = await manager.webhooks.create({ url })
    const [only] = secrets
    await expectCode('deleteWebhookSecret', 'WEBHOOK_SECRET_NOT_FOUND', ofWebhook(id, `/secrets/${only?.id}`))
    await expectCode('redeliver', 'DELIVERY_NOT_FOUND', ofWebhook(id, '/deliveries/none/redeliver'))
    const second = await manager.webhooks.addSecret(id)
    await expectCode('createWebhookSecret', 'WEBHOOK_LIMIT_REACHED', ofWebhook(id, '/secrets'))
    const { webhooks } = store as Required<Store>
    const api = hostApi(manage({ store: { ...store, webhooks: { ...webhooks, replace: async () => false } } }))
    await expectCode('updateWebhook', 'WEBHOOK_BUSY', { api, ...ofWebhook(id) })
    await expectCode('deleteWebhookSecret', 'WEBHOOK_BUSY', { api, ...ofWebhook(id, `/secrets/${second.id}`) })
    await manager.webhooks.removeSecret(id, second.id)
    await expectCode('createWebhookSecret', 'WEBHOOK_BUSY', { api, ...ofWebhook(id, '/secrets') })
    for (let made = 1; made < 100; made += 1) await manager.webhooks.create({ url, enabled: false })
    await expectCode('createWebhook', 'WEBHOOK_LIMIT_REACHED')
  })
})

describe('messages', () => {
  const body = { to: '15550000009', text: 'hello' }

  it('are not sent by a session that is not connected', () =>
    expectCode('sendMessage', 'SESSION_NOT_CONNECTED', { body }))

  it('are not sent to nobody', async () => {
    const whatsapp = await connected()
    await expectCode('sendMessage', 'RECIPIENT_INVALID', { body: { ...body, to: 'nobody' } })
    whatsapp.onLookUp = () => undefined
    await expectCode('sendMessage', 'RECIPIENT_NOT_ON_WHATSAPP', { body })
    whatsapp.onLookUp = () => {
      throw new TrunklineError('CONNECTION_LOST')
    }
    await expectCode('sendMessage', 'CONNECTION_LOST', { body: { ...body, to: '15550000008' } })
  })

  it('that fail say how', async () => {
    const whatsapp = await connected()
    await expectCode('sendMessage', 'MESSAGE_NOT_FOUND', { body: { ...body, quotedMessageId: 'none' } })
    await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE }), message({ id: 'M1', chatId: BOB })])
    const forward = { to: body.to, type: 'forward', messageId: 'M1' }
    await expectCode('sendMessage', 'MESSAGE_ID_AMBIGUOUS', { body: forward })
    whatsapp.onPrepare = () =>
      Promise.reject(new TrunklineError('MESSAGE_NOT_FORWARDABLE', { details: { messageId: 'M1' } }))
    await expectCode('sendMessage', 'MESSAGE_NOT_FORWARDABLE', { body: { ...forward, chatId: BOB } })
    whatsapp.onPrepare = async () => {}
    whatsapp.onSend = async ({ id }) =>
      void whatsapp.emit({ type: 'ack', id, error: { code: '479', message: 'WhatsApp says no' } })
    await expectCode('sendMessage', 'MESSAGE_REFUSED', { body })
    whatsapp.onSend = () => Promise.reject(new Error('cannot be encrypted'))
    await expectCode('sendMessage', 'MESSAGE_FAILED', { body })
    for (const code of ['GROUP_NOT_FOUND', 'GROUP_FORBIDDEN'] as const) {
      whatsapp.onSend = () => Promise.reject(new TrunklineError(code))
      await expectCode('sendMessage', code, { body })
    }
    whatsapp.onSend = async ({ id }) => void whatsapp.emit({ type: 'ack', id })
    const once = { ...body, clientMessageId: 'c' }
    expect((await send(hostApi(manager), 'POST', '/sessions/own/messages', { as: 'admin', body: once })).status).toBe(
      201,
    )
    await expectCode('sendMessage', 'IDEMPOTENCY_CONFLICT', { body: { ...once, text: 'another' } })
  })

  it('with a file that cannot be fetched, is too large, is none of its kind or cannot be uploaded are not sent', async () => {
    manager = manage({ store, urlAllow: ['127.0.0.1'] })
    const whatsapp = await connected()
    const file = (type: string, media: object) => ({ body: { to: body.to, type, media } })
    await expectCode('sendMessage', 'URL_REFUSED', file('image', { url: 'http://10.0.0.1/a.png' }))
    await expectCode('sendMessage', 'URL_FAILED', file('image', { url: 'http://127.0.0.1:1/a.png' }))
    const tooLarge = Buffer.alloc(1024 * 1024 + 1).toString('base64')
    await expectCode('sendMessage', 'PAYLOAD_TOO_LARGE', file('sticker', { data: tooLarge }))
    await expectCode('sendMessage', 'UNSUPPORTED_MEDIA_TYPE', file('image', { data: 'aGVsbG8=' }))
    whatsapp.upload = () => Promise.reject(new TrunklineError('MEDIA_UPLOAD_FAILED'))
    await expectCode('sendMessage', 'MEDIA_UPLOAD_FAILED', file('document', { data: 'aGVsbG8=' }))
    expect((await manager.messages('own')).items).toEqual([])
  })

  it('are not sent for a caller who went away', async () => {
    await connected()
    const answer = await hostApi(manager).handle({
      method: 'POST',
      path: '/sessions/own/messages',
      query: new URLSearchParams(),
      headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.abort(),
    })
    const { code } = problemOf({ ...answer, body: JSON.parse(String(answer.body)) })
    expect(code).toBe('OPERATION_ABORTED')
    produced.get('sendMessage')?.add(code)
  })

  it('and chats that are not there are not found', async () => {
    await expectCode('getMessage', 'MESSAGE_NOT_FOUND')
    await expectCode('getChat', 'CHAT_NOT_FOUND')
    await expectCode('getContact', 'CONTACT_NOT_FOUND')
    await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE }), message({ id: 'M1', chatId: BOB })])
    await expectCode('getMessage', 'MESSAGE_ID_AMBIGUOUS')
  })

  it.each(['reactToMessage', 'voteInPoll', 'respondToEvent', 'editMessage', 'deleteMessage'] as const)(
    'that are there say why %s fails',
    async (name) => {
      await expectCode(name, 'MESSAGE_NOT_FOUND')
      await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE }), message({ id: 'M1', chatId: BOB })])
      await expectCode(name, 'MESSAGE_ID_AMBIGUOUS')
      const { target } = exampleOf(name, 'own')
      await expectCode(name, 'RECIPIENT_INVALID', { target: `${target}?chatId=nobody` })
      const sent = { chatId: BOB_LID, fromMe: true, status: 'sent', timestamp: new Date().toISOString() } as const
      const raw = Buffer.from('raw')
      const poll = { question: 'When?', options: [{ name: 'today', voters: [] }], selectableCount: 1 }
      await store.messages.upsert(
        'own',
        ['G', 'M'].map((id) => message({ ...sent, id, raw, poll, event: { name: 'Lunch' } })),
      )
      await store.messages.change('own', { id: 'G' }, { kind: 'delete', at: new Date().toISOString() })
      const about = (id: string) => ({ target: `${target.replace('M1', id)}?chatId=${BOB_LID}` })
      await expectCode(name, 'SESSION_NOT_CONNECTED', about('M'))
      const whatsapp = await connected()
      await expectCode(name, 'MESSAGE_NOT_CHANGEABLE', about('G'))
      await expectRefusals(name, whatsapp, about('M'))
    },
  )

  it('are not queued for a session without an account, and not canceled but while they are queued', async () => {
    await expectCode('sendBatch', 'SESSION_NOT_CONNECTED')
    await expectCode('cancelMessage', 'MESSAGE_NOT_FOUND')
    await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE }), message({ id: 'M1', chatId: BOB })])
    await expectCode('cancelMessage', 'MESSAGE_ID_AMBIGUOUS')
    const { target } = exampleOf('cancelMessage', 'own')
    await expectCode('cancelMessage', 'RECIPIENT_INVALID', { target: `${target}?chatId=nobody` })
    await expectCode('cancelMessage', 'MESSAGE_NOT_CHANGEABLE', { target: `${target}?chatId=${ALICE}` })
  })

  it('get no star from a session that cannot, or where WhatsApp takes none', async () => {
    await expectCode('starMessage', 'MESSAGE_NOT_FOUND')
    await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE }), message({ id: 'M1', chatId: BOB })])
    await expectCode('starMessage', 'MESSAGE_ID_AMBIGUOUS')
    const { target } = exampleOf('starMessage', 'own')
    const about = { target: `${target}?chatId=${ALICE}` }
    await expectCode('starMessage', 'RECIPIENT_INVALID', { target: `${target}?chatId=nobody` })
    await expectCode('starMessage', 'SESSION_NOT_CONNECTED', about)
    const whatsapp = await connected()
    for (const error of CHANGE_ERRORS) {
      whatsapp.onChangeChat = () => Promise.reject(error)
      await expectCode('starMessage', error.code, about)
      if (error.code === 'CHAT_CHANGE_FAILED') {
        const removal = { target: `${exampleOf('deleteMessage', 'own').target}?chatId=${ALICE}&for=me` }
        await expectCode('deleteMessage', error.code, removal)
      }
    }
  })

  it('are not looked for in what is no chat', async () => {
    await expectCode('getMessage', 'RECIPIENT_INVALID', { target: '/sessions/own/messages/M1?chatId=nobody' })
    await expectCode('listMessages', 'RECIPIENT_INVALID', { target: '/sessions/own/messages?chatId=nobody' })
    await expectCode('listChatMessages', 'RECIPIENT_INVALID', { target: '/sessions/own/chats/nobody/messages' })
    await expectCode('getChat', 'RECIPIENT_INVALID', { target: '/sessions/own/chats/nobody' })
    await expectCode('getContact', 'RECIPIENT_INVALID', { target: '/sessions/own/contacts/nobody' })
  })
})

/** What becomes of what is done by a message. */
async function expectRefusals(name: RouteName, whatsapp: ScriptedConnection, asked: Asked = {}): Promise<void> {
  whatsapp.onSend = async ({ id }) =>
    void whatsapp.emit({ type: 'ack', id, error: { code: '479', message: 'WhatsApp says no' } })
  await expectCode(name, 'MESSAGE_REFUSED', asked)
  whatsapp.onSend = () => Promise.reject(new Error('cannot be encrypted'))
  await expectCode(name, 'MESSAGE_FAILED', asked)
  for (const code of ['GROUP_NOT_FOUND', 'GROUP_FORBIDDEN'] as const) {
    if (name === 'setChatDisappearing') break
    whatsapp.onSend = () => Promise.reject(new TrunklineError(code))
    await expectCode(name, code, asked)
  }
  whatsapp.onSend = async () => void whatsapp.end({ statusCode: 428, message: 'Connection Terminated' })
  await expectCode(name, 'CONNECTION_LOST', asked)
}

const CHANGE_ERRORS = [
  new TrunklineError('CHAT_CHANGE_FAILED', { details: { reason: '400' } }),
  new TrunklineError('CONNECTION_LOST'),
]
const CHAT_ACTIONS = routes.filter(
  ([, { path, method }]) => path.includes('Id/chats/:chatId') && method !== 'GET' && !path.includes('/labels/'),
)

describe.each(CHAT_ACTIONS)('%s', (name, { errors }) => {
  it('says why a chat cannot be changed', async () => {
    await expectCode(name, 'CHAT_NOT_FOUND')
    const target = exampleOf(name, 'own').target.replace('15550000009%40s.whatsapp.net', 'nobody')
    await expectCode(name, 'RECIPIENT_INVALID', { target })
    await store.messages.upsert('own', [message({ id: 'M1', chatId: '15550000009@s.whatsapp.net' })])
    await expectCode(name, 'SESSION_NOT_CONNECTED')
    const whatsapp = await connected()
    if (name === 'setChatDisappearing') return expectRefusals(name, whatsapp)
    for (const error of CHANGE_ERRORS.filter(({ code }) => errors.includes(code))) {
      whatsapp.onChangeChat = () => Promise.reject(error)
      await expectCode(name, error.code)
    }
  })
})

describe.each(routes.filter(([, { path, method }]) => path.includes('/labels') && method !== 'GET'))(
  '%s',
  (name, { errors }) => {
    const may = (code: ErrorCode) => (errors as readonly ErrorCode[]).includes(code)

    it('says why a label cannot be changed', async () => {
      const { target } = exampleOf(name, 'own')
      if (may('CHAT_NOT_FOUND')) {
        await expectCode(name, 'CHAT_NOT_FOUND')
        await expectCode(name, 'RECIPIENT_INVALID', {
          target: target.replace('15550000009%40s.whatsapp.net', 'nobody'),
        })
      }
      if (may('MESSAGE_NOT_FOUND')) {
        await expectCode(name, 'MESSAGE_NOT_FOUND')
        await expectCode(name, 'RECIPIENT_INVALID', { target: `${target}?chatId=nobody` })
        await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE }), message({ id: 'M1', chatId: BOB })])
        await expectCode(name, 'MESSAGE_ID_AMBIGUOUS')
      }
      await store.chats.upsert('own', [{ id: '15550000009@s.whatsapp.net' }])
      const about = may('MESSAGE_NOT_FOUND') ? { target: `${target}?chatId=${ALICE}` } : {}
      await expectCode(name, 'SESSION_NOT_CONNECTED', about)
      const whatsapp = await connected()
      if (may('LABEL_NOT_FOUND')) await expectCode(name, 'LABEL_NOT_FOUND', about)
      await store.chats.upsertLabels('own', [{ id: '7', name: 'New order', color: 3, deleted: false }])
      for (const error of CHANGE_ERRORS) {
        const refuse = () => Promise.reject(error)
        whatsapp.labels = { readAll: refuse, write: refuse, attach: refuse }
        await expectCode(name, error.code, about)
      }
    })
  },
)

describe('what WhatsApp refuses', () => {
  const asking = routes.filter(([, { errors }]) => errors.includes('WHATSAPP_REFUSED'))

  it.each(asking)('is told by %s', async (name, { errors }) => {
    await expectCode(name, 'SESSION_NOT_CONNECTED')
    const whatsapp = await connected()
    for (const code of errors.filter((one) => REFUSALS[one])) {
      whatsapp.groups = refusing(code)
      whatsapp.contacts = refusing(code)
      whatsapp.profile = refusing(code)
      whatsapp.newsletters = refusing(code)
      await expectCode(name, code)
    }
    if (errors.includes('RECIPIENT_INVALID')) {
      const { body } = exampleOf(name, 'own')
      const { target } = exampleOf(name, 'own')
      const asked = target.includes('/contacts/')
        ? { target: target.replace('15550000009', 'nobody') }
        : { body: { ...(body as object), participants: ['nobody'] } }
      await expectCode(name, 'RECIPIENT_INVALID', asked)
    }
  })
})

/** What the connection says of WhatsApp's answers. */
const REFUSALS: Partial<Record<ErrorCode, true>> = {
  CONNECTION_LOST: true,
  SERVICE_UNAVAILABLE: true,
  WHATSAPP_RATE_LIMITED: true,
  WHATSAPP_REFUSED: true,
  RECIPIENT_NOT_ON_WHATSAPP: true,
  PICTURE_INVALID: true,
  GROUP_NOT_FOUND: true,
  GROUP_FORBIDDEN: true,
  GROUP_CHANGED_MEANWHILE: true,
  GROUP_FULL: true,
  GROUP_INVITE_INVALID: true,
  CHAT_NOT_FOUND: true,
}

/** A part of a connection of which every call is refused. */
function refusing<Part extends object>(code: ErrorCode): Part {
  if (code === 'RECIPIENT_NOT_ON_WHATSAPP') return new Proxy({} as Part, { get: () => async () => [undefined] })
  const error =
    code === 'WHATSAPP_REFUSED'
      ? new TrunklineError(code, { details: { statusCode: 400 } })
      : new TrunklineError(code as 'GROUP_NOT_FOUND')
  return new Proxy({} as Part, { get: () => () => Promise.reject(error) })
}

/** A picture that nobody has fetched yet. */
function withFile() {
  const media = { mimetype: 'image/png', bytes: 6, sha256: 'ab'.repeat(32), state: 'remote' as const }
  return message({ id: 'M1', chatId: '15550000009@s.whatsapp.net', type: 'image', media, raw: Buffer.from([1]) })
}

describe('files', () => {
  const route = 'getMessageMedia'

  it('of messages that are not there, or are several, or have none', async () => {
    await expectCode(route, 'MESSAGE_NOT_FOUND')
    await expectCode(route, 'RECIPIENT_INVALID', { target: '/sessions/own/messages/M1/media?chatId=nobody' })
    await store.messages.upsert('own', [message({ id: 'M1', chatId: ALICE })])
    await expectCode(route, 'MEDIA_NOT_FOUND')
    await store.messages.upsert('own', [message({ id: 'M1', chatId: BOB })])
    await expectCode(route, 'MESSAGE_ID_AMBIGUOUS')
  })

  it('are not fetched by a session that is not connected', async () => {
    await store.messages.upsert('own', [withFile()])
    await expectCode(route, 'SESSION_NOT_CONNECTED')
  })

  it('that cannot be had say why', async () => {
    await store.messages.upsert('own', [withFile()])
    const whatsapp = await connected()
    for (const code of ['MEDIA_NOT_AVAILABLE', 'MEDIA_EXPIRED'] as const) {
      whatsapp.onDownload = () => failingChunks(new TrunklineError(code))
      whatsapp.onReupload = () => Promise.reject(new TrunklineError(code))
      await expectCode(route, code)
    }
    whatsapp.onDownload = async function* () {
      void whatsapp.end({ message: 'gone' })
      yield Buffer.from('a')
      await new Promise(() => undefined)
    }
    await expectCode(route, 'CONNECTION_LOST')
  })

  it('find no room', async () => {
    const { media } = store
    if (!media) throw new Error('the memory store keeps files')
    const full = { ...media, put: () => Promise.reject(new TrunklineError('STORE_FULL')) }
    manager = manage({ store: { ...store, media: full } })
    await store.messages.upsert('own', [withFile()])
    await connected()
    await expectCode(route, 'STORE_FULL')
  })

  it('are not fetched for a caller who went away', async () => {
    await store.messages.upsert('own', [withFile()])
    await connected()
    const { code } = problemOf(await get({}, AbortSignal.abort()))
    expect(code).toBe('OPERATION_ABORTED')
    produced.get(route)?.add(code)
  })

  it('are answered whole, in part, or not again', async () => {
    await store.messages.upsert('own', [withFile()])
    await connected()
    const whole = await get()
    expect(whole).toMatchObject({
      status: 200,
      body: 'a file',
      headers: {
        'content-type': 'image/png',
        'content-length': '6',
        'content-disposition': `inline; filename="M1"; filename*=UTF-8''M1`,
        'x-content-type-options': 'nosniff',
      },
    })
    const { etag = '' } = whole.headers
    expect(await get({ range: 'bytes=2-3' })).toMatchObject({ status: 206, body: 'fi' })
    expect(await get({ 'if-none-match': etag })).toMatchObject({ status: 304 })
    await expectCode(route, 'RANGE_NOT_SATISFIABLE', { headers: { range: 'bytes=6-' } })
    expect((await manager.message('own', { id: 'M1' })).media?.state).toBe('stored')
  })

  async function get(headers: Record<string, string> = {}, signal?: AbortSignal) {
    const answer = await hostApi(manager).handle({
      method: 'GET',
      path: '/sessions/own/messages/M1/media',
      query: new URLSearchParams(),
      headers: { authorization: 'Bearer admin', ...headers },
      ...(signal ? { signal } : {}),
    })
    const { body } = answer
    if (typeof body === 'object' && !(body instanceof Uint8Array)) return { ...answer, body: await textOf(body) }
    return { ...answer, body: typeof body === 'string' ? JSON.parse(body) : body }
  }
})

describe('pictures of people and groups', () => {
  const route = 'getContactPictureFile'

  async function shows(pictureBytes: () => AsyncIterable<Uint8Array>, picture: object = { url: 'https://a.example/' }) {
    const whatsapp = await connected()
    whatsapp.contacts = { ...whatsapp.contacts, picture: async () => ({ state: 'shown', ...picture }), pictureBytes }
  }

  it('that are not there, or cannot be had, say so', async () => {
    await shows(() => failingChunks(new TrunklineError('MEDIA_NOT_AVAILABLE')))
    await expectCode(route, 'MEDIA_NOT_AVAILABLE')
    await shows(() => failingChunks(new Error('never asked')), { state: 'none', url: undefined })
    await expectCode(route, 'PICTURE_NOT_FOUND')
  })

  it('are answered in part', async () => {
    await shows(async function* () {
      yield Buffer.from('a face')
    })
    await expectCode(route, 'RANGE_NOT_SATISFIABLE', { headers: { range: 'bytes=6-' } })
  })

  it('are not waited for by a caller who went away', async () => {
    const whatsapp = await connected()
    whatsapp.contacts = { ...whatsapp.contacts, picture: () => new Promise(() => undefined) }
    const { method, target } = { method: 'GET', target: exampleOf(route, 'own').target }
    const [path = '', query = ''] = target.replace(/^\/api/, '').split('?')
    const answer = await hostApi(manager).handle({
      method,
      path,
      query: new URLSearchParams(query),
      headers: { authorization: 'Bearer admin' },
      signal: AbortSignal.abort(),
    })
    const { code } = problemOf({ ...answer, body: JSON.parse(String(answer.body)) })
    expect(code).toBe('OPERATION_ABORTED')
    produced.get(route)?.add(code)
  })
})

async function* failingChunks(error: Error): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a')
  throw error
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += Buffer.from(chunk).toString()
  return text
}

it('declares nothing that was not answered above', () => {
  const missing = routes.flatMap(([name, route]) =>
    errorCodesOf(route)
      .filter((code) => !produced.get(name)?.has(code) && IMPOSSIBLE[name]?.[code] === undefined)
      // The limits of the server answer it for every route, and their own test shows it.
      .filter((code) => code !== 'RATE_LIMITED' || route.errors.includes(code))
      .map((code) => `${name} ${code}`),
  )
  expect(missing, 'declared and never answered').toEqual([])
})
