import { connect } from 'node:net'
import { problemSchema } from '@trunkline/contract'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../src/index.js'

let server: RunningServer

beforeAll(async () => {
  const env = { STORE: 'memory', PORT: '0', JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!' }
  server = await startServer(env, { logger: pino({ level: 'silent' }) })
})
afterAll(() => server.close())

/** Sends bytes as they are and gives what came back until the server closed the connection. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.setEncoding('utf8').on('data', (part: string) => {
      answer += part
    })
    socket.once('close', () => resolve(answer)).once('error', reject)
  })
}

const lines = (...parts: string[]) => `${parts.join('\r\n')}\r\n\r\n`

describe('what is no request', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'VALIDATION_FAILED'],
    ['a version that is none', lines('GET / HTTP/9.9', 'Host: x'), 400, 'VALIDATION_FAILED'],
    ['a NUL in a header', lines('GET / HTTP/1.1', 'Host: x', 'A: \0'), 400, 'VALIDATION_FAILED'],
    ['a header without a name', lines('GET / HTTP/1.1', 'Host: x', ': b'), 400, 'VALIDATION_FAILED'],
    [
      'two lengths',
      lines('POST / HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2'),
      400,
      'VALIDATION_FAILED',
    ],
    [
      'a length and chunks',
      lines('POST / HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked'),
      400,
      'VALIDATION_FAILED',
    ],
    ['no host', lines('GET /healthz HTTP/1.1', 'Connection: close'), 400, 'VALIDATION_FAILED'],
    ['an expectation', lines('GET /healthz HTTP/1.1', 'Host: x', 'Expect: miracles'), 417, 'EXPECTATION_FAILED'],
    ['a header of 64 kB', lines('GET / HTTP/1.1', 'Host: x', `A: ${'a'.repeat(65_536)}`), 431, 'HEADERS_TOO_LARGE'],
  ])('%s is answered with a problem', async (_, text, status, code) => {
    const answer = await raw(text)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json/i)
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    expect(Buffer.byteLength(body)).toBe(Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1]))
    expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ status, code })
  })

  it('does not disturb requests that are right', async () => {
    const answer = await raw(lines('GET /healthz HTTP/1.1', 'Host: x', 'Connection: close'))
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(await raw(lines('GET /healthz HTTP/1.0'))).toMatch(/^HTTP\/1\.1 200 OK/)
  })
})
