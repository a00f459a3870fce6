// Many accounts in one server process and in several workers, both on one MongoDB: linked, idle, a few of them busy, restarted; see
// README.md. The built server is measured: `npm run build` first. Linux only, by what it reads of processes.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Client, createClient } from '@trunkline/client'
import type { EventOf } from '@trunkline/core'
import { io } from 'socket.io-client'
import { bundleChild } from './end-to-end/bundle.js'
import { nodeCommand, startChild } from './end-to-end/child-process.js'
import { Conversation } from './end-to-end/conversation.js'
import type { SimulatorCalls } from './end-to-end/simulator-child.js'
import { percentile } from './end-to-end/statistics.js'
import { ServerGroup, type Usage } from './workers/server-group.js'

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '1,4' },
    messages: { type: 'string', default: '1000' },
    'idle-seconds': { type: 'string', default: '60' },
  },
})
const [accounts, messages, idleMs] = [
  Number(values.accounts),
  Number(values.messages),
  Number(values['idle-seconds']) * 1_000,
]
/** What a busy hour looks like: one account of twenty. */
const ACTIVE_SHARE = 0.05
const LINKS_AT_A_TIME = 8
/** The collections and compilations that follow a load are no idle work. */
const SETTLE_MS = 15_000
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
const MEBIBYTE = 1024 * 1024

type Cells = Map<string, string>

const { startTestMongo } = (await import(new URL('../../scripts/test-mongo.mjs', import.meta.url).href)) as {
  startTestMongo(env: NodeJS.ProcessEnv): Promise<{ uri: string; kind: string; stop(): Promise<void> } | undefined>
}

const mongo = await startTestMongo({ ...process.env, TEST_MONGODB_HEAP: '6g' })
if (!mongo) throw new Error('There is no MongoDB to measure with')
const simulatorFile = await bundleChild('end-to-end/simulator-child')
const columns: [string, Cells][] = []
try {
  for (const workers of values.workers.split(',').map(Number))
    columns.push([workers === 1 ? 'one process' : `${workers} workers`, await measure(workers, mongo.uri)])
} finally {
  await mongo.stop()
}
const [cpu] = cpus()
console.log(
  `${new Date().toISOString().slice(0, 10)} · ${accounts} accounts · Node.js ${process.versions.node} · ` +
    `${cpu?.model ?? 'unknown'}, ${cpus().length} cores · MongoDB: ${mongo.kind}\n`,
)
console.log(`| | ${columns.map(([title]) => title).join(' | ')} |\n|---|${'---|'.repeat(columns.length)}`)
for (const row of columns[0]?.[1].keys() ?? [])
  console.log(`| ${row} | ${columns.map(([, cells]) => cells.get(row) ?? '').join(' | ')} |`)

async function measure(workers: number, mongoUri: string): Promise<Cells> {
  const cells: Cells = new Map()
  const note = (row: string, text: string) => {
    console.error(`${workers}: ${row}: ${text}`)
    cells.set(row, text)
  }
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-workers-bench-'))
  const simulator = startChild<SimulatorCalls>(nodeCommand(process.execPath, simulatorFile), { name: 'The simulator' })
  let group: ServerGroup | undefined
  let client: Client | undefined
  try {
    const { url, rootPublicKey, mediaCertificate } = await simulator.call('start', { seed: `workers-${workers}` })
    const database = new URL(mongoUri)
    database.pathname = `/workers-bench-${randomUUID()}`
    const env = environmentOf({ url, rootPublicKey, mediaCertificate, uri: database.href, folder })
    const numbers = Array.from({ length: accounts }, (_, index) => `15552${String(index).padStart(6, '0')}`)
    await simulator.call('addPhones', { numbers })
    const allConnected = async () => {
      while ((await simulator.call('connections', undefined)) < accounts) await sleep(100)
    }

    group = await ServerGroup.start(workers, env)
    client = await clientOf(group)
    await sleep(SETTLE_MS)
    const empty = await group.usage()
    const conversation = new Conversation(sideOf(client))
    client.events.on('message', ({ sessionId, message }: EventOf<'message'>) => {
      if (message.text) conversation.received({ account: sessionId, chat: message.chatId, text: message.text })
    })
    const begunAt = performance.now()
    await link(client, numbers, (number, qr) => simulator.call('scanQr', { number, qr }))
    await allConnected()
    const linked = await group.usage()
    note('linked', `${seconds(performance.now() - begunAt)}, CPU ${each(linked.cpuMs - empty.cpuMs)} ms an account`)

    await sleep(SETTLE_MS)
    note('memory of no account', `${mebibytes(empty)} MiB`)
    note('memory, linked', memoryOf(await group.usage(), empty))
    note(`idle for ${idleMs / 1_000} s`, await cpuOf(group, () => sleep(idleMs)))

    const active = numbers.slice(0, Math.max(2, Math.round(accounts * ACTIVE_SHARE)))
    const circles = Array.from({ length: Math.floor(active.length / 2) }, (_, pair) => ({
      members: active.slice(pair * 2, pair * 2 + 2),
    }))
    const before = await group.usage()
    const { delivered, lost, doubled, latenciesMs, wallMs } = await conversation.run({ circles, messages, inFlight: 1 })
    const talkedMs = (await group.usage()).cpuMs - before.cpuMs
    note(
      `${active.length} of them talk, ${messages} messages`,
      `${seconds(wallMs)}, CPU ${(talkedMs / messages).toFixed(1)} ms a message; ${delivered} delivered, ${lost} lost, ${doubled} doubled; p50 ${percentile(latenciesMs, 0.5).toFixed(0)} ms`,
    )

    client.close()
    await group.end()
    const restartedAt = performance.now()
    group = await ServerGroup.start(workers, env)
    const servingAt = performance.now()
    await allConnected()
    note('restarted, until all serve', seconds(servingAt - restartedAt))
    // The first worker begins while the others start.
    note('… until all are connected', seconds(performance.now() - restartedAt))
    await sleep(SETTLE_MS)
    note('memory, restarted', memoryOf(await group.usage(), empty))
    note(`idle for ${idleMs / 1_000} s, restarted`, await cpuOf(group, () => sleep(idleMs)))
    await group.end()
  } finally {
    client?.close()
    await simulator.end()
    await group?.end()
    await rm(folder, { recursive: true, force: true })
  }
  return cells
}

