// What `manager.stats()` costs the event loop at 1,000 sessions, beside reading every record as it did before, in one run.
// SESSIONS, CALLS: how many.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createMemoryStore, MultiSessionManager, type Store } from '@trunkline/core'
import type { Connection, Connector } from '@trunkline/core/store'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { pino } from 'pino'

const { startTestMongo } = (await import(new URL('../../scripts/test-mongo.mjs', import.meta.url).href)) as {
  startTestMongo(): Promise<{ uri: string; kind: string; stop(): Promise<void> } | undefined>
}

const SESSIONS = Number(process.env.SESSIONS ?? 1_000)
const CALLS = Number(process.env.CALLS ?? 50)

/** Sessions that connect for ever: they run, and nothing else happens. */
const idle: Connector = {
  connect({ onEvent }) {
    const close = async () => onEvent({ type: 'close', close: { message: 'closed' } })
    return { close, logout: close } as unknown as Connection
  },
  prepare() {
    throw new Error('Nothing is sent here')
  },
}

/** Milliseconds in which the event loop could do nothing else, of one call: the fastest, which no other process disturbed, and the median. */
async function busyMs(work: () => Promise<unknown>): Promise<string> {
  const figures: number[] = []
  for (let call = 0; call < CALLS; call += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    const before = performance.eventLoopUtilization()
    await work()
    figures.push(performance.eventLoopUtilization(before).active)
  }
  const sorted = figures.toSorted((left, right) => left - right)
  return `${(sorted[0] ?? 0).toFixed(2)} / ${(sorted[CALLS >> 1] ?? 0).toFixed(2)} ms`
}

async function everyRecord(store: Store): Promise<number> {
  let sum = 0
  let cursor: string | undefined
  do {
    const page = await store.sessions.list({ limit: 200, ...(cursor ? { cursor } : {}) })
    for (const { counters } of page.items) sum += counters.sent
    cursor = page.nextCursor
  } while (cursor)
  return sum
}

async function measure(name: string, store: Store): Promise<void> {
  const manager = new MultiSessionManager({
    store,
    connector: idle,
    connectsPerSecond: 1e6,
    logger: pino({ level: 'silent' }),
  })
  const ids = Array.from({ length: SESSIONS }, (_, n) => `session-${n}`)
  for (const id of ids) await manager.create({ id, start: false, metadata: { team: 'sales', region: 'north' } })
  const line = async (state: string) => {
    const before = await busyMs(() => everyRecord(store))
    const after = await busyMs(() => manager.stats())
    console.log(`${name.padEnd(10)} ${state.padEnd(8)} before ${before.padEnd(20)} after ${after}`)
  }
  await line('resting')
  for (const id of ids) await manager.startSession(id)
  await line('running')
  await manager.close()
  await store.close()
}

const folder = await mkdtemp(join(tmpdir(), 'trunkline-bench-'))
const mongo = await startTestMongo()
try {
  console.log(`${SESSIONS} sessions, the fastest and the median of ${CALLS} calls, Node.js ${process.versions.node}`)
  await measure('memory', createMemoryStore())
  await measure('SQLite', createSqliteStore({ path: join(folder, 'file.db') }))
  if (mongo) await measure('MongoDB', createMongoStore({ uri: mongo.uri, databaseName: 'stats' }))
  else console.error('MongoDB is left out: none is named by MONGODB_URI, and there is none to start.')
} finally {
  await mongo?.stop()
  await rm(folder, { recursive: true, force: true })
}
