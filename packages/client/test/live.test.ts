import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin } from '@trunkline/api'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { createExpressAdapter } from '@trunkline/express-adapter'
import { attachSocketioBridge, type SocketioBridge } from '@trunkline/socketio-bridge'
import express from 'express'
import { Server } from 'socket.io'
import { io as connectTo } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ScriptedConnector } from '../../socketio-bridge/test/scripted-connector.js'
import { type Client, type ClientOptions, createClient, EVENT_NAMES, type LiveState } from './support.js'

const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse' }
const OPTIONS = { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', now: () => Date.now() + aheadMs }

let manager: MultiSessionManager
let http: HttpServer
let io: Server
let bridge: SocketioBridge
let clients: Client[]
let aheadMs: number

beforeEach(async () => {
  aheadMs = 0
  clients = []
  manager = new MultiSessionManager({ store: createMemoryStore(), connector: new ScriptedConnector() })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...CREDENTIALS })
  await manager.create({ id: 'own', start: false })
  await manager.create({ id: 'quiet', start: false })
  http = createServer(express().use('/api', createExpressAdapter(manager, OPTIONS)))
  io = new Server(http)
  bridge = attachSocketioBridge(io, manager, OPTIONS)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  for (const one of clients) one.close()
  await bridge.close()
  await io.close()
  await manager.close()
})

/** A client that keeps what it hears, and lets a test wait for it. */
async function listening(options: Partial<ClientOptions['live']> = {}) {
  const baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api`
  const client = createClient({ baseUrl, live: { io: connectTo, ...options } })
  clients.push(client)
  await client.signIn(CREDENTIALS)
  const heard: { name: string; sessionId: string; seq: number }[] = []
  const gaps: object[] = []
  const states: LiveState['status'][] = []
  const settled: Record<string, number>[] = []
  const checks = new Set<() => void>()
  const noted = () => {
    for (const check of checks) check()
  }
  client.events.onState(({ status }) => {
    states.push(status)
    noted()
  })
  client.events.onSettled(() => {
    settled.push(client.events.lastSeqs)
    noted()
  })
  for (const name of EVENT_NAMES) {
    client.events.on(name, ({ sessionId, seq }: { sessionId: string; seq: number }) => {
      heard.push({ name, sessionId, seq })
      noted()
    })
  }
  client.events.on('events.gap', (gap) => {
    gaps.push(gap)
    noted()
  })
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return
        checks.delete(check)
        resolve()
      }
      checks.add(check)
      check()
    })
  const seqs = (sessionId: string) => heard.filter((event) => event.sessionId === sessionId).map(({ seq }) => seq)
  // It knows where the sessions stand when the server has said so.
  await until(() => states.includes('open'))
  const isPlaced = () => Object.values(client.events.lastSeqs).every((seq) => seq < Number.MAX_SAFE_INTEGER)
  while (!isPlaced()) await new Promise((resolve) => setImmediate(resolve))
  return { client, gaps, states, settled, until, seqs }
}

/** Two more events in the log of a session. */
async function happen(sessionId: string): Promise<number> {
  await manager.startSession(sessionId)
  await manager.stopSession(sessionId)
  return await manager.lastSeq(sessionId)
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

describe('live events', () => {
  it('are settled once it is known where every session stands, and what follows is heard', async () => {
    const last = { own: await happen('own'), quiet: await manager.lastSeq('quiet') }
    const { settled, until, seqs } = await listening()
    await until(() => settled.length > 0)
    expect(settled).toEqual([last])
    const next = await happen('own')
    await until(() => seqs('own').includes(next))
    expect(settled).toHaveLength(1)
  })

  it('come as they happen, from where the log stands, with nothing of before', async () => {
    const { client, seqs, until, gaps } = await listening()
    const first = (await manager.lastSeq('own')) + 1
    const last = await happen('own')
    await until(() => seqs('own').at(-1) === last)
    expect(seqs('own')).toEqual(numbers(first, last))
    expect(client.events.lastSeqs).toMatchObject({ own: last, quiet: 1 })
    expect(gaps).toEqual([])
  })

  it('of 200 while the client was away come once each and in order, of quiet sessions too', async () => {
    const { seqs, until, states } = await listening()
    const first = (await manager.lastSeq('own')) + 1
    await bridge.close()
    await until(() => states.at(-1) === 'connecting')
    let last = 0
    while (last < first + 200) last = await happen('own')
    const quiet = await happen('quiet')
    bridge = attachSocketioBridge(io, manager, OPTIONS)
    await until(() => seqs('own').at(-1) === last && seqs('quiet').at(-1) === quiet)
    expect(seqs('own')).toEqual(numbers(first, last))
    expect(seqs('quiet')).toEqual(numbers(2, quiet))
  })

  it('go on in the next process from where the last one was', async () => {
    const before = await listening()
    const last = await happen('own')
    await before.until(() => before.seqs('own').at(-1) === last)
    const after = before.client.events.lastSeqs
    before.client.close()
    const next = await happen('own')
    const { seqs, until } = await listening({ after })
    await until(() => seqs('own').at(-1) === next)
    expect(seqs('own')).toEqual(numbers(last + 1, next))
    expect(before.seqs('own').at(-1)).toBe(last)
  })

  it('that are no longer kept are told as a gap', async () => {
    const last = await happen('own')
    const { gaps, until, client } = await listening({ after: { own: last + 50 } })
    await until(() => gaps.length > 0)
    expect(gaps).toEqual([{ sessionId: 'own', after: last + 50, nextSeq: last + 1 }])
    expect(client.events.lastSeqs.own).toBe(last)
  })

  it('of other sessions than those named do not come', async () => {
    const { seqs, until } = await listening({ sessions: ['own'] })
    await happen('quiet')
    const last = await happen('own')
    await until(() => seqs('own').at(-1) === last)
    expect(seqs('quiet')).toEqual([])
  })

  it('go on when the token ended meanwhile, with a new one', async () => {
    const { seqs, until, states } = await listening()
    await bridge.close()
    await until(() => states.at(-1) === 'connecting')
    aheadMs = 3_600_000
    const last = await happen('own')
    bridge = attachSocketioBridge(io, manager, OPTIONS)
    await until(() => seqs('own').at(-1) === last)
  })

  it('end when somebody is signed out, and say so', async () => {
    const { client, until, states } = await listening()
    await client.signOut()
    await bridge.close()
    bridge = attachSocketioBridge(io, manager, OPTIONS)
    await until(() => states.at(-1) === 'closed')
    expect(client.events.state).toMatchObject({ status: 'closed', error: { data: { code: 'UNAUTHENTICATED' } } })
  })

  it('reach no listener that was taken away, and every other when one throws', async () => {
    const { client, seqs, until } = await listening()
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
    let calls = 0
    const off = client.events.on('session.status', () => {
      calls += 1
      off()
      throw new Error('a mistake of the listener')
    })
    const last = await happen('own')
    await until(() => seqs('own').at(-1) === last)
    expect(await thrown).toMatchObject({ message: 'a mistake of the listener' })
    expect(calls).toBe(1)
  })

  it('need the `io` of socket.io-client', () => {
    const client = createClient({ baseUrl: 'http://127.0.0.1:1/api' })
    expect(() => client.events.on('message', () => {})).toThrow(TypeError)
  })
})
