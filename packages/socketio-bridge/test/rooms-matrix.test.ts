// Every role and several keys of each, all listening at once: who hears what of which session follows from the tables alone.
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMemoryStore, MultiSessionManager, type Store } from '@trunkline/core'
import { Server } from 'socket.io'
import { io as connectTo, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Caller, everybody, SECRET, sees } from '../../api/test/people.js'
import { attachSocketioBridge, type SocketioBridge } from '../src/index.js'
import { ScriptedConnector } from './scripted-connector.js'

let store: Required<Store>
let manager: MultiSessionManager
let connector: ScriptedConnector
let http: HttpServer
let io: Server
let bridge: SocketioBridge
let sockets: Socket[]

beforeEach(async () => {
  sockets = []
  store = createMemoryStore()
  connector = new ScriptedConnector()
  manager = new MultiSessionManager({ store, connector, connectsPerSecond: 1000 })
  for (const id of ['own', 'foreign']) await manager.create({ id, start: false })
  http = createServer()
  io = new Server(http)
  bridge = attachSocketioBridge(io, manager, { jwtSecret: SECRET, maxSocketsPerUser: 1000 })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  for (const socket of sockets) socket.disconnect()
  await bridge.close()
  await io.close()
  await manager.close()
})

interface Listener {
  caller: Caller
  heard: Set<string>
  /** The code that kept it away. */
  refused?: string
  socket: Socket
}

/** Connected and in its rooms, or refused. */
async function listen(caller: Caller, auth: object = {}): Promise<Listener> {
  const { authorization, 'x-api-key': apiKey } = caller.headers
  const proof = authorization ? { token: authorization.replace('Bearer ', '') } : { apiKey }
  const { port } = http.address() as AddressInfo
  const socket = connectTo(`http://127.0.0.1:${port}`, { forceNew: true, auth: { ...proof, ...auth } })
  sockets.push(socket)
  const listener: Listener = { caller, heard: new Set(), socket }
  socket.onAny((name: string, { sessionId }: { sessionId: string }) => listener.heard.add(`${sessionId} ${name}`))
  await new Promise<void>((resolve) => {
    socket.on('connect', resolve)
    socket.on('connect_error', (error) => {
      listener.refused = (error as { data?: { code?: string } }).data?.code
      resolve()
    })
  })
  return listener
}

/** Every session shows a QR and stops; then everybody who is there is told something that comes behind all of it. */
async function happen(listeners: Listener[], admin: Caller): Promise<void> {
  const { socket: observer } = await listen(admin)
  for (const id of ['own', 'foreign']) {
    const stopped = new Promise<void>((resolve) => {
      observer.on('session.status', ({ sessionId, status }: { sessionId: string; status: string }) => {
        if (sessionId === id && status === 'stopped') resolve()
      })
    })
    await manager.startSession(id)
    await connector.showQr(id, `a QR text of ${id}`)
    await manager.stopSession(id)
    await stopped
  }
  const last = listeners
    .filter(({ refused }) => !refused)
    .map(({ socket }) => new Promise<void>((resolve) => socket.once('the end', () => resolve())))
  io.emit('the end', { sessionId: 'all' })
  await Promise.all(last)
}

/** What the tables say: events of the sessions that exist for the caller, what links an account for those who may link one. */
function expected({ permissions }: Caller, hears: (sessionId: string) => boolean): string[] {
  if (!permissions.includes('events:read')) return []
  const names = ['session.status', ...(permissions.includes('sessions:manage') ? ['qr'] : [])]
  return ['own', 'foreign'].filter(hears).flatMap((sessionId) => names.map((name) => `${sessionId} ${name}`))
}

const told = ({ heard }: Listener) =>
  [...heard].filter((one) => /^(own|foreign) (qr|session\.status)$/.test(one)).toSorted()

it('everybody hears of their sessions what they may, and nobody of others', async () => {
  const callers = await everybody(store, 'no hash')
  const listeners = await Promise.all(callers.map((caller) => listen(caller)))
  await happen(listeners, callers[0] as Caller)
  for (const listener of listeners) {
    const { caller } = listener
    expect([caller.name, listener.refused]).toEqual([
      caller.name,
      caller.permissions.includes('events:read') ? undefined : 'FORBIDDEN',
    ])
    expect([caller.name, told(listener)]).toEqual([
      caller.name,
      expected(caller, (sessionId) => sees(caller, sessionId)).toSorted(),
    ])
  }
})

it('naming a session, foreign or missing, gives nobody more, and tells nobody whether it is there', async () => {
  const callers = await everybody(store, 'no hash')
  const listeners = await Promise.all(
    callers.flatMap((caller) =>
      ['foreign', 'missing'].map((id) => listen(caller, { sessions: [id], after: { [id]: 0 } })),
    ),
  )
  await happen(listeners, callers[0] as Caller)
  for (const [index, listener] of listeners.entries()) {
    const { caller } = listener
    const named = index % 2 === 0 ? 'foreign' : 'missing'
    const wanted = expected(caller, (sessionId) => sessionId === named && sees(caller, sessionId))
    expect([caller.name, named, told(listener)]).toEqual([caller.name, named, wanted.toSorted()])
    if (!sees(caller, 'foreign'))
      expect([caller.name, [...listener.heard].filter((one) => one !== 'all the end')]).toEqual([caller.name, []])
  }
})
