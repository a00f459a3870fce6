import { type Clock, type StoreHealth, TrunklineError } from '@trunkline/core/store'
import { type ClientSession, type Collection, type Db, type Document, GridFSBucket, type MongoClient } from 'mongodb'
import { type Collections, collectionsOf, GRID, makeCollections } from './collections.js'
import type { SchemaDocument } from './documents.js'
import { stopsAtFirstError, type Topology, tryEngine } from './engine-trial.js'
import { isDuplicateKey } from './errors.js'
import { MonitorWatch } from './monitor-watch.js'
import { addSortKeys } from './schema-2.js'
import { addUserRevisions } from './schema-3.js'
import { foldSearches } from './schema-4.js'
import { addLabelKeys } from './schema-5.js'
import { correctChatKinds } from './schema-6.js'
import { searchContacts } from './schema-7.js'
import { ServerClock } from './server-clock.js'

/**
 * The version of the documents' layout. The upgrade rule: `setup` brings older documents up to date, an older Trunkline
 * refuses a newer database with STORE_SCHEMA_NEWER and leaves it alone.
 */
const SCHEMA_VERSION = 7

/** How often the server is asked for its time when it answers slowly. */
const MAX_PROBES = 3

export interface Connection {
  readonly collections: Collections
  /** Where the bytes of media are. */
  readonly bucket: GridFSBucket
  /** Whether an ordered bulk write stops at its first error, as MongoDB's does; not every server of its protocol keeps to it. */
  readonly orderedWrites: boolean
  /**
   * The server's time in milliseconds, by which leases expire: the clocks of the nodes need not agree. Asked for anew when this
   * machine was suspended or its clock was set.
   */
  serverNow(): Promise<number>
  /** Runs writes in a transaction where the deployment has them (a replica set or a sharded cluster), else one by one. */
  atomically<Result>(work: (session: ClientSession | undefined) => Promise<Result>): Promise<Result>
  setup(): Promise<void>
  health(): Promise<StoreHealth>
  close(): Promise<void>
}

export interface ConnectionOptions {
  client: MongoClient
  databaseName: string | undefined
  clock: Pick<Clock, 'now' | 'monotonic'>
  closeClient: boolean
}

export function createConnection({ client, databaseName, clock, closeClient }: ConnectionOptions): Connection {
  const database = client.db(databaseName, {
    // Acknowledged means: it survives the loss of the primary, and a power cut.
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  })
  const collections = collectionsOf(database)
  const bucket = new GridFSBucket(database, { bucketName: GRID })
  const serverClock = new ServerClock(clock)
  // A client that others use too is not closed by this store.
  const watch = closeClient ? new MonitorWatch(client) : undefined
  let closed = false
  let topology: Topology = 'standalone'
  let orderedWrites = false
  /** The topology that `setup` has tried. */
  let tried: Topology | undefined

  const refuseClosed = () => {
    if (closed) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is closed' })
  }

  return {
    get collections() {
      refuseClosed()
      return collections
    },
    get bucket() {
      refuseClosed()
      return bucket
    },
    get orderedWrites() {
      return orderedWrites
    },
    async serverNow() {
      if (!serverClock.certain) await probe()
      return serverClock.now()
    },
    async atomically(work) {
      if (topology === 'standalone') return work(undefined)
      const writeConcern = { w: 'majority', journal: true } as const
      return client.withSession((session) =>
        session.withTransaction(() => work(session), { readConcern: { level: 'snapshot' }, writeConcern }),
      )
    },
    async setup() {
      refuseClosed()
      await probe()
      const version = await readSchema(collections.schema)
      await makeCollections(database, collections)
      await tryEngine({ client, trials: collections.trials, topology })
      tried = topology
      orderedWrites = await stopsAtFirstError(collections.trials)
      if (version < 2) await addSortKeys(collections)
      if (version < 3) await addUserRevisions(collections)
      if (version < 4) await foldSearches(collections)
      if (version < 5) await addLabelKeys(collections)
      if (version < 6) await correctChatKinds(collections)
      if (version < 7) await searchContacts(collections)
      await collections.schema.updateOne({ _id: 'schema', version }, { $set: { version: SCHEMA_VERSION } })
    },
    async health() {
      refuseClosed()
      await probe()
      const { version } = await database.admin().command({ buildInfo: 1 })
      const transactions = topology !== 'standalone'
      return {
        kind: 'mongo',
        durable: true,
        capabilities: {
          version: String(version),
          topology,
          transactions,
          // By trial: a server that only calls itself a cluster may acknowledge what its primary alone has.
          safeOwnership: transactions && tried === topology,
          orderedWrites,
          schema: SCHEMA_VERSION,
        },
      }
    },
    async close() {
      closed = true
      await watch?.end()
      if (closeClient) await client.close()
    },
  }

  /** What kind of deployment this is, and what time it is there. */
  async function probe(): Promise<void> {
    for (let attempt = 1; attempt <= MAX_PROBES; attempt++) {
      const { answer, soonEnough } = await serverClock.measure(() => greet(database))
      topology = topologyOf(answer)
      if (soonEnough) return
    }
  }
}

interface Hello {
  localTime: Date
  setName?: string
  msg?: string
}

/** Servers before 5.0, and some that speak MongoDB's protocol, know the command by its old name only. */
async function greet(database: Db): Promise<Hello> {
  const admin = database.admin()
  const hello = await admin.command({ hello: 1 }).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes('no such command')) return admin.command({ isMaster: 1 })
    throw error
  })
  return hello as Document & Hello
}

function topologyOf({ setName, msg }: Hello): Topology {
  if (msg === 'isdbgrid') return 'sharded cluster'
  return setName === undefined ? 'standalone' : 'replica set'
}

/** The version of the documents that are there; of a fresh database the newest. */
async function readSchema(schema: Collection<SchemaDocument>): Promise<number> {
  try {
    await schema.updateOne({ _id: 'schema' }, { $setOnInsert: { version: SCHEMA_VERSION } }, { upsert: true })
  } catch (error) {
    // Two nodes start on an empty database at once; the other one was faster.
    if (!isDuplicateKey(error)) throw error
  }
  const { version = SCHEMA_VERSION } = (await schema.findOne({ _id: 'schema' })) ?? {}
  if (version > SCHEMA_VERSION) {
    throw new TrunklineError('STORE_SCHEMA_NEWER', {
      message: `The database has schema ${version}, this version of Trunkline knows schemas up to ${SCHEMA_VERSION}`,
    })
  }
  return version
}
