// Clients that do not read what they asked for, or only slowly.
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import { createMemoryStore, MultiSessionManager, type Store } from '@trunkline/core'
import { Server } from 'socket.io'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { attachSocketioBridge, type SocketioBridge } from '../src/index.js'
import { defaultClient } from './default-client.js'

/** With the first one as many as the memory store keeps, and more than a system takes for a client that does not read. */
const EVENTS = 999

let store: Store
let manager: MultiSessionManager
let http: HttpServer
let io: Server
let bridge: SocketioBridge
let client: ReturnType<typeof defaultClient>

beforeEach(async () => {
  store = createMemoryStore()
  manager = new MultiSessionManager({ store })
  await manager.create({ id: 'own', start: false })
  const events = Array.from({ length: EVENTS }, (_, index) => ({
    name: 'call' as const,
    at: '2026-01-01T00:00:00.000Z',
    payload: { callId: `${index} ${'x'.repeat(50_000)}`, from: '1@lid', kind: 'audio' as const, state: 'offer' },
  }))
  await store.events.append('own', events)
  http = createServer()
  io = new Server(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  client.socket.disconnect()
  await bridge.close()
  await io.close()
  await manager.close()
})

function attach(maxBufferedBytes?: number): void {
  const authenticate = async () => ({ userId: 'ada', role: 'admin' as const, sessionIds: '*' as const })
  bridge = attachSocketioBridge(io, manager, {
    authenticator: { authenticate },
    ...(maxBufferedBytes === undefined ? {} : { maxBufferedBytes }),
  })
}

/** Has the client read nothing until the answer is called; what is below it would read on by itself. */
function stopReading({ socket }: ReturnType<typeof defaultClient>): () => void {
  const { ws } = socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } }
  const wire = ws._socket
  wire.pause()
  const { resume } = wire
  wire.resume = () => wire
  return () => {
    wire.resume = resume
    wire.resume()
  }
}

it('wait for nobody else and get everything in the end, whatever they missed', async () => {
  attach(1024 * 1024)
  const reads: number[] = []
  const { events } = manager
  manager.events = (sessionId, options) => {
    reads.push(options?.limit ?? 0)
    return events.call(manager, sessionId, options)
  }
  client = defaultClient((http.address() as AddressInfo).port, { transports: ['websocket'] })
  await client.until(() => client.seen.length > 0)
  const readOn = stopReading(client)
  // Until the system takes no more: the log is not read on then.
  for (let before = -1; before < reads.length; ) {
    before = reads.length
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const readWhilePaused = reads.reduce((sum, limit) => sum + limit, 0)
  expect(readWhilePaused).toBeLessThan(EVENTS)
  readOn()
  await client.until(() => client.seen.length === EVENTS + 1)
  expect(client.counts).toEqual({ connects: 1, ends: 0 })
})

it('are ended when too much waits for them', async () => {
  attach(1024 * 1024)
  client = defaultClient((http.address() as AddressInfo).port, { transports: ['websocket'], reconnection: false })
  await client.until(() => client.seen.length > 0)
  const readOn = stopReading(client)
  const [member] = io.sockets.sockets.values()
  const ended = new Promise((resolve) => member?.once('disconnect', resolve))
  // More than what the system takes for a client that does not read.
  for (let megabytes = 0; megabytes < 100 && member?.connected; megabytes += 1) {
    io.emit('noise', 'x'.repeat(1_000_000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await ended
  expect(io.sockets.sockets.size).toBe(0)
  readOn()
})
