import { X509Certificate } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import { LIMITS } from '@trunkline/contract'
import { type AutoDownload, type FieldError, TrunklineError } from '@trunkline/core'
import { z } from 'zod'
import { parseDuration } from './duration.js'
import { parseEncryptionKeys } from './encryption-keys.js'
import { parseOrigins } from './origins.js'
import { judgeSecrets } from './secrets.js'
import { parseSize } from './size.js'

const DURATION = 'must be a time from 1s to 366d, such as 5m, 6h or 30d'

/** The environment of the server, every variable of it. An empty value counts as none. */
const schema = z.object({
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  STORE: z.enum(['mongo', 'sqlite', 'memory']).optional(),
  DATA_DIR: folder().default('./data'),
  AUTH_STORAGE: z.enum(['file', 'mongo']).optional(),
  AUTH_ENCRYPTION_KEY: z.string().transform(parseEncryptionKeys).optional(),

  PORT: wholeNumber({ min: 0, max: 65_535 }).default(5000),
  HOST: z.string().refine(isHost, 'must be an address or a host name, such as 127.0.0.1, :: or localhost').optional(),
  NODE_ENV: z.string().optional(),
  TRUST_PROXY: z.string().transform(parseTrustProxy).default(false),
  CORS_ORIGIN: z.string().transform(parseOrigins).optional(),
  METRICS: z.enum(['on', 'off']).default('on'),
  METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .regex(/^[!-~]+$/, 'must be of letters, digits and signs of ASCII: no header carries anything else')
    .optional(),
  RATE_LIMIT: perMinuteOrOff().default(1_200),
  RATE_LIMIT_ADDRESS: perMinuteOrOff().default(6_000),
  MAX_CONNECTIONS: wholeNumber({ min: 1, max: 1_000_000 }).default(25_000),
  HEADERS_TIMEOUT: patience().default(15_000),
  REQUEST_TIMEOUT: patience().default(300_000),
  KEEP_ALIVE_TIMEOUT: patience().default(65_000),
  MAX_SOCKETS: wholeNumber({ min: 1, max: 1_000_000 }).default(20_000),
  MAX_SOCKETS_PER_ADDRESS: wholeNumber({ min: 1, max: 1_000_000 }).default(5_000),
  MAX_SOCKETS_PER_USER: wholeNumber({ min: 1, max: 1_000_000 }).default(100),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),

  JWT_SECRET: z.string({ error: 'is needed: make one with `openssl rand -hex 32`' }),
  ADMIN_NAME: z.string().max(100).default('Admin'),
  ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
  ADMIN_PASSWORD: z.string().max(1024).optional(),

  PRELOAD_CHATS_TYPE: z.enum(['individual', 'group', 'all', 'none']).default('individual'),
  PRELOAD_CHATS_LIMIT: wholeNumber({ min: 0, max: 1000 }).default(30),
  MAX_SESSIONS: wholeNumber({ min: 1, max: 100_000 }).optional(),
  PROXY_ALLOW: z.string().transform(parseHosts).optional(),
  URL_ALLOW: z.string().transform(parseHosts).optional(),
  CLEANUP_INTERVAL: durationOrOff().optional(),
  INACTIVE_AFTER: duration().optional(),
  HEALTH_CHECK_INTERVAL: durationOrOff().optional(),
  PROBLEM_RESET_INTERVAL: durationOrOff().optional(),
  MESSAGE_MAX_AGE: duration().optional(),
  MESSAGE_MAX_COUNT: wholeNumber({ min: 1, max: 1_000_000_000 }).optional(),
  EVENT_MAX_AGE: duration().optional(),
  EVENT_MAX_COUNT: wholeNumber({ min: 1, max: 1_000_000_000 }).optional(),
  AUDIT_MAX_AGE: duration().optional(),
  AUDIT_MAX_COUNT: wholeNumber({ min: 1, max: 1_000_000_000 }).optional(),
  MEDIA_DIR: folder().optional(),
  MEDIA_AUTO_DOWNLOAD: z.string().transform(parseAutoDownload).optional(),
  MEDIA_MAX_AGE: duration().optional(),
  MEDIA_MAX_BYTES: bytes().optional(),
  ARCHIVE_MAX_AGE: duration().optional(),
  DELETED_SESSION_MAX_AGE: duration().optional(),

  NATS_URL: z.string().transform(parseNatsServers).optional(),
  NATS_CREDENTIALS: z.string().max(4096).optional(),
  NATS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'must be words of letters, digits, _ and -, with dots between them')
    .default('trunkline'),
  NODE_NAME: z.string().max(64).optional(),
  WORKERS: wholeNumber({ min: 1, max: 64 }).default(1),
  LEASE_TTL: patience().optional(),
  REBALANCE: z.enum(['on', 'off']).default('on'),

  WA_WEB_SOCKET_URL: z.url({ protocol: /^wss?$/, error: 'must be a ws:// or wss:// URL' }).optional(),
  WA_CERT_PUBLIC_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 32 bytes as 64 hex digits')
    .optional(),
  WA_MEDIA_CERT: z
    .string()
    .transform((text) => text.replaceAll('\\n', '\n'))
    .refine(isCertificate, 'must be a certificate as PEM')
    .optional(),
  WA_VERSION: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'must be three numbers, such as 2.3000.1035194821')
    .transform((text) => text.split('.').map(Number) as [number, number, number])
    .optional(),
  WA_VERSION_URL: z
    .union([z.literal('off').transform(() => false as const), z.url({ protocol: /^https?$/ })], 'must be a URL, or off')
    .optional(),
})

