import type { Clock } from '../ports/clock.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { Connector } from '../ports/connector.js'
import type { Logger } from '../ports/logger.js'
import type { Store } from '../ports/store.js'
import { DEFAULT_TIMINGS, type SessionTimings } from '../session/services.js'
import type { SessionSettings } from '../types/session.js'
import type { WebVersion } from '../types/web-version.js'
import type { RetentionLimits } from './retention.js'

/** What a manager is made with; every option has a default. */
export interface ManagerOptions {
  /** Where everything is kept; in memory, with a warning, unless given. A given store is set up, but never closed. */
  store?: Store
  /** A pino logger, `console`, or anything else of that shape; pino at level `warn` unless given. */
  logger?: Logger
  /** The WebSocket to connect to; WhatsApp's own unless given. */
  webSocketUrl?: string
  /**
   * The root key that the server's Noise certificates must chain to: 32 bytes, or as hex. WhatsApp's own unless given. One
   * root per process.
   */
  certPublicKey?: Uint8Array | string
  /**
   * The WhatsApp Web version to announce, such as `[2, 3000, 1035194821]`, whatever WhatsApp says to it. Unless given it is Baileys'
   * own, and when WhatsApp refuses that (405), the newest one that its page tells: looked up and tried by one session first, and
   * kept in its record.
   */
  version?: WebVersion
  /**
   * The page that tells the newest version, `https://web.whatsapp.com/sw.js` unless given. `false`: nobody is asked, and a session
   * whose version is refused waits for a person. With a `webSocketUrl` nobody is asked unless this is given.
   */
  versionUrl?: string | false
  /** No more sessions than this; no limit unless given. */
  maxSessions?: number
  /** What new sessions get for the settings that `create` leaves out. */
  defaultSettings?: SessionSettings
  /**
   * Where the proxies of sessions (`settings.proxyUrl`) may be although that is inside: host names, addresses and ranges, such
   * as `['proxy.internal', '10.0.0.0/8']`. Unless given, a proxy at a loopback, private or link-local address is refused, so
   * that whoever may set one cannot look around in the network of this process. The proxy of `defaultSettings` is allowed.
   */
  proxyAllow?: readonly string[]
  /**
   * Which hosts webhooks may be at although they are inside: host names, addresses and ranges, such as `['hooks.internal',
   * '10.0.0.0/8']`. Unless given, a URL at a loopback, private or link-local address is refused, also behind a name.
   */
  urlAllow?: readonly string[]
  /**
   * Seal the secrets and headers of webhooks in the store: each `{ id, key }`, made by `sealingKeyFrom`. The first seals, the others
   * open what they have sealed. Unless given, they are stored as they are. (Credentials are sealed by `createSealedAuthStore`.)
   */
  encryptionKeys?: readonly { id: string; key: Uint8Array }[]
  /**
   * How many connections may begin in a second: 5 unless given, 20 with `cluster`. All managers of a process take turns; between the connections
   * of two with different rates lies the longer interval.
   */
  connectsPerSecond?: number
  /** How long the server may take for each step of connecting: 30 s unless given. */
  connectTimeoutMs?: number
  /** How often an open connection is kept alive: 30 s unless given. */
  keepAliveIntervalMs?: number
  /** A media host that says nothing for this long is given up: 30 s unless given. */
  mediaSilenceMs?: number
  /**
   * An authority that WhatsApp's media hosts may be certified by, as PEM, in the place of those that Node.js trusts: for a simulated
   * WhatsApp.
   */
  mediaCertificate?: string
  /** How long one QR is shown; WhatsApp's own 60 s and then 20 s unless given. */
  qrLifetimeMs?: number
  /** What this node is called among those of one store: a label, each process has an id of its own. `node` unless given. */
  owner?: string
  /** How long an ownership lasts without being renewed: 15 s unless given. */
  leaseTtlMs?: number
  /**
   * Joins this manager with others on the same store: each session runs on one of them, every one of them takes calls for it, and
   * `onAny` with the scope `cluster` hears the events of all. Unless given, calls for a session that another node runs answer
   * LEASE_HELD.
   */
  cluster?: ClusterOptions
  maintenance?: Partial<MaintenanceTimings>
  /** What is removed after a while; the defaults are beside each limit. */
  retention?: Partial<RetentionLimits>
  reconnect?: Partial<
    Pick<
      SessionTimings,
      | 'reconnectBaseMs'
      | 'reconnectMaxMs'
      | 'stableAfterMs'
      | 'replacedRetryMs'
      | 'replacedWindowMs'
      | 'versionRetryBaseMs'
      | 'versionRetryMaxMs'
    >
  >
  /** How long `send` waits for WhatsApp's answer before it gives the message back as `pending`: 10 s unless given. */
  ackTimeoutMs?: number
  clock?: Clock
  /** 0 (inclusive) to 1 (exclusive); `Math.random` unless given. */
  random?: () => number
  /** Instead of Baileys. */
  connector?: Connector
}

