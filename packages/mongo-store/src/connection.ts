import { randomUUID } from 'node:crypto'
import { type Clock, type StoreHealth, TrunklineError } from '@trunkline/core'
import type { ClientSession, Collection, Db, Document, IndexDescription, MongoClient } from 'mongodb'
import type {
  ArchivedKeyDocument,
  AuthArchiveDocument,
  AuthKeyDocument,
  AuthStateDocument,
  ChatDocument,
  ContactDocument,
  EventDocument,
  EventNumberDocument,
  IdentityDocument,
  LeaseDocument,
  MessageDocument,
  RefreshFamilyDocument,
  SchemaDocument,
  SessionDocument,
  UserDocument,
} from './documents.js'
import { isDuplicateKey } from './errors.js'

/**
 * The version of the documents' layout. The upgrade rule: `setup` brings older documents up to date, an older Trunkline
 * refuses a newer database with STORE_SCHEMA_NEWER and leaves it alone.
 */
const SCHEMA_VERSION = 1

export interface Connection {
  readonly collections: Collections
  /** Whether an ordered bulk write stops at its first error, as MongoDB's does; not every server of its protocol keeps to it. */
  readonly orderedWrites: boolean
  /** The server's time in milliseconds, by which leases expire: the clocks of the nodes need not agree. */
  serverNow(): number
  /** Runs writes in a transaction where the deployment has them (a replica set or a sharded cluster), else one by one. */
  atomically<Result>(work: (session: ClientSession | undefined) => Promise<Result>): Promise<Result>
  setup(): Promise<void>
  health(): Promise<StoreHealth>
  close(): Promise<void>
}

export type Collections = ReturnType<typeof collectionsOf>

function collectionsOf(database: Db) {
  // A missing field stays missing: by default the driver would store `undefined` as null.
  const collection = <Shape extends Document>(name: string): Collection<Shape> =>
    database.collection<Shape>(name, { ignoreUndefined: true })
  return {
    authStates: collection<AuthStateDocument>('authstates'),
    authKeys: collection<AuthKeyDocument>('authkeys'),
    authArchives: collection<AuthArchiveDocument>('autharchives'),
    authArchivedKeys: collection<ArchivedKeyDocument>('autharchivedkeys'),
    sessions: collection<SessionDocument>('sessions'),
    messages: collection<MessageDocument>('messages'),
    chats: collection<ChatDocument>('chats'),
    contacts: collection<ContactDocument>('contacts'),
    identities: collection<IdentityDocument>('identities'),
    users: collection<UserDocument>('users'),
    refreshFamilies: collection<RefreshFamilyDocument>('refreshfamilies'),
    leases: collection<LeaseDocument>('leases'),
    events: collection<EventDocument>('events'),
    eventNumbers: collection<EventNumberDocument>('eventnumbers'),
    schema: collection<SchemaDocument>('schema'),
  }
}

/** Beside the `_id`, by which everything that happens for a message is found. */
const INDEXES: Partial<Record<keyof Collections, IndexDescription[]>> = {
  authKeys: [{ key: { sessionId: 1, type: 1 } }],
  authArchives: [{ key: { sessionId: 1, at: -1 } }, { key: { at: 1 } }],
  authArchivedKeys: [{ key: { archiveId: 1 } }],
  sessions: [{ key: { desired: 1 } }, { key: { deletedAt: 1 }, sparse: true }],
  messages: [
    { key: { sessionId: 1, place: 1 } },
    { key: { sessionId: 1, chatId: 1, place: 1 } },
    { key: { sessionId: 1, id: 1 } },
    { key: { clientKey: 1 }, sparse: true },
    { key: { pendingOf: 1 }, sparse: true },
    { key: { phoneSender: 1 }, sparse: true },
  ],
  chats: [{ key: { sessionId: 1, pinned: 1, place: 1, id: 1 } }],
  contacts: [{ key: { sessionId: 1, id: 1 } }],
  identities: [{ key: { sessionId: 1 } }],
  users: [{ key: { emailKey: 1 }, unique: true }],
  refreshFamilies: [{ key: { userId: 1 } }, { key: { removeAt: 1 }, expireAfterSeconds: 0 }],
  events: [{ key: { sessionId: 1, seq: 1 } }, { key: { sessionId: 1, key: 1 }, unique: true }],
}

export interface ConnectionOptions {
  client: MongoClient
  databaseName: string | undefined
  clock: Pick<Clock, 'now'>
  closeClient: boolean
}

export function createConnection({ client, databaseName, clock, closeClient }: ConnectionOptions): Connection {
  const database = client.db(databaseName, {
    // Acknowledged means: it survives the loss of the primary, and a power cut.
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  })
  const collections = collectionsOf(database)
  let closed = false
  let serverAheadMs = 0
  let topology: Topology = 'standalone'
  let orderedWrites = false

  return {
    get collections() {
      if (closed) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is closed' })
      return collections
    },
    get orderedWrites() {
      return orderedWrites
    },
    serverNow: () => clock.now() + serverAheadMs,
    async atomically(work) {
      if (topology === 'standalone') return work(undefined)
      const writeConcern = { w: 'majority', journal: true } as const
      return client.withSession((session) =>
        session.withTransaction(() => work(session), { readConcern: { level: 'snapshot' }, writeConcern }),
      )
    },
    async setup() {
      if (closed) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is closed' })
      await probe()
      await checkSchema(collections.schema)
      orderedWrites = await stopsAtFirstError(collections.authKeys)
      const wanted = Object.entries(INDEXES) as [keyof Collections, IndexDescription[]][]
      await Promise.all(
        wanted.map(([name, indexes]) => (collections[name] as unknown as Collection).createIndexes(indexes)),
      )
    },
    async health() {
      if (closed) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is closed' })
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
          safeOwnership: transactions,
          orderedWrites,
          schema: SCHEMA_VERSION,
        },
      }
    },
    async close() {
      closed = true
      if (closeClient) await client.close()
    },
  }

  /** What kind of deployment this is, and how far its clock is ahead of ours. */
  async function probe(): Promise<void> {
    const askedAt = clock.now()
    const hello = await greet(database)
    serverAheadMs = hello.localTime.getTime() - (askedAt + clock.now()) / 2
    topology = topologyOf(hello)
  }
}

type Topology = 'standalone' | 'replica set' | 'sharded cluster'

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

/** Tries it: the second update must not be carried out after the first has met a duplicate key. */
async function stopsAtFirstError(authKeys: Collection<AuthKeyDocument>): Promise<boolean> {
  // No key of a session: the part before the first "|" is one that no session id can be.
  const [first, second] = [`?|${randomUUID()}`, `?|${randomUUID()}`]
  try {
    await authKeys.insertOne({ _id: first, sessionId: '?', epoch: 2 })
    const updates = [first, second].map((_id) => ({
      updateOne: { filter: { _id, epoch: 1 }, update: { $set: { epoch: 1 } }, upsert: true },
    }))
    await authKeys.bulkWrite(updates, { ordered: true }).catch(() => undefined)
    return (await authKeys.findOne({ _id: second })) === null
  } finally {
    await authKeys.deleteMany({ _id: { $in: [first, second] } })
  }
}

async function checkSchema(schema: Collection<SchemaDocument>): Promise<void> {
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
}