/** The names of all of them. */
export const VARIABLES: readonly string[] = Object.keys(schema.shape)

export interface Configuration extends Omit<z.output<typeof schema>, 'STORE' | 'AUTH_STORAGE' | 'HOST'> {
  STORE: 'mongo' | 'sqlite' | 'memory'
  /** Where credentials and keys are kept: in a folder under DATA_DIR, or with everything else. */
  AUTH_STORAGE: 'file' | 'store'
  HOST: string
  /** What the operator should know, sentences. */
  warnings: string[]
}

/** @throws CONFIG_INVALID with every variable that is wrong and why; values are not repeated */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Configuration {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  const unreadable = VARIABLES.flatMap((field) => unreadableErrors(field, given[field]))
  if (!parsed.success || unreadable.length > 0) {
    const named = new Set(unreadable.map(({ field }) => field))
    const issues = parsed.error?.issues.map(toFieldError).filter(({ field }) => !named.has(field)) ?? []
    throw refuse([...unreadable, ...issues])
  }

  const variables = parsed.data
  const HOST = variables.HOST ?? (variables.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1')
  const STORE = variables.STORE ?? (variables.MONGODB_URI ? 'mongo' : DEFAULT_STORE)
  const secrets = judgeSecrets({ ...variables, loopback: isLoopback(HOST) })
  const errors = [
    ...timeoutErrors(variables),
    ...storageErrors({ ...variables, STORE }),
    ...clusterErrors({ ...variables, STORE }),
    ...adminErrors(variables),
    ...secrets.errors,
  ]
  if (errors.length > 0) throw refuse(errors)
  const AUTH_STORAGE = variables.AUTH_STORAGE === 'file' ? 'file' : 'store'
  const warnings = [...secrets.warnings, ...encryptionWarnings(variables), ...unusedWarnings({ ...variables, STORE })]
  return { ...variables, HOST, STORE, AUTH_STORAGE, warnings }
}

const DEFAULT_STORE = 'sqlite'

/** What nobody means: what an environment file brought along, such as quotes or a line end of Windows, or nothing but blanks. */
function unreadableErrors(field: string, value: string | undefined): FieldError[] {
  if (value === undefined) return []
  if (value.trim() === '') return [{ field, message: 'has nothing but white space' }]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for.
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    return [{ field, message: 'has a control character, such as the line end of a file from Windows' }]
  }
  if (/^(["'`]).*\1$/.test(value)) return [{ field, message: 'has quotes around it, which are taken as a part of it' }]
  if (WHOLE.includes(field) && value !== value.trim()) {
    return [{ field, message: 'begins or ends with white space' }]
  }
  return []
}

/** Of these nobody sees what they are, or a blank makes something else of them: one too many is never noticed. */
const WHOLE = [
  'HOST',
  'NODE_ENV',
  'DATA_DIR',
  'MEDIA_DIR',
  'NODE_NAME',
  'JWT_SECRET',
  'ADMIN_PASSWORD',
  'METRICS_TOKEN',
  'AUTH_ENCRYPTION_KEY',
  'MONGODB_URI',
  'NATS_CREDENTIALS',
]

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || /^127(\.\d{1,3}){3}$/.test(bare) || (isIPv6(bare) && /^(0*:)*:?0*1$/.test(bare))
}

function storageErrors({ STORE, MONGODB_URI, AUTH_STORAGE, MEDIA_DIR }: StorageVariables): FieldError[] {
  const errors: FieldError[] = []
  if (MEDIA_DIR && STORE !== 'sqlite') {
    errors.push({ field: 'MEDIA_DIR', message: `is for STORE sqlite: ${STORE} keeps files with everything else` })
  }
  if (STORE === 'mongo' && !MONGODB_URI) errors.push({ field: 'STORE', message: 'is mongo, so MONGODB_URI is needed' })
  if (AUTH_STORAGE === 'mongo' && !MONGODB_URI) {
    errors.push({ field: 'AUTH_STORAGE', message: 'is mongo, so MONGODB_URI is needed' })
  } else if (AUTH_STORAGE === 'mongo' && STORE !== 'mongo') {
    errors.push({ field: 'AUTH_STORAGE', message: `is mongo and STORE is ${STORE}: they have to be the same` })
  }
  return errors
}

/** Nodes that take sessions from each other must find all of them in one store. */
function clusterErrors({
  NATS_URL,
  WORKERS,
  STORE,
  AUTH_STORAGE,
}: StorageVariables & { NATS_URL?: string[] | undefined; WORKERS: number }): FieldError[] {
  const errors: FieldError[] = []
  const isShared = NATS_URL !== undefined || WORKERS > 1
  if (NATS_URL && STORE !== 'mongo')
    errors.push({ field: 'NATS_URL', message: `joins nodes of one MongoDB, and STORE is ${STORE}` })
  if (WORKERS > 1 && STORE !== 'mongo')
    errors.push({ field: 'WORKERS', message: `is more than 1, which needs MONGODB_URI: ${NOT_SHARED[STORE]}` })
  if (isShared && AUTH_STORAGE === 'file')
    errors.push({ field: 'AUTH_STORAGE', message: 'is file, which several nodes do not share' })
  return errors
}

/** Why processes cannot work on it together. */
const NOT_SHARED = {
  sqlite: 'the file of STORE sqlite is for one process alone',
  memory: 'STORE memory is that of one process',
}

/** Node.js refuses to serve like that. */
function timeoutErrors({ HEADERS_TIMEOUT, REQUEST_TIMEOUT }: z.output<typeof schema>): FieldError[] {
  if (HEADERS_TIMEOUT <= REQUEST_TIMEOUT) return []
  return [{ field: 'HEADERS_TIMEOUT', message: 'must not be longer than REQUEST_TIMEOUT' }]
}

function encryptionWarnings({ NODE_ENV, AUTH_ENCRYPTION_KEY }: z.output<typeof schema>): string[] {
  if (NODE_ENV !== 'production' || AUTH_ENCRYPTION_KEY) return []
  return ['AUTH_ENCRYPTION_KEY is not set: whoever reads the store, or a backup of it, can use the linked accounts.']
}

/** What is set, and changes nothing. */
function unusedWarnings({
  STORE,
  MONGODB_URI,
  NATS_URL,
  NATS_CREDENTIALS,
}: StorageVariables & { NATS_URL?: string[] | undefined; NATS_CREDENTIALS?: string | undefined }): string[] {
  const unused = []
  if (MONGODB_URI && STORE !== 'mongo') unused.push(`MONGODB_URI is not used: STORE is ${STORE}.`)
  if (NATS_CREDENTIALS && !NATS_URL) unused.push('NATS_CREDENTIALS is not used: NATS_URL is not set.')
  return unused
}

interface StorageVariables {
  STORE: Configuration['STORE']
  MONGODB_URI?: string | undefined
  AUTH_STORAGE?: 'file' | 'mongo' | undefined
  MEDIA_DIR?: string | undefined
}

function adminErrors({
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
}: {
  ADMIN_EMAIL?: string | undefined
  ADMIN_PASSWORD?: string | undefined
}) {
  if (ADMIN_EMAIL !== undefined && ADMIN_PASSWORD === undefined) {
    return [{ field: 'ADMIN_PASSWORD', message: 'is needed with ADMIN_EMAIL' }]
  }
  if (ADMIN_PASSWORD !== undefined && ADMIN_EMAIL === undefined) {
    return [{ field: 'ADMIN_EMAIL', message: 'is needed with ADMIN_PASSWORD' }]
  }
  return []
}

function wholeNumber({ min, max }: { min: number; max: number }) {
  const message = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
}

/** A path as it is: the shell that would make a home folder of `~` is not there. */
function folder() {
  return z.string().regex(/^(?!~|[a-z][a-z0-9+.-]*:\/\/)/i, 'must be a path, without ~ and without file://')
}

function isHost(host: string): boolean {
  return isIP(host.split('%')[0] ?? '') !== 0 || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host))
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i

function duration() {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text)
    // Timers of Node.js run out at 2^31 ms: a longer one would fire at once.
    if (ms !== undefined && ms >= 1000 && ms <= 366 * 86_400_000) return ms
    context.addIssue(DURATION)
    return z.NEVER
  })
}

