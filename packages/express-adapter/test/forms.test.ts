import 'reflect-metadata'
import { EventEmitter, on, once } from 'node:events'
import { request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Route } from '@trunkline/contract'
import { type Clock, systemClock, TrunklineError } from '@trunkline/core'
import express5 from 'express'
import express4 from 'express-4'
import fastify from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createDispatch } from '../../api/src/dispatch.js'
import { mount } from '../src/express-adapter.js'

// A route that takes a form, with limits that a test can reach.
const MAX_BYTES = 300_000
const FIELDS_LIMIT_BYTES = 2_000
const ROUTES = {
  putPicture: {
    method: 'PUT',
    path: '/pictures',
    summary: 'Keeps a picture.',
    access: 'messages:send',
    body: {
      form: {
        fields: z.strictObject({
          caption: z.string().max(1_000).optional().meta({ description: 'Text below the picture.' }),
          width: z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).optional(),
        }),
        file: { description: 'The picture.', mediaTypes: ['image/*'], maxBytes: MAX_BYTES },
      },
    },
    responses: { 200: { json: z.unknown() } },
    errors: [],
  },
} as const satisfies Record<string, Route>

interface Call {
  body: { caption?: string; width?: number }
  upload: { mediaType: string; fileName?: string; bytes: AsyncIterable<Uint8Array> }
}

type Taken = { body: Call['body']; mediaType: string; fileName: string | undefined; bytes: number }

/** What the handler does with the file. */
let use: (call: Call) => Promise<unknown>
let kept: Taken[]
const seen = new EventEmitter()

async function readAll({ body, upload }: Call) {
  let bytes = 0
  for await (const chunk of upload.bytes) {
    bytes += chunk.length
    seen.emit('chunk', chunk)
  }
  kept.push({ body, mediaType: upload.mediaType, fileName: upload.fileName, bytes })
}

// Time stands still: what is scheduled waits here until a test runs it.
const scheduled = new EventEmitter()
const timers = new Set<() => void>()
const clock: Clock = {
  ...systemClock,
  setTimeout(callback) {
    timers.add(callback)
    scheduled.emit('timer')
    return () => void timers.delete(callback)
  },
}

const api = createDispatch({
  routes: ROUTES,
  handlers: {
    putPicture: async (call: Call) => {
      try {
        return { status: 200, body: (await use(call)) ?? {} }
      } catch (error) {
        seen.emit('failed', error)
        throw error
      }
    },
  },
  authenticator: { authenticate: async () => ({ userId: 'u', role: 'operator', sessionIds: '*' }) },
  clock,
  bodyLimitBytes: FIELDS_LIMIT_BYTES,
})

/** The host leaves the body to Trunkline. */
const STREAMING = [
  ['Express 4', () => express4().use('/api', mount(api, clock))],
  ['Express 5', () => express5().use('/api', mount(api, clock))],
  [
    'Express 4 after parsers of JSON and forms',
    () =>
      express4()
        .use(express4.json(), express4.urlencoded({ extended: true }))
        .use('/api', mount(api, clock)),
  ],
  [
    'Express 5 after parsers of JSON and forms',
    () =>
      express5()
        .use(express5.json(), express5.urlencoded({ extended: true }))
        .use('/api', mount(api, clock)),
  ],
  ['Fastify', inFastify],
  ['NestJS', inNest],
] as const

/** As `examples/hosts/fastify.mjs` does it. */
async function inFastify() {
  const app = fastify()
  const handle = mount(api, clock)
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _body, done) => done(null))
    scope.all('/api/*', ({ raw, ip }, reply) => {
      reply.hijack()
      Object.assign(raw, { ip, baseUrl: '/api', url: raw.url?.slice('/api'.length) })
      handle(raw as never, reply.raw as never, () => reply.raw.destroy())
    })
  })
  await app.ready()
  return app.server
}

/** As `examples/hosts/nest.mjs` does it. */
async function inNest() {
  class AppModule {}
  Module({})(AppModule)
  const app = await NestFactory.create(AppModule, { logger: false })
  app.use('/api', mount(api, clock))
  await app.init()
  return app.getHttpServer() as Server
}

const HOSTS = [
  ...STREAMING,
  [
    'Express 5 after a parser that reads everything',
    () =>
      express5()
        .use(express5.raw({ type: () => true, limit: '2mb' }))
        .use('/api', mount(api, clock)),
  ],
] as const

beforeEach(() => {
  kept = []
  use = readAll
})

let port: number

