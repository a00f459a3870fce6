import { v7 as uuid } from 'uuid'
import packageJson from '../../package.json' with { type: 'json' }
import { createBaileysConnector } from '../baileys/baileys-connector.js'
import { harden } from '../baileys/hardening.js'
import { limitsInflation } from '../baileys/inflate-limit.js'
import { WHATSAPP_VERSION_URL } from '../baileys/newest-version.js'
import { Claims } from '../cluster/claims.js'
import { refuseOptions } from '../manager/check-config.js'
import { connectThrottleFor } from '../manager/connect-throttle.js'
import { LeaseKeeper } from '../manager/lease-keeper.js'
import { LeaseWatch } from '../manager/lease-watch.js'
import { CLUSTER_CONNECTS_PER_SECOND, DEFAULTS, type ManagerOptions, sessionTimings } from '../manager/options.js'
import { proxyGuardOf } from '../manager/proxy-guard.js'
import { urlGuardOf } from '../manager/url-guard.js'
import { WebVersions } from '../manager/web-versions.js'
import { createLinkPreviews } from '../media/link-previews.js'
import { createMediaDesk } from '../media/staging.js'
import type { Clock } from '../ports/clock.js'
import type { Connector } from '../ports/connector.js'
import type { Logger } from '../ports/logger.js'
import type { SessionServices } from '../session/services.js'
import type { NodeIdentity } from '../types/node.js'
import { MemoryShare } from '../util/memory-share.js'
import { trunklineSignal } from './trunkline-signal.js'

/** How often in the lifetime of a lease a node that waits for it looks whether it is free. */
const LOOKS_PER_LEASE = 15

/** Photos, voice notes and most documents are within it; what is larger, or one too many, waits on the disk. */
const FILE_MEMORY = { maxBytes: 32 * 1024 * 1024, maxBytesEach: 2 * 1024 * 1024 }

type ManagerParts = Pick<
  SessionServices,
  'store' | 'pacer' | 'clock' | 'logger' | 'storeAnswers' | 'counted' | 'expects' | 'emit'
>

export type SharedServices = SessionServices & {
  versions: WebVersions
  /** The leases of this node. */
  keeper: LeaseKeeper
  /** What it takes of those that nobody has, where nodes share them. */
  claims: Claims | undefined
}

/** What the sessions of one manager share, with the defaults filled in. */
export function composeServices(options: ManagerOptions, parts: ManagerParts): SharedServices {
  const { store, clock, logger } = parts
  const { leaseTtlMs: ttlMs } = { ...DEFAULTS, ...options }
  const { connectsPerSecond = options.cluster ? CLUSTER_CONNECTS_PER_SECOND : DEFAULTS.connectsPerSecond } = options
  const throttle = connectThrottleFor(clock)
  const { leases } = store
  const node = nodeOf(options, clock)
  const keeper = new LeaseKeeper({
    store,
    node,
    stays: options.cluster !== undefined,
    ...(options.cluster?.capacity === undefined ? {} : { capacity: options.cluster.capacity }),
    ttlMs,
    clock,
    logger,
  })
  const watch = new LeaseWatch({ leases, intervalMs: ttlMs / LOOKS_PER_LEASE, clock, logger })
  const fileMemory = new MemoryShare(FILE_MEMORY)
  const connector = options.connector ?? baileysConnector(options, { ...parts, fileMemory })
  const random = options.random ?? Math.random
  const calm = (signal: AbortSignal) => throttle.calm(signal)
  const claims =
    options.cluster && new Claims({ leases, node: node.id, keeper, connectsPerSecond, calm, clock, logger, random })
  const timings = sessionTimings(options)
  const source = connector.versions
  const guard = urlGuardOf(options)
  return {
    ...parts,
    connector,
    linkPreviews: createLinkPreviews({ guard, clock }),
    mediaDesk: createMediaDesk({
      guard,
      silenceMs: options.mediaSilenceMs ?? DEFAULTS.mediaSilenceMs,
      memory: fileMemory,
    }),
    random,
    versions: new WebVersions({
      timings,
      clock,
      random,
      logger,
      ...(source ? { source } : {}),
      ...(options.version ? { fixed: options.version } : {}),
    }),
    node: node.id,
    keeper,
    claims,
    acquire: (sessionId) => keeper.acquire(sessionId),
    holderOf: async (sessionId) => (await leases.held([sessionId]))[0]?.owner,
    leaseFree: (sessionId, signal, options) => watch.free(sessionId, signal, options),
    ...(claims ? { mayTake: (sessionId: string, signal: AbortSignal) => claims.turn(sessionId, signal) } : {}),
    connectTurn: (signal) => throttle.turn(signal, connectsPerSecond),
    timings,
  }
}

/** A name of two processes, one after the other or both at once, must not make one node of them. */
function nodeOf({ owner }: ManagerOptions, clock: Clock): NodeIdentity {
  const name = owner ?? 'node'
  const { version } = packageJson
  return { id: `${name}.${uuid().slice(-12)}`, name, version, startedAt: new Date(clock.now()).toISOString() }
}

/**
 * Hardens Baileys for the whole process; the answer takes this manager's share of it away again.
 *
 * @throws CERT_ROOT_CONFLICT when another manager of the process trusts another root · CONFIG_INVALID
 */
export function hardenProcess({ certPublicKey }: ManagerOptions, logger: Logger): () => void {
  const root = rootKey(certPublicKey)
  const soften = harden({
    installCurve: () => trunklineSignal.installCurve(logger),
    ...(root ? { certPublicKey: root } : {}),
  })
  if (!limitsInflation())
    logger.error(
      {},
      'This version of Node.js lets no limit be set to what Baileys inflates: a frame of the server may fill the memory',
    )
  return soften
}

function baileysConnector(
  options: ManagerOptions,
  { clock, logger, fileMemory }: ManagerParts & { fileMemory: MemoryShare },
): Connector {
  const { connectTimeoutMs, keepAliveIntervalMs, mediaSilenceMs } = { ...DEFAULTS, ...options }
  const { webSocketUrl, qrLifetimeMs, mediaCertificate } = options
  // Whoever connects elsewhere than to WhatsApp does not ask WhatsApp either.
  const versionUrl = options.versionUrl ?? (webSocketUrl ? false : WHATSAPP_VERSION_URL)
  return createBaileysConnector({
    signal: trunklineSignal,
    proxyGuard: proxyGuardOf(options),
    clock,
    logger,
    connectTimeoutMs,
    keepAliveIntervalMs,
    mediaSilenceMs,
    fileMemory,
    ...(mediaCertificate ? { mediaCertificate } : {}),
    ...(webSocketUrl ? { webSocketUrl } : {}),
    ...(versionUrl ? { versionUrl } : {}),
    ...(qrLifetimeMs ? { qrLifetimeMs } : {}),
  })
}

/** @throws CONFIG_INVALID when the key is not 32 bytes */
function rootKey(given: ManagerOptions['certPublicKey']): Uint8Array | undefined {
  if (given === undefined) return undefined
  const bytes = typeof given === 'string' ? Buffer.from(/^[0-9a-f]{64}$/i.test(given) ? given : '', 'hex') : given
  if (bytes.length !== 32)
    refuseOptions('the manager', [{ field: 'certPublicKey', message: 'must be 32 bytes, or 64 hex digits' }])
  return bytes
}
