import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
import type { Clock } from '../ports/clock.js'
import type { ConnectOptions, Connector, WebVersionSource } from '../ports/connector.js'
import type { Logger } from '../ports/logger.js'
import type { AddressGuard } from '../util/address-guard.js'
import type { MemoryShare } from '../util/memory-share.js'
import { BaileysConnection } from './connection/baileys-connection.js'
import { KeepAlive } from './connection/keep-alive.js'
import { newestVersion } from './newest-version.js'
import type { SignalEngine } from './signal-engine.js'
import { fromContent } from './translate/from-content.js'

export interface BaileysConnectorOptions {
  signal: SignalEngine
  clock: Clock
  logger: Logger
  /** Where the proxies of sessions may be. */
  proxyGuard: AddressGuard
  /** WhatsApp's own unless given. */
  webSocketUrl?: string
  /** The page that tells the newest version of WhatsApp Web. Nobody is asked unless given. */
  versionUrl?: string
  /** How long the server may take for each step of connecting. */
  connectTimeoutMs: number
  /** How often an open connection is asked for a sign of life. */
  keepAliveIntervalMs: number
  /** A media host that says nothing for this long is given up. */
  mediaSilenceMs: number
  /** What files on their way out may take of it. */
  fileMemory: MemoryShare
  /** An authority that is trusted at the media hosts in the place of those that Node.js trusts, as PEM. */
  mediaCertificate?: string
  /** How long one QR is shown; WhatsApp's own times (60 s, then 20 s) unless given. */
  qrLifetimeMs?: number
}

/** Connects sessions by Baileys. */
export function createBaileysConnector(options: BaileysConnectorOptions): Connector {
  const { versionUrl, ...rest } = options
  const { clock, keepAliveIntervalMs: intervalMs } = options
  const together = new KeepAlive({ clock, intervalMs })
  // Accounts behind proxies of their own have nothing in common that a server could see, their rhythm included.
  const keepAliveOf = ({ settings }: ConnectOptions) =>
    settings.proxyUrl ? new KeepAlive({ clock, intervalMs }) : together
  const source = (url: string): Pick<WebVersionSource, 'newest'> => ({
    newest: ({ proxyUrl, signal }) => newestVersion({ ...rest, url, ...(proxyUrl ? { proxyUrl } : {}) }, signal),
  })
  return {
    connect: (connectOptions) =>
      new BaileysConnection({ ...options, keepAlive: keepAliveOf(connectOptions) }, connectOptions),
    prepare: fromContent,
    versions: { own: DEFAULT_CONNECTION_CONFIG.version, ...(versionUrl ? source(versionUrl) : {}) },
  }
}
