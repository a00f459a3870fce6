import type { Route } from '@trunkline/contract'
import { type Clock, systemClock } from '@trunkline/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AnyHandler, createDispatch } from '../src/dispatch.js'
import type { Call } from '../src/handler.js'
import type { Api, ApiRequest, ApiResponse } from '../src/index.js'
import { problemOf } from './harness.js'

// Routes that take bytes and answer with what can be read from, with limits that a test can reach.
const MIB = 1024 * 1024
const PATIENCE = { timeout: 20_000, interval: 5 }
const name = z.strictObject({ name: z.string() })
const ROUTES = {
  putFile: {
    method: 'PUT',
    path: '/files/:name',
    summary: 'Keeps a file.',
    access: 'messages:send',
    params: name,
    body: { bytes: { mediaTypes: ['image/*', 'text/plain'], maxBytes: 1_000 } },
    responses: { 204: {} },
    errors: [],
  },
  getFile: {
    method: 'GET',
    path: '/files/:name',
    summary: 'The file.',
    access: 'messages:read',
    params: name,
    responses: { 200: { stream: ['*/*'] } },
    errors: [],
  },
  postShape: {
    method: 'POST',
    path: '/shapes',
    summary: 'One of two shapes.',
    access: 'messages:send',
    body: {
      json: z.union([
        z.strictObject({ kind: z.literal('circle'), radius: z.number() }),
        z.strictObject({ side: z.number() }),
      ]),
    },
    responses: { 200: { json: z.unknown() } },
    errors: [],
  },
  postFile: {
    method: 'POST',
    path: '/inline',
    summary: 'A file in JSON.',
    access: 'messages:send',
    body: { json: z.strictObject({ file: z.string() }), maxJsonBytes: 24 * MIB },
    responses: { 204: {} },
    errors: [],
  },
} as const satisfies Record<string, Route>

type FileCall = Pick<Call<'getChat'>, 'upload' | 'signal'> & { params: { name: string } }

let files: Map<string, { mediaType: string; bytes: Uint8Array }>
/** Sources that were opened and are not closed. */
let open: number
/** When `postFile` has done its work. */
let handled: Promise<void>
let pending: { callback: () => void; delayMs: number }[]
let api: Api

/** Time stands still until a test says so. */
const clock: Clock = {
  ...systemClock,
  setTimeout(callback, delayMs) {
    const timer = { callback, delayMs }
    pending.push(timer)
    return () => void pending.splice(pending.indexOf(timer), pending.includes(timer) ? 1 : 0)
  },
}

const handlers: Record<keyof typeof ROUTES, AnyHandler> = {
  putFile: async ({ params, upload }: FileCall) => {
    const parts: Uint8Array[] = []
    for await (const chunk of upload?.bytes ?? []) parts.push(chunk)
    files.set(params.name, { mediaType: upload?.mediaType ?? '', bytes: Buffer.concat(parts) })
    return { status: 204, body: undefined }
  },
  getFile: async ({ params }: FileCall) => {
    const { mediaType, bytes } = files.get(params.name) ?? { mediaType: 'text/plain', bytes: new Uint8Array() }
    const read = async function* ({ start, end }: { start: number; end: number }) {
      open += 1
      try {
        for (let at = start; at <= end; at += 4) yield bytes.subarray(at, Math.min(at + 4, end + 1))
      } finally {
        open -= 1
      }
    }
    return { source: { mediaType, size: bytes.length, etag: 'v1', read } }
  },
  postShape: async ({ body }: { body: unknown }) => ({ status: 200, body }),
  postFile: async () => {
    await handled
    return { status: 204, body: undefined }
  },
}

beforeEach(() => {
  files = new Map([['a', { mediaType: 'text/plain', bytes: Buffer.from('0123456789') }]])
  open = 0
  pending = []
  handled = Promise.resolve()
  const authenticator = {
    authenticate: async ({ headers }: Pick<ApiRequest, 'headers'>) =>
      headers.authorization === undefined
        ? undefined
        : ({ userId: 'u', role: headers.authorization === 'viewer' ? 'viewer' : 'operator', sessionIds: '*' } as const),
  }
  api = createDispatch({ routes: ROUTES, handlers, authenticator, clock, bodyLimitBytes: 100 })
})

function ask(method: string, path: string, request: Partial<ApiRequest> = {}): Promise<ApiResponse> {
  const headers = { authorization: 'operator', ...request.headers }
  return api.handle({ method, path, query: new URLSearchParams(), ...request, headers })
}

