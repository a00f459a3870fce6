import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { declaredFetch } from '../../api/test/support/declared.js'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const JWT_SECRET = 'a-secret-of-at-least-thirty-two-bytes!'

let folder: string
let children: ChildProcess[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-server-'))
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

function run(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', cli, ...args], {
    env: { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, DATA_DIR: folder, PORT: '0', ...env },
  })
  children.push(child)
  let output = ''
  const listeners = new Set<() => void>()
  const onData = (chunk: Buffer) => {
    output += chunk
    for (const check of listeners) check()
  }
  child.stdout.on('data', onData)
  child.stderr.on('data', onData)
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  /** The first match in what the process wrote. */
  const wrote = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const check = () => {
        const found = pattern.exec(output)
        if (!found) return
        listeners.delete(check)
        resolve(found)
      }
      listeners.add(check)
      void exit.then((code) => reject(new Error(`The process ended with ${code}:\n${output}`)))
      check()
    })
  const url = async () => (await wrote(/"url":"(http:[^"]+)"/))[1] ?? ''
  return { child, exit, wrote, url, output: () => output }
}

describe('the process', () => {
  it('ends with 0 on SIGTERM after the request that is going on, and refuses new connections', async () => {
    const server = run({ JWT_SECRET })
    const url = await server.url()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)

    // A request that has begun and whose body is not here yet.
    let finish = (_rest: string) => {}
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"email":"a@b.example",'))
        finish = (rest) => {
          controller.enqueue(new TextEncoder().encode(rest))
          controller.close()
        }
      },
    })
    const headers = { 'content-type': 'application/json' }
    const going = fetch(`${url}/api/auth/login`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    await new Promise((resolve) => setTimeout(resolve, 100))
    server.child.kill('SIGTERM')
    await server.wrote(/"msg":"Closing"/)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    finish('"password":"wrong"}')
    expect((await going).status).toBe(401)
    expect(await server.exit).toBe(0)
    expect(server.output()).toContain('"msg":"Closed"')
  })

  it('ends in order on a signal that comes before it serves, too', async () => {
    const server = run({ JWT_SECRET, ADMIN_EMAIL: 'ada@example.org', ADMIN_PASSWORD: 'correct horse battery' })
    await server.wrote(/The admin of the environment is there/)
    server.child.kill('SIGTERM')
    expect(await server.exit).toBe(0)
    expect(server.output()).toContain('"msg":"Closed"')
  })

  it('ends at once on the second signal', async () => {
    const server = run({ JWT_SECRET })
    const { hostname, port } = new URL(await server.url())
    // A request that never ends keeps the first signal waiting.
    const { connect } = await import('node:net')
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write('POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{')
    await new Promise((resolve) => setTimeout(resolve, 100))
    server.child.kill('SIGTERM')
    await server.wrote(/"msg":"Closing"/)
    server.child.kill('SIGTERM')
    expect(await server.exit).toBe(143)
  })

  it('keeps users and sessions over a restart', async () => {
    const env = { JWT_SECRET, ADMIN_EMAIL: 'ada@example.org', ADMIN_PASSWORD: 'correct horse battery' }
    const seeded = run(env, 'seed')
    expect(await seeded.exit).toBe(0)

    const first = run({ JWT_SECRET })
    const made = await request(await first.url(), 'POST', '/sessions', { id: 'shop', start: false })
    expect(made.status).toBe(201)
    first.child.kill('SIGINT')
    expect(await first.exit).toBe(0)

    const second = run({ JWT_SECRET })
    expect((await request(await second.url(), 'GET', '/sessions/shop')).status).toBe(200)
  })

  it.each([
    [{ JWT_SECRET: 'super-secret-change-me', HOST: '0.0.0.0' }, 'JWT_SECRET is a value from an example'],
    [
      { JWT_SECRET, ADMIN_EMAIL: 'a@b.example', ADMIN_PASSWORD: 'admin123', NODE_ENV: 'production' },
      'ADMIN_PASSWORD is a value from an example',
    ],
    [{ JWT_SECRET: '' }, 'JWT_SECRET is needed'],
    [{ JWT_SECRET, PORT: 'x', WA_VERSION: '2' }, 'PORT must be a whole number'],
    [{ JWT_SECRET, LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ JWT_SECRET, CORS_ORIGIN: 'localhost:3000' }, 'CORS_ORIGIN must be origins'],
    [{ JWT_SECRET, WORKERS: '0' }, 'WORKERS must be a whole number from 1 to 64'],
    [{ JWT_SECRET, WORKERS: '2' }, 'WORKERS is more than 1, which needs MONGODB_URI: the file of STORE sqlite'],
    [{ JWT_SECRET, DATA_DIR: '/dev/null' }, 'DATA_DIR /dev/null: path /dev/null/'],
    [{ JWT_SECRET, DATA_DIR: '/dev/null' }, "'/dev/null"],
  ])('does not start with %j and says why', async (env, reason) => {
    const server = run(env as Record<string, string>)
    expect(await server.exit).toBe(1)
    expect(server.output()).toContain(reason)
  })

  it.each([
    [['--workers', 'many'], 1, 'WORKERS must be a whole number from 1 to 64'],
    [['start', '--workers', '65'], 1, 'WORKERS must be a whole number from 1 to 64'],
    [['--workers'], 1, "'--workers <value>' argument missing"],
    [['--worker', '2'], 1, "Unknown option '--worker'"],
    [['worker', '1', '/tmp'], 2, 'trunkline [start]'],
  ])('refuses the arguments %j and says why', async (args, exitCode, reason) => {
    const server = run({ JWT_SECRET }, ...args)
    expect(await server.exit).toBe(exitCode)
    expect(server.output()).toContain(reason)
  })

  it('names the port that somebody else has', async () => {
    const taken: Server = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''
    const server = run({ JWT_SECRET, PORT: port })
    expect(await server.exit).toBe(1)
    expect(server.output()).toContain(`PORT ${port} is taken by another process`)
    taken.close()
  })

  it('says once that a proxy is there and not trusted', async () => {
    const server = run({ JWT_SECRET })
    const url = await server.url()
    for (let i = 0; i < 3; i += 1) await fetch(`${url}/healthz`, { headers: { 'x-forwarded-for': '10.0.0.1' } })
    await server.wrote(/X-Forwarded-For/)
    server.child.kill('SIGTERM')
    await server.exit
    expect(server.output().match(/X-Forwarded-For/g)).toHaveLength(1)
  })

  it('warns of sample secrets on loopback and starts', async () => {
    const server = run({ JWT_SECRET: 'super-secret-change-me' })
    await server.url()
    expect(server.output()).toContain('JWT_SECRET is a value from an example')
  })

  it('explains itself for a command that it does not know', async () => {
    const server = run({ JWT_SECRET }, 'dance')
    expect(await server.exit).toBe(2)
    expect(server.output()).toContain('trunkline seed')
  })
})

async function request(url: string, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  const credentials = JSON.stringify({ email: 'ada@example.org', password: 'correct horse battery' })
  const login = await fetch(`${url}/api/auth/login`, { method: 'POST', headers, body: credentials })
  const { accessToken } = (await login.json()) as { accessToken: string }
  return declaredFetch(`${url}/api`, path, {
    method,
    headers: { ...headers, authorization: `Bearer ${accessToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}
