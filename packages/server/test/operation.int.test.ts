import { request as httpRequest } from 'node:http'
import { Writable } from 'node:stream'
import type { EventName, EventOf } from '@trunkline/core'
import { type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../src/index.js'

const JWT_SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
const ANA = '15550000001'
const CAROL = '15550000003'

let simulator: Simulator
let server: RunningServer
let written: Record<string, unknown>[]

beforeAll(async () => {
  simulator = await startSimulator({ seed: 'operation' })
  await simulator.createPhone({ number: ANA, name: 'Ana' })
  await simulator.createPhone({ number: CAROL, name: 'Carol' })
})
afterAll(() => simulator.close())
beforeEach(() => {
  written = []
})
afterEach(() => server.close())

async function start(env: Record<string, string> = {}): Promise<void> {
  const logger = pino(
    { level: 'info' },
    new Writable({
      write(chunk, _encoding, done) {
        written.push(JSON.parse(String(chunk)))
        done()
      },
    }),
  )
  server = await startServer(
    {
      STORE: 'memory',
      PORT: '0',
      JWT_SECRET,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      WA_WEB_SOCKET_URL: simulator.url,
      WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
      ...env,
    },
    { logger },
  )
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers })

async function signIn(): Promise<Record<string, string>> {
  const answer = await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  })
  const { accessToken } = (await answer.json()) as { accessToken: string }
  return { authorization: `Bearer ${accessToken}` }
}

