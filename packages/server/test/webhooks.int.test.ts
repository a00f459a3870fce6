import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@trunkline/client'
import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const example = fileURLToPath(new URL('../../../examples/webhook-receiver/receiver.mjs', import.meta.url))
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }

let folder: string
const ends: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-webhooks-'))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await rm(folder, { recursive: true, force: true })
})

/** A process, and what it has written. */
function run(argv: string[], env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, argv, {
    env: { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS, ...env },
  })
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = () => {
    child.kill('SIGKILL')
    return exit
  }
  ends.push(kill)
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk
      for (const check of waiting) check()
    })
  const wrote = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        const [, found] = pattern.exec(output) ?? []
        if (found !== undefined) resolve(found)
      }
      waiting.add(check)
      void exit.then(() => reject(new Error(`The process has ended:\n${output}`)))
      check()
    })
  return { kill, wrote }
}

async function server(env: Record<string, string> = {}) {
  const child = run(['--conditions=dev-source', '--import', 'tsx', cli], {
    DATA_DIR: folder,
    PORT: '0',
    // Nobody listens there.
    WA_WEB_SOCKET_URL: 'ws://127.0.0.1:1',
    JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    URL_ALLOW: '127.0.0.1',
    ...env,
  })
  const client = createClient({ baseUrl: `${await child.wrote(/"url":"(http:[^"]+)"/)}/api` })
  await client.signIn(ADMIN)
  return { ...child, client }
}

/** Notes which event came under which id, and answers as it is told. */
async function receiver() {
  const received: { id: string; event: string }[] = []
  const target = { received, answer: (response: ServerResponse): unknown => response.writeHead(204).end(), url: '' }
  let heard: (() => void)[] = []
  const listening = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { type, data } = JSON.parse(body)
    received.push({ id: String(request.headers['webhook-id']), event: `${data.sessionId} ${data.seq} ${type}` })
    target.answer(response)
    for (const done of heard.splice(0)) done()
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  target.url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`
  ends.push(async () => {
    listening.closeAllConnections()
    await new Promise((resolve) => listening.close(resolve))
  })
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((resolve) => heard.push(resolve))
    heard = []
  }
  return Object.assign(target, { until })
}

/** A database of its own; `undefined` where the tests were given no server. */
function mongoEnvironment(): Record<string, string> | undefined {
  const { TEST_MONGODB_URI, REQUIRE_MONGO } = process.env
  if (!TEST_MONGODB_URI && REQUIRE_MONGO === '1')
    throw new Error('REQUIRE_MONGO=1, but TEST_MONGODB_URI names no server')
  if (!TEST_MONGODB_URI) return undefined
  const uri = new URL(TEST_MONGODB_URI)
  uri.pathname = `/webhooks-${randomUUID()}`
  ends.push(async () => {
    const client = await MongoClient.connect(uri.href)
    await client.db().dropDatabase()
    await client.close()
  })
  return { MONGODB_URI: uri.href }
}

const STORES: [string, () => Record<string, string> | undefined][] = [
  ['SQLite', () => ({ STORE: 'sqlite' })],
  ['MongoDB', mongoEnvironment],
]

describe.each(STORES)('webhooks of a server over %s', (_store, environmentOf) => {
  it.each([
    // The server is killed while the first requests hang.
    ['event and delivery', 1, () => {}],
    // Cursors are written a second later.
    ['delivery and cursor', 3, (response: ServerResponse) => response.writeHead(204).end()],
  ])(
    'bring every event, also of one that is killed between %s, and each under one id',
    async (_when, asked, answer) => {
      const env = environmentOf()
      if (!env) return
      const target = await receiver()
      target.answer = answer
      const killed = await server(env)
      await killed.client.webhooks.create({ url: target.url, events: ['session.created'] })
      for (const id of ['one', 'two']) await killed.client.sessions.create({ id, start: false })
      await killed.client.sessions.create({ id: 'three', start: false })
      await target.until(() => target.received.length >= asked)
      await killed.kill()

      target.answer = (response) => response.writeHead(204).end()
      const { client } = await server(env)
      await client.sessions.create({ id: 'four', start: false })
      const wanted = ['one 1', 'two 1', 'three 1', 'four 1'].map((event) => `${event} session.created`)
      const seen = () => new Set(target.received.map(({ event }) => event))
      await target.until(() => wanted.every((event) => seen().has(event)))
      const ids = new Map<string, Set<string>>()
      for (const { id, event } of target.received) ids.set(event, (ids.get(event) ?? new Set()).add(id))
      expect([...ids.values()].every((all) => all.size === 1)).toBe(true)
      expect(new Set([...ids.values()].flatMap((all) => [...all])).size).toBe(ids.size)
    },
  )
})

describe('webhooks of a server', () => {
  it('are made, tried, changed and removed by the client, and refused inside unless URL_ALLOW names it', async () => {
    const target = await receiver()
    const { client } = await server({ AUTH_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff'.repeat(2) })
    const made = await client.webhooks.create({ url: target.url, description: 'Orders' })
    expect(made.secret).toMatch(/^whsec_/)
    expect(await client.webhooks.test(made.id)).toMatchObject({ status: 204 })
    expect(await client.webhooks.update(made.id, { enabled: false })).toMatchObject({ state: 'disabled' })
    const second = await client.webhooks.createSecret(made.id)
    await client.webhooks.deleteSecret(made.id, made.secrets[0]?.id ?? '')
    expect((await client.webhooks.get(made.id)).secrets.map(({ id }) => id)).toEqual([second.id])
    expect((await client.webhooks.listDeliveries(made.id)).items).toEqual([])
    await client.webhooks.delete(made.id)
    expect((await client.webhooks.list()).items).toEqual([])
    await expect(client.webhooks.create({ url: 'http://127.0.0.2/' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    })
  })

  it('are taken by the receiver of the examples, which refuses what is not signed for it', async () => {
    const { client } = await server()
    const address = run([example], { PORT: '0', WEBHOOK_SECRET: 'whsec_AAAA' })
    const wrong = await address.wrote(/at (http:\S+)/)
    const { secret } = await client.webhooks.create({ url: wrong, enabled: false })
    const { items } = await client.webhooks.list()
    expect(await client.webhooks.test(items[0]?.id ?? '')).toMatchObject({ status: 401 })
    const right = run([example], { PORT: '0', WEBHOOK_SECRET: secret })
    await client.webhooks.update(items[0]?.id ?? '', { url: await right.wrote(/at (http:\S+)/), enabled: true })
    await client.sessions.create({ id: 'shop', start: false })
    expect(await right.wrote(/(session.created shop 1)/)).toBe('session.created shop 1')
  })
})
