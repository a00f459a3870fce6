import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createMemoryStore, MultiSessionManager, type Store } from '@trunkline/core'
import { simulatorClientConfig } from '@trunkline/simulator'
import { createSqliteStore } from '@trunkline/sqlite-store'
import {
  type ConnectionState,
  initAuthCreds,
  makeWASocket,
  proto,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'

/**
 * How long the event loop stands still at most while an account is linked that has a long history: for Baileys alone, and for
 * Trunkline on a store from the moment on at which Baileys has handed the history over. The phone and its server are another process.
 *
 *     npm run history --workspace=@trunkline/bench -- [messages] [memory|sqlite|baileys …]
 */

const CHATS = 30
const logger = pino({ level: 'silent' })

interface World {
  url: string
  rootPublicKey: string
}

async function withWorld(messages: number, work: (world: World, scan: (qr: string) => void) => Promise<void>) {
  const child = fork(join(import.meta.dirname, 'history-world.ts'), [String(messages)], { execArgv: process.execArgv })
  try {
    const world = await new Promise<World>((resolve, reject) => {
      child.once('message', (message) => resolve(message as World))
      child.once('exit', () => reject(new Error('The simulator ended')))
    })
    await work(world, (qr) => void child.send({ qr }))
  } finally {
    child.kill()
  }
}

interface Measured {
  longestMs: number
  /** CPU time of the process within one block: what is left of it when other processes take none of it away. */
  longestCpuMs: number
  totalMs: number
}

async function measured(work: (begin: () => void) => Promise<void>): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const startedAt = performance.now()
  let longestCpuMs = 0
  let before = process.cpuUsage()
  const probe = setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    longestCpuMs = Math.max(longestCpuMs, (user + system) / 1e3)
    before = process.cpuUsage()
  }, 1)
  delay.enable()
  await work(() => {
    delay.reset()
    longestCpuMs = 0
    before = process.cpuUsage()
  })
  delay.disable()
  clearInterval(probe)
  const [longestMs, totalMs] = [delay.max / 1e6, performance.now() - startedAt]
  return { longestMs, longestCpuMs, totalMs }
}

async function trunkline(world: World, scan: (qr: string) => void, store: Store, begin: () => void): Promise<void> {
  const { url: webSocketUrl, rootPublicKey } = world
  const certPublicKey = Buffer.from(rootPublicKey, 'base64')
  const manager = new MultiSessionManager({ store, webSocketUrl, certPublicKey, logger })
  manager.on('qr', ({ qr }) => scan(qr))
  const done = new Promise<void>((resolve) => {
    let parts = 0
    manager.on('history.progress', (event) => {
      parts += 1
      // In a turn of its own: that in which Baileys decodes the whole of it is over then.
      if (parts === 1) setTimeout(begin, 1)
      if (event.done) resolve()
    })
  })
  await manager.create({ id: 'a', settings: { preload: { type: 'all', limit: CHATS } } })
  await done
  await manager.close()
}

async function baileys(world: World, scan: (qr: string) => void, wanted: number): Promise<void> {
  const rootPublicKey = Buffer.from(world.rootPublicKey, 'base64')
  const { waWebSocketUrl } = simulatorClientConfig({ url: world.url, rootPublicKey })
  let heard = 0
  const creds = initAuthCreds()
  const stored = new Map<string, unknown>()
  const keys = {
    get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) =>
      Object.fromEntries(
        ids.flatMap((id) => (stored.has(`${type}|${id}`) ? [[id, stored.get(`${type}|${id}`)]] : [])),
      ) as {
        [id: string]: SignalDataTypeMap[T]
      },
    set: async (data: Record<string, Record<string, unknown>>) => {
      for (const [type, values] of Object.entries(data))
        for (const [id, value] of Object.entries(values ?? {})) stored.set(`${type}|${id}`, value)
    },
  }
  await new Promise<void>((resolve) => {
    const connect = () => {
      const socket = makeWASocket({
        auth: { creds, keys },
        logger,
        waWebSocketUrl,
        shouldSyncHistoryMessage: ({ syncType }) => syncType !== proto.HistorySync.HistorySyncType.FULL,
      })
      socket.ev.on('creds.update', (update) => void Object.assign(creds, update))
      socket.ev.on('connection.update', ({ qr, connection }: Partial<ConnectionState>) => {
        if (qr) scan(qr)
        if (connection === 'close') connect()
      })
      socket.ev.on('messaging-history.set', ({ messages }) => {
        heard += messages.length
        if (heard >= wanted) resolve()
      })
    }
    connect()
  })
}

const [count = '50000', ...subjects] = process.argv.slice(2)
for (const subject of subjects.length > 0 ? subjects : ['baileys', 'memory', 'sqlite']) {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-history-'))
  await withWorld(Number(count), async (world, scan) => {
    const store = subject === 'sqlite' ? createSqliteStore({ path: join(folder, 'history.db') }) : createMemoryStore()
    const { longestMs, longestCpuMs, totalMs } = await measured((begin) =>
      subject === 'baileys' ? baileys(world, scan, Number(count)) : trunkline(world, scan, store, begin),
    )
    if (subject !== 'baileys') process.stdout.write(`${subject}: ${await store.messages.count('a')} messages stored. `)
    const figures = [longestMs, longestCpuMs, totalMs].map((ms) => Math.round(ms))
    process.stdout.write(
      `${subject}: longest block ${figures[0]} ms (${figures[1]} ms of CPU), ${figures[2]} ms in all\n`,
    )
    await store.close()
  })
  await rm(folder, { recursive: true, force: true })
}
process.exit()
