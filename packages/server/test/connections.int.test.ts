import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createClient } from '@trunkline/client'
import { pino } from 'pino'
import { io, type Socket as LiveSocket } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../src/index.js'

const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }

let server: RunningServer
const opened: Socket[] = []
const listening: LiveSocket[] = []

async function start(env: Record<string, string> = {}): Promise<void> {
  const admin = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const least = { STORE: 'memory', PORT: '0', JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!', ...admin }
  server = await startServer({ ...least, ...env }, { logger: pino({ level: 'silent' }) })
}

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  for (const socket of listening.splice(0)) socket.close()
  await server.close()
})

interface Connected {
  socket: Socket
  /** What the server has said so far. */
  said(): string
  /** All of it, once the server has closed. */
  answer: Promise<string>
}

async function connected(): Promise<Connected> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  opened.push(socket)
  let said = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  // A connection that is refused may be reset.
  socket.on('error', () => undefined)
  const answer = once(socket, 'close').then(() => said)
  await once(socket, 'connect')
  return { socket, said: () => said, answer }
}

/** Asks on a connection that stays, and waits for the answer. */
async function asked({ socket, said }: Connected): Promise<string> {
  const before = said().length
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  // Header and body may come apart.
  while (!said().slice(before).endsWith('}')) await once(socket, 'data')
  return said().slice(before)
}

/** Whether a connection of its own is taken. */
async function served(): Promise<boolean> {
  const one = await connected()
  one.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  return (await one.answer).includes('200 OK')
}

describe('connections', () => {
  it('that are too many are closed at once, while the others are served, and taken when one is gone', async () => {
    await start({ MAX_CONNECTIONS: '3' })
    const [first, second, third] = [await connected(), await connected(), await connected()]
    for (const one of [first, second, third]) expect(await asked(one)).toContain('200 OK')
    const fourth = await connected()
    expect(await fourth.answer).toBe('')
    expect(await asked(second)).toContain('200 OK')
    first.socket.destroy()
    while (!(await served())) await new Promise((resolve) => setImmediate(resolve))
    expect(await asked(third)).toContain('200 OK')
  })

  it('whose header does not come are told so and ended, others are served meanwhile', async () => {
    await start({ HEADERS_TIMEOUT: '1s' })
    const slow = await connected()
    slow.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n')
    expect(await asked(await connected())).toContain('200 OK')
    const answer = await slow.answer
    expect(answer).toContain('HTTP/1.1 408')
    expect(answer).toContain('"code":"REQUEST_TIMEOUT"')
  })

  it('that say nothing between two requests are ended after a while', async () => {
    await start({ KEEP_ALIVE_TIMEOUT: '1s' })
    const idle = await connected()
    expect(await asked(idle)).toContain('200 OK')
    expect(await idle.answer).toContain('200 OK')
  })
})

/** A request whose body is announced, begun, and goes on a byte at a time. */
async function trickled(token?: string): Promise<Connected> {
  const slow = await connected()
  const login = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  slow.socket.write(
    `POST /api/sessions HTTP/1.1\r\nHost: x\r\n${login}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`,
  )
  const drip = setInterval(() => slow.socket.writable && slow.socket.write(' '), 50)
  slow.socket.once('close', () => clearInterval(drip))
  return slow
}

async function signedIn(): Promise<string> {
  return (await createClient({ baseUrl: `${server.url}/api` }).auth.login(ADMIN)).accessToken
}

describe('bodies that come a byte at a time', () => {
  it('of strangers are answered before anything of them is kept', async () => {
    await start()
    const slow = await trickled()
    while (!slow.said().includes('UNAUTHENTICATED')) await once(slow.socket, 'data')
    expect(slow.said()).toContain('HTTP/1.1 401')
  })

  it('of whoever is signed in end with the time for a request, others are served meanwhile', async () => {
    await start({ HEADERS_TIMEOUT: '1s', REQUEST_TIMEOUT: '2s' })
    const token = await signedIn()
    const slow = await Promise.all(Array.from({ length: 20 }, () => trickled(token)))
    expect(await asked(await connected())).toContain('200 OK')
    for (const { answer } of slow) expect(await answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
    expect((await server.manager.list()).items).toEqual([])
  })
})

describe('sockets of live events', () => {
  it.each(['MAX_SOCKETS', 'MAX_SOCKETS_PER_ADDRESS', 'MAX_SOCKETS_PER_USER'])(
    'beyond %s wait for their turn: the client comes by itself when one has left',
    async (variable) => {
      await start({ [variable]: '2' })
      const token = await signedIn()
      const live = () => {
        const socket = io(server.url, { auth: { token }, forceNew: true, reconnectionDelay: 10 })
        listening.push(socket)
        return socket
      }
      const [first, second] = [live(), live()]
      await Promise.all([first, second].map((socket) => new Promise<void>((done) => socket.once('connect', done))))
      const third = live()
      const isIn = new Promise<void>((done) => third.once('connect', done))
      await new Promise<void>((done) => third.io.once('reconnect_attempt', () => done()))
      expect([first, second, third].map(({ connected }) => connected)).toEqual([true, true, false])
      first.close()
      await isIn
      expect(second.connected).toBe(true)
    },
  )
})