/** How the nodes of one store find each other. */
export interface ClusterOptions {
  /** What they talk over; the host closes it after the manager. */
  bus: ClusterBus
  /** How many sessions this node takes by itself; its share of all unless given. What is started here by a call runs here. */
  capacity?: number
  /**
   * Whether this node gets sessions of nodes that have more when it has clearly less than its share, one after the other and when all was
   * calm for a while, and gives of its own: so unless it is `false`. A session is away for about a second then.
   */
  rebalance?: false | Partial<RebalanceTimings>
}

/** When the shares of the nodes are evened out, in milliseconds. */
export interface RebalanceTimings {
  /** No node has come or gone for so long, and nothing was free: 30 s. */
  calmMs: number
  /** A session stays where it has connected for at least so long: 10 minutes. */
  restMs: number
}

export const DEFAULT_REBALANCE: RebalanceTimings = { calmMs: 30_000, restMs: 10 * 60_000 }

/** How often the manager looks after its sessions, in milliseconds. */
export interface MaintenanceTimings {
  /** How often inactive sessions are cleaned up: 6 hours. Each of these is off with `Infinity`. */
  cleanupIntervalMs: number
  /** A session without a message for this long is inactive: 30 days. */
  inactiveAfterMs: number
  /** How often what is kept no longer is removed: every hour. */
  retentionIntervalMs: number
  /** How often each connected session removes keys that nothing can need again: once a day, and never with `Infinity`. */
  keyCollectionIntervalMs: number
  /** How often each connected session is asked for a sign of life: every 5 minutes, spread over them. */
  healthCheckIntervalMs: number
  /** How often sessions that could not connect for long, or whose process is gone, begin anew: every hour. */
  problemResetIntervalMs: number
  /** How often the store is asked whether it answers: 5 s. One that left a question open that long does not. */
  storeCheckIntervalMs: number
  /** How often it is looked what other nodes ask of the sessions that run here: every second, one question for all of them. */
  requestIntervalMs: number
  /** How long after the first count since then the counters are written: 5 s. */
  flushIntervalMs: number
}

export const DEFAULT_MAINTENANCE: MaintenanceTimings = {
  cleanupIntervalMs: 6 * 60 * 60_000,
  inactiveAfterMs: 30 * 24 * 60 * 60_000,
  retentionIntervalMs: 60 * 60_000,
  keyCollectionIntervalMs: 24 * 60 * 60_000,
  healthCheckIntervalMs: 5 * 60_000,
  problemResetIntervalMs: 60 * 60_000,
  storeCheckIntervalMs: 5_000,
  requestIntervalMs: 1_000,
  flushIntervalMs: 5_000,
}

/** Of several nodes, so that the sessions of one that is gone are back soon. */
export const CLUSTER_CONNECTS_PER_SECOND = 20

export const DEFAULTS = {
  connectsPerSecond: 5,
  connectTimeoutMs: 30_000,
  keepAliveIntervalMs: 30_000,
  leaseTtlMs: 15_000,
  mediaSilenceMs: 30_000,
} as const

export function sessionTimings({ reconnect, ackTimeoutMs }: ManagerOptions): SessionTimings {
  return { ...DEFAULT_TIMINGS, ...reconnect, ...(ackTimeoutMs === undefined ? {} : { ackTimeoutMs }) }
}
