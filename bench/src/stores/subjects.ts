import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthStore, createFileAuthStore, createSealedAuthStore, type Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { type Db, MongoClient } from 'mongodb'
import { baileysAuth } from './baileys-auth.js'

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
  /** What it keeps now: on the disk, or, of a server, its documents without their indexes. */
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
    bytes: () => documentBytes(client.db(databaseName)),
    async close() {
      await client.db(databaseName).dropDatabase()
      await client.close()
    },
  }
}

/** Baileys' own, which syncs nothing and writes one file for each key. */
export async function openMultiFile(): Promise<Subject> {
  const folder = await newFolder()
  return {
    name: 'Baileys multi-file',
    durable: false,
    auth: baileysAuth((session) => useMultiFileAuthState(join(folder, session))),
    bytes: () => bytesIn(folder),
    close: () => removeFolder(folder),
  }
}

const newFolder = () => mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'trunkline-bench-'))
const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true })

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map((entry) => stat(join(entry.parentPath, entry.name))))
  return sizes.reduce((sum, { size }) => sum + size, 0)
}

/** Of all documents, as BSON, without their indexes. */
export async function documentBytes(database: Db): Promise<number> {
  let bytes = 0
  for (const { collectionName } of await database.collections()) {
    const documents = database.collection<Uint8Array>(collectionName).find({}, { raw: true })
    for await (const bson of documents) bytes += bson.length
  }
  return bytes
}
