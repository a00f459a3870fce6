import { Writable } from 'node:stream'
import { type Client, createClient } from '@trunkline/client'
import type { Problem, Session } from '@trunkline/contract'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declaredFetch, declaredFetchOf } from '../../api/test/support/declared.js'
import { type RunningServer, startServer } from '../src/index.js'

const JWT_SECRET = 'a-secret-of-at-least-thirty-two-bytes!'
const ADMIN = { email: 'ada@example.org', password: 'correct horse battery' }
const ANA = '15550000001'
const BEN = '15550000002'

/** Everything that the server writes while these tests run. */
const written: string[] = []
const logger = pino(
  { name: 'trunkline', level: 'info' },
  new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  }),
)

let simulator: Simulator
let server: RunningServer
let ana: Phone
let ben: Phone
let socket: Socket
let token: string
let refreshToken: string
const heard: { name: string; event: { sessionId: string } & Record<string, unknown> }[] = []
const waiting = new Set<() => void>()
/** What must never be written: collected as it appears. */
const secrets = new Set([JWT_SECRET, ADMIN.password])

beforeAll(async () => {
  simulator = await startSimulator({ seed: 'server' })
  ana = await simulator.createPhone({ number: ANA, name: 'Ana' })
  ben = await simulator.createPhone({ number: BEN, name: 'Ben' })
  server = await startServer(
    {
      STORE: 'memory',
      PORT: '0',
      JWT_SECRET,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      CORS_ORIGIN: 'https://shop.example',
      WA_WEB_SOCKET_URL: simulator.url,
      WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
      WA_MEDIA_CERT: simulator.mediaCertificate.replaceAll('\n', '\\n'),
    },
    { logger },
  )
  const login = await call('POST', '/auth/login', { body: ADMIN })
  token = String(login.body.accessToken)
  refreshToken = String(login.body.refreshToken)
  secrets.add(token).add(refreshToken)
  socket = io(server.url, { auth: { token }, transports: ['websocket'] })
  socket.onAny((name, event) => {
    heard.push({ name, event })
    for (const check of waiting) check()
  })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject))
})

afterAll(async () => {
  socket?.close()
  await server?.close()
  await simulator?.close()
})

interface CallOptions {
  body?: unknown
  headers?: Record<string, string>
}

/** Calls the API as the admin; an answer that the document does not allow fails the test. */
async function call(method: string, path: string, { body, headers }: CallOptions = {}) {
  const response = await declaredFetch(`${server.url}/api`, path, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> & Partial<Problem>,
  }
}

function event(name: string, fits: (event: Record<string, unknown> & { sessionId: string }) => boolean) {
  return new Promise<Record<string, unknown> & { sessionId: string }>((resolve) => {
    const check = () => {
      const found = heard.find((each) => each.name === name && fits(each.event))
      if (!found) return
      waiting.delete(check)
      resolve(found.event)
    }
    waiting.add(check)
    check()
  })
}

const statusOf = (sessionId: string, status: string) =>
  event('session.status', (each) => each.sessionId === sessionId && each.status === status)

async function link(sessionId: string, phone: Phone): Promise<void> {
  const qr = await event('qr', (each) => each.sessionId === sessionId)
  secrets.add(String(qr.qr))
  await phone.scanQr(String(qr.qr))
  await event('connected', (each) => each.sessionId === sessionId && each.status === 'connected')
}

describe('linking by REST', () => {
  it('shows the same QR as JSON, PNG, SVG and live', async () => {
    const created = await call('POST', '/sessions', { body: { id: 'ana', label: 'Ana' } })
    expect(created.status).toBe(201)
    expect((created.body as unknown as Session).settings.preload).toEqual({ type: 'individual', limit: 30 })
    const live = await event('qr', ({ sessionId }) => sessionId === 'ana')
    expect(live.image).toMatch(/^data:image\/png;base64,/)

    const json = await call('GET', '/sessions/ana/qr')
    expect(json.body).toMatchObject({ sessionId: 'ana', qr: live.qr, attempt: 1 })
    const [png, svg] = await Promise.all(
      ['image/png', 'image/svg+xml'].map((accept) =>
        declaredFetch(`${server.url}/api`, '/sessions/ana/qr', {
          headers: { authorization: `Bearer ${token}`, accept },
        }),
      ),
    )
    expect(png?.headers.get('content-type')).toBe('image/png')
    const bytes = Buffer.from(await png!.arrayBuffer())
    expect(bytes.toString('base64')).toBe(String(live.image).split(',')[1])
    expect(svg?.headers.get('content-type')).toBe('image/svg+xml')
    expect(await svg!.text()).toMatch(/^<svg /)
    expect((await call('GET', '/sessions/ana/qr', { headers: { accept: 'text/html' } })).status).toBe(406)
  })

  it('connects when the phone has scanned it, and then has no QR', async () => {
    await link('ana', ana)
    const session = await call('GET', '/sessions/ana')
    expect(session.body).toMatchObject({ status: 'connected', health: 'ok', account: { phone: ANA, pushName: 'Ana' } })
    const qr = await call('GET', '/sessions/ana/qr')
    expect(qr).toMatchObject({ status: 409, body: { code: 'QR_NOT_AVAILABLE', details: { status: 'connected' } } })
    const code = await call('POST', '/sessions/ana/pairing-code', { body: { phone: ANA } })
    expect(code).toMatchObject({ status: 409, body: { code: 'SESSION_ALREADY_LINKED' } })
  })
})

