import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import type { Problem } from '@trunkline/contract'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import express5 from 'express'
import express4 from 'express-4'
import supertest, { type Response as Answer } from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declaredFetch, expectDeclared } from '../../api/test/support/declared.js'
import { createExpressAdapter, type ExpressAdapterOptions } from '../src/index.js'

const OPTIONS: ExpressAdapterOptions = {
  bodyLimitBytes: 4096,
  authenticator: {
    async authenticate({ headers }) {
      if (headers.authorization !== 'Bearer admin') return undefined
      return { userId: 'u', role: 'admin', sessionIds: '*' }
    },
  },
}

let manager: MultiSessionManager

beforeAll(async () => {
  manager = new MultiSessionManager({ store: createMemoryStore() })
  await manager.create({ id: 'shop', start: false })
})
afterAll(() => manager.close())

// The types of Express 4 and 5 have no usable union: each has its own functions.
const HOSTS: [string, () => (request: never, response: never) => void][] = [
  ['Express 4', () => express4().use('/nested/api', createExpressAdapter(manager, OPTIONS))],
  [
    'Express 4 after express.json()',
    () =>
      express4()
        .use(express4.json(), express4.urlencoded({ extended: true }))
        .use('/nested/api', createExpressAdapter(manager, OPTIONS)),
  ],
  ['Express 5', () => express5().use('/nested/api', createExpressAdapter(manager, OPTIONS))],
  [
    'Express 5 after express.json()',
    () =>
      express5()
        .use(express5.json(), express5.urlencoded({ extended: true }))
        .use('/nested/api', createExpressAdapter(manager, OPTIONS)),
  ],
  [
    'Express 5 in a router',
    () => express5().use('/nested', express5.Router().use('/api', createExpressAdapter(manager, OPTIONS))),
  ],
]

describe.each(HOSTS)('on %s', (_, host) => {
  let agent: ReturnType<typeof supertest.agent>
  beforeAll(() => {
    agent = supertest.agent(host() as Parameters<typeof supertest.agent>[0])
    agent.use((request: supertest.Request) => void request.on('response', expectDeclaredResponse))
  })

  const admin = { authorization: 'Bearer admin' }

  it('answers JSON', async () => {
    const response = await agent.get('/nested/api/sessions/shop').set(admin)
    expect(response.status).toBe(200)
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(response.body).toMatchObject({ id: 'shop', status: 'stopped' })
  })

  it('takes a body, a query and a method', async () => {
    const changed = await agent.patch('/nested/api/sessions/shop').set(admin).send({ label: 'Shop' })
    expect(changed.body).toMatchObject({ label: 'Shop' })
    const listed = await agent.get('/nested/api/sessions?limit=1').set(admin)
    expect(listed.body.items).toHaveLength(1)
    const checked = await agent.post('/nested/api/sessions/shop/health-check').set(admin)
    expect(checked.status).toBe(200)
  })

  it('takes no body for none, whatever a parser makes of it', async () => {
    const response = await agent.post('/nested/api/sessions').set(admin).type('json')
    expect([response.status, response.body.errors?.[0]?.field]).toEqual([400, 'body'])
  })

  it('takes none where it may be left out, with and without the header of one', async () => {
    const mute = () => agent.post('/nested/api/sessions/shop/chats/15550000002@s.whatsapp.net/mute').set(admin)
    for (const response of [await mute(), await mute().type('json'), await mute().send({})])
      expect(response.body).toMatchObject({ code: 'CHAT_NOT_FOUND' })
    expect((await mute().send({ until: 'soon' })).body.errors).toMatchObject([{ field: 'until' }])
  })

  it('answers 204 and HEAD without a body', async () => {
    await agent.post('/nested/api/sessions').set(admin).send({ id: 'gone', start: false }).expect(201)
    const removed = await agent.delete('/nested/api/sessions/gone/cleanup').set(admin)
    expect(removed.status).toBe(204)
    expect(removed.headers).not.toHaveProperty('content-length')
    const head = await agent.head('/nested/api/sessions/shop').set(admin)
    expect([head.status, head.text]).toEqual([200, undefined])
  })

  it('answers what is not there, not allowed or not known as problems', async () => {
    const missing = await agent.get('/nested/api/sessions/missing').set(admin)
    expect(missing.status).toBe(404)
    expect(missing.headers['content-type']).toBe('application/problem+json')
    expect(missing.body.code).toBe('SESSION_NOT_FOUND')
    expect((await agent.get('/nested/api')).body.code).toBe('ROUTE_NOT_FOUND')
    expect((await agent.get('/nested/api/sessions')).body.code).toBe('UNAUTHENTICATED')
    expect((await agent.put('/nested/api/sessions')).headers.allow).toBe('GET, HEAD, POST')
  })

  it('refuses bodies that are no JSON, wherever they were read', async () => {
    const form = await agent.patch('/nested/api/sessions/shop').set(admin).type('form').send({ label: 'Shop' })
    expect(form.body.code).toBe('UNSUPPORTED_MEDIA_TYPE')
    const text = await agent.patch('/nested/api/sessions/shop').set(admin).type('text').send('label')
    expect(text.body.code).toBe('UNSUPPORTED_MEDIA_TYPE')
  })

  it('never takes a nested query for an object', async () => {
    const response = await agent.get('/nested/api/sessions/shop/messages?chatId[$gt]=').set(admin)
    expect([response.status, response.body.errors]).toEqual([400, [{ field: 'chatId[$gt]', message: 'is not known' }]])
  })
})

describe.each([
  ['Express 4', () => express4().use('/api', createExpressAdapter(manager, OPTIONS)).listen(0, '127.0.0.1')],
  ['Express 5', () => express5().use('/api', createExpressAdapter(manager, OPTIONS)).listen(0, '127.0.0.1')],
])('large and broken bodies on %s', (_, listen) => {
  let server: Server
  let port: number
  beforeAll(async () => {
    server = listen()
    await new Promise((resolve) => server.once('listening', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => server.close())

  it('are refused with 413 when the length is announced', async () => {
    const response = await patch(port, 'x'.repeat(2_000_000))
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })

  it('are refused with 413 when they only turn out to be large', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(1000))
    const stream = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 100; sent += 1) controller.enqueue(chunk)
        controller.close()
      },
    })
    const response = await patch(port, stream)
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  })

  it('are refused with 400 when they are cut short', async () => {
    const response = await patch(port, '{"label": "Sh')
    expect([response.status, ((await response.json()) as Problem).errors?.[0]?.field]).toEqual([400, 'body'])
  })

  it('leave the server well when the caller goes away in the middle', async () => {
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.write(
      'PATCH /api/sessions/shop HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a',
    )
    socket.destroy()
    const response = await patch(port, '{"label":"Shop"}')
    expect(response.status).toBe(200)
  })
})

/** Holds an answer against the document. */
function expectDeclaredResponse({ request, status, headers, text, body }: Answer): void {
  const { pathname, search } = new URL(request.url)
  const content = Buffer.isBuffer(body) ? body : text
  expectDeclared({
    method: request.method,
    target: pathname.replace('/nested/api', '') + search,
    status,
    headers,
    body: content,
  })
}

function patch(port: number, body: string | ReadableStream): Promise<Response> {
  return declaredFetch(`http://127.0.0.1:${port}/api`, '/sessions/shop', {
    method: 'PATCH',
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    body,
    ...(typeof body === 'string' ? {} : { duplex: 'half' }),
  } as RequestInit)
}
