// What becomes of the server when its log can go nowhere.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

let folder: string
let port: string
let child: ChildProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-log-'))
  port = await freePort()
})
afterEach(async () => {
  child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? String(address.port) : ''))
    })
  })
}

async function start(stdout: number | 'pipe'): Promise<void> {
  const env = { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, DATA_DIR: folder, PORT: port }
  child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', cli], {
    env: { ...env, JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!' },
    stdio: ['ignore', stdout, 'inherit'],
  })
  const ended = new Promise<never>((_, reject) => child.once('exit', () => reject(new Error('The server ended'))))
  ended.catch(() => {})
  const answers = async () => {
    for (;;) {
      if (await get('/healthz').catch(() => false)) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  await Promise.race([answers(), ended])
}

async function get(path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status
}

/** Each is a line in the log of some 300 bytes. */
async function request(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) expect(await get('/api/sessions')).toBe(401)
}

async function stop(): Promise<number | null> {
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return exit
}

describe('a server whose log', () => {
  it('is on a full disk goes on, and stops when it is asked to', async () => {
    const full = openSync('/dev/full', 'w')
    await start(full)
    closeSync(full)
    await request(20)
    expect(await get('/readyz')).toBe(200)
    expect(await stop()).toBe(0)
  })

  it('goes to a pipe that nobody reads goes on, and stops when it is asked to', async () => {
    await start('pipe')
    // More than a pipe takes.
    await request(500)
    expect(await get('/readyz')).toBe(200)
    expect(await stop()).toBe(0)
  })

  it('goes to a pipe whose reader has gone goes on', async () => {
    await start('pipe')
    child.stdout?.destroy()
    await request(20)
    expect(await get('/readyz')).toBe(200)
    expect(await stop()).toBe(0)
  })
})
