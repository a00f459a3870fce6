import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCodesOf, type Problem, problemSchema, ROUTES, type Route, type RouteName } from '@trunkline/contract'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declaredFetch, exampleBodyOf } from '../../api/test/support/declared.js'
import { type RunningServer, startServer } from '../src/index.js'

const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
const ANA = '15550000001'
const BEN = '15550000002'

// Generated from the route table: a new route is in here by itself.
const routes = Object.entries(ROUTES) as [RouteName, Route][]

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`

/** As they stand in a JSON document, so that what JavaScript cannot write down is there too. */
const VALUES = [
  ...['null', 'true', '0', '-1', '1.5', '1e999', '9007199254740993', '[]', '{}', '[null]', '[[["a"]]]', '""', '" "'],
  ...[
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"__proto__"',
    '"constructor"',
    '"../../etc/passwd"',
  ],
  ...['{"__proto__":{"admin":true}}', '{"__proto__":"x"}', '{"constructor":{"prototype":{"x":1}}}', '{"$gt":""}'],
  ...[
    '{"toString":null}',
    '{"then":1}',
    '"%00"',
    '"\\u202e\\ufeff\\uffff"',
    '"1@s.whatsapp.net:0"',
    '"@lid"',
    '"-@g.us"',
  ],
  JSON.stringify('x'.repeat(70_000)),
  JSON.stringify('9'.repeat(70_000)),
  DEEP,
  `{${Array.from({ length: 2_000 }, (_, index) => `"k${index}":"v"`).join()}}`,
]

/** As they stand in a path or a query. */
const TEXTS = [
  ...['%00', 'a%00b', '%ff', '%ED%A0%80', '%', '%zz', '__proto__', 'constructor', 'toString', '..%2f..%2fetc', '%20'],
  ...['-1', '0x10', '1e309', 'NaN', 'null', '9007199254740993', '99999999999999999999999', '0000-00-00', '9999-99-99'],
  ...[
    '2026-01-01T00:00:00%2b99:99',
    '275760-09-13',
    'W10',
    'WyJhIl0',
    'bnVsbA',
    'eyJhIjoxfQ',
    '%F0%9F%98%80',
    '%E2%80%AE',
  ],
  ...['*', '$gt', '%7B%22$gt%22%3A%22%22%7D', "'%20OR%201%3D1--", '%25%25', 'a'.repeat(3_000), '9'.repeat(3_000)],
]

const BODIES: Partial<Record<RouteName, Record<string, unknown>>> = {
  login: ADMIN,
  refresh: { refreshToken: 'a.b' },
  signOut: { refreshToken: 'a.b' },
  createSession: { label: 'Shop', metadata: { team: 'sales' }, settings: { markOnline: true }, start: false },
  updateSession: { label: 'Shop', metadata: { team: 'sales' }, settings: { ignoreGroups: true } },
  requestPairingCode: { phone: ANA },
  sendMessage: { to: BEN, type: 'text', text: 'hello', mentions: [BEN] },
  // The right one would be changed.
  changePassword: { password: 'a wrong password', newPassword: 'another password' },
}

/** What a query must have, where it takes it at all. */
const NEEDED = { sessionId: 'shop', code: 'AbCdEfGhIjKlMnOpQrStUv' }

describe('bad input', () => {
  let simulator: Simulator
  let server: RunningServer
  let ana: Phone
  let ben: Phone
  let folder: string
  let token: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trunkline-bad-input-'))
    simulator = await startSimulator({ seed: 'bad input' })
    ana = await simulator.createPhone({ number: ANA, name: 'Ana' })
    ben = await simulator.createPhone({ number: BEN, name: 'Ben' })
    server = await startServer(
      {
        STORE: 'sqlite',
        DATA_DIR: folder,
        // More in a minute than one login, or one address, may ask for.
        RATE_LIMIT: 'off',
        RATE_LIMIT_ADDRESS: 'off',
        PORT: '0',
        JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        WA_WEB_SOCKET_URL: simulator.url,
        WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
      },
      { logger: pino({ level: 'silent' }) },
    )
    const { manager } = server
    const connected = new Promise<void>((resolve) => {
      manager.once('qr', ({ qr }) => ana.scanQr(qr))
      manager.on('connected', ({ status }) => status === 'connected' && resolve())
    })
    await manager.create({ id: 'shop' })
    await connected
    await manager.send('shop', { to: BEN, text: 'hello' })
    const login = await call('login', '/auth/login', JSON.stringify(ADMIN))
    token = (login.body as { accessToken: string }).accessToken
  })

  afterAll(async () => {
    await server?.close()
    await simulator?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Calls the server; an answer that the contract does not allow for the route, or that blames the server, fails the test. */
  async function call(name: RouteName, target: string, body?: string) {
    const { method } = ROUTES[name]
    const response = await declaredFetch(`${server.url}/api`, target, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const answer = { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown }
    if (response.ok) return answer
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(errorCodesOf(ROUTES[name])).toContain(problemSchema.parse(answer.body).code)
    expect(answer.status).toBeLessThan(500)
    return answer
  }

  /** Taken, or refused for the field that is wrong and for no other. */
  function expectAnswerAbout(field: string, text: string, { status, body }: { status: number; body: unknown }): void {
    if (status !== 400) return
    const { errors = [] } = body as Problem
    const named = errors.map((error) => error.field.split('.')[0])
    expect([text.slice(0, 40), ...new Set(named)]).toEqual([text.slice(0, 40), field])
  }

  it.each(routes.filter(([, { body }]) => body))('%s names the field of the body', async (name, route) => {
    for (const field of fieldsOf(route)) {
      const valid = Object.entries(bodyOf(name) ?? {}).filter(([key]) => key !== field)
      const rest = valid.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`).join('')
      for (const value of VALUES) {
        expectAnswerAbout(field, value, await call(name, targetOf(route), `{${rest}"${field}":${value}}`))
      }
    }
  })

  it.each(routes.filter(([, { query }]) => query))('%s names the field of the query', async (name, route) => {
    const body = jsonOf(name)
    const { search = '', path = '' } = { ...targetOf(route).match(/^(?<path>[^?]*)\??(?<search>.*)$/)?.groups }
    for (const field of Object.keys(route.query?.shape ?? {})) {
      const rest = search.split('&').filter((part) => part !== '' && !part.startsWith(`${field}=`))
      for (const text of TEXTS) {
        expectAnswerAbout(field, text, await call(name, `${path}?${[...rest, `${field}=${text}`].join('&')}`, body))
      }
    }
  })

  it.each(routes.filter(([, { params }]) => params))('%s names the part of the path', async (name, route) => {
    const body = jsonOf(name)
    for (const field of Object.keys(route.params?.shape ?? {})) {
      for (const text of TEXTS) {
        expectAnswerAbout(field, text, await call(name, targetOf(route, { [field]: text }), body))
      }
    }
  })

  it.each(routes.filter(([, { method }]) => method !== 'GET'))(
    '%s refuses a body that is no object',
    async (name, route) => {
      for (const body of ['{', '[]', '"text"', '42', 'nul', '{"a":1}}', '\u0000', '{"__proto__":{"a":1}}', DEEP]) {
        const { status } = await call(name, targetOf(route, { sessionId: 'nobody' }), body)
        // Strangers may send little.
        const refused = body === DEEP && route.access === 'public' ? 413 : 400
        expect([body.slice(0, 20), status]).toEqual([body.slice(0, 20), refused])
      }
    },
  )

  it('cost nobody the connection', async () => {
    expect((await call('getSession', '/sessions/shop')).body).toMatchObject({ status: 'connected' })
    expect(await ben.waitForMessage('hello')).toMatchObject({ from: ana.jid })
    expect(simulator.unhandled).toEqual([])
    expect(simulator.violations).toEqual([])
  })
})

/** What the document shows, unless this test needs something else. */
function bodyOf(name: RouteName): object | undefined {
  return BODIES[name] ?? exampleBodyOf(name)
}

function jsonOf(name: RouteName): string | undefined {
  const body = bodyOf(name)
  return body && JSON.stringify(body)
}

function fieldsOf({ body }: Route): string[] {
  return body?.json && 'shape' in body.json ? Object.keys(body.json.shape as object) : []
}

function targetOf({ path, query }: Route, params: Record<string, string> = {}): string {
  const target = path
    .replace(':sessionId', params.sessionId ?? 'shop')
    .replace(':messageId', params.messageId ?? 'M1')
    .replace(':chatId', params.chatId ?? BEN)
    .replace(':contactId', params.contactId ?? BEN)
    .replace(':groupId', params.groupId ?? '120363000000000001@g.us')
    .replace(':newsletterId', params.newsletterId ?? '120363000000000009@newsletter')
    .replace(':labelId', params.labelId ?? '7')
  const needed = Object.entries(NEEDED).filter(([field]) => query && field in query.shape)
  return needed.length > 0 ? `${target}?${needed.map((pair) => pair.join('=')).join('&')}` : target
}