describe('messages by REST', () => {
  it('reach the other phone, once for an idempotency key', async () => {
    const send = () =>
      call('POST', '/sessions/ana/messages', {
        body: { to: `+${BEN}`, text: 'a text that no log may hold' },
        headers: { 'idempotency-key': 'order-1' },
      })
    secrets.add('a text that no log may hold')
    const answers = await Promise.all([send(), send(), send()])
    const ids = new Set(answers.map(({ body }) => body.id))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(ids.size).toBe(1)
    expect(await ben.waitForMessage('a text that no log may hold')).toMatchObject({ id: [...ids][0], fromMe: false })
    await ben.idle()
    expect(ben.messages.filter(({ fromMe }) => !fromMe)).toHaveLength(1)

    const other = await call('POST', '/sessions/ana/messages', {
      body: { to: BEN, text: 'another text' },
      headers: { 'idempotency-key': 'order-1' },
    })
    expect(other).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } })
  })

  it('arrive, and are read back by any form of the chat id', async () => {
    const { id } = await ben.sendText(ANA, 'an answer')
    secrets.add('an answer')
    await event('message', ({ message }) => (message as { id: string }).id === id)
    const chats = await call('GET', '/sessions/ana/chats')
    expect(chats.body.items).toMatchObject([{ id: ben.lid, phone: BEN, lastMessage: { id } }])
    for (const chatId of [BEN, `+${BEN}`, ben.jid, ben.lid].map(encodeURIComponent)) {
      expect((await call('GET', `/sessions/ana/chats/${chatId}`)).body).toMatchObject({ id: ben.lid })
      const list = await call('GET', `/sessions/ana/messages?chatId=${chatId}&fromMe=false`)
      expect(list.body.items).toMatchObject([{ id, text: 'an answer', fromMe: false }])
      const page = await call('GET', `/sessions/ana/chats/${chatId}/messages?limit=1`)
      expect(page.body).toMatchObject({ items: [{ id }], nextCursor: expect.any(String) })
    }
    expect((await call('GET', `/sessions/ana/messages/${id}`)).body).toMatchObject({ text: 'an answer' })
    expect((await call('GET', '/sessions/ana/messages?q=ANSWER')).body.items).toMatchObject([{ id }])
    const log = await call('GET', '/events?sessionId=ana')
    expect((log.body.items as { name: string }[]).map(({ name }) => name)).toContain('message')
  })

  it.each([
    [{ to: '19990000000', text: 'hello?' }, 422, 'RECIPIENT_NOT_ON_WHATSAPP'],
    [{ to: 'nobody', text: 'hello?' }, 400, 'RECIPIENT_INVALID'],
    [{ to: BEN, text: 'hello?', quotedMessageId: 'NONE' }, 404, 'MESSAGE_NOT_FOUND'],
    [{ to: BEN, text: '' }, 400, 'VALIDATION_FAILED'],
    [{ to: BEN, text: 'hello?', type: 'image' }, 400, 'VALIDATION_FAILED'],
  ])('are refused: %j is %i %s', async (body, status, code) => {
    expect(await call('POST', '/sessions/ana/messages', { body })).toMatchObject({ status, body: { code } })
  })

  it('are refused for lists with limits and cursors that are none', async () => {
    for (const query of [
      'limit=0',
      'limit=201',
      'limit=x',
      'cursor=nonsense',
      'type=hologram',
      'fromMe=maybe',
      'after=nonsense',
    ]) {
      const answer = await call('GET', `/sessions/ana/messages?${query}`)
      expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'VALIDATION_FAILED'])
    }
    for (const path of ['/sessions?cursor=%7B%7D', '/sessions/ana/chats?cursor=nonsense']) {
      expect((await call('GET', path)).status).toBeLessThan(500)
    }
  })
})

