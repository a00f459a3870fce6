import {
  type Clock,
  createAttemptStore,
  fields,
  filePath,
  guarded,
  having,
  oneOf,
  optional,
  refuseOptions,
  type Store,
} from '@trunkline/core/store'
import { createApiKeyStore } from './api-key-store.js'
import { createAuditStore } from './audit-store.js'
import { createAuthStore } from './auth-store.js'
import { createChatStore } from './chat-store.js'
import { createConnection } from './connection.js'
import { createCursorStore } from './cursor-store.js'
import { ENGINE_KINDS, type Engine, type EngineKind, openEngine } from './engine.js'
import { toStoreError } from './errors.js'
import { createEventLog } from './event-log.js'
import { createInstallationStore } from './installation-store.js'
import { createJobStore } from './job-store.js'
import { createLeaseStore } from './lease-store.js'
import { createMediaStore } from './media-store.js'
import { createMessageStore } from './message-store.js'
import { schemaVersion } from './migrations.js'
import { createSessionStore } from './session-store.js'
import { createTrafficStore } from './traffic-store.js'
import { createUserStore } from './user-store.js'
import { createWebhookStore } from './webhook-store.js'

export interface SqliteStoreOptions {
  /** The file. It is made where it is missing, and its folder too. */
  path: string
  /** The folder for files of messages: that of `path` with `-media` behind it, unless given. */
  mediaFolder?: string
  /** Which engine to use; unless given, the first that there is: `node:sqlite`, `libsql`, `better-sqlite3`. */
  engine?: EngineKind
  /** Decides when leases expire. */
  clock?: Pick<Clock, 'now'>
}

const sqliteStoreOptions = fields<SqliteStoreOptions>({
  path: filePath,
  mediaFolder: optional(filePath),
  engine: optional(oneOf(ENGINE_KINDS)),
  clock: optional(having<Clock>('now')),
})

/**
 * A store in one SQLite file, for one process. The file is opened by `setup`:
 *
 *     const store = createSqliteStore({ path: 'data/trunkline.db' })
 *     const manager = new MultiSessionManager({ store })
 *
 * What `setup` rejects with, besides what every store may: CONFIG_INVALID when the path cannot be used, STORE_LOCKED when another process has the file open, STORE_SCHEMA_NEWER when a
 * newer version wrote it, STORE_CORRUPT when it is damaged, STORE_FULL when the disk has no room. Each names the path.
 *
 * @throws CONFIG_INVALID naming each option that is wrong
 */
export function createSqliteStore(options: SqliteStoreOptions): Required<Store> {
  refuseOptions('the SQLite store', sqliteStoreOptions(options, ''))
  return createStoreOn((path) => openEngine(path, options.engine), options)
}

/** The store on any way to open its file. */
export function createStoreOn(open: (path: string) => Promise<Engine>, options: SqliteStoreOptions): Required<Store> {
  const connection = createConnection(options.path, open)
  const media = createMediaStore(connection, options.mediaFolder ?? `${options.path}-media`)
  const checked = <Port extends object>(port: Port): Port => guarded(port, toStoreError)
  return {
    auth: checked(createAuthStore(connection)),
    sessions: checked(createSessionStore(connection)),
    messages: checked(createMessageStore(connection)),
    chats: checked(createChatStore(connection)),
    users: checked(createUserStore(connection)),
    apiKeys: checked(createApiKeyStore(connection)),
    audit: checked(createAuditStore(connection)),
    leases: checked(createLeaseStore(connection, options.clock ?? Date)),
    // The file is this process' own, so that what is counted here is counted for all.
    attempts: createAttemptStore(options.clock ?? Date),
    events: checked(createEventLog(connection)),
    jobs: checked(createJobStore(connection)),
    media: checked(media),
    cursors: checked(createCursorStore(connection)),
    webhooks: checked(createWebhookStore(connection)),
    traffic: checked(createTrafficStore(connection)),
    installation: checked(createInstallationStore(connection)),
    ...checked({
      async setup() {
        await connection.open()
        await media.sweep()
      },
      async health() {
        const { engine } = connection
        const size = engine.get<{ bytes: number; version: string }>(
          `SELECT page_count * page_size AS bytes, sqlite_version() AS version
           FROM pragma_page_count, pragma_page_size`,
        )
        const { bytes = 0, version = '' } = size ?? {}
        return {
          kind: 'sqlite',
          durable: true,
          capabilities: { engine: engine.kind, version, schema: schemaVersion(engine), bytes },
        }
      },
      async close() {
        await connection.close()
      },
    }),
  }
}
