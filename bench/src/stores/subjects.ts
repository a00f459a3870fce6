import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthStore, createFileAuthStore, createSealedAuthStore, type Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { BufferJSON, type SignalDataSet, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { MongoClient } from 'mongodb'

/** A store to measure. */
export interface Subject {
  name: string
  /** Whether what is acknowledged survives a power cut; figures of the others are not to be compared with these. */
  durable: boolean
  auth: Pick<AuthStore, 'commit' | 'readCreds' | 'readKeys'>
  /** What only some have. */
  store?: Store
  /** Commands sent to a server so far. */
  roundTrips?(): number
  /** What it takes on the disk now. */
  bytes?(): Promise<number>
  close(): Promise<void>
}

export async function openSqlite({ sealed = false } = {}): Promise<Subject> {
  const folder = await newFolder()
  const store = createSqliteStore({ path: join(folder, 'store.db') })
  await store.setup()
  const { capabilities } = await store.health()
  return {
    name: `SQLite (${String(capabilities.engine)}${sealed ? ', sealed' : ''})`,
    durable: true,
    auth: sealed
      ? createSealedAuthStore(store.auth, { keys: [{ id: 'bench', key: Buffer.alloc(32, 1) }] })
      : store.auth,
    ...(sealed ? {} : { store }),
    bytes: async () => Number((await store.health()).capabilities.bytes),
    close: () => store.close().then(() => removeFolder(folder)),
  }
}

export async function openFiles(): Promise<Subject> {
  const folder = await newFolder()
  return {
    name: 'files',
    durable: true,
    auth: createFileAuthStore({ folder }),
    bytes: () => bytesIn(folder),
    close: () => removeFolder(folder),
  }
}

/** `kind` is said in the name: a server that keeps everything in memory is no measure for one that does not. */
export async function openMongo(uri: string, kind: string): Promise<Subject> {
  const client = new MongoClient(uri, { monitorCommands: true })
  let commands = 0
  client.on('commandStarted', () => {
    commands += 1
  })
  const databaseName = `trunkline-bench-${process.pid}`
  const store = createMongoStore({ client, databaseName })
  await store.setup()
  const durable = kind !== 'java-server'
  return {
    name: `MongoDB (${durable ? kind : 'in-memory server'})`,
    durable,
    auth: store.auth,
    store,
    roundTrips: () => commands,
    async close() {
      await client.db(databaseName).dropDatabase()
      await client.close()
    },
  }
}

/** Baileys' own, which syncs nothing and writes one file for each key. */
export async function openMultiFile(): Promise<Subject> {
  const folder = await newFolder()
  const states = new Map<string, Awaited<ReturnType<typeof useMultiFileAuthState>>>()
  const stateOf = async (session: string) => {
    const state = states.get(session) ?? (await useMultiFileAuthState(join(folder, session)))
    states.set(session, state)
    return state
  }
  return {
    name: 'Baileys multi-file',
    durable: false,
    auth: {
      async readCreds(session) {
        await useMultiFileAuthState(join(folder, session))
        return undefined
      },
      async readKeys(session, type, ids) {
        await (await stateOf(session)).state.keys.get(type as keyof SignalDataSet, [...ids])
        return new Map()
      },
      async commit(session, { creds, puts = [], deletes = [] }) {
        const { state, saveCreds } = await stateOf(session)
        const changes: Record<string, Record<string, unknown>> = {}
        for (const { type, id, value } of puts) changes[type] = { ...changes[type], [id]: shapeOf(value) }
        for (const { type, id } of deletes) changes[type] = { ...changes[type], [id]: null }
        await state.keys.set(changes as SignalDataSet)
        if (creds) await saveCreds()
      },
    },
    bytes: () => bytesIn(folder),
    close: () => removeFolder(folder),
  }
}

/** The workload's values are JSON: Baileys is given what it would be given. */
function shapeOf(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value).toString('utf8'), BufferJSON.reviver)
}

const newFolder = () => mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'trunkline-bench-'))
const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true })

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map((entry) => stat(join(entry.parentPath, entry.name))))
  return sizes.reduce((sum, { size }) => sum + size, 0)
}