interface Place {
  url: string
  rootPublicKey: string
  mediaCertificate: string
  uri: string
  folder: string
}

function environmentOf({ url, rootPublicKey, mediaCertificate, uri, folder }: Place): Record<string, string> {
  return {
    JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    DATA_DIR: folder,
    PORT: '0',
    RATE_LIMIT: 'off',
    RATE_LIMIT_ADDRESS: 'off',
    MAX_SESSIONS: String(accounts),
    MONGODB_URI: uri,
    WA_WEB_SOCKET_URL: url,
    WA_CERT_PUBLIC_KEY: rootPublicKey,
    WA_MEDIA_CERT: mediaCertificate.replaceAll('\n', '\\n'),
  }
}

async function clientOf({ url }: ServerGroup): Promise<Client> {
  const live = (address: string, options: object) => io(address, { ...options, transports: ['websocket'] })
  const client = createClient({ baseUrl: `${url}/api`, live: { io: live } })
  await client.signIn(ADMIN)
  return client
}

function sideOf(client: Client) {
  return {
    async send(account: string, to: string, text: string) {
      await client.messages.send(account, { to, text }, { maxRetries: 0 })
    },
  }
}

/** Resolves when each has connected once. */
async function link(
  client: Client,
  numbers: readonly string[],
  scan: (number: string, qr: string) => Promise<unknown>,
): Promise<void> {
  const connected = new Map<string, () => void>()
  client.events.on('qr', ({ sessionId, qr }: EventOf<'qr'>) => void scan(sessionId, qr).catch(() => undefined))
  client.events.on('session.status', ({ sessionId, status }: EventOf<'session.status'>) => {
    if (status === 'connected') connected.get(sessionId)?.()
  })
  while (client.events.state.status !== 'open') await sleep(20)
  const queue = [...numbers]
  const worker = async () => {
    for (let number = queue.shift(); number; number = queue.shift()) {
      const id = number
      const isConnected = new Promise<void>((resolve) => connected.set(id, resolve))
      await client.sessions.create({ id })
      await isConnected
    }
  }
  await Promise.all(Array.from({ length: LINKS_AT_A_TIME }, worker))
}

async function cpuOf(group: ServerGroup, work: () => Promise<unknown>): Promise<string> {
  const before = await group.usage()
  await work()
  const { cpuMs } = await group.usage()
  return `CPU ${seconds(cpuMs - before.cpuMs)} (${each(cpuMs - before.cpuMs)} ms an account)`
}

function memoryOf(now: Usage, empty: Usage): string {
  const kibibytes = (now.bytes - empty.bytes) / accounts / 1024
  return `${mebibytes(now)} MiB (${kibibytes.toFixed(0)} KiB an account)`
}

function mebibytes({ bytes }: Usage): string {
  return (bytes / MEBIBYTE).toFixed(0)
}

function each(ms: number): string {
  return (ms / accounts).toFixed(1)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