describe('the life of a session by the typed client', () => {
  let client: Client
  beforeAll(async () => {
    const baseUrl = `${server.url}/api`
    client = createClient({ baseUrl, fetch: declaredFetchOf(baseUrl) })
    const { accessToken, refreshToken: swapped } = await client.signIn(ADMIN)
    secrets.add(accessToken).add(String(swapped))
  })

  it('stops, starts, restarts without a new scan, and says so in numbers', async () => {
    const { sessions, messages } = client
    expect(await sessions.stop('ana')).toMatchObject({ status: 'stopped', desired: 'stopped' })
    await expect(messages.send('ana', { to: BEN, text: 'hello?' })).rejects.toMatchObject({
      status: 409,
      code: 'SESSION_NOT_CONNECTED',
      details: { status: 'stopped' },
    })
    expect(await sessions.listActive()).toMatchObject({ items: [] })

    heard.length = 0
    expect(await sessions.start('ana')).toMatchObject({ desired: 'running' })
    await statusOf('ana', 'connected')
    heard.length = 0
    await sessions.restart('ana')
    await statusOf('ana', 'connected')

    expect(await sessions.stats()).toMatchObject({ total: 1, active: 1, connected: 1, problematic: 0 })
    for (const list of [sessions.listActive, sessions.listConnected]) {
      expect((await list()).items).toMatchObject([{ id: 'ana' }])
    }
    expect(await sessions.checkHealth('ana')).toMatchObject({ ok: true, latencyMs: expect.any(Number) })
    expect(await sessions.resetAttempts('ana')).toMatchObject({ attempts: { count: 0 } })
    expect(await sessions.getDetails('ana')).toMatchObject({ device: { id: 1 }, healthCheck: { ok: true } })
    expect(await sessions.cleanupInactive()).toEqual({ stopped: [], removed: [] })
  })

  it('logs out, is linked again, and is deleted', async () => {
    const { sessions } = client
    heard.length = 0
    expect(await sessions.logout('ana')).toMatchObject({ status: 'logged_out' })
    expect(ana.devices).toEqual([])
    expect((await sessions.listProblematic()).items).toMatchObject([{ id: 'ana' }])
    await sessions.start('ana')
    await link('ana', ana)
    await sessions.delete('ana')
    expect(ana.devices).toEqual([])
    await expect(sessions.get('ana')).rejects.toMatchObject({ status: 404 })
    await sessions.cleanup('ana')
  })
})

describe('around the API', () => {
  it('is live, ready and says where everything is', async () => {
    const get = async (path: string) => (await fetch(`${server.url}${path}`)).json()
    expect(await get('/healthz')).toEqual({ status: 'live' })
    expect(await get('/readyz')).toMatchObject({ status: 'ready', store: { kind: 'memory', durable: false } })
    expect(await get('/')).toMatchObject({ name: 'trunkline', links: { sessions: { href: '/api/sessions' } } })
    expect(await get('/nowhere')).toMatchObject({ code: 'ROUTE_NOT_FOUND', status: 404 })
  })

  it('lets the named origin in and no other', async () => {
    const preflight = (origin: string) =>
      fetch(`${server.url}/api/sessions`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      })
    const allowed = await preflight('https://shop.example')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization')
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })

  it('refuses what is too large and what is no JSON', async () => {
    const large = await call('PATCH', '/sessions/ana', { body: { label: 'x'.repeat(2_000_000) } })
    expect(large).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } })
  })

  it('swaps the refresh token', async () => {
    const refreshed = await call('POST', '/auth/refresh', { body: { refreshToken } })
    expect(refreshed.status).toBe(200)
    expect((await call('POST', '/auth/refresh', { body: { refreshToken } })).body.code).toBe('UNAUTHENTICATED')
  })

  it('asked WhatsApp for nothing odd', () => {
    expect(simulator.unhandled).toEqual([])
    expect(simulator.violations).toEqual([])
  })

  it('wrote down every request, and no secret', () => {
    const log = written.join('')
    expect(log).toContain('"path":"/api/sessions/:sessionId/messages","sessionId":"ana"')
    expect(log).not.toMatch(new RegExp(`${ANA}|${BEN}`))
    for (const secret of secrets) {
      const tellsTheSecret = log.includes(secret) || log.includes(JSON.stringify(secret).slice(1, -1))
      expect(tellsTheSecret, `the log holds ${secret.slice(0, 12)}…`).toBe(false)
    }
  })
})
