import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket as NetSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@trunkline/client'
import { pino } from 'pino'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../src/index.js'

const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }

let folder: string
let server: RunningServer
let client: Socket | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-restart-'))
  server = await start()
})
afterEach(async () => {
  client?.close()
  client = undefined
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

function start(port = '0'): Promise<RunningServer> {
  const env = {
    DATA_DIR: folder,
    PORT: port,
    // Nobody listens there.
    WA_WEB_SOCKET_URL: 'ws://127.0.0.1:1',
    JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  }
  return startServer(env, { logger: pino({ level: 'silent' }) })
}

async function signIn(): Promise<string> {
  const { accessToken } = await createClient({ baseUrl: `${server.url}/api` }).auth.login(ADMIN)
  return accessToken
}

describe('a server that is stopped and started again', () => {
  it("gets Socket.IO's default clients back by themselves, with what they missed", async () => {
    const token = await signIn()
    const after: Record<string, number> = {}
    const heard: string[] = []
    const waiting = new Set<() => void>()
    client = io(server.url, { auth: (give) => give({ token, after }) })
    const note = (what: string) => {
      heard.push(what)
      for (const check of waiting) check()
    }
    client.on('connect', () => note('connect'))
    client.on('disconnect', () => note('disconnect'))
    client.onAny((name, event) => {
      after[event.sessionId] = event.seq
      note(`${name} ${event.sessionId} ${event.seq}`)
    })
    const until = (what: string, times = 1) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (heard.filter((each) => each === what).length < times) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      })
    await until('connect')
    await server.manager.create({ id: 'shop', start: false })
    await until('session.created shop 1')

    await server.close()
    await until('disconnect')
    expect(client.active).toBe(true)
    server = await start(new URL(server.url).port)
    await server.manager.startSession('shop')
    await server.manager.stopSession('shop')
    const last = await server.manager.lastSeq('shop')
    await until(`session.status shop ${last}`)
    const numbers = heard.flatMap((each) => (each.includes(' shop ') ? Number(each.split(' ')[2]) : []))
    expect(numbers).toEqual(Array.from({ length: last }, (_, index) => index + 1))
    expect(heard.filter((each) => each === 'connect')).toHaveLength(2)
  })

  it('does not wait for a client that takes no notice', async () => {
    const { hostname, port } = new URL(server.url)
    const deaf: NetSocket = connect(Number(port), hostname)
    deaf.on('error', () => {})
    const key = Buffer.alloc(16).toString('base64')
    deaf.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    )
    await new Promise((resolve) => deaf.once('data', resolve))
    deaf.pause()
    const startedAt = Date.now()
    await server.close()
    // A WebSocket waits for half a minute until the other side has said goodbye.
    expect(Date.now() - startedAt).toBeLessThan(8000)
    deaf.destroy()
  })
})
