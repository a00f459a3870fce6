import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Authenticator, Principal } from '@trunkline/api'
import { createMemoryStore, type Logger, MultiSessionManager } from '@trunkline/core'
import { Server } from 'socket.io'
import { io as connectTo, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachSocketioBridge, type SocketioBridge, type SocketioBridgeOptions } from '../src/index.js'
import { ScriptedConnector } from './scripted-connector.js'

const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}

const CALLERS: Record<string, Principal> = {
  admin: { userId: 'admin', role: 'admin', sessionIds: '*' },
  operator: { userId: 'operator', role: 'operator', sessionIds: ['own', 'later'] },
  viewer: { userId: 'viewer', role: 'viewer', sessionIds: ['own', 'other'] },
}

const authenticator: Authenticator = {
  async authenticate({ headers }) {
    const proof = headers.authorization ?? headers['x-api-key']
    const name = /(\w+)$/.exec(String(proof))?.[1]
    return name === undefined ? undefined : CALLERS[name]
  },
}

let manager: MultiSessionManager
let connector: ScriptedConnector
let http: HttpServer
let io: Server
let bridge: SocketioBridge
let clients: Socket[]

beforeEach(async () => {
  connector = new ScriptedConnector()
  const store = createMemoryStore()
  const limits = { connectsPerSecond: 1000, urlAllow: ['127.0.0.1'] }
  manager = new MultiSessionManager({ store, logger: silent, connector, ...limits })
  await manager.create({ id: 'own', start: false })
  await manager.create({ id: 'foreign', start: false })
  clients = []
})

afterEach(async () => {
  for (const client of clients) client.disconnect()
  await bridge.close()
  await io.close()
  await manager.close()
})

