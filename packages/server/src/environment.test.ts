import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sealingKeyFrom, TrunklineError } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.js'
import { isLoopback, readEnvironment, VARIABLES } from './environment.js'
import { judgeSecrets } from './secrets.js'

const SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
const KEY = randomBytes(32).toString('hex')
const OTHER_KEY = randomBytes(32).toString('base64')
const MONGO = 'mongodb://localhost:27017/whatsapp-multi-session'

function errorsOf(env: Record<string, string>): string[] {
  try {
    readEnvironment({ JWT_SECRET: SECRET, ...env })
    return []
  } catch (error) {
    if (!TrunklineError.is(error, 'CONFIG_INVALID')) throw error
    return error.details.errors.map(({ field }) => field)
  }
}

describe('readEnvironment', () => {
  it('needs nothing but a secret', () => {
    expect(readEnvironment({ JWT_SECRET: SECRET })).toMatchObject({
      STORE: 'sqlite',
      DATA_DIR: './data',
      HOST: '127.0.0.1',
      PORT: 5000,
      PRELOAD_CHATS_TYPE: 'individual',
      PRELOAD_CHATS_LIMIT: 30,
      TRUST_PROXY: false,
      warnings: [],
    })
  })

  it('takes an empty value for none', () => {
    expect(readEnvironment({ JWT_SECRET: SECRET, PORT: '', MONGODB_URI: '', WA_VERSION: '' })).toMatchObject({
      PORT: 5000,
      STORE: 'sqlite',
    })
  })

  it.each([
    [{ NODE_ENV: 'production' }, { HOST: '0.0.0.0' }],
    [{ NODE_ENV: 'production', HOST: '127.0.0.1' }, { HOST: '127.0.0.1' }],
    [{ MONGODB_URI: MONGO }, { STORE: 'mongo' }],
    [{ MONGODB_URI: MONGO, AUTH_STORAGE: 'mongo' }, { STORE: 'mongo' }],
    [{ MONGODB_URI: MONGO, STORE: 'memory' }, { STORE: 'memory' }],
    [
      { MEDIA_MAX_AGE: '90d', MEDIA_MAX_BYTES: '20GB' },
      { MEDIA_MAX_AGE: 7_776_000_000, MEDIA_MAX_BYTES: 21_474_836_480 },
    ],
    [{ MEDIA_AUTO_DOWNLOAD: 'none' }, { MEDIA_AUTO_DOWNLOAD: {} }],
    [{ MEDIA_AUTO_DOWNLOAD: 'image:5MB, sticker' }, { MEDIA_AUTO_DOWNLOAD: { image: 5_242_880, sticker: 1_048_576 } }],
    [{ MEDIA_DIR: '/media' }, { MEDIA_DIR: '/media', STORE: 'sqlite' }],
    [{}, { WORKERS: 1 }],
    [
      { WORKERS: '4', MONGODB_URI: MONGO },
      { WORKERS: 4, STORE: 'mongo' },
    ],
    [
      { WORKERS: '1', AUTH_STORAGE: 'file' },
      { WORKERS: 1, STORE: 'sqlite' },
    ],
    [{ CLEANUP_INTERVAL: 'off' }, { CLEANUP_INTERVAL: Number.POSITIVE_INFINITY }],
    [{ PROBLEM_RESET_INTERVAL: '2h' }, { PROBLEM_RESET_INTERVAL: 7_200_000 }],
    [{ WA_VERSION_URL: 'off' }, { WA_VERSION_URL: false }],
    [{ WA_VERSION_URL: 'http://127.0.0.1:9/sw.js' }, { WA_VERSION_URL: 'http://127.0.0.1:9/sw.js' }],
    [{ WA_VERSION: '2.3000.1035194821' }, { WA_VERSION: [2, 3000, 1_035_194_821] }],
    [
      { CLEANUP_INTERVAL: '6h', INACTIVE_AFTER: '30d' },
      { CLEANUP_INTERVAL: 21_600_000, INACTIVE_AFTER: 2_592_000_000 },
    ],
    [
      { CORS_ORIGIN: 'https://a.example, https://b.example' },
      { CORS_ORIGIN: ['https://a.example', 'https://b.example'] },
    ],
    [{ CORS_ORIGIN: '*' }, { CORS_ORIGIN: '*' }],
    [{}, { AUTH_STORAGE: 'store' }],
    [{ AUTH_STORAGE: 'file' }, { STORE: 'sqlite', AUTH_STORAGE: 'file' }],
    [
      { AUTH_STORAGE: 'file', STORE: 'memory' },
      { STORE: 'memory', AUTH_STORAGE: 'file' },
    ],
    [
      { AUTH_STORAGE: 'file', MONGODB_URI: MONGO },
      { STORE: 'mongo', AUTH_STORAGE: 'file' },
    ],
    [
      { AUTH_STORAGE: 'mongo', MONGODB_URI: MONGO },
      { STORE: 'mongo', AUTH_STORAGE: 'store' },
    ],
    [{ AUTH_ENCRYPTION_KEY: KEY }, { AUTH_ENCRYPTION_KEY: [sealingKeyFrom(KEY)] }],
    [
      { AUTH_ENCRYPTION_KEY: `${OTHER_KEY}, ${KEY}` },
      { AUTH_ENCRYPTION_KEY: [sealingKeyFrom(OTHER_KEY), sealingKeyFrom(KEY)] },
    ],
    [{ TRUST_PROXY: 'true' }, { TRUST_PROXY: true }],
    [{ TRUST_PROXY: '2' }, { TRUST_PROXY: 2 }],
    [{ TRUST_PROXY: 'loopback, 10.0.0.0/8' }, { TRUST_PROXY: 'loopback, 10.0.0.0/8' }],
  ])('makes of %j %j', (env, configuration) => {
    expect(readEnvironment({ JWT_SECRET: SECRET, ...env })).toMatchObject(configuration)
  })

  it.each([
    [{ JWT_SECRET: '' }, ['JWT_SECRET']],
    [{ PORT: '65536' }, ['PORT']],
    [{ PORT: '80a' }, ['PORT']],
    [{ MONGODB_URI: 'http://localhost' }, ['MONGODB_URI']],
    [{ STORE: 'redis' }, ['STORE']],
    [{ STORE: 'mongo' }, ['STORE']],
    [{ AUTH_STORAGE: 'mongo' }, ['AUTH_STORAGE']],
    [{ AUTH_STORAGE: 'mongo', STORE: 'sqlite', MONGODB_URI: MONGO }, ['AUTH_STORAGE']],
    [{ AUTH_STORAGE: 'files' }, ['AUTH_STORAGE']],
    [{ ADMIN_EMAIL: 'admin@example.com' }, ['ADMIN_PASSWORD']],
    [{ ADMIN_PASSWORD: 'correct horse' }, ['ADMIN_EMAIL']],
    [{ ADMIN_EMAIL: 'nobody', ADMIN_PASSWORD: 'x' }, ['ADMIN_EMAIL']],
    [{ PRELOAD_CHATS_TYPE: 'some', PRELOAD_CHATS_LIMIT: '-1' }, ['PRELOAD_CHATS_TYPE', 'PRELOAD_CHATS_LIMIT']],
    [{ WA_WEB_SOCKET_URL: 'http://127.0.0.1' }, ['WA_WEB_SOCKET_URL']],
    [{ WA_CERT_PUBLIC_KEY: 'abcd' }, ['WA_CERT_PUBLIC_KEY']],
    [{ WA_MEDIA_CERT: '-----BEGIN CERTIFICATE-----' }, ['WA_MEDIA_CERT']],
    [{ WA_VERSION: '2.3000' }, ['WA_VERSION']],
    [{ WA_VERSION_URL: 'no' }, ['WA_VERSION_URL']],
    [{ WA_VERSION_URL: 'file:///sw.js' }, ['WA_VERSION_URL']],
    [{ HEALTH_CHECK_INTERVAL: '300' }, ['HEALTH_CHECK_INTERVAL']],
    [{ CLEANUP_INTERVAL: '0h' }, ['CLEANUP_INTERVAL']],
    [{ MAX_SESSIONS: '0' }, ['MAX_SESSIONS']],
    [{ MEDIA_MAX_BYTES: 'much', MEDIA_MAX_AGE: '1' }, ['MEDIA_MAX_AGE', 'MEDIA_MAX_BYTES']],
    [{ MEDIA_AUTO_DOWNLOAD: 'pictures' }, ['MEDIA_AUTO_DOWNLOAD']],
    [{ MEDIA_AUTO_DOWNLOAD: 'image:1TB' }, ['MEDIA_AUTO_DOWNLOAD']],
    [{ MEDIA_DIR: '/media', STORE: 'mongo', MONGODB_URI: MONGO }, ['MEDIA_DIR']],
    [
      { MESSAGE_MAX_AGE: 'forever', MESSAGE_MAX_COUNT: '0', EVENT_MAX_AGE: '0d' },
      ['MESSAGE_MAX_AGE', 'MESSAGE_MAX_COUNT', 'EVENT_MAX_AGE'],
    ],
    [{ LOG_LEVEL: 'loud' }, ['LOG_LEVEL']],
    [{ TRUST_PROXY: 'somebody' }, ['TRUST_PROXY']],
    [{ AUTH_ENCRYPTION_KEY: 'x' }, ['AUTH_ENCRYPTION_KEY']],
    [{ AUTH_ENCRYPTION_KEY: '0'.repeat(64) }, ['AUTH_ENCRYPTION_KEY']],
    [{ AUTH_ENCRYPTION_KEY: 'correct horse battery staple correct horse batteries' }, ['AUTH_ENCRYPTION_KEY']],
    [{ AUTH_ENCRYPTION_KEY: `${KEY},` }, ['AUTH_ENCRYPTION_KEY']],
    [{ AUTH_ENCRYPTION_KEY: `${KEY},${KEY}` }, ['AUTH_ENCRYPTION_KEY']],
    [{ NATS_URL: 'nats://localhost' }, ['NATS_URL']],
    [{ WORKERS: '-1' }, ['WORKERS']],
    [{ WORKERS: '2.5' }, ['WORKERS']],
    [{ WORKERS: '65', MONGODB_URI: MONGO }, ['WORKERS']],
    [{ WORKERS: '2' }, ['WORKERS']],
    [{ WORKERS: '2', STORE: 'memory', MONGODB_URI: MONGO }, ['WORKERS']],
    [{ WORKERS: '2', MONGODB_URI: MONGO, AUTH_STORAGE: 'file' }, ['AUTH_STORAGE']],
    [{ NATS_URL: 'http://localhost', MONGODB_URI: MONGO }, ['NATS_URL']],
    [{ NATS_URL: 'nats://user:secret@localhost', MONGODB_URI: MONGO }, ['NATS_URL']],
    [{ NATS_URL: 'nats://localhost', MONGODB_URI: MONGO, AUTH_STORAGE: 'file' }, ['AUTH_STORAGE']],
    [{ NATS_URL: 'nats://localhost', NATS_PREFIX: 'a.*', MONGODB_URI: MONGO }, ['NATS_PREFIX']],
    [{ LEASE_TTL: '0s' }, ['LEASE_TTL']],
    [{ JWT_SECRET: ' '.repeat(40) }, ['JWT_SECRET']],
    [{ JWT_SECRET: `${SECRET}\r` }, ['JWT_SECRET']],
    [{ JWT_SECRET: `${SECRET} ` }, ['JWT_SECRET']],
    [{ ADMIN_EMAIL: 'ada@example.org', ADMIN_PASSWORD: 'correct horse\r' }, ['ADMIN_PASSWORD']],
    [{ ADMIN_EMAIL: 'ada@example.org\r', ADMIN_PASSWORD: 'correct horse' }, ['ADMIN_EMAIL']],
    [{ ADMIN_NAME: 'Ada\r', DATA_DIR: './data\r', HOST: '127.0.0.1\r' }, ['DATA_DIR', 'HOST', 'ADMIN_NAME']],
    [{ DATA_DIR: '  ' }, ['DATA_DIR']],
    [{ DATA_DIR: 'data\0' }, ['DATA_DIR']],
    [{ MONGODB_URI: `${MONGO}\r`, PORT: '5000\r' }, ['MONGODB_URI', 'PORT']],
    [{ NODE_ENV: 'production\r' }, ['NODE_ENV']],
    [{ NODE_ENV: ' production' }, ['NODE_ENV']],
    [{ NODE_ENV: '"production"', LOG_LEVEL: "'info'" }, ['NODE_ENV', 'LOG_LEVEL']],
    [{ JWT_SECRET: `"${SECRET}"` }, ['JWT_SECRET']],
    ...['http://0.0.0.0', 'localhost:5000', '256.1.1.1', '[::]', '*', 'a b', ' 127.0.0.1', '"::"', '1.2.3'].map(
      (HOST) => [{ HOST }, ['HOST']] as [Record<string, string>, string[]],
    ),
    ...['~/data', '~', 'file:///data', ' data', '"./data"'].map(
      (folder) =>
        [{ DATA_DIR: folder, MEDIA_DIR: folder }, ['DATA_DIR', 'MEDIA_DIR']] as [Record<string, string>, string[]],
    ),
    [{ METRICS_TOKEN: 'a token that has blanks' }, ['METRICS_TOKEN']],
    [{ METRICS_TOKEN: 'ein-schöner-langer-name' }, ['METRICS_TOKEN']],
    [{ MEDIA_AUTO_DOWNLOAD: 'image:0' }, ['MEDIA_AUTO_DOWNLOAD']],
    [{ WA_WEB_SOCKET_URL: 'wss://web.example.org/ws\r' }, ['WA_WEB_SOCKET_URL']],
  ])('refuses %j, naming the variable', (env, fields) => {
    expect(errorsOf(env as Record<string, string>)).toEqual(fields)
  })

  it.each(['0.0.0.0', '::', '::1', 'fe80::1%eth0', 'localhost', 'node-1.internal', 'db_1'])('listens on %s', (HOST) => {
    expect(readEnvironment({ JWT_SECRET: SECRET, HOST, ADMIN_NAME: 'x' }).HOST).toBe(HOST)
  })

  it.each(['./data', '/var/lib/trunkline', 'C:\\data', 'my data', 'a~b'])('keeps its data in %s', (DATA_DIR) => {
    expect(readEnvironment({ JWT_SECRET: SECRET, DATA_DIR }).DATA_DIR).toBe(DATA_DIR)
  })

  it('gives the reason where a word is taken beside a number or a time', () => {
    const env = { JWT_SECRET: SECRET, RATE_LIMIT: 'unlimited', CLEANUP_INTERVAL: 'never', HEALTH_CHECK_INTERVAL: '-5m' }
    expect(() => readEnvironment(env)).toThrow(/^RATE_LIMIT must be a whole number from 1 to 1000000, or off$/m)
    expect(() => readEnvironment(env)).toThrow(/^CLEANUP_INTERVAL must be a time from 1s to 366d.*, or off$/m)
    expect(() => readEnvironment(env)).toThrow(/^HEALTH_CHECK_INTERVAL must be a time from 1s to 366d.*, or off$/m)
  })

  it('warns of what is set and changes nothing', () => {
    const warningsOf = (env: Record<string, string>) => readEnvironment({ JWT_SECRET: SECRET, ...env }).warnings
    expect(warningsOf({ STORE: 'sqlite', MONGODB_URI: MONGO })).toEqual(['MONGODB_URI is not used: STORE is sqlite.'])
    expect(warningsOf({ NATS_CREDENTIALS: '/creds' })).toEqual(['NATS_CREDENTIALS is not used: NATS_URL is not set.'])
    expect(warningsOf({ MONGODB_URI: MONGO })).toEqual([])
  })

  it('warns in production, and only there, when credentials are not encrypted', () => {
    const warningsOf = (env: Record<string, string>) => readEnvironment({ JWT_SECRET: SECRET, ...env }).warnings
    expect(warningsOf({ NODE_ENV: 'production' })).toEqual([expect.stringMatching(/^AUTH_ENCRYPTION_KEY is not set/)])
    expect(warningsOf({ NODE_ENV: 'production', AUTH_ENCRYPTION_KEY: KEY })).toEqual([])
    expect(warningsOf({})).toEqual([])
  })

  it('names every variable that is wrong at once, with the reason and without the value', () => {
    const env = { JWT_SECRET: SECRET, PORT: 'port-value', STORE: 'store-value' }
    expect(() => readEnvironment(env)).toThrow(
      /^PORT must be a whole number from 0 to 65535\nSTORE .+$|^STORE .+\nPORT .+$/,
    )
    expect(() => readEnvironment(env)).not.toThrow(/-value/)
  })
})