async function textOf({ body = '' }: ApiResponse): Promise<string> {
  if (typeof body === 'string' || body instanceof Uint8Array) return String(body)
  const parts: Uint8Array[] = []
  for await (const chunk of body) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

/** A body that was begun and does not come; tells what became of it. */
function stalled(...parts: string[]) {
  const state = { read: 0, closed: false }
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const part = parts[state.read++]
        return part === undefined ? new Promise(() => {}) : { done: false, value: Buffer.from(part) }
      },
      return: async () => {
        state.closed = true
        return { done: true, value: undefined }
      },
    }),
  }
  return { body, state }
}

/** Runs whatever was scheduled, once nothing moves without it any more. */
async function passTime(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  for (const { callback } of pending.splice(0)) callback()
}

describe('a route that answers from a source', () => {
  it('gives all of it, with its type, length and tag', async () => {
    const answer = await ask('GET', '/files/a')
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain', 'content-length': '10', 'accept-ranges': 'bytes', etag: '"v1"' },
    })
    expect(await textOf(answer)).toBe('0123456789')
    expect(open).toBe(0)
  })

  it.each([
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=0-999', '0123456789', 'bytes 0-9/10'],
  ])('gives the range %s', async (range, text, contentRange) => {
    const answer = await ask('GET', '/files/a', { headers: { range } })
    expect(answer).toMatchObject({ status: 206, headers: { 'content-range': contentRange } })
    expect(answer.headers['content-length']).toBe(String(text.length))
    expect(await textOf(answer)).toBe(text)
  })

  it.each(['bytes=0-1,4-5', 'lines=0-1', 'nonsense'])('gives everything for the range %s', async (range) => {
    const answer = await ask('GET', '/files/a', { headers: { range } })
    expect([answer.status, await textOf(answer)]).toEqual([200, '0123456789'])
  })

  it('has no bytes behind its end, and says how many there are', async () => {
    const answer = await ask('GET', '/files/a', { headers: { range: 'bytes=10-' } })
    expect(answer).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } })
    expect(problemOf({ ...answer, body: JSON.parse(await textOf(answer)) })).toMatchObject({
      code: 'RANGE_NOT_SATISFIABLE',
      details: { size: 10 },
    })
  })

  it('gives nothing to whoever has it, and everything to whoever has a part of something else', async () => {
    expect(await ask('GET', '/files/a', { headers: { 'if-none-match': 'W/"v0", "v1"' } })).toMatchObject({
      status: 304,
    })
    const headers = { range: 'bytes=2-5', 'if-range': '"v0"' }
    expect(await ask('GET', '/files/a', { headers })).toMatchObject({ status: 200 })
    const same = await ask('GET', '/files/a', { headers: { ...headers, 'if-range': '"v1"' } })
    expect([same.status, await textOf(same)]).toEqual([206, '2345'])
    expect(open).toBe(0)
  })

  it('opens nothing for HEAD', async () => {
    const answer = await ask('HEAD', '/files/a')
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '10' } })
    expect(answer).not.toHaveProperty('body')
    expect(open).toBe(0)
  })

  it('is closed when its reader stops early', async () => {
    const { body } = await ask('GET', '/files/a')
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      expect([String(chunk), open]).toEqual(['0123', 1])
      break
    }
    expect(open).toBe(0)
  })
})

describe('a route that takes bytes', () => {
  const image = { 'content-type': 'image/png' }

  it('gets them as they come, with their media type', async () => {
    const answer = await ask('PUT', '/files/b', { headers: image, body: chunks('one ', 'two') })
    expect(answer.status).toBe(204)
    expect(files.get('b')).toEqual({ mediaType: 'image/png', bytes: Buffer.from('one two') })
  })

  it('takes those that the host has read already', async () => {
    await ask('PUT', '/files/b', { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'text' })
    expect(files.get('b')).toEqual({ mediaType: 'text/plain', bytes: Buffer.from('text') })
  })

  it('refuses other media types before it reads', async () => {
    const { body, state } = stalled('x')
    expect(await ask('PUT', '/files/b', { headers: { 'content-type': 'video/mp4' }, body })).toMatchObject({
      status: 415,
    })
    expect(state.read).toBe(0)
  })

  it('refuses more than it takes, announced or not, and lets go of the rest', async () => {
    const announced = stalled('x')
    const headers = { ...image, 'content-length': '1001' }
    expect(await ask('PUT', '/files/b', { headers, body: announced.body })).toMatchObject({ status: 413 })
    expect(announced.state.read).toBe(0)
    const { body, state } = stalled('x'.repeat(600), 'x'.repeat(600), 'never read')
    expect(await ask('PUT', '/files/b', { headers: image, body })).toMatchObject({ status: 413 })
    expect(state).toEqual({ read: 2, closed: true })
    expect(files.has('b')).toBe(false)
  })

  it('ends what stops coming', async () => {
    const { body, state } = stalled('begun')
    const answer = ask('PUT', '/files/b', { headers: image, body })
    await passTime()
    expect(await answer).toMatchObject({ status: 408 })
    expect(state.closed).toBe(true)
    expect(pending).toEqual([])
  })
})

