import type { Clock } from '../ports/clock.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { Connector } from '../ports/connector.js'
import type { Logger } from '../ports/logger.js'
import type { Store } from '../ports/store.js'
import { having, refuseOptions } from './check-config.js'
import { type Check, fields, optional, text, wholeNumber, wrong } from './checks.js'
import type { ClusterOptions, MaintenanceTimings, ManagerOptions, RebalanceTimings } from './options.js'
import type { RetentionLimits } from './retention.js'
import { settingsCheck } from './session-settings.js'

/** A 0 or a NaN would be a tight loop, or an ownership that has run out before it begins. */
const positive: Check = (value, field) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) ? [] : wrong(field, 'must be a number above 0')

const positiveOrNever: Check = (value, field) =>
  typeof value === 'number' && value > 0 ? [] : wrong(field, 'must be a number above 0, or Infinity')

const calledBack: Check = (value, field) => (typeof value === 'function' ? [] : wrong(field, 'must be a function'))

/** What is checked elsewhere, in words of its own. */
const checkedElsewhere: Check = () => []

const version: Check = (value, field) => {
  const isVersion =
    Array.isArray(value) && value.length === 3 && value.every((part) => Number.isInteger(part) && part >= 0)
  return isVersion ? [] : wrong(field, 'must be three whole numbers, such as [2, 3000, 1035194821]')
}

const maintenance = fields<Partial<MaintenanceTimings>>({
  cleanupIntervalMs: optional(positiveOrNever),
  inactiveAfterMs: optional(positiveOrNever),
  retentionIntervalMs: optional(positiveOrNever),
  keyCollectionIntervalMs: optional(positiveOrNever),
  healthCheckIntervalMs: optional(positiveOrNever),
  problemResetIntervalMs: optional(positiveOrNever),
  storeCheckIntervalMs: optional(positiveOrNever),
  requestIntervalMs: optional(positiveOrNever),
  flushIntervalMs: optional(positiveOrNever),
})

const retention = fields<Partial<RetentionLimits>>({
  messageMaxAgeMs: optional(positiveOrNever),
  messageMaxCount: optional(positiveOrNever),
  eventMaxAgeMs: optional(positiveOrNever),
  eventMaxCount: optional(positiveOrNever),
  archiveMaxAgeMs: optional(positiveOrNever),
  auditMaxAgeMs: optional(positiveOrNever),
  auditMaxCount: optional(positiveOrNever),
  deletedSessionMaxAgeMs: optional(positiveOrNever),
  jobMaxAgeMs: optional(positiveOrNever),
  mediaMaxAgeMs: optional(positiveOrNever),
  mediaMaxBytes: optional(positiveOrNever),
})

const reconnect = fields<NonNullable<ManagerOptions['reconnect']>>({
  reconnectBaseMs: optional(positive),
  reconnectMaxMs: optional(positive),
  stableAfterMs: optional(positive),
  replacedRetryMs: optional(positive),
  replacedWindowMs: optional(positive),
  versionRetryBaseMs: optional(positive),
  versionRetryMaxMs: optional(positive),
})

const rebalance = fields<RebalanceTimings>({ calmMs: optional(positive), restMs: optional(positive) })

const cluster = fields<ClusterOptions>({
  bus: having<ClusterBus>('ask', 'answer', 'tell', 'listen', 'onReachable', 'close'),
  capacity: optional(wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER })),
  rebalance: optional((value, field) => (value === false ? [] : rebalance(value, field))),
})

const managerOptions = fields<ManagerOptions>({
  store: optional(
    having<Store>('setup', 'health', 'close', 'auth', 'sessions', 'messages', 'chats', 'leases', 'events'),
  ),
  logger: optional(having<Logger>('debug', 'info', 'warn', 'error')),
  clock: optional(having<Clock>('now', 'monotonic', 'setTimeout')),
  connector: optional(having<Connector>('connect')),
  random: optional(calledBack),
  webSocketUrl: optional(urlOf('ws:', 'wss:')),
  certPublicKey: checkedElsewhere,
  version: optional(version),
  versionUrl: optional((value, field) => (value === false ? [] : urlOf('http:', 'https:')(value, field))),
  maxSessions: optional(wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  defaultSettings: optional(settingsCheck),
  proxyAllow: checkedElsewhere,
  urlAllow: checkedElsewhere,
  encryptionKeys: checkedElsewhere,
  connectsPerSecond: optional(positive),
  connectTimeoutMs: optional(positive),
  keepAliveIntervalMs: optional(positive),
  mediaSilenceMs: optional(positive),
  mediaCertificate: optional(text({ maxLength: 65_536 })),
  qrLifetimeMs: optional(positive),
  owner: optional(text({ maxLength: 256 })),
  leaseTtlMs: optional(positive),
  cluster: optional(cluster),
  maintenance: optional(maintenance),
  retention: optional(retention),
  reconnect: optional(reconnect),
  ackTimeoutMs: optional(positive),
})

/** @throws CONFIG_INVALID naming each option that is not known, or is not what it must be */
export function checkManagerOptions(options: unknown): void {
  refuseOptions('the manager', managerOptions(options, ''))
}

function urlOf(...protocols: string[]): Check {
  const kinds = protocols.map((protocol) => `${protocol}//`).join(' or ')
  return (value, field) => {
    const isUrl = typeof value === 'string' && URL.canParse(value) && protocols.includes(new URL(value).protocol)
    return isUrl ? [] : wrong(field, `must be an address that begins with ${kinds}`)
  }
}
