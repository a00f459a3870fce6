// Socket.IO's client with its defaults: what the server ends has to look to it like a lost connection, or it stays away for good.
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Authenticator, Principal } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager, TrunklineError } from '@trunkline/core'
import { Server, type ServerOptions } from 'socket.io'
import type { Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachSocketioBridge, type SocketioBridge, type SocketioBridgeOptions } from '../src/index.js'
import { type ClientOptions, defaultClient } from './default-client.js'
import { ScriptedConnector } from './scripted-connector.js'

const ADMIN: Principal = { userId: 'ada', role: 'admin', sessionIds: '*' }

/** Who has which token now, and what the authenticator does instead when it cannot tell. */
let tokens: Map<string, Principal>
let authenticate: Authenticator['authenticate']
let manager: MultiSessionManager
let http: HttpServer
let io: Server
let bridges: SocketioBridge[]
let clients: Socket[]

beforeEach(async () => {
  tokens = new Map([['good', ADMIN]])
  authenticate = async ({ headers }) => tokens.get(String(headers.authorization).replace('Bearer ', ''))
  manager = new MultiSessionManager({ store: createMemoryStore(), connector: new ScriptedConnector() })
  await manager.create({ id: 'own', start: false })
  clients = []
  bridges = []
})

afterEach(async () => {
  for (const client of clients) client.disconnect()
  for (const bridge of bridges) await bridge.close()
  await io.close()
  await manager.close()
})

async function listen(options: Partial<ServerOptions> = {}): Promise<void> {
  http = createServer()
  io = new Server(http, options)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
}

function attach(options: Partial<SocketioBridgeOptions> = {}, namespace = '/'): SocketioBridge {
  const authenticator: Authenticator = { authenticate: (request) => authenticate(request) }
  const bridge = attachSocketioBridge(io.of(namespace), manager, {
    ...options,
    authenticator,
  } as SocketioBridgeOptions)
  bridges.push(bridge)
  return bridge
}

function client(options: ClientOptions = {}) {
  const { port } = http.address() as AddressInfo
  const made = defaultClient(port, options)
  clients.push(made.socket)
  return made
}

/** Two more events in the session's log. */
async function happen(): Promise<number> {
  await manager.startSession('own')
  await manager.stopSession('own')
  return manager.lastSeq('own')
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a default client comes back', () => {
  it.each([
    ['by its defaults', {}],
    ['over WebSocket alone', { transports: ['websocket'] }],
    ['over polling alone', { transports: ['polling'] }],
    ['in a namespace of its own', { namespace: '/whatsapp' }],
  ])('when the bridge is closed and another one attached to the same server, %s', async (_, options: ClientOptions) => {
    await listen()
    const first = attach({}, options.namespace)
    const { seen, until, counts } = client(options)
    await until(() => seen.length > 0)
    await first.close()
    const last = await happen()
    attach({}, options.namespace)
    await until(() => seen.at(-1) === last)
    expect(seen).toEqual(upTo(last))
    expect(counts.connects).toBe(2)
  })

  it('when it found no bridge meanwhile', async () => {
    await listen()
    const first = attach()
    const { seen, until, counts } = client()
    await until(() => seen.length > 0)
    await first.close()
    await until(() => counts.connects === 2)
    const last = await happen()
    attach()
    await until(() => seen.at(-1) === last)
    expect(seen).toEqual(upTo(last))
  })

  it('when the bridge is closed while it signs in', async () => {
    await listen()
    let answer = (_: Principal) => {}
    const asked = new Promise<void>((resolve) => {
      authenticate = () => {
        resolve()
        return new Promise((resolveAnswer) => (answer = resolveAnswer))
      }
    })
    const first = attach()
    const { seen, until, counts } = client()
    await asked
    await first.close()
    authenticate = async () => ADMIN
    attach()
    answer(ADMIN)
    await until(() => seen.length > 0)
    expect(counts.connects).toBe(1)
  })

  it('when its token ends, with the one it has then', async () => {
    await listen()
    attach()
    tokens.set('brief', { ...ADMIN, expiresAt: new Date(Date.now() + 300).toISOString() })
    let token = 'brief'
    const { seen, until, counts } = client({ token: () => token })
    await until(() => counts.connects === 1)
    token = 'good'
    await until(() => counts.connects === 2)
    const last = await happen()
    await until(() => seen.at(-1) === last)
    expect(seen).toEqual(upTo(last))
  })

  it.each([
    ['the store does not answer', () => new TrunklineError('STORE_UNAVAILABLE')],
    ['an authenticator of the host fails', () => new Error('no route to host')],
    ['somebody is asked too often', () => new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds: 1 } })],
  ])('when it could not sign in because %s', async (_, failure) => {
    await listen()
    let tries = 0
    authenticate = async () => {
      tries += 1
      if (tries < 3) throw failure()
      return ADMIN
    }
    attach()
    const { until, counts } = client()
    await until(() => counts.connects === 1)
    expect(tries).toBe(3)
  })

  it.each([
    ['its user had too many sockets', { maxSocketsPerUser: 1 }],
    ['its address had too many sockets', { maxSocketsPerAddress: 1 }],
    ['there were too many sockets', { maxSockets: 1 }],
  ])('when %s, once there are fewer', async (_why, limits) => {
    await listen()
    attach(limits)
    const first = client()
    await first.until(() => first.counts.connects === 1)
    const second = client()
    await second.until(() => second.counts.ends === 1)
    expect(second.counts.connects).toBe(0)
    first.socket.disconnect()
    await second.until(() => second.counts.connects === 1)
  })

  it("with Socket.IO's own recovery, without what it may not see any more", async () => {
    await listen({ connectionStateRecovery: {} })
    attach()
    const { seen, until, counts } = client()
    await until(() => seen.length > 0)
    const [socket] = await io.fetchSockets()
    tokens.set('good', { ...ADMIN, sessionIds: ['other'] })
    io.sockets.sockets.get(String(socket?.id))?.conn.close()
    await until(() => counts.connects === 2)
    const [again] = await io.fetchSockets()
    expect([...(again?.rooms ?? [])].filter((room) => room.startsWith('session:'))).toEqual(['session:other'])
  })
})

describe('an open socket', () => {
  it('loses its session when the host takes it out of the object that it handed out', async () => {
    await listen()
    const sessionIds = ['own']
    tokens.set('good', { userId: 'ben', role: 'operator', sessionIds })
    const bridge = attach()
    const { seen, until } = client()
    await until(() => seen.length > 0)
    sessionIds.pop()
    await bridge.recheck()
    const [socket] = await io.fetchSockets()
    expect([...(socket?.rooms ?? [])].filter((room) => room.startsWith('session:'))).toEqual([])
  })
})

describe('a client stays away', () => {
  it.each([
    ['whose token has ended and who has no other', 'brief'],
    ['whose end of the token cannot be read', 'odd'],
    ['who is nobody', 'unknown'],
  ])('%s, and is told why', async (_, token) => {
    await listen()
    attach()
    tokens.set('brief', { ...ADMIN, expiresAt: new Date(Date.now() + 300).toISOString() })
    tokens.set('odd', { ...ADMIN, expiresAt: 'tomorrow' })
    const { socket, until, problems } = client({ token: () => token })
    await until(() => problems.length > 0)
    expect(problems).toEqual(['UNAUTHENTICATED'])
    expect(socket.active).toBe(false)
  })
})