describe('bodies', () => {
  const json = { 'content-type': 'application/json' }

  it('may be one of several shapes', async () => {
    const circle = await ask('POST', '/shapes', { headers: json, body: chunks('{"kind":"circle",', '"radius":1}') })
    expect(JSON.parse(await textOf(circle))).toEqual({ kind: 'circle', radius: 1 })
    expect(await ask('POST', '/shapes', { headers: json, body: '{"side":2}' })).toMatchObject({ status: 200 })
    expect(await ask('POST', '/shapes', { headers: json, body: '{"side":2,"kind":"circle"}' })).toMatchObject({
      status: 400,
    })
  })

  it.each([
    ['of nobody', { authorization: undefined }, 'POST', '/shapes', 401],
    ['of somebody who may not', { authorization: 'viewer' }, 'POST', '/shapes', 403],
    ['for a route that is none', {}, 'POST', '/nowhere', 404],
    ['for a method that is none', {}, 'PATCH', '/shapes', 405],
    ['of somebody who takes no answer of ours', { accept: 'text/html' }, 'POST', '/shapes', 406],
  ])('%s are not read', async (_, headers, method, path, status) => {
    const { body, state } = stalled('{"side":')
    expect(await ask(method, path, { headers: { ...json, ...headers }, body })).toMatchObject({ status })
    expect(state.read).toBe(0)
  })

  it('that come too slowly are ended, and leave no timer', async () => {
    const { body, state } = stalled('{"side":')
    const answer = ask('POST', '/shapes', { headers: json, body })
    await passTime()
    expect(problemOf({ ...(await answer), body: JSON.parse(await textOf(await answer)) }).code).toBe('REQUEST_TIMEOUT')
    await passTime()
    expect(state.closed).toBe(true)
    expect(pending).toEqual([])
  })

  it('are let go of when their sender goes away', async () => {
    const gone = new AbortController()
    const { body, state } = stalled('{"side":')
    const answer = ask('POST', '/shapes', { headers: json, body, signal: gone.signal })
    gone.abort()
    expect(await answer).toMatchObject({ status: 503 })
    await passTime()
    expect(state.closed).toBe(true)
    expect(pending).toEqual([])
  })

  it('are refused beyond the limit of the host', async () => {
    const { body, state } = stalled('x'.repeat(101), 'never read')
    expect(await ask('POST', '/shapes', { headers: json, body })).toMatchObject({ status: 413 })
    expect(state).toEqual({ read: 1, closed: true })
  })
})

describe('large JSON', () => {
  const PART = Buffer.alloc(MIB, 'a')
  /** A file of 20 MiB; counts those that were read beyond their first part. */
  const file = (read: { begun: number }) =>
    (async function* () {
      yield Buffer.from('{"file":"')
      yield PART
      for (let part = 1; part < 20; part += 1) {
        if (part === 2) read.begun += 1
        yield PART
      }
      yield Buffer.from('"}')
    })()
  const headers = { 'content-type': 'application/json', 'content-length': String(20 * MIB + 11) }

  it('is in memory for few requests at a time, until they are handled; the others follow', async () => {
    let finish = () => {}
    handled = new Promise((resolve) => {
      finish = resolve
    })
    const read = { begun: 0 }
    const answers = Array.from({ length: 8 }, () => ask('POST', '/inline', { body: file(read), headers }))
    await expect.poll(() => read.begun, PATIENCE).toBe(3)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(read.begun).toBe(3)
    finish()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(8).fill(204))
    expect(read.begun).toBe(8)
  })

  it('gives its room back when it is wrong, when it does not come and when its sender goes away', async () => {
    const read = { begun: 0 }
    const wrong = () =>
      (async function* () {
        for (let part = 0; part < 20; part += 1) yield PART
      })()
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await ask('POST', '/inline', { body: wrong(), headers })).toMatchObject({ status: 400 })
      const gone = new AbortController()
      const slow = stalled('{"file":"', 'a'.repeat(1_000))
      const aborted = ask('POST', '/inline', { body: slow.body, headers, signal: gone.signal })
      await expect.poll(() => slow.state.read, PATIENCE).toBe(3)
      gone.abort()
      await aborted
      const late = stalled('{"file":"', 'a'.repeat(1_000))
      const timedOut = ask('POST', '/inline', { body: late.body, headers })
      await expect.poll(() => late.state.read, PATIENCE).toBe(3)
      await passTime()
      expect(await timedOut).toMatchObject({ status: 408 })
    }
    expect(await ask('POST', '/inline', { body: file(read), headers })).toMatchObject({ status: 204 })
  })
})
