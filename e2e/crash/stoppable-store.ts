import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'
import Database from 'libsql'

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

/** The server is stopped, connections and all: it does not refuse, it is silent. `undefined` where none can be started. */
export async function stoppableMongo({ patienceMs }: { patienceMs: number }): Promise<StoppableStore | undefined> {
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
  const times = ['connectTimeoutMS', 'heartbeatFrequencyMS', 'serverSelectionTimeoutMS'].map(
    (name) => `${name}=${patienceMs}`,
  )
  const store = createMongoStore({ uri: `${uri}/outage?${times.join('&')}` })
  return {
    store,
    halt: () => void process.kill(pid, 'SIGSTOP'),
    goOn: () => void process.kill(pid, 'SIGCONT'),
    async end() {
      process.kill(pid, 'SIGCONT')
      await store.close()
      await endServer()
    },
  }
}