/** A number of bytes, also as `500MB` or `10GB`, of 1,024 each. */
function bytes() {
  return z.string().transform((text, context) => {
    const size = parseSize(text)
    if (size !== undefined && size > 0) return size
    context.addIssue('must be a number of bytes, such as 500MB or 10GB')
    return z.NEVER
  })
}

/** How long the other side of a connection may take. */
function patience() {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== undefined && ms >= 1000 && ms <= 3_600_000) return ms
    context.addIssue('must be a time from 1s to 1h, such as 15s')
    return z.NEVER
  })
}

/** Requests in a minute; `Infinity` for no limit. */
function perMinuteOrOff() {
  const message = 'must be a whole number from 1 to 1000000, or off'
  const limit = wholeNumber({ min: 1, max: 1_000_000 })
  return z.union([z.literal('off').transform(() => Number.POSITIVE_INFINITY), limit], message)
}

/** `Infinity` for what never happens by itself. */
function durationOrOff() {
  return z.union([z.literal('off').transform(() => Number.POSITIVE_INFINITY), duration()], `${DURATION}, or off`)
}

/** `none`, or kinds of files, each with the largest size: `image:5MB, voice`. */
function parseAutoDownload(text: string, context: z.RefinementCtx): AutoDownload {
  if (text.trim() === 'none') return {}
  const entries = text.split(',').map((part) => {
    const [kind = '', size] = part.trim().split(':')
    const limit = Object.hasOwn(LIMITS.media.maxBytes, kind)
      ? LIMITS.media.maxBytes[kind as keyof AutoDownload]
      : undefined
    const bytes = size === undefined ? limit : parseSize(size)
    return { kind, bytes, isRight: limit !== undefined && bytes !== undefined && bytes > 0 && bytes <= limit }
  })
  if (entries.every(({ isRight }) => isRight))
    return Object.fromEntries(entries.map(({ kind, bytes }) => [kind, bytes]))
  context.addIssue('must be none, or kinds of files with the largest size, such as image:5MB, voice:1MB, document:20MB')
  return z.NEVER
}

