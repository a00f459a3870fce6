import { randomUUID } from 'node:crypto'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { StorageWorld } from './storage-world.js'

/** What a server keeps, as somebody finds it who has the disk or the database, but not the server. */
export interface Storage {
  /** Of the server that keeps its things here. */
  env: Record<string, string>
  /** Everything, by where it stands, byte for byte: files and documents. */
  contents(): Promise<Map<string, Buffer>>
  /** Of it what was written of credentials last; left out for SQLite, which keeps old pages and writes whenever it is opened. */
  credentials?(): Promise<Map<string, Buffer>>
  /** Copies the credentials, and what is stored with them, while the server is down; the answer puts the copy back. */
  copy(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** `undefined` where the tests were given no such storage. */
type OpenStorage = (world: StorageWorld) => Promise<Storage | undefined>

export const storages: { name: string; open: OpenStorage }[] = [
  {
    name: 'SQLite',
    open: async (world) => ({
      env: { STORE: 'sqlite' },
      contents: () => world.files(),
      copy: () => copyOf(world, 'trunkline.db'),
      close: async () => {},
    }),
  },
  {
    name: 'a folder',
    open: async (world) => ({
      env: { STORE: 'sqlite', AUTH_STORAGE: 'file' },
      contents: () => world.files(),
      credentials: () => world.files('auth'),
      copy: () => copyOf(world, 'auth'),
      close: async () => {},
    }),
  },
  { name: 'MongoDB', open: openMongo },
]

async function openMongo(world: StorageWorld): Promise<Storage | undefined> {
  const { TEST_MONGODB_URI, REQUIRE_MONGO } = process.env
  if (!TEST_MONGODB_URI && REQUIRE_MONGO === '1')
    throw new Error('REQUIRE_MONGO=1, but TEST_MONGODB_URI names no server')
  if (!TEST_MONGODB_URI) return undefined
  const uri = new URL(TEST_MONGODB_URI)
  uri.pathname = `/storage-${randomUUID()}`
  const client = await MongoClient.connect(uri.href)
  const database = client.db()
  const collections = () => database.collections()

  async function documents(): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>()
    for (const collection of await collections()) {
      const rows = await collection.find({}, { raw: true, sort: { _id: 1 } }).toArray()
      for (const [place, row] of rows.entries())
        found.set(`${collection.collectionName} ${place}`, row as unknown as Buffer)
    }
    return found
  }

  return {
    env: { STORE: 'mongo', MONGODB_URI: uri.href },
    contents: async () => new Map([...(await world.files()), ...(await documents())]),
    // Whether the store takes writes is tried on a lease of nobody.
    credentials: async () => new Map([...(await documents())].filter(([place]) => !place.startsWith('leases '))),
    async copy() {
      const kept = await Promise.all(
        // Numbers go back in the type they had.
        (await collections()).map(async (collection) => {
          const rows = await collection.find({}, { promoteValues: false }).toArray()
          return { name: collection.collectionName, rows }
        }),
      )
      return async () => {
        await database.dropDatabase()
        for (const { name, rows } of kept) if (rows.length > 0) await database.collection(name).insertMany(rows)
      }
    },
    async close() {
      await database.dropDatabase()
      await client.close()
    },
  }
}

/** Of a file or a folder among the server's. */
async function copyOf({ folder }: StorageWorld, name: string): Promise<() => Promise<void>> {
  const [original, copy] = [join(folder, name), join(folder, `copy-${randomUUID()}`)]
  await cp(original, copy, { recursive: true })
  return async () => {
    await rm(original, { recursive: true })
    await cp(copy, original, { recursive: true })
  }
}
