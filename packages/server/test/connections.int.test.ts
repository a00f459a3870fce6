import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../src/index.js'

let server: RunningServer
const opened: Socket[] = []

async function start(env: Record<string, string> = {}): Promise<void> {
  const least = { STORE: 'memory', PORT: '0', JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!' }
  server = await startServer({ ...least, ...env }, { logger: pino({ level: 'silent' }) })
}

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
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
