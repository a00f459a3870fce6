import { EventEmitter, on, once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Api, ApiResponse } from '@trunkline/api'
import { type Clock, systemClock } from '@trunkline/core'
import express5 from 'express'
import express4 from 'express-4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mount } from '../src/express-adapter.js'

// Time stands still: what is scheduled waits here until a test runs it.
const scheduled = new EventEmitter()
const timers = on(scheduled, 'timer')
const clock: Clock = {
  ...systemClock,
  setTimeout(callback) {
    scheduled.emit('timer', callback)
    return () => {}
  },
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
] as const)('streams on %s', (_, express) => {
  const files = new Map<string, Buffer>()
  /** What was opened to be sent and is not closed again. */
  let open = 0
  const sources = new EventEmitter()
  /** Keeps what is put, as it comes; gives it back in pieces, or without end, or breaks in the middle. */
  const api: Api = {
    async handle({ method, path, body }): Promise<ApiResponse> {
      if (method === 'PUT') {
        const parts: Uint8Array[] = []
        for await (const chunk of body as AsyncIterable<Uint8Array>) parts.push(chunk)
        files.set(path, Buffer.concat(parts))
        return { status: 204, headers: {} }
      }
      if (method === 'POST') return { status: 401, headers: {}, body: 'Nobody' }
      const length = files.get(path)?.length
      return {
        status: 200,
        headers: { 'content-type': 'text/plain', 'content-length': String(length ?? 1e9) },
        body: read(path),
      }
    },
  }
  async function* read(path: string): AsyncGenerator<Uint8Array> {
    open += 1
    try {
      const file = files.get(path)
      for (let at = 0; file && at < file.length; at += 1000) yield file.subarray(at, at + 1000)
      while (path === '/endless') yield Buffer.alloc(1000)
      if (path === '/broken') yield Buffer.alloc(1000)
      if (path === '/broken') throw new Error('the disk is gone')
    } finally {
      open -= 1
      sources.emit('closed')
    }
  }

  let server: Server
  let url: string
  beforeAll(async () => {
    server = (express as typeof express5)().use('/files', mount(api, clock)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`
  })
  afterAll(() => server.close())

  it('take a body as it comes and give it back', async () => {
    const text = 'x'.repeat(300_000)
    const put = await fetch(`${url}/a`, {
      method: 'PUT',
      body: new Blob([text]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect([put.status, files.get('/a')?.length]).toEqual([204, 300_000])
    const got = await fetch(`${url}/a`)
    expect([got.headers.get('content-type'), (await got.text()).length]).toEqual(['text/plain', 300_000])
    expect(open).toBe(0)
  })

  it('close what they read from when the caller goes away', async () => {
    const gone = new AbortController()
    const closed = once(sources, 'closed')
    const got = await fetch(`${url}/endless`, { signal: gone.signal })
    await got.body?.getReader().read()
    gone.abort()
    await closed
    expect(open).toBe(0)
  })

  it('break the connection when what they read from breaks', async () => {
    const closed = once(sources, 'closed')
    const got = await fetch(`${url}/broken`)
    await expect(got.text()).rejects.toThrow()
    await closed
    expect(open).toBe(0)
  })

  it('drop the rest of a body that nobody reads, for a while, and then its sender', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const ended = new Promise((resolve) => socket.once('close', resolve))
    const answered = new Promise((resolve) => socket.once('data', resolve))
    socket.write('POST /files/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbegun')
    expect(String(await answered)).toContain('401')
    const [drop] = (await timers.next()).value
    drop()
    await ended
  })
})
