// Users are disabled, removed and restricted while their sockets are open.
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApi, ensureAdmin } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager, type Store, TrunklineError } from '@trunkline/core'
import type { UserRecord } from '@trunkline/core/store'
import { Server } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachSocketioBridge, type SocketioBridge } from '../src/index.js'
import { defaultClient } from './default-client.js'
import { ScriptedConnector } from './scripted-connector.js'

const jwtSecret = 'a-secret-of-at-least-thirty-two-bytes!'
const USER = { name: 'Ben', email: 'ben@example.org', password: 'correct horse battery' }

let store: Required<Store>
let manager: MultiSessionManager
let connector: ScriptedConnector
let http: HttpServer
let io: Server
let bridge: SocketioBridge
let userId: string
let client: ReturnType<typeof defaultClient>

beforeEach(async () => {
  store = createMemoryStore()
  connector = new ScriptedConnector()
  manager = new MultiSessionManager({ store, connector, connectsPerSecond: 1000 })
  for (const id of ['own', 'other']) await manager.create({ id, start: false })
  await ensureAdmin(store.users, USER)
  userId = (await store.users.findByEmail(USER.email))?.id ?? ''
  await change({ role: 'operator', sessionIds: ['own', 'other'] })
})

afterEach(async () => {
  client.socket.disconnect()
  await bridge.close()
  await io.close()
  await manager.close()
})

async function connect({ recheckIntervalMs = 3_600_000 } = {}): Promise<void> {
  http = createServer()
  io = new Server(http)
  bridge = attachSocketioBridge(io, manager, { jwtSecret, recheckIntervalMs })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const token = await signIn()
  client = defaultClient((http.address() as AddressInfo).port, { token: () => token })
  await client.until(() => client.seen.length === 1)
}

async function signIn(email = USER.email, password = USER.password): Promise<string> {
  const { body } = await createApi(manager, { jwtSecret }).handle({
    method: 'POST',
    path: '/auth/login',
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  return (JSON.parse(String(body)) as { accessToken: string }).accessToken
}

/** A request to the interface of the same process. */
function ask(headers: Record<string, string>, method: string, path: string, body?: object) {
  return createApi(manager, { jwtSecret }).handle({
    method,
    path,
    query: new URLSearchParams(),
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

async function change(changes: Partial<UserRecord>): Promise<void> {
  await store.users.update(userId, changes)
}

/** Two more events in the session's log. */
async function happen(sessionId: string): Promise<void> {
  await manager.startSession(sessionId)
  await manager.stopSession(sessionId)
}

const statusOf = (sessionId: string) => `${sessionId} session.status`

describe('an open socket', () => {
  it.each([
    ['disabled', () => change({ disabled: true })],
    ['removed', () => store.users.remove(userId)],
  ])('ends when its user is %s, and its client is told that it is nobody', async (_, act) => {
    await connect()
    await act()
    await bridge.recheck()
    await client.until(() => client.problems.length > 0)
    expect(client.problems).toEqual(['UNAUTHENTICATED'])
  })

  it.each([
    ['disables', { method: 'PATCH', body: { disabled: true } }],
    ['gives a new password to', { method: 'PATCH', body: { password: 'another one' } }],
    ['takes a session from', { method: 'PATCH', body: { sessionIds: ['own'] } }],
    ['removes', { method: 'DELETE', body: undefined }],
  ])('ends at once, without the interval, when an admin of this process %s its user', async (_, { method, body }) => {
    await ensureAdmin(manager.store.users, { name: 'Ada', email: 'ada@example.org', password: 'correct horse' })
    await connect()
    const authorization = `Bearer ${await signIn('ada@example.org', 'correct horse')}`
    expect((await ask({ authorization }, method, `/users/${userId}`, body)).status).toBeLessThan(300)
    await client.until(() => client.problems.length > 0)
    expect(client.problems).toEqual(['UNAUTHENTICATED'])
  })

  it('ends by itself within the interval', async () => {
    await connect({ recheckIntervalMs: 100 })
    await change({ disabled: true })
    await client.until(() => client.counts.ends === 1)
  })

  it('hears no more of a session that was taken away, and goes on with the others', async () => {
    await connect()
    await change({ sessionIds: ['own'] })
    await bridge.recheck()
    await happen('other')
    await happen('own')
    await client.until(() => client.names.filter((name) => name === statusOf('own')).length === 2)
    expect(client.names).not.toContain(statusOf('other'))
    expect(client.counts).toEqual({ connects: 1, ends: 0 })
  })

  it.each([{ sessionIds: ['own', 'other', 'new'] }, { sessionIds: '*' as const }])(
    'hears of sessions that were given meanwhile: %j',
    async (given) => {
      await change({ sessionIds: ['own'] })
      await manager.create({ id: 'new', start: false })
      await connect()
      await change(given)
      await bridge.recheck()
      await happen('new')
      await client.until(() => client.names.includes(statusOf('new')))
      expect(client.counts).toEqual({ connects: 1, ends: 0 })
    },
  )

  it('sees what links an account as long as its role may, and no longer', async () => {
    await connect()
    await manager.startSession('own')
    await connector.showQr('own', 'a first QR text')
    await client.until(() => client.names.includes('own qr'))
    await change({ role: 'viewer' })
    await bridge.recheck()
    await connector.showQr('own', 'a second QR text')
    await manager.stopSession('own')
    await happen('other')
    await client.until(() => client.names.includes(statusOf('other')))
    expect(client.names.filter((name) => name === 'own qr')).toHaveLength(1)
  })

  it('keeps everything while the store cannot be asked', async () => {
    await connect()
    const { get } = store.users
    store.users.get = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    await bridge.recheck()
    store.users.get = get
    await happen('own')
    await client.until(() => client.names.includes(statusOf('own')))
    expect(client.counts).toEqual({ connects: 1, ends: 0 })
  })

  it('of an API key hears what the key may, and ends at once with the key', async () => {
    await ensureAdmin(manager.store.users, { name: 'Ada', email: 'ada@example.org', password: 'correct horse' })
    await connect()
    const authorization = `Bearer ${await signIn('ada@example.org', 'correct horse')}`
    const made = await ask({ authorization }, 'POST', '/keys', {
      name: 'Machine',
      permissions: ['sessions:read', 'events:read'],
      sessionIds: ['own'],
    })
    const { id, key: apiKey } = JSON.parse(String(made.body))
    const machine = defaultClient((http.address() as AddressInfo).port, { apiKey })
    await machine.until(() => machine.counts.connects === 1)
    await manager.startSession('own')
    await connector.showQr('own', 'a QR text')
    await manager.stopSession('own')
    await happen('other')
    await client.until(() => client.names.includes(statusOf('other')))
    await machine.until(() => machine.names.filter((name) => name === statusOf('own')).length >= 2)
    expect(machine.names.filter((name) => name.startsWith('other') || name === 'own qr')).toEqual([])
    expect((await ask({ authorization }, 'DELETE', `/keys/${id}`)).status).toBe(204)
    await machine.until(() => machine.problems.length > 0)
    expect(machine.problems).toEqual(['UNAUTHENTICATED'])
    machine.socket.disconnect()
  })
})
