import { isIPv6 } from 'node:net'
import {
  type Authenticator,
  credsAuthenticator,
  type NodeConnectionOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'
import { type FieldError, type Logger, TrunklineError } from '@trunkline/core'

export interface NatsBusOptions {
  /** One address or several of one NATS cluster: `nats://127.0.0.1:4222`, or `tls://…`. */
  servers: string | readonly string[]
  /** Who this node is to NATS. Needed with a server that is not on this machine. */
  credentials?: NatsCredentials
  /** How the server is made sure of, as Node.js takes it: `ca`, `cert`, `key`. Needed with a server that is not on this machine, unless its address begins with `tls://`. */
  tls?: { ca?: string; cert?: string; key?: string }
  /** Before every subject, so that two installations on one NATS hear nothing of each other: `trunkline` unless given. */
  prefix?: string
  /** What NATS shows this connection as. */
  name?: string
  logger?: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** A token, a user with a password, or the text of a `.creds` file. */
export type NatsCredentials = { token: string } | { user: string; password: string } | { creds: string }

/** A node that hears nothing finds it out in this time, at most twice. NATS's own two minutes are too long for a takeover. */
const PING_INTERVAL_MS = 3_000
const MAX_PINGS_OUT = 2
const CONNECT_TIMEOUT_MS = 5_000
const RECONNECT_WAIT_MS = 200

/** @throws CONFIG_INVALID naming what is wrong */
export function checkOptions(options: NatsBusOptions): void {
  const errors: FieldError[] = []
  const servers = serversOf(options)
  if (servers.length === 0) errors.push({ field: 'servers', message: 'must name at least one NATS server' })
  for (const server of servers)
    if (!hostOf(server)) errors.push({ field: 'servers', message: 'must be addresses such as nats://127.0.0.1:4222' })
  const away = servers.filter((server) => hostOf(server) && !isLoopback(hostOf(server) ?? ''))
  if (away.length > 0 && !options.credentials)
    errors.push({ field: 'credentials', message: 'are needed with a server that is not on this machine' })
  if (away.some((server) => !server.startsWith('tls://')) && !options.tls)
    errors.push({
      field: 'tls',
      message: 'is needed with a server that is not on this machine: events hold QR codes and texts',
    })
  if (options.prefix !== undefined && !/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(options.prefix))
    errors.push({ field: 'prefix', message: 'must be words of letters, digits, _ and -, with dots between them' })
  if (errors.length === 0) return
  const message = errors.map(({ field, message }) => `${field} ${message}`).join('\n')
  throw new TrunklineError('CONFIG_INVALID', { message, details: { errors } })
}

/** For NATS's own client: one try to connect, and from then on it comes back by itself. */
export function connectionOptions(options: NatsBusOptions): NodeConnectionOptions {
  const { credentials, tls, name } = options
  const servers = serversOf(options)
  const needsTls = tls !== undefined || servers.some((server) => server.startsWith('tls://'))
  return {
    servers: servers.map((server) => server.replace(/^(?:nats|tls):\/\//, '')),
    noEcho: true,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_WAIT_MS,
    reconnectJitterTLS: RECONNECT_WAIT_MS,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    timeout: CONNECT_TIMEOUT_MS,
    ...(name ? { name } : {}),
    ...(needsTls ? { tls: { ...tls } } : {}),
    ...(credentials ? { authenticator: authenticatorOf(credentials) } : {}),
  }
}

function authenticatorOf(credentials: NatsCredentials): Authenticator {
  if ('creds' in credentials) return credsAuthenticator(Buffer.from(credentials.creds))
  if ('token' in credentials) return tokenAuthenticator(credentials.token)
  return usernamePasswordAuthenticator(credentials.user, credentials.password)
}

function serversOf({ servers }: NatsBusOptions): string[] {
  return typeof servers === 'string' ? [servers] : [...servers]
}

function hostOf(server: string): string | undefined {
  const [, host] = /^(?:nats|tls):\/\/([^/@\s]+?)(?::\d{1,5})?$/.exec(server) ?? []
  return host
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || /^127(\.\d{1,3}){3}$/.test(bare) || (isIPv6(bare) && /^(0*:)*:?0*1$/.test(bare))
}
