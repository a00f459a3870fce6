import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClientError, type ClientOptions, createClient } from '../src/index.js'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let script: Answer[]
let asked: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string }[]

beforeEach(async () => {
  script = []
  asked = []
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push({ method: request.method, url: request.url, headers: request.headers, body })
    const answer = script.shift()
    if (answer) answer(request, response)
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"shop"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function client(options: Partial<ClientOptions> = {}) {
  const { port } = server.address() as AddressInfo
  return createClient({ baseUrl: `http://127.0.0.1:${port}/api/`, apiKey: 'key', ...options })
}

const problem =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    const body = { type: 'https://example.org/', title: 'T', status, detail: 'D', code, details: { sessionId: 'shop' } }
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body))
  }
const dropped: Answer = (request) => request.socket.destroy()

describe('a call', () => {
  it('says who asks, where and for what', async () => {
    await client({ headers: { 'x-trace': '1' } }).messages.list('a/b', { chatId: '+1 5', limit: 5, fromMe: false })
    expect(asked[0]).toMatchObject({
      method: 'GET',
      url: '/api/sessions/a%2Fb/messages?chatId=%2B1+5&limit=5&fromMe=false',
      headers: { 'x-api-key': 'key', 'x-trace': '1', accept: 'application/json' },
    })
    await client().sessions.create({ id: 'shop' })
    expect(asked[1]).toMatchObject({ headers: { 'content-type': 'application/json' }, body: '{"id":"shop"}' })
  })

  it('is not made with what is no id', () => {
    expect(() => client().sessions.get('..')).toThrow(TypeError)
    expect(() => client().sessions.get('')).toThrow(TypeError)
  })

  it('fails with code, status, fields, request id and when to come back', async () => {
    script.push(problem(429, 'RATE_LIMITED', { 'retry-after': '90', 'x-request-id': 'r1' }))
    const error = await client()
      .sessions.get('shop')
      .catch((thrown: unknown) => thrown)
    expect(ClientError.is(error, 'RATE_LIMITED')).toBe(true)
    expect(error).toMatchObject({ status: 429, requestId: 'r1', retryAfterMs: 90_000, details: { sessionId: 'shop' } })
    script.push((_, response) => response.writeHead(404).end('<html>'))
    await expect(client().sessions.get('shop')).rejects.toMatchObject({ code: 'ANSWER_UNKNOWN', status: 404 })
    script.push((_, response) => response.writeHead(200).end('<html>'))
    await expect(client().sessions.get('shop')).rejects.toMatchObject({ code: 'ANSWER_UNKNOWN', status: 200 })
  })
})

describe('another try', () => {
  it('is made of what can be asked twice', async () => {
    script.push(dropped, problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '0' }))
    expect(await client().sessions.get('shop')).toEqual({ id: 'shop' })
    expect(asked).toHaveLength(3)
  })

  it('is made of a message with a key, and of none without', async () => {
    script.push(dropped)
    await client().messages.send('shop', { to: '1', text: 'a' }, { idempotencyKey: 'k' })
    expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual(['k', 'k'])
    script.push(dropped)
    await client().messages.send('shop', { to: '1', text: 'a', clientMessageId: 'c' })
    expect(asked).toHaveLength(4)
    script.push(dropped)
    await expect(client().messages.send('shop', { to: '1', text: 'a' })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
    })
    script.push(dropped)
    await expect(client().sessions.start('shop')).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    expect(asked).toHaveLength(6)
  })

  it('is not made after the caller went away, not even while it waits', async () => {
    const gone = new AbortController()
    script.push((request, response) => {
      problem(503, 'STORE_UNAVAILABLE', { 'retry-after': '20' })(request, response)
      response.once('close', () => gone.abort(new Error('enough')))
    })
    await expect(client().sessions.get('shop', { signal: gone.signal })).rejects.toThrow('enough')
    expect(asked).toHaveLength(1)
    await expect(client().sessions.get('shop', { signal: gone.signal })).rejects.toThrow('enough')
    expect(asked).toHaveLength(1)
  })

  it('ends a try that takes too long', async () => {
    script.push(() => {})
    const late = client({ maxRetries: 0 }).sessions.get('shop', { timeoutMs: 50 })
    await expect(late).rejects.toMatchObject({ code: 'TIMED_OUT' })
    script.push(() => {})
    expect(await client().sessions.get('shop', { timeoutMs: 500, maxRetries: 1 })).toEqual({ id: 'shop' })
  })
})

describe('a file', () => {
  const image = { to: '1', type: 'image' as const, caption: 'Bär', clientMessageId: 'c' }
  const partsOf = ({ headers, body }: (typeof asked)[number]) => {
    const [, boundary = ''] = /boundary=(.+)$/.exec(headers['content-type'] ?? '') ?? []
    return body.split(`--${boundary}`).map((part) => part.replace(/^\r\n|\r\n$/g, ''))
  }
  const sent = [
    '',
    'Content-Disposition: form-data; name="to"\r\n\r\n1',
    'Content-Disposition: form-data; name="type"\r\n\r\nimage',
    'Content-Disposition: form-data; name="caption"\r\n\r\nBär',
    'Content-Disposition: form-data; name="clientMessageId"\r\n\r\nc',
    'Content-Disposition: form-data; name="fileName"\r\n\r\nä".png',
    'Content-Disposition: form-data; name="file"\r\nContent-Type: image/png\r\n\r\nabc',
    '--',
  ]

  it('is sent as a form after its fields, with its name and media type, and again when the first try fails', async () => {
    script.push(dropped)
    const file = new File(['abc'], 'ä".png', { type: 'image/png' })
    await client().messages.send('shop', { ...image, media: { file } })
    expect(asked.map(partsOf)).toEqual([sent, sent])
  })

  it('of a stream is sent as it is read, and not again', async () => {
    const chunks = async function* () {
      yield Buffer.from('a')
      yield Buffer.from('bc')
    }
    const named = { fileName: 'ä".png', mimetype: 'image/png' }
    await client().messages.send('shop', { ...image, media: { file: chunks(), ...named } })
    const [first] = asked
    expect(first?.headers).not.toHaveProperty('content-length')
    expect(first && partsOf(first).filter((part) => !part.includes('name="mimetype"'))).toEqual(sent)
    script.push(dropped)
    const again = client().messages.send('shop', { ...image, media: { file: chunks(), ...named } })
    await expect(again).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    expect(asked).toHaveLength(2)
  })

  it('that breaks while it is read breaks the call, and a source that is not wanted any more is closed', async () => {
    let closed = false
    async function* broken() {
      try {
        yield Buffer.from('a')
        throw new Error('the disk is gone')
      } finally {
        closed = true
      }
    }
    const breaking = client().messages.send('shop', { ...image, media: { file: broken() } })
    await expect(breaking).rejects.toMatchObject({ code: 'NETWORK_FAILED' })
    expect(closed).toBe(true)
  })

  it('has as long as its line needs, unless the caller says otherwise', async () => {
    const late = client({ timeoutMs: 20, maxRetries: 0 })
    script.push((_, response) => {
      setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'), 100)
    })
    const file = new Blob(['abc'])
    expect(await late.messages.send('shop', { ...image, media: { file } })).toEqual({})
    script.push(() => {})
    const limited = late.messages.send('shop', { ...image, media: { file } }, { timeoutMs: 20 })
    await expect(limited).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('that is none is refused before anything is sent', async () => {
    const media = { file: '/etc/passwd' } as never
    await expect(client().messages.send('shop', { ...image, media })).rejects.toThrow(TypeError)
    expect(asked).toEqual([])
  })
})