describe('judgeSecrets', () => {
  it.each([
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'correct horse' }, []],
    [{ JWT_SECRET: 'super-secret-change-me' }, ['JWT_SECRET']],
    [{ JWT_SECRET: 'thirty-one-bytes-are-not-enough' }, ['JWT_SECRET']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'admin123' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: 'short', ADMIN_PASSWORD: 'admin' }, ['JWT_SECRET', 'ADMIN_PASSWORD']],
    [{ JWT_SECRET: '0'.repeat(32) }, ['JWT_SECRET']],
    [{ JWT_SECRET: '0123456789'.repeat(4) }, ['JWT_SECRET']],
    [{ JWT_SECRET: 'changeme'.repeat(5) }, ['JWT_SECRET']],
    [{ JWT_SECRET: 'Super-Secret-Change-Me' }, ['JWT_SECRET']],
    [{ JWT_SECRET: randomBytes(32).toString('hex') }, []],
    [{ JWT_SECRET: randomBytes(32).toString('base64') }, []],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'a' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'Admin123' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'P@ssw0rd2024!' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: '1234567890' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'xyxyxyxyxyxy' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'seven7!' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_EMAIL: 'Ada.Byron@example.org', ADMIN_PASSWORD: 'ada.byron' }, ['ADMIN_PASSWORD']],
    [{ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'Tr0ub4dor&3' }, []],
  ])('refuses %j beyond loopback and warns on it: %j', (secrets, fields) => {
    expect(judgeSecrets({ ...secrets, loopback: false })).toEqual({
      errors: fields.map((field) => expect.objectContaining({ field })),
      warnings: [],
    })
    expect(judgeSecrets({ ...secrets, loopback: true })).toEqual({
      errors: [],
      warnings: fields.map((field) => expect.stringContaining(field)),
    })
  })
})

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]', '0:0:0:0:0:0:0:1'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true)
  })
  it.each(['0.0.0.0', '::', '10.0.0.1', '::2', 'localhost.example.com', '127.0.0.1.example.com', '128.0.0.1'])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['6h', 21_600_000],
    ['30d', 2_592_000_000],
    ['250ms', 250],
    ['5', undefined],
    ['5 m', undefined],
    ['-5m', undefined],
    ['5w', undefined],
    ['', undefined],
  ])('%j is %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })
})

