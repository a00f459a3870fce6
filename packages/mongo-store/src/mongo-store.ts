import { type Clock, guarded, type Store } from '@trunkline/core/store'
import type { MongoClient } from 'mongodb'
import { createApiKeyStore } from './api-key-store.js'
import { createAttemptStore } from './attempt-store.js'
import { createAuditStore } from './audit-store.js'
import { createAuthStore } from './auth-store.js'
import { createChatStore } from './chat-store.js'
import { clientOf } from './check-mongo-options.js'
import { createConnection } from './connection.js'
import { createCursorStore } from './cursor-store.js'
import { toStoreError } from './errors.js'
import { createAppendEvents } from './event-append.js'
import { createEventLog } from './event-log.js'
import { createInstallationStore } from './installation-store.js'
import { createJobStore } from './job-store.js'
import { createLeaseStore } from './lease-store.js'
import { createMediaStore } from './media-store.js'
import { createMessageStore } from './message-store.js'
import { createSessionStore } from './session-store.js'
import { createTrafficStore } from './traffic-store.js'
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

/**
 * A store in one MongoDB database, for any number of sessions and nodes:
 *
 *     const store = createMongoStore({ uri: 'mongodb://localhost:27017/whatsapp-multi-session' })
 *     const manager = new MultiSessionManager({ store })
 *
 * @throws CONFIG_INVALID naming each option that is wrong, and a `uri` that the driver cannot read
 */
export function createMongoStore(options: MongoStoreOptions): Required<Store> {
  const connection = createConnection({
    ...clientOf(options),
    databaseName: options.databaseName,
    clock: options.clock ?? { now: () => Date.now(), monotonic: () => performance.now() },
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
    traffic: checked(createTrafficStore(connection)),
    attempts: checked(createAttemptStore(connection)),
    installation: checked(createInstallationStore(connection)),
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