function listen(host: () => unknown | Promise<unknown>) {
  let server: Server
  beforeAll(async () => {
    const made = (await host()) as { listen(port: number, name: string): Server }
    server = made.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
}

function put(body: string | Uint8Array | FormData, headers?: Record<string, string>) {
  return fetch(`http://127.0.0.1:${port}/api/pictures`, { method: 'PUT', body, ...(headers ? { headers } : {}) })
}

function formOf(fields: [string, string][], file: Blob | undefined = picture(10), fileName = 'cat.png'): FormData {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  if (file) form.append('file', file, fileName)
  return form
}

function picture(bytes: number, type = 'image/png'): Blob {
  return new Blob(['x'.repeat(bytes)], { type })
}

/** A form with its boundary `x`, as a client of its own would write it. */
function raw(text: string, contentType = 'multipart/form-data; boundary=x') {
  return put(text.replaceAll('\n', '\r\n'), { 'content-type': contentType })
}

const FILE_PART = '--x\nContent-Disposition: form-data; name="file"; filename="a.png"\nContent-Type: image/png\n\nabc\n'

async function problemOf(response: Response) {
  const { status, code, errors } = (await response.json()) as { status: number; code: string; errors?: unknown }
  return { status, code, ...(errors ? { errors } : {}) }
}

const invalid = (field: string, message: string) => ({
  status: 400,
  code: 'VALIDATION_FAILED',
  errors: [{ field, message }],
})

describe.each(HOSTS)('forms on %s', (_, host) => {
  listen(host)

  it('hand over fields and file', async () => {
    const response = await put(
      formOf(
        [
          ['caption', 'Ein Bär 🐻'],
          ['width', '12'],
        ],
        picture(250_000),
        'Bär.png',
      ),
    )
    expect([response.status, kept]).toEqual([
      200,
      [{ body: { caption: 'Ein Bär 🐻', width: 12 }, mediaType: 'image/png', fileName: 'Bär.png', bytes: 250_000 }],
    ])
  })

  it('take an empty file and one of exactly its limit', async () => {
    expect((await put(formOf([], picture(0)))).status).toBe(200)
    expect((await put(formOf([], picture(MAX_BYTES)))).status).toBe(200)
    expect(kept.map(({ bytes }) => bytes)).toEqual([0, MAX_BYTES])
  })

  it('refuse what is too large, file or fields', async () => {
    expect(await problemOf(await put(formOf([], picture(MAX_BYTES + 1))))).toEqual({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    })
    const wide = formOf([
      ['caption', 'x'.repeat(1_500)],
      ['other', 'x'.repeat(1_500)],
    ])
    expect(await problemOf(await put(wide))).toEqual({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
    expect(await problemOf(await put(formOf([], picture(900_000))))).toMatchObject({ status: 413 })
    expect(kept).toEqual([])
  })

  it.each([
    ['of the schema', formOf([['width', 'wide']]), invalid('width', 'must be a whole number')],
    ['unknown', formOf([['colour', 'red']]), invalid('colour', 'is not known')],
    [
      'given twice',
      formOf([
        ['caption', 'a'],
        ['caption', 'b'],
      ]),
      invalid('caption', 'is given more than once'),
    ],
    ['without a file', formOf([['caption', 'a']], undefined), invalid('file', 'is missing')],
  ])('refuse a field that is wrong: %s', async (_, form, expected) => {
    if (expected.errors[0]?.field === 'file') form.delete('file')
    expect(await problemOf(await put(form))).toEqual(expected)
    expect(kept).toEqual([])
  })

  it('have the name of a file as its owner wrote it', async () => {
    expect((await put(formOf([], picture(3), 'a "bear" 100%25.png'))).status).toBeLessThan(300)
    expect(kept).toMatchObject([{ fileName: 'a "bear" 100%25.png' }])
  })

  it('refuse a file of another type, a second one, one of another name and a field behind it', async () => {
    expect(await problemOf(await put(formOf([], picture(3, 'text/plain'))))).toEqual({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      errors: [{ field: 'file', message: 'The file has to be image/*' }],
    })
    const second = formOf([])
    second.append('file', picture(3), 'dog.png')
    expect(await problemOf(await put(second))).toEqual(
      invalid('file', 'comes after the file, which has to be the last part'),
    )
    const named = new FormData()
    named.append('image', picture(3), 'dog.png')
    expect(await problemOf(await put(named))).toEqual(invalid('image', 'is no file of this form'))
    const late = formOf([])
    late.append('caption', 'late')
    expect(await problemOf(await put(late))).toEqual(
      invalid('caption', 'comes after the file, which has to be the last part'),
    )
    expect(kept).toEqual([])
  })

  it.each([
    ['no boundary', FILE_PART, 'multipart/form-data', 'has no boundary in its Content-Type'],
    [
      'another boundary',
      `${FILE_PART}--x--\n`,
      'multipart/form-data; boundary=y',
      'is not a whole multipart/form-data',
    ],
    ['no end', FILE_PART, undefined, 'is not a whole multipart/form-data'],
    ['an end in the middle of a header', '--x\nContent-Dispo', undefined, 'is not a whole multipart/form-data'],
    [
      'an end in the middle of a field',
      '--x\nContent-Disposition: form-data; name="caption"\n\nab',
      undefined,
      'is not a whole multipart/form-data',
    ],
    ['nothing', '', undefined, 'is not a whole multipart/form-data'],
    ['no form at all', '{"caption":"x"}', undefined, 'is not a whole multipart/form-data'],
    [
      'a part without a name',
      '--x\nContent-Disposition: form-data\n\nabc\n--x--\n',
      undefined,
      'has a part without a name',
    ],
    ['too many parts', `${'--x\n\nabc\n'.repeat(50)}--x--\n`, undefined, 'has more parts than this form'],
  ])('refuse a body with %s', async (_, text, contentType, message) => {
    expect(await problemOf(await raw(text, contentType))).toEqual(invalid('body', message))
    expect(kept).toEqual([])
  })

  it('refuse a form without parts, text that is no UTF-8, parts that are encoded and bodies that are packed', async () => {
    expect(await problemOf(await raw('--x--\n'))).toEqual(invalid('file', 'is missing'))
    const latin = Buffer.from(
      '--x\r\nContent-Disposition: form-data; name="caption"\r\n\r\nB\xe4r\r\n--x--\r\n',
      'latin1',
    )
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    expect(await problemOf(await put(latin, type))).toEqual(invalid('caption', 'is not UTF-8'))
    const encoded = FILE_PART.replace('\n\n', '\nContent-Transfer-Encoding: base64\n\n')
    expect(await problemOf(await raw(`${encoded}--x--\n`))).toEqual(invalid('file', 'must not be encoded'))
    const packed = await put(latin, { ...type, 'content-encoding': 'br' })
    expect(packed.status).toBeGreaterThanOrEqual(400)
    expect(packed.status).toBeLessThan(500)
    expect(await problemOf(await put('{}', { 'content-type': 'application/json' }))).toMatchObject({ status: 415 })
    expect(kept).toEqual([])
  })

  it('answer what the handler says that does not read the file, and let its sender go', async () => {
    use = async () => ({ left: true })
    const response = await put(formOf([], picture(MAX_BYTES)))
    expect([response.status, await response.json()]).toEqual([200, { left: true }])
    use = async () => {
      throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: 'x' } })
    }
    expect(await problemOf(await put(formOf([], picture(MAX_BYTES))))).toMatchObject({ status: 404 })
  })

  it('end the file for a handler that reads on after it has answered', async () => {
    const reading = new EventEmitter()
    use = async ({ upload }) => {
      const chunks = upload.bytes[Symbol.asyncIterator]()
      const read = async () => {
        for (;;) if ((await chunks.next()).done) return
      }
      setImmediate(() =>
        read().then(
          () => reading.emit('end', undefined),
          (error: unknown) => reading.emit('end', error),
        ),
      )
    }
    const ended = once(reading, 'end')
    await put(formOf([], picture(MAX_BYTES)))
    const [error] = await ended
    expect(TrunklineError.is(error, 'OPERATION_ABORTED')).toBe(true)
  })
})

describe.each(STREAMING)('a form on %s that is still coming', (_, host) => {
  listen(host)
  const HEAD = 'PUT /api/pictures HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n'

  function begin(text: string): Socket {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).write(`${HEAD}Content-Length: 200000\r\n\r\n${text.replaceAll('\n', '\r\n')}`)
    return socket
  }

  it('hands the file over before its end has come', async () => {
    const chunk = once(seen, 'chunk')
    const request = httpRequest({
      port,
      method: 'PUT',
      path: '/api/pictures',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })
    const answered = once(request, 'response')
    request.write(FILE_PART.replaceAll('\n', '\r\n').replace('abc', 'x'.repeat(1_000)))
    expect(String((await chunk)[0])).toMatch(/^x+$/)
    request.end('--x--\r\n')
    const [response] = await answered
    response.resume()
    expect([response.statusCode, kept.map(({ bytes }) => bytes)]).toEqual([200, [1_000]])
  })

  it('tells the handler when its sender goes away', async () => {
    const [chunk, failed] = [once(seen, 'chunk'), once(seen, 'failed')]
    const socket = begin(FILE_PART.replace('abc', 'x'.repeat(1_000)))
    await chunk
    socket.destroy()
    const [error] = await failed
    expect(TrunklineError.is(error, 'OPERATION_ABORTED')).toBe(true)
    expect(kept).toEqual([])
  })

  it.each([
    ['the file', FILE_PART.replace('abc', 'x'.repeat(1_000))],
    ['a field', '--x\nContent-Disposition: form-data; name="caption"\n\nab'],
    ['a header', '--x\nContent-Dis'],
  ])('ends a sender that stops in the middle of %s', async (part, text) => {
    const arrived = part === 'the file' ? once(seen, 'chunk') : once(scheduled, 'timer')
    const socket = begin(text)
    const answered = once(socket, 'data')
    await arrived
    await passTimeUntil(answered)
    expect(String((await answered)[0])).toMatch(/^HTTP\/1\.1 408 /)
    socket.destroy()
    expect(kept).toEqual([])
  })
})

/** Runs whatever is scheduled, until there is an answer. */
async function passTimeUntil(answered: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  answered.finally(() => over.abort()).catch(() => {})
  const more = on(scheduled, 'timer', { signal: over.signal })
  for (const callback of timers) callback()
  try {
    for await (const _ of more) for (const callback of timers) callback()
  } catch {}
}