async function attach(options: SocketioBridgeOptions = { authenticator }, namespace?: string): Promise<void> {
  http = createServer()
  io = new Server(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  bridge = attachSocketioBridge(namespace ? io.of(namespace) : io, manager, { logger: silent, ...options })
}

/** A client and everything it has seen, in order. */
function client(
  auth: Record<string, unknown>,
  { path = '', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
) {
  const { port } = http.address() as AddressInfo
  const socket = connectTo(`http://127.0.0.1:${port}${path}`, {
    auth,
    extraHeaders: headers,
    reconnection: false,
    transports: ['websocket'],
    forceNew: true,
  })
  clients.push(socket)
  const seen: { name: string; event: Record<string, unknown> }[] = []
  const waiting = new Set<() => void>()
  socket.onAny((name, event) => {
    seen.push({ name, event })
    for (const check of waiting) check()
  })
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  connected.catch(() => {})
  return { socket, seen, until, connected, names: () => seen.map(({ name }) => name) }
}

/** Two more events in the session's log. */
async function happen(id: string): Promise<void> {
  await manager.startSession(id)
  await manager.stopSession(id)
}

/** Rooms are joined behind the handshake: a session made by us is the sign that they are. */
async function joined(room: string, count: number): Promise<void> {
  while ((io.sockets.adapter.rooms.get(room)?.size ?? 0) < count) await new Promise((resolve) => setImmediate(resolve))
}

describe('the handshake', () => {
  it.each([
    ['a token', { token: 'admin' }, {}],
    ['a key', { apiKey: 'admin' }, {}],
    ['an Authorization header', {}, { authorization: 'Bearer admin' }],
    ['an X-API-Key header', {}, { 'x-api-key': 'admin' }],
  ])('takes %s', async (_, auth, headers) => {
    await attach()
    await client(auth, { headers }).connected
  })

  it.each([
    ['nothing', {}, 'UNAUTHENTICATED'],
    ['an unknown token', { token: 'nobody' }, 'UNAUTHENTICATED'],
    ['a token that is an object', { token: { $gt: '' } }, 'VALIDATION_FAILED'],
    ['sessions that are no list', { token: 'admin', sessions: 'own' }, 'VALIDATION_FAILED'],
    ['a sequence number that is none', { token: 'admin', after: { own: 'x' } }, 'VALIDATION_FAILED'],
  ])('refuses %s with the problem that REST would answer', async (_, auth, code) => {
    await attach()
    await expect(client(auth).connected).rejects.toMatchObject({ data: { code, status: expect.any(Number) } })
  })

  it("takes Trunkline's own tokens", async () => {
    await attach({ jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!' })
    await expect(client({ token: 'admin' }).connected).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED' } })
  })
})

describe('webhook.disabled', () => {
  it('reaches those who may manage the webhook, and nobody else', async () => {
    await attach()
    const gone = createServer((_request, response) => response.writeHead(410).end())
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    try {
      const [admin, operator, viewer] = [
        client({ token: 'admin' }),
        client({ token: 'operator' }),
        client({ token: 'viewer' }),
      ]
      await Promise.all([admin, operator, viewer].map(({ connected }) => connected))
      await joined('session:own', 3)
      const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/`
      const webhook = await manager.webhooks.create({ url, sessionIds: ['own'] })
      await happen('own')
      await admin.until(() => admin.names().includes('webhook.disabled'))
      expect(admin.seen.find(({ name }) => name === 'webhook.disabled')?.event).toEqual({
        webhookId: webhook.id,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        reason: 'The receiver answered 410 Gone',
      })
      // What happens later is heard by all of them.
      await manager.startSession('own')
      for (const { until, names } of [operator, viewer])
        await until(() => names().filter((name) => name === 'session.status').length >= 3)
      for (const { names } of [operator, viewer]) expect(names()).not.toContain('webhook.disabled')
    } finally {
      gone.closeAllConnections()
      await new Promise((resolve) => gone.close(resolve))
    }
  })
})

describe('live events', () => {
  it('reach those who may see the session, and nobody else', async () => {
    await attach()
    const [admin, viewer] = [client({ token: 'admin' }), client({ token: 'viewer' })]
    await Promise.all([admin.connected, viewer.connected])
    await joined('session:own', 2)
    await manager.delete('foreign')
    await manager.delete('own')
    await admin.until(() => admin.names().filter((name) => name === 'session.deleted').length === 2)
    await viewer.until(() => viewer.names().includes('session.deleted'))
    expect(viewer.seen.map(({ event }) => event.sessionId)).not.toContain('foreign')
    expect(viewer.seen.at(-1)?.event).toMatchObject({
      sessionId: 'own',
      seq: 3,
      reason: 'deleted',
      at: expect.any(String),
    })
  })

  it('come for a subset when the handshake names one, and never for more than is permitted', async () => {
    await attach()
    const admin = client({ token: 'admin', sessions: ['own'] })
    const viewer = client({ token: 'viewer', sessions: ['own', 'foreign'] })
    await Promise.all([admin.connected, viewer.connected])
    await joined('session:own', 2)
    expect(io.sockets.adapter.rooms.has('session:foreign')).toBe(false)
    await manager.create({ id: 'new', start: false })
    await manager.delete('foreign')
    await manager.delete('own')
    await admin.until(() => admin.names().includes('session.deleted'))
    await viewer.until(() => viewer.names().includes('session.deleted'))
    for (const { seen } of [admin, viewer])
      expect(new Set(seen.map(({ event }) => event.sessionId))).toEqual(new Set(['own']))
  })

  it('come for sessions that are made later, to everybody who may see them', async () => {
    await attach()
    const [admin, operator, viewer] = ['admin', 'operator', 'viewer'].map((token) => client({ token })) as [
      Seen,
      Seen,
      Seen,
    ]
    await Promise.all([admin.connected, operator.connected, viewer.connected])
    await joined('session:own', 3)
    await manager.create({ id: 'later', label: 'Later', start: false })
    await admin.until(() => admin.names().includes('session.created'))
    await operator.until(() => operator.names().includes('session.created'))
    expect(operator.seen[0]?.event).toMatchObject({
      sessionId: 'later',
      seq: 1,
      session: { id: 'later', label: 'Later' },
    })
    await manager.delete('later')
    await admin.until(() => admin.names().includes('session.deleted'))
    expect(viewer.seen).toEqual([])
    expect(io.sockets.adapter.rooms.has('session:later')).toBe(false)
  })

  it('go on after a listener of the host has thrown', async () => {
    await attach()
    manager.on('session.created', () => {
      throw new Error('a mistake of the host')
    })
    const admin = client({ token: 'admin' })
    await admin.connected
    await joined('session:own', 1)
    await manager.create({ id: 'new', start: false })
    await admin.until(() => admin.names().includes('session.created'))
  })
})

type Seen = ReturnType<typeof client>

describe('what links an account', () => {
  it('is a QR with its image, in its place among the other events', async () => {
    await attach()
    const operator = client({ token: 'operator' })
    await operator.connected
    await joined('session:own', 1)
    await manager.startSession('own')
    await connector.showQr('own', 'a QR text')
    await manager.stopSession('own')
    const stopped = () => operator.seen.some(({ event }) => event.status === 'stopped')
    await operator.until(stopped)
    const qr = operator.seen.find(({ name }) => name === 'qr')
    expect(qr?.event).toMatchObject({ sessionId: 'own', qr: 'a QR text', attempt: 1, maxAttempts: 5 })
    expect(qr?.event.image).toMatch(/^data:image\/png;base64,iVBORw0KGgo/)
    expect(operator.seen.map(({ name, event }) => event.status ?? name)).toEqual([
      'connecting',
      'awaiting_scan',
      'qr',
      'stopped',
    ])
  })

  it('never reaches a viewer, live or while catching up', async () => {
    await attach()
    const [operator, viewer, behind] = [
      client({ token: 'operator' }),
      client({ token: 'viewer' }),
      client({ token: 'viewer', after: { own: 0 } }),
    ]
    await Promise.all([operator.connected, viewer.connected, behind.connected])
    await joined('session:own', 3)
    await manager.startSession('own')
    await connector.showQr('own', 'a QR text')
    await manager.requestPairingCode('own', { phone: '15550000001' })
    await manager.stopSession('own')
    for (const each of [operator, viewer, behind]) await each.until(() => each.seen.at(-1)?.event.status === 'stopped')
    expect(operator.names()).toEqual(expect.arrayContaining(['qr', 'pairing-code']))
    for (const { seen, names } of [viewer, behind]) {
      expect(names()).not.toContain('qr')
      expect(JSON.stringify(seen)).not.toMatch(/a QR text|ABCD1234/)
    }
  })
})

describe('resuming', () => {
  it('sends what was missed, then what happens, once and in order', async () => {
    await attach()
    const late = client({ token: 'admin', after: { own: 0, foreign: 1 } })
    await late.connected
    await late.until(() => late.seen.length === 1)
    await manager.delete('own')
    await late.until(() => late.names().includes('session.deleted'))
    expect(late.seen.map(({ name, event }) => [name, event.sessionId, event.seq])).toEqual([
      ['session.created', 'own', 1],
      ['session.status', 'own', 2],
      ['session.deleted', 'own', 3],
    ])
  })

  it('has neither holes nor doubles while the session goes on', async () => {
    await attach()
    const work = async () => {
      for (let i = 0; i < 30; i += 1) await happen('own')
    }
    const going = work()
    const resumed: Seen[] = []
    for (let i = 0; i < 8; i += 1) {
      const seen = client({ token: 'admin', after: { own: i } })
      resumed.push(seen)
      await seen.connected
    }
    await going
    const last = await manager.lastSeq('own')
    for (const [index, { seen, until }] of resumed.entries()) {
      await until(() => seen.at(-1)?.event.seq === last)
      const numbers = seen.map(({ event }) => event.seq)
      expect(numbers).toEqual(Array.from({ length: last - index }, (_, offset) => index + offset + 1))
    }
  })

  it('tells of a gap, and passes over sessions that are not permitted or gone', async () => {
    await attach()
    const viewer = client({ token: 'viewer', after: { own: 50, foreign: 0, other: 3 } })
    await viewer.connected
    await viewer.until(() => viewer.seen.length === 2)
    expect(viewer.seen).toEqual([
      { name: 'events.gap', event: { sessionId: 'own', after: 50, nextSeq: 2 } },
      { name: 'events.gap', event: { sessionId: 'other', after: 3, nextSeq: 1 } },
    ])
  })

  it('starts again by itself when the log could not be read', async () => {
    await attach()
    const broken: Seen = client({ token: 'admin', after: { own: 0 } })
    const { events } = manager
    manager.events = () => Promise.reject(new Error('down'))
    await broken.connected
    const reason = await new Promise((resolve) => broken.socket.once('disconnect', resolve))
    manager.events = events
    // Clients stay away after "io server disconnect", and come back after this.
    expect(reason).toBe('transport close')
  })
})

describe('closing', () => {
  it("ends the bridge's sockets and leaves the host's server and the manager alone", async () => {
    await attach({ authenticator }, '/whatsapp')
    const own = client({ token: 'admin' }, { path: '/whatsapp' })
    const host = client({}, { path: '/' })
    await Promise.all([own.connected, host.connected])
    const gone = new Promise((resolve) => own.socket.once('disconnect', resolve))
    await bridge.close()
    await bridge.close()
    await gone
    expect(host.socket.connected).toBe(true)
    await happen('own')
    expect(own.seen).toEqual([])
  })
})

describe('the options', () => {
  it.each([
    [{ maxSocketsPerUser: 0 }, 'maxSocketsPerUser'],
    [{ maxSockets: 0 }, 'maxSockets'],
    [{ maxSocketsPerAddress: 1.5 }, 'maxSocketsPerAddress'],
    [{ maxBufferedBytes: 1.5e9 + 0.5 }, 'maxBufferedBytes'],
    [{ recheckIntervalMs: Number.NaN }, 'recheckIntervalMs'],
  ])('are refused by name when they are none: %j', async (limits, field) => {
    await attach()
    const again = () => attachSocketioBridge(io, manager, { authenticator, ...limits })
    expect(again).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(field) }))
  })
  it.each<[unknown, unknown, unknown, string]>([
    [undefined, 'right', { jwtSecret: 'x'.repeat(32) }, 'io'],
    [{}, 'right', { jwtSecret: 'x'.repeat(32) }, 'io'],
    ['right', undefined, { jwtSecret: 'x'.repeat(32) }, 'manager'],
    ['right', {}, { jwtSecret: 'x'.repeat(32) }, 'manager'],
    ['right', 'right', { jwtSecret: 'x'.repeat(32), logger: {} }, 'logger'],
    ['right', 'right', 'a secret of at least 32 bytes, as text', 'options'],
    ['right', 'right', { jwtSecret: 'x'.repeat(32), accessTokenSeconds: '900' }, 'accessTokenSeconds'],
  ])('are refused by name in a host without types: %j %j %j', async (server, sessions, options, field) => {
    await attach()
    const or = (given: unknown, right: unknown) => (given === 'right' ? right : given)
    const loosely = attachSocketioBridge as (...given: unknown[]) => unknown
    expect(() => loosely(or(server, io), or(sessions, manager), options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(field) }),
    )
  })
  it.each([undefined, {}, { jwtSecret: undefined }])('say in words that there is no login: %j', async (options) => {
    await attach()
    const again = () => attachSocketioBridge(io, manager, options as SocketioBridgeOptions)
    expect(again).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('jwtSecret is needed') }),
    )
  })
})
