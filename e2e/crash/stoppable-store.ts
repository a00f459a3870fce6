import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'
import Database from 'libsql'
import { MongoClient } from 'mongodb'

/** A store whose engine can be brought to a halt, as seen from outside. */
export interface StoppableStore {
  store: Store
  /** Nothing is answered, or every write is refused, from here on. */
  halt(): void
  goOn(): void
  end(): Promise<void>
}

/** Another program holds the write lock of the file. */
export async function stoppableSqlite(): Promise<StoppableStore> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-outage-'))
  const path = join(folder, 'bot.db')
  const store = createSqliteStore({ path })
  await store.setup()
  const other = new Database(path)
  return {
    store,
    halt: () => void other.exec('BEGIN IMMEDIATE'),
    goOn: () => void other.exec('ROLLBACK'),
    async end() {
      other.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * The way to the server of the tests is blocked, connections and all: it does not refuse, it is silent, and hears afterwards
 * what was said to it. `undefined` without a server.
 */
export async function stoppableMongo({ patienceMs }: { patienceMs: number }): Promise<StoppableStore | undefined> {
  const { TEST_MONGODB_URI } = process.env
  if (!TEST_MONGODB_URI) return undefined
  const uri = new URL(TEST_MONGODB_URI)
  const way = await openWay({ host: uri.hostname, port: Number(uri.port || 27_017) })
  uri.host = `127.0.0.1:${way.port}`
  uri.pathname = `/outage-${randomUUID()}`
  // A replica set would name servers past the way.
  uri.searchParams.set('directConnection', 'true')
  for (const name of ['connectTimeoutMS', 'heartbeatFrequencyMS', 'serverSelectionTimeoutMS'])
    uri.searchParams.set(name, String(patienceMs))
  const client = new MongoClient(uri.href)
  const store = createMongoStore({ client, databaseName: client.options.dbName })
  return {
    store,
    halt: () => way.block(),
    goOn: () => way.open(),
    async end() {
      way.open()
      await store.close()
      await client.db().dropDatabase()
      await client.close()
      await way.close()
    },
  }
}

/** A port whose connections lead to another one. */
async function openWay(target: { host: string; port: number }) {
  const pairs = new Set<[Socket, Socket]>()
  let blocked = false
  const join = ([one, other]: [Socket, Socket]) => {
    one.pipe(other).pipe(one)
  }
  const part = ([one, other]: [Socket, Socket]) => {
    one.unpipe(other)
    other.unpipe(one)
  }
  const server = createServer((inbound) => {
    const pair: [Socket, Socket] = [inbound, connect(target)]
    pairs.add(pair)
    if (!blocked) join(pair)
    for (const socket of pair) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const one of pair) one.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    block() {
      blocked = true
      pairs.forEach(part)
    },
    open() {
      if (blocked) pairs.forEach(join)
      blocked = false
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const [inbound] of pairs) inbound.destroy()
      await closed
    },
  }
}
