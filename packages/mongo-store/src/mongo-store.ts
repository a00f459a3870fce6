import { type Clock, guarded, type Store } from '@trunkline/core/store'
import { MongoClient } from 'mongodb'
import { createApiKeyStore } from './api-key-store.js'
import { createAuditStore } from './audit-store.js'
import { createAuthStore } from './auth-store.js'
import { createChatStore } from './chat-store.js'
import { createConnection } from './connection.js'
import { createCursorStore } from './cursor-store.js'
import { toStoreError } from './errors.js'
import { createAppendEvents } from './event-append.js'
import { createEventLog } from './event-log.js'
import { createJobStore } from './job-store.js'
import { createLeaseStore } from './lease-store.js'
import { createMediaStore } from './media-store.js'
import { createMessageStore } from './message-store.js'
import { createSessionStore } from './session-store.js'
import { createUserStore } from './user-store.js'
import { createWebhookStore } from './webhook-store.js'

export type MongoStoreOptions = {
  /** The time of this node; leases expire by the server's, which is measured against it. */
  clock?: Pick<Clock, 'now' | 'monotonic'>
} & (
  | {
      /** `mongodb://…`; the client made from it is closed with the store. */
      uri: string
      /** Unless given, the database that the URI names. */
      databaseName?: string
    }
  | {
      /** Left open when the store is closed. */
      client: MongoClient
      databaseName: string
    }
)

/** How long a call waits for a server before it rejects with STORE_UNAVAILABLE. The driver's own default is 30 s. */
const SERVER_SELECTION_TIMEOUT_MS = 5_000

/**
 * A store in one MongoDB database, for any number of sessions and nodes:
 *
 *     const store = createMongoStore({ uri: 'mongodb://localhost:27017/whatsapp-multi-session' })
 *     const manager = new MultiSessionManager({ store })
 */
export function createMongoStore(options: MongoStoreOptions): Required<Store> {
  const connection = createConnection({
    client: 'uri' in options ? clientOf(options.uri) : options.client,
    databaseName: options.databaseName,
    clock: options.clock ?? { now: () => Date.now(), monotonic: () => performance.now() },
    closeClient: 'uri' in options,
  })
  const append = createAppendEvents(connection)
  const media = createMediaStore(connection)
  const checked = <Port extends object>(port: Port): Port => guarded(port, toStoreError)
  return {
    auth: checked(createAuthStore(connection)),
    sessions: checked(createSessionStore(connection)),
    messages: checked(createMessageStore(connection, append)),
    chats: checked(createChatStore(connection)),
    users: checked(createUserStore(connection)),
    apiKeys: checked(createApiKeyStore(connection)),
    audit: checked(createAuditStore(connection)),
    leases: checked(createLeaseStore(connection)),
    events: checked(createEventLog(connection, append)),
    jobs: checked(createJobStore(connection)),
    media: checked(media),
    cursors: checked(createCursorStore(connection)),
    webhooks: checked(createWebhookStore(connection)),
    ...checked({
      async setup() {
        await connection.setup()
        await media.sweep()
      },
      health: () => connection.health(),
      close: () => connection.close(),
    }),
  }
}

function clientOf(uri: string): MongoClient {
  const hasTimeout = /[?&]serverSelectionTimeoutMS=/i.test(uri)
  return new MongoClient(uri, hasTimeout ? {} : { serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS })
}
