import type { Clock, Store } from '@trunkline/core'
import { TrunklineError } from '@trunkline/core'
import { MongoClient } from 'mongodb'
import { createAuthStore } from './auth-store.js'
import { createChatStore } from './chat-store.js'
import { collectionsOf, createIndexes } from './documents.js'
import { guarded } from './errors.js'
import { createEventLog } from './event-log.js'
import { createLeaseStore } from './lease-store.js'
import { createMessageStore } from './message-store.js'
import { createSessionStore } from './session-store.js'
import { createTransactions, hasTransactions, type Transactions } from './transactions.js'
import { createUserStore } from './user-store.js'

export type MongoStoreOptions = {
  /** The database; the one in the URI unless given, else `trunkline`. */
  databaseName?: string
  /** Decides when leases expire. */
  clock?: Pick<Clock, 'now'>
} & (
  | { /** A connection of the store's own, closed with it. */ uri: string; client?: undefined }
  | { /** A connection of the host's, left open. */ client: MongoClient; uri?: undefined }
)

/** How long the driver looks for a server before a call fails. */
const SERVER_SELECTION_MS = 5_000

/**
 * A store on MongoDB 4.4 or newer, one database for all sessions:
 *
 *     const store = createMongoStore({ uri: 'mongodb://localhost:27017/whatsapp-multi-session' })
 *     const manager = new MultiSessionManager({ store })
 *
 * Needs no transactions; where the deployment has them, an auth commit is one. Every write waits for a majority and the journal.
 */
export function createMongoStore(options: MongoStoreOptions): Store {
  const client = options.client ?? new MongoClient(options.uri, { serverSelectionTimeoutMS: SERVER_SELECTION_MS })
  const db = client.db(options.databaseName ?? databaseIn(options), {
    writeConcern: { w: 'majority', journal: true },
    ignoreUndefined: true,
  })
  const collections = collectionsOf(db)
  let transactions: Transactions = createTransactions(client, false)
  let settingUp: Promise<void> | undefined

  const setUp = async () => {
    await client.connect()
    transactions = createTransactions(client, hasTransactions(await probe()))
    await createIndexes(collections)
  }
  /** `hello`, or what older servers call it. */
  const probe = async (): Promise<Record<string, unknown>> =>
    db.command({ hello: 1 }).catch(() => db.command({ isMaster: 1 }))

  return {
    auth: guarded(createAuthStore(collections, () => transactions)),
    sessions: guarded(createSessionStore(collections)),
    messages: guarded(createMessageStore(collections)),
    chats: guarded(createChatStore(collections)),
    users: guarded(createUserStore(collections)),
    leases: guarded(createLeaseStore(collections, options.clock ?? Date)),
    events: guarded(createEventLog(collections)),
    ...guarded({
      async setup() {
        settingUp ??= setUp().catch((error: unknown) => {
          settingUp = undefined
          throw error
        })
        await settingUp
      },
      async health() {
        if (!settingUp) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is not set up' })
        const { version } = await db.command({ buildInfo: 1 })
        const { maxWireVersion } = await probe()
        return {
          kind: 'mongo',
          durable: true,
          capabilities: {
            version: String(version),
            wireVersion: Number(maxWireVersion),
            transactions: transactions.available,
            database: db.databaseName,
          },
        }
      },
      async close() {
        if (!options.client) await client.close()
      },
    }),
  }
}

function databaseIn({ uri }: MongoStoreOptions): string {
  return (uri && /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1]) || 'trunkline'
}
