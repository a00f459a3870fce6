import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ensureAdmin, retireFormerAdmins } from '@trunkline/api'
import {
  type ClusterBus,
  type FieldError,
  MultiSessionManager,
  type RetentionLimits,
  type Store,
  TrunklineError,
} from '@trunkline/core'
import { attachSocketioBridge } from '@trunkline/socketio-bridge'
import type { Logger } from 'pino'
import { Server } from 'socket.io'
import { createApp } from './app.js'
import { checkEncryption, sealAtRest } from './encryption.js'
import { type Configuration, readEnvironment } from './environment.js'
import { createHttpServer } from './http-server.js'
import { createLogger } from './log.js'
import { measuredStore } from './measured-store.js'
import { Metrics } from './metrics.js'
import { openBus } from './open-bus.js'
import { OpenConnections } from './open-connections.js'
import { type OpenStore, openStore } from './open-store.js'
import { shareMetrics } from './workers/shared-metrics.js'
import { openSocketDoor } from './workers/socket-doors.js'
import type { WorkerPlace } from './workers/worker-place.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface ServerOptions {
  logger?: Logger
  /** Joins it to other servers on its store, instead of what NATS_URL says. Left open. */
  bus?: ClusterBus
  /** Which it is of several processes that share its port. */
  place?: WorkerPlace
}

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:5000`. */
  readonly url: string
  readonly manager: MultiSessionManager
  readonly logger: Logger
  /** Takes no new work, finishes what is going on, disconnects the accounts, closes the store. Safe to call twice. */
  close(): Promise<void>
}

/**
 * The whole thing as one process. `env` is what `.env.example` describes, `process.env` for example.
 *
 * @throws CONFIG_INVALID naming each variable that is wrong · STORE_UNAVAILABLE and the other codes of stores
 */
export async function startServer(env: Environment, options: ServerOptions = {}): Promise<RunningServer> {
  const configuration = readEnvironment(env)
  const logger = options.logger ?? createLogger(configuration.LOG_LEVEL)
  for (const warning of configuration.warnings) logger.warn({}, warning)
  const opened = await openStore(configuration, logger)
  const metrics = configuration.METRICS === 'on' ? new Metrics() : undefined
  const store = metrics ? measuredStore(opened.store, metrics.observeStore) : opened.store
  const ownBus = options.bus ? undefined : openBus(configuration, logger)
  const bus = options.bus ?? ownBus
  const cluster = bus
    ? { cluster: { bus, ...(configuration.REBALANCE === 'off' ? { rebalance: false as const } : {}) } }
    : {}
  const manager = new MultiSessionManager({ store, logger, ...managerOptions(configuration), ...cluster })
  try {
    await store.setup()
    await checkEncryption(store, opened.storedAuth, configuration.AUTH_ENCRYPTION_KEY ?? [])
    await seedAdmin(store, configuration, logger)
    return await listen(manager, {
      configuration,
      logger,
      opened,
      ...(metrics ? { metrics } : {}),
      ...(bus ? { bus } : {}),
      ...(ownBus ? { ownBus } : {}),
      ...(options.place ? { place: options.place } : {}),
    })
  } catch (error) {
    await manager.close().catch(() => {})
    await ownBus?.close()
    await store.close().catch(() => {})
    throw error
  }
}

/** Makes sure of the admin that the environment names, and of nothing else: what `trunkline seed` does. */
export async function seed(env: Environment, options: ServerOptions = {}): Promise<void> {
  const configuration = readEnvironment(env)
  const logger = options.logger ?? createLogger(configuration.LOG_LEVEL)
  const { store } = await openStore(configuration, logger)
  try {
    await store.setup()
    await seedAdmin(store, configuration, logger)
  } finally {
    await store.close()
  }
}

async function seedAdmin(store: Store, configuration: Configuration, logger: Logger): Promise<void> {
  const { ADMIN_NAME: name, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = configuration
  if (email === undefined || password === undefined) {
    const userIds = await listAdmins(store)
    const who = userIds.length === 0 ? 'nobody can sign in as an admin' : 'the admins of before still can sign in'
    logger.warn({ userIds }, `ADMIN_EMAIL and ADMIN_PASSWORD are not set: ${who}`)
    return
  }
  const outcome = await ensureAdmin(store.users, { name, email, password, madeBy: 'environment' })
  logger.info({ outcome }, 'The admin of the environment is there')
  const retired = await retireFormerAdmins(store.users, { email })
  if (retired.length > 0)
    logger.warn(
      { userIds: retired },
      'The admin that ADMIN_EMAIL named before is disabled: another one is named there now',
    )
  const own = await store.users?.findByEmail(email)
  const others = (await listAdmins(store)).filter((userId) => userId !== own?.id)
  if (others.length > 0) logger.warn({ userIds: others }, 'Others than ADMIN_EMAIL can sign in as admins too')
}

async function listAdmins(store: Store): Promise<string[]> {
  const userIds: string[] = []
  if (!store.users) return userIds
  let cursor: string | undefined
  do {
    const page = await store.users.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) })
    userIds.push(...page.items.filter(({ role, disabled }) => role === 'admin' && !disabled).map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return userIds
}

function managerOptions(configuration: Configuration) {
  const { WA_WEB_SOCKET_URL, WA_CERT_PUBLIC_KEY, WA_VERSION, WA_VERSION_URL, MAX_SESSIONS, PROXY_ALLOW } = configuration
  const { WA_MEDIA_CERT, PRELOAD_CHATS_TYPE, PRELOAD_CHATS_LIMIT, URL_ALLOW, AUTH_ENCRYPTION_KEY } = configuration
  const { MEDIA_AUTO_DOWNLOAD, NODE_NAME, LEASE_TTL } = configuration
  const { CLEANUP_INTERVAL, INACTIVE_AFTER, HEALTH_CHECK_INTERVAL, PROBLEM_RESET_INTERVAL } = configuration
  return {
    defaultSettings: {
      preload: { type: PRELOAD_CHATS_TYPE, limit: PRELOAD_CHATS_LIMIT },
      ...(MEDIA_AUTO_DOWNLOAD ? { autoDownload: MEDIA_AUTO_DOWNLOAD } : {}),
    },
    maintenance: {
      ...(CLEANUP_INTERVAL ? { cleanupIntervalMs: CLEANUP_INTERVAL } : {}),
      ...(INACTIVE_AFTER ? { inactiveAfterMs: INACTIVE_AFTER } : {}),
      ...(HEALTH_CHECK_INTERVAL ? { healthCheckIntervalMs: HEALTH_CHECK_INTERVAL } : {}),
      ...(PROBLEM_RESET_INTERVAL ? { problemResetIntervalMs: PROBLEM_RESET_INTERVAL } : {}),
    },
    retention: retentionOf(configuration),
    ...(NODE_NAME ? { owner: NODE_NAME } : {}),
    ...(LEASE_TTL ? { leaseTtlMs: LEASE_TTL } : {}),
    ...(WA_WEB_SOCKET_URL ? { webSocketUrl: WA_WEB_SOCKET_URL } : {}),
    ...(WA_CERT_PUBLIC_KEY ? { certPublicKey: WA_CERT_PUBLIC_KEY } : {}),
    ...(WA_MEDIA_CERT ? { mediaCertificate: WA_MEDIA_CERT } : {}),
    ...(WA_VERSION ? { version: WA_VERSION } : {}),
    ...(WA_VERSION_URL === undefined ? {} : { versionUrl: WA_VERSION_URL }),
    ...(MAX_SESSIONS ? { maxSessions: MAX_SESSIONS } : {}),
    ...(PROXY_ALLOW ? { proxyAllow: PROXY_ALLOW } : {}),
    ...(URL_ALLOW ? { urlAllow: URL_ALLOW } : {}),
    ...(AUTH_ENCRYPTION_KEY ? { encryptionKeys: AUTH_ENCRYPTION_KEY } : {}),
  }
}

/** Only what is given: the rest is up to the library. */
function retentionOf(configuration: Configuration): Partial<RetentionLimits> {
  const { MESSAGE_MAX_AGE, MESSAGE_MAX_COUNT, EVENT_MAX_AGE, EVENT_MAX_COUNT } = configuration
  const { MEDIA_MAX_AGE, MEDIA_MAX_BYTES } = configuration
  const { ARCHIVE_MAX_AGE, DELETED_SESSION_MAX_AGE, AUDIT_MAX_AGE, AUDIT_MAX_COUNT } = configuration
  return {
    ...(MESSAGE_MAX_AGE ? { messageMaxAgeMs: MESSAGE_MAX_AGE } : {}),
    ...(MESSAGE_MAX_COUNT ? { messageMaxCount: MESSAGE_MAX_COUNT } : {}),
    ...(EVENT_MAX_AGE ? { eventMaxAgeMs: EVENT_MAX_AGE } : {}),
    ...(EVENT_MAX_COUNT ? { eventMaxCount: EVENT_MAX_COUNT } : {}),
    ...(MEDIA_MAX_AGE ? { mediaMaxAgeMs: MEDIA_MAX_AGE } : {}),
    ...(MEDIA_MAX_BYTES ? { mediaMaxBytes: MEDIA_MAX_BYTES } : {}),
    ...(AUDIT_MAX_AGE ? { auditMaxAgeMs: AUDIT_MAX_AGE } : {}),
    ...(AUDIT_MAX_COUNT ? { auditMaxCount: AUDIT_MAX_COUNT } : {}),
    ...(ARCHIVE_MAX_AGE ? { archiveMaxAgeMs: ARCHIVE_MAX_AGE } : {}),
    ...(DELETED_SESSION_MAX_AGE ? { deletedSessionMaxAgeMs: DELETED_SESSION_MAX_AGE } : {}),
  }
}

interface Parts {
  configuration: Configuration
  logger: Logger
  opened: OpenStore
  metrics?: Metrics
  bus?: ClusterBus
  /** Closed with the server. */
  ownBus?: ClusterBus
  place?: WorkerPlace
}

async function listen(manager: MultiSessionManager, parts: Parts): Promise<RunningServer> {
  const { configuration, logger, opened, metrics, bus, ownBus, place } = parts
  const { PORT, HOST, JWT_SECRET, CORS_ORIGIN } = configuration
  let closing: Promise<void> | undefined
  let sealing: Promise<void> | undefined
  const stopSealing = new AbortController()
  const app = createApp(manager, {
    configuration,
    logger,
    checkWrites: opened.checkWrites,
    isClosing: () => closing !== undefined,
    ...(metrics ? { metrics } : {}),
  })
  const http = createHttpServer(app, configuration)
  const connections = new OpenConnections(http)
  const io = new Server(http, { serveClient: false, ...(CORS_ORIGIN ? { cors: { origin: CORS_ORIGIN } } : {}) })
  const bridge = attachSocketioBridge(io, manager, {
    jwtSecret: JWT_SECRET,
    allowShortSecret: true,
    maxSockets: configuration.MAX_SOCKETS,
    maxSocketsPerAddress: configuration.MAX_SOCKETS_PER_ADDRESS,
    maxSocketsPerUser: configuration.MAX_SOCKETS_PER_USER,
    logger,
  })
  metrics?.observe({
    manager,
    sockets: () => io.engine.clientsCount,
    ...(bus ? { reachesOthers: () => bus.isReachable } : {}),
  })
  if (metrics && place) await shareMetrics(metrics, place)
  const closeDoor = place && (await openSocketDoor(http, io, place))
  await bind(http, { port: PORT, host: HOST })
  const url = urlOf(http, HOST)

  const close = async () => {
    logger.info({}, 'Closing')
    if (bus) void leave(manager, logger)
    await bridge.close()
    const drained = connections.drain()
    const doorClosed = closeDoor?.()
    await io.close()
    await drained
    await doorClosed
    await manager.close()
    await ownBus?.close()
    stopSealing.abort()
    await sealing
    await opened.store.close()
    logger.info({}, 'Closed')
  }
  const server: RunningServer = {
    url,
    manager,
    logger,
    close() {
      closing ??= close()
      return closing
    },
  }
  try {
    await manager.start()
  } catch (error) {
    await server.close()
    throw error
  }
  const { store, sealedAuth } = opened
  if (sealedAuth) {
    sealing = sealAtRest(store, sealedAuth, { logger, signal: stopSealing.signal }).catch((err: unknown) =>
      logger.warn({ err }, 'Credentials at rest could not be sealed'),
    )
  }
  logger.info({ url }, 'Listening')
  return server
}

/** Requests that are going on are answered while the accounts move: whoever has one by then is asked. Closing the manager waits for it. */
async function leave({ nodes }: MultiSessionManager, logger: Logger): Promise<void> {
  try {
    const self = (await nodes.list()).find((node) => node.self)
    if (self) await nodes.drain(self.id)
  } catch (err) {
    logger.warn({ err }, 'The accounts could not be handed over early; they are when all requests are answered')
  }
}

/** @throws CONFIG_INVALID when the address cannot be listened on */
function bind(http: HttpServer, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, { port, host }))
    http.once('error', onError)
    http.listen(port, host, () => {
      http.off('error', onError)
      resolve()
    })
  })
}

function listenError(cause: NodeJS.ErrnoException, { port, host }: { port: number; host: string }): TrunklineError {
  const refused: Record<string, FieldError> = {
    EADDRINUSE: { field: 'PORT', message: `${port} is taken by another process` },
    EACCES: { field: 'PORT', message: `${port} needs more rights than this process has` },
    EADDRNOTAVAIL: { field: 'HOST', message: `${host} is not an address of this machine` },
    ENOTFOUND: { field: 'HOST', message: `${host} cannot be found` },
  }
  const error = refused[cause.code ?? ''] ?? { field: 'HOST', message: `${host} cannot be listened on` }
  const message = `${error.field} ${error.message}`
  return new TrunklineError('CONFIG_INVALID', { message, cause, details: { errors: [error] } })
}

function urlOf(http: HttpServer, host: string): string {
  const { port } = http.address() as AddressInfo
  const name = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host
  return `http://${name === '0.0.0.0' || name === '[::]' ? 'localhost' : name}:${port}`
}