/** The value of a line of Prometheus' text format. */
function sampleOf(text: string, line: string): number | undefined {
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

describe('/metrics', () => {
  it('has sessions, messages, reconnects, requests, the store and the event loop, and no number or id', async () => {
    await start()
    const headers = await signIn()
    const { manager } = server
    const until = <Name extends EventName>(name: Name, fits: (event: EventOf<Name>) => boolean = () => true) =>
      new Promise<EventOf<Name>>((resolve) => {
        const hear = (event: EventOf<Name>) => {
          if (!fits(event)) return
          manager.off(name, hear)
          resolve(event)
        }
        manager.on(name, hear)
      })
    const isConnected = ({ status }: { status: string }) => status === 'connected'
    const qr = until('qr')
    const opened = until('connected', isConnected)
    await manager.create({ id: 'shop' })
    await simulator.phone(ANA).scanQr((await qr).qr)
    await opened
    const message = until('message')
    await simulator.phone(CAROL).sendText(ANA, 'hello')
    await message
    await manager.send('shop', { to: CAROL, text: 'hello back' })
    const again = until('connected', isConnected)
    simulator.faults.kill(ANA)
    await again
    await manager.webhooks.create({ url: 'https://receiver.example/', enabled: false })
    await manager.send('shop', { to: CAROL, text: 'hello at noon', sendAt: '2100-01-01T12:00:00Z' })
    await get(`/api/sessions/shop/chats/${CAROL}`, headers)
    await get('/api/no/such/route/15550000009')

    const answer = await get('/metrics')
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(sampleOf(text, 'trunkline_sessions{status="connected"}')).toBe(1)
    expect(sampleOf(text, 'trunkline_sessions{status="failed"}')).toBe(0)
    expect(sampleOf(text, 'trunkline_messages_total{direction="in"}')).toBe(1)
    expect(sampleOf(text, 'trunkline_messages_total{direction="out"}')).toBe(1)
    expect(sampleOf(text, 'trunkline_reconnects_total{code="CONNECTION_LOST"}')).toBe(1)
    expect(sampleOf(text, 'trunkline_sockets')).toBe(0)
    expect(sampleOf(text, 'trunkline_webhooks{state="disabled"}')).toBe(1)
    expect(sampleOf(text, 'trunkline_webhooks{state="ok"}')).toBe(0)
    expect(sampleOf(text, 'trunkline_jobs_waiting{kind="webhook"}')).toBe(0)
    expect(sampleOf(text, 'trunkline_queued_messages')).toBe(1)
    const chat = 'method="GET",route="/api/sessions/:sessionId/chats/:chatId",status="200"'
    expect(sampleOf(text, `trunkline_http_request_seconds_count{${chat}}`)).toBe(1)
    expect(sampleOf(text, 'trunkline_http_request_seconds_count{method="GET",route="other",status="404"}')).toBe(1)
    expect(sampleOf(text, 'trunkline_store_seconds_count{operation="auth.commit"}')).toBeGreaterThan(0)
    expect(sampleOf(text, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
    for (const secret of [ANA, CAROL, '15550000009', 'shop', 'hello']) expect(text).not.toContain(secret)
  })

  it('is for this machine alone, and not for what a proxy on it brings', async () => {
    await start()
    const answer = await get('/metrics', { 'x-forwarded-for': '203.0.113.7' })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'FORBIDDEN'])
  })

  it('with a token is for whoever brings it, and may be off', async () => {
    await start({ METRICS_TOKEN: 'a-token-of-sixteen-or-more' })
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', { authorization: 'Bearer a-token-of-sixteen-or-less' })).status).toBe(401)
    expect((await get('/metrics', { authorization: 'Bearer a-token-of-sixteen-or-more' })).status).toBe(200)
    await server.close()
    await start({ METRICS: 'off' })
    expect((await get('/metrics')).status).toBe(404)
  })
})

describe('/metrics from elsewhere', () => {
  const elsewhere = { 'x-forwarded-for': '203.0.113.7' }
  const makeKey = async (permission: string) => {
    const answer = await fetch(`${server.url}/api/keys`, {
      method: 'POST',
      headers: { ...(await signIn()), 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Prometheus', permissions: [permission] }),
    })
    return ((await answer.json()) as { key: string }).key
  }

  it.each<Record<string, string>>([{}, { METRICS_TOKEN: 'a-token-of-sixteen-or-more' }])(
    'are read by an admin and by a key with system:read, by either header, and by nobody else (%j)',
    async (env) => {
      await start(env)
      const statusOf = async (headers: Record<string, string>) =>
        (await get('/metrics', { ...elsewhere, ...headers })).status
      const [reader, other] = [await makeKey('system:read'), await makeKey('sessions:read')]
      expect(await statusOf(await signIn())).toBe(200)
      expect(await statusOf({ 'x-api-key': reader })).toBe(200)
      expect(await statusOf({ authorization: `Bearer ${reader}` })).toBe(200)
      expect(await statusOf({ 'x-api-key': other })).toBe(403)
      expect(await statusOf({ authorization: 'Bearer nonsense' })).toBe(401)
      expect(await statusOf({ 'x-api-key': 'nonsense' })).toBe(401)
    },
  )
})

describe('pages of other origins', () => {
  it('that are named may keep the refresh token in the cookie; with * none may', async () => {
    const origin = 'https://app.example.com'
    const asked = () =>
      fetch(`${server.url}/api/auth/refresh`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-csrf-protection',
        },
      })
    const allowed = ({ headers }: Response) => [
      headers.get('access-control-allow-origin'),
      headers.get('access-control-allow-credentials'),
      headers.get('access-control-allow-headers'),
    ]
    await start({ CORS_ORIGIN: origin })
    expect(allowed(await asked())).toEqual([origin, 'true', 'content-type,x-csrf-protection'])
    expect(
      (await get('/healthz', { origin: 'https://other.example.com' })).headers.get('access-control-allow-origin'),
    ).not.toBe('https://other.example.com')
    await server.close()
    await start({ CORS_ORIGIN: '*' })
    expect(allowed(await asked())).toEqual(['*', null, 'content-type,x-csrf-protection'])
    await server.close()
    await start()
    expect(allowed(await asked())).toEqual([null, null, null])
  })
})

