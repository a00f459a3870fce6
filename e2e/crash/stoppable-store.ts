import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { MongoClient } from 'mongodb'
import { TcpProxy } from '../tcp-proxy.js'

/** A store whose engine can be brought to a halt, as seen from outside. */
export interface StoppableStore {
  store: Store
  /** Nothing is answered, or every write is refused, from here on. */
  halt(): Promise<void>
  goOn(): Promise<void>
  end(): Promise<void>
}

/** Another program holds the write lock of the file. */
export async function stoppableSqlite(): Promise<StoppableStore> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-outage-'))
  const path = join(folder, 'bot.db')
  const store = createSqliteStore({ path })
  await store.setup()
  const other = fork(fileURLToPath(new URL('lock-holder.mjs', import.meta.url)), [path], { execArgv: [] })
  const exited = once(other, 'exit')
  await once(other, 'message')
  const run = async (statement: string) => {
    other.send(statement)
    await once(other, 'message')
  }
  return {
    store,
    halt: () => run('BEGIN IMMEDIATE'),
    goOn: () => run('ROLLBACK'),
    async end() {
      other.disconnect()
      await exited
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** How soon the driver gives up on a server that is silent. */
type Patience = { patienceMs: number }

/** A server of its own is stopped by SIGSTOP, connections and all. `undefined` where none can be started. */
export async function stoppableMongo(patience: Patience): Promise<StoppableStore | undefined> {
  const server = fork(fileURLToPath(new URL('mongo-server.mjs', import.meta.url)), { execArgv: [] })
  const exited = once(server, 'exit')
  const [{ uri, pid }] = (await once(server, 'message')) as [{ uri?: string; pid?: number }]
  const endServer = async () => {
    server.disconnect()
    await exited
  }
  if (!uri || !pid) {
    await endServer()
    return undefined
  }
  const { store, end } = openStore(new URL(uri), patience)
  return {
    store,
    halt: async () => void process.kill(pid, 'SIGSTOP'),
    goOn: async () => void process.kill(pid, 'SIGCONT'),
    async end() {
      process.kill(pid, 'SIGCONT')
      await end()
      await endServer()
    },
  }
}

/**
 * The way to the server of the tests, whatever it is, is blocked, connections and all: it does not refuse, it is silent, and
 * hears afterwards what was said to it. `undefined` without a server.
 */
export async function blockableMongo(patience: Patience): Promise<StoppableStore | undefined> {
  const { TEST_MONGODB_URI } = process.env
  if (!TEST_MONGODB_URI) return undefined
  const uri = new URL(TEST_MONGODB_URI)
  const way = await TcpProxy.to({ host: uri.hostname, port: Number(uri.port || 27_017) })
  uri.host = `127.0.0.1:${way.port}`
  const { store, end } = openStore(uri, patience)
  return {
    store,
    halt: async () => way.swallow(),
    goOn: async () => way.pass(),
    async end() {
      way.pass()
      await end()
      await way.close()
    },
  }
}

/** In a database of its own, which goes with it. */
function openStore(uri: URL, { patienceMs }: Patience) {
  uri.pathname = `/outage-${randomUUID()}`
  // A replica set would name servers past a way that can be blocked.
  uri.searchParams.set('directConnection', 'true')
  for (const name of ['connectTimeoutMS', 'heartbeatFrequencyMS', 'serverSelectionTimeoutMS'])
    uri.searchParams.set(name, String(patienceMs))
  const client = new MongoClient(uri.href)
  const store = createMongoStore({ client, databaseName: client.options.dbName })
  return {
    store,
    async end() {
      await store.close()
      await client.db().dropDatabase()
      await client.close()
    },
  }
}