describe('.env.example', () => {
  const text = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8')
  const lines = [...text.matchAll(/^(# )?([A-Z_]+)=(.*)$/gm)].map(([, comment, name = '', value = '']) => ({
    set: !comment,
    name,
    value,
  }))

  it('has every variable of the server, and no other', () => {
    expect([...new Set(lines.map(({ name }) => name))].toSorted()).toEqual([...VARIABLES].toSorted())
  })

  it("starts a server on loopback as it is, with the owner's values, and warns of its samples", () => {
    const env = Object.fromEntries(lines.filter(({ set }) => set).map(({ name, value }) => [name, value]))
    expect(env).toMatchObject({
      MONGODB_URI: MONGO,
      PORT: '5000',
      AUTH_STORAGE: 'mongo',
      PRELOAD_CHATS_TYPE: 'individual',
      PRELOAD_CHATS_LIMIT: '30',
    })
    expect(readEnvironment(env).warnings).toHaveLength(2)
    expect(errorsOf({ ...env, HOST: '0.0.0.0' })).toEqual(['JWT_SECRET', 'ADMIN_PASSWORD'])
  })
})

describe('the limits of connections', () => {
  it.each([
    [{ MAX_CONNECTIONS: '0' }, 'MAX_CONNECTIONS'],
    [{ MAX_CONNECTIONS: 'many' }, 'MAX_CONNECTIONS'],
    [{ HEADERS_TIMEOUT: '15' }, 'HEADERS_TIMEOUT'],
    [{ HEADERS_TIMEOUT: '10ms' }, 'HEADERS_TIMEOUT'],
    [{ HEADERS_TIMEOUT: '20s', REQUEST_TIMEOUT: '10s' }, 'HEADERS_TIMEOUT'],
    [{ REQUEST_TIMEOUT: '2h' }, 'REQUEST_TIMEOUT'],
    [{ KEEP_ALIVE_TIMEOUT: 'off' }, 'KEEP_ALIVE_TIMEOUT'],
    [{ MAX_SOCKETS: '1.5' }, 'MAX_SOCKETS'],
    [{ MAX_SOCKETS_PER_ADDRESS: '-1' }, 'MAX_SOCKETS_PER_ADDRESS'],
    [{ MAX_SOCKETS_PER_USER: '0' }, 'MAX_SOCKETS_PER_USER'],
  ])('are named where they are wrong: %j', (env, field) => {
    expect(errorsOf(env as unknown as Record<string, string>)).toEqual([field])
  })
})