describe('the id of a request', () => {
  it('is the same in answer, problem and log, and that of the caller where it is sane', async () => {
    await start()
    const own = await get('/api/sessions', { 'x-request-id': 'trace-42' })
    expect(own.headers.get('x-request-id')).toBe('trace-42')
    expect(await own.json()).toMatchObject({ code: 'UNAUTHENTICATED', requestId: 'trace-42' })
    const made = await get('/nowhere', { 'x-request-id': 'a b {}' })
    const { requestId } = (await made.json()) as { requestId: string }
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.headers.get('x-request-id')).toBe(requestId)
    const logged = written.flatMap(({ req }) => (req as { id?: string } | undefined)?.id ?? [])
    expect(logged).toEqual(['trace-42', requestId])
  })
})

describe('limits', () => {
  it('refuse what is too much of one login, tell how much is left, and leave others alone', async () => {
    await start({ RATE_LIMIT: '3' })
    const headers = await signIn()
    const answers = []
    for (let asked = 0; asked < 5; asked += 1) answers.push(await get('/api/auth/me', headers))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    expect(answers[0]?.headers.get('ratelimit')).toContain('"caller"; r=2; t=')
    const refused = answers[4] as Response
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
    expect((await get('/api/version')).status).toBe(200)
    expect((await get('/healthz')).status).toBe(200)
  })

  it('hold for an address, whoever calls from it, and may be off', async () => {
    await start({ RATE_LIMIT_ADDRESS: '2', TRUST_PROXY: '1' })
    const from = (address: string) => get('/api/version', { 'x-forwarded-for': address })
    const statuses = []
    for (let asked = 0; asked < 3; asked += 1) statuses.push((await from('203.0.113.7')).status)
    statuses.push((await from('203.0.113.8')).status)
    for (const last of ['1', '2', '3']) statuses.push((await from(`2001:db8::${last}`)).status)
    expect(statuses).toEqual([200, 200, 429, 200, 200, 200, 429])
    await server.close()
    await start({ RATE_LIMIT: 'off', RATE_LIMIT_ADDRESS: 'off' })
    expect((await get('/api/version')).headers.get('ratelimit')).toBeNull()
  })
})

describe('security headers', () => {
  it('are fit for plain http, and ask for https where the request came by it', async () => {
    await start({ TRUST_PROXY: '1' })
    const plain = await get('/healthz')
    expect(plain.headers.get('strict-transport-security')).toBeNull()
    expect(plain.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests')
    expect(plain.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    const secure = await get('/healthz', { 'x-forwarded-proto': 'https' })
    expect(secure.headers.get('strict-transport-security')).toContain('max-age=')
  })
})

describe('the end under load', () => {
  it('answers every request that it took, and none is lost', async () => {
    await start()
    const headers = await signIn()
    await server.manager.create({ id: 'shop', start: false })
    let ended = false
    const outcomes: number[] = []
    const ask = () =>
      new Promise<number>((resolve) => {
        const asked = httpRequest(
          `${server.url}/api/sessions/shop`,
          { method: 'PATCH', agent: false, headers: { ...headers, 'content-type': 'application/json' } },
          (response) => {
            response.resume().once('end', () => resolve(response.statusCode ?? 0))
          },
        )
        asked.once('error', () => resolve(0))
        asked.end(JSON.stringify({ label: `at ${outcomes.length}` }))
      })
    const caller = async () => {
      while (!ended) outcomes.push(await ask())
    }
    const callers = Array.from({ length: 8 }, caller)
    while (outcomes.length < 40) await new Promise((resolve) => setImmediate(resolve))
    await server.close()
    ended = true
    await Promise.all(callers)
    // Some were refused, or cut off, before they were taken; of those that were, none.
    const taken = written.filter(({ req }) => (req as { method?: string } | undefined)?.method === 'PATCH')
    expect(taken.map(({ res }) => (res as { status: number }).status)).toEqual(taken.map(() => 200))
    expect(outcomes.filter((status) => status === 200)).toHaveLength(taken.length)
    expect(taken.length).toBeGreaterThanOrEqual(40)
    expect(written.filter(({ msg }) => msg === 'Request failed')).toEqual([])
  })
})
