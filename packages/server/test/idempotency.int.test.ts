// The promise of an Idempotency-Key, to a phone, by a server that is killed in between.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@trunkline/client'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000 })

const ADA = { email: 'ada@example.org', password: 'correct horse battery' }
const [ANA, BEN] = ['15550000001', '15550000002']
const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

let simulator: Simulator
let ana: Phone
let ben: Phone
let folder: string
let child: ChildProcess
let client: Client

beforeAll(async () => {
  simulator = await startSimulator({ seed: 'idempotency' })
  ana = await simulator.createPhone({ number: ANA, name: 'Ana' })
  ben = await simulator.createPhone({ number: BEN, name: 'Ben' })
})
afterAll(() => simulator.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-idempotency-'))
})
afterEach(async () => {
  client?.close()
  await killed()
  await rm(folder, { recursive: true, force: true })
})

/** The server as a process of its own, on SQLite, with a client that is signed in. */
async function start(): Promise<void> {
  child = spawn(process.execPath, ['--conditions=dev-source', '--import', 'tsx', cli], {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: process.env.NODE_OPTIONS,
      STORE: 'sqlite',
      DATA_DIR: folder,
      PORT: '0',
      JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
      ADMIN_EMAIL: ADA.email,
      ADMIN_PASSWORD: ADA.password,
      WA_WEB_SOCKET_URL: simulator.url,
      WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
    },
  })
  const baseUrl = `${await urlOf(child)}/api`
  client = createClient({ baseUrl, live: { io, sessions: ['ana'], after: { ana: 0 } }, maxRetries: 0 })
  await client.signIn(ADA)
}

function urlOf({ stdout }: ChildProcess): Promise<string> {
  let output = ''
  return new Promise((resolve) => {
    stdout?.on('data', (chunk: Buffer) => {
      output += chunk
      const url = /"url":"(http:[^"]+)"/.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
}

async function killed(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** The account is connected: heard from the log on, so that what happened before the socket was there is heard too. */
async function connected(): Promise<void> {
  const { status } = await client.sessions.get('ana')
  if (status === 'connected') return
  await new Promise<void>((resolve) => {
    client.events.on('connected', async () => {
      if ((await client.sessions.get('ana')).status === 'connected') resolve()
    })
  })
}

const onBensPhone = (text: string) => ben.messages.filter((message) => message.text === text)

/** The same request fifty times at once; what it was answered each time. */
async function fifty(text: string, idempotencyKey: string) {
  return await Promise.allSettled(
    Array.from({ length: 50 }, () => client.messages.send('ana', { to: BEN, text }, { idempotencyKey })),
  )
}

async function fiftyEqual(text: string, key: string): Promise<string> {
  const answers = await fifty(text, key)
  const ids = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.id : answer.reason))
  expect(new Set(ids).size).toBe(1)
  const [id] = ids
  await expect(
    client.messages.send('ana', { to: BEN, text: 'something else' }, { idempotencyKey: key }),
  ).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', status: 409 })
  return id
}

it('fifty times at once is one message and fifty equal answers, also after the server was killed', async () => {
  await start()
  const qr = new Promise<string>((resolve) => client.events.on('qr', (event) => resolve(event.qr)))
  await client.sessions.create({ id: 'ana' })
  await ana.scanQr(await qr)
  await connected()
  const id = await fiftyEqual('first', 'order-1')
  await ben.waitForMessage('first')

  // Killed with the message at the phone, whether or not anybody was told.
  const cut = fifty('second', 'order-2')
  const { id: secondId } = await ben.waitForMessage('second')
  await killed()
  for (const answer of await cut) if (answer.status === 'fulfilled') expect(answer.value.id).toBe(secondId)
  client.close()

  await start()
  await connected()
  expect(await fiftyEqual('first', 'order-1')).toBe(id)
  expect(await fiftyEqual('second', 'order-2')).toBe(secondId)
  const last = await client.messages.send('ana', { to: BEN, text: 'last' }, { idempotencyKey: 'order-3' })
  expect(await ben.waitForMessage('last')).toMatchObject({ id: last.id })
  // What came behind the others says that nothing more of them is on its way.
  expect([onBensPhone('first'), onBensPhone('second'), onBensPhone('something else')]).toMatchObject([
    [{ id }],
    [{ id: secondId }],
    [],
  ])
})