function parseNatsServers(text: string, context: z.RefinementCtx): string[] {
  const servers = text.split(',').map((server) => server.trim())
  if (servers.every((server) => /^(?:nats|tls):\/\/[^/@\s]+$/.test(server))) return servers
  context.addIssue('must be addresses such as nats://127.0.0.1:4222, and credentials in NATS_CREDENTIALS')
  return z.NEVER
}

const NETWORK_NAMES = ['loopback', 'linklocal', 'uniquelocal']

/** As Express takes it: how many proxies stand in front, or their addresses. */
function parseTrustProxy(text: string, context: z.RefinementCtx): boolean | number | string {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^\d{1,2}$/.test(text)) return Number(text)
  const networks = text.split(',').map((network) => network.trim())
  if (networks.every((network) => NETWORK_NAMES.includes(network) || isNetwork(network))) return text
  context.addIssue('must be true, false, a number of proxies, or addresses such as 10.0.0.0/8, loopback')
  return z.NEVER
}

/** Hosts that the proxies of sessions may be at although they are inside. */
function parseHosts(text: string, context: z.RefinementCtx): string[] {
  const hosts = text.split(',').map((host) => host.trim())
  if (hosts.every((host) => isNetwork(host) || HOST_NAME.test(host))) return hosts
  context.addIssue('must be host names, addresses or ranges, such as proxy.internal, 10.0.0.0/8')
  return z.NEVER
}

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128)
}

function toFieldError({ path, message }: z.core.$ZodIssue): FieldError {
  return { field: path.join('.'), message }
}

function refuse(errors: FieldError[]) {
  const lines = errors.map(({ field, message }) => `${field} ${message}`)
  return new TrunklineError('CONFIG_INVALID', { message: lines.join('\n'), details: { errors } })
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
