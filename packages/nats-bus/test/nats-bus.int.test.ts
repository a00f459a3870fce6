import { busSuite } from '@trunkline/conformance'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createNatsBus, type NatsBus } from '../src/index.js'
import { findNatsServer, NatsServer } from './nats-server.js'

const binary = findNatsServer()
if (!binary) {
  const lacks = 'no nats-server here; `node scripts/nats.mjs` fetches one, or NATS_SERVER_PATH names one'
  const whatIsMissing = () => {
    throw new Error(lacks)
  }
  if (process.env.REQUIRE_NATS === '1') it('there is a nats-server to test against', whatIsMissing)
  else it.skip(`(skipped: ${lacks})`, whatIsMissing)
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)

describe.runIf(binary)('over a real NATS', () => {
  let server: NatsServer

  beforeAll(async () => {
    server = await NatsServer.start(binary ?? '')
  })
  afterAll(() => server.kill())

  let networks = 0
  busSuite({
    name: 'nats',
    network: async () => {
      networks += 1
      const prefix = `test.${networks}`
      return {
        async join() {
          const bus = createNatsBus({ servers: server.url, prefix })
          await bus.ready()
          return bus
        },
        close: async () => {},
      }
    },
  })
})

describe.runIf(binary)('a NATS that comes and goes', () => {
  let server: NatsServer
  let open: NatsBus[]

  beforeEach(async () => {
    open = []
    server = await NatsServer.start(binary ?? '')
  })
  afterEach(async () => {
    for (const bus of open) await bus.close()
    await server.kill()
  })

  function bus(options: Partial<Parameters<typeof createNatsBus>[0]> = {}): NatsBus {
    const made = createNatsBus({ servers: server.url, ...options })
    open.push(made)
    return made
  }

  const reached = (one: NatsBus, wanted: boolean) =>
    new Promise<void>((resolve) => {
      if (one.isReachable === wanted) return resolve()
      const stop = one.onReachable((is) => {
        if (is !== wanted) return
        stop()
        resolve()
      })
    })

  it('is refused at once while it is gone, and works again when it is back, with all that was listened to', async () => {
    const [one, other] = [bus(), bus()]
    await Promise.all([one.ready(), other.ready()])
    await one.answer('node.one', async (data) => data)
    const heard: string[] = []
    await one.listen('event.*', (data) => heard.push(text(data)))
    const lost = Promise.all([reached(one, false), reached(other, false)])
    await server.kill()
    await lost
    expect(await other.ask('node.one', bytes('?'), { timeoutMs: 60_000 })).toEqual({ kind: 'unreachable' })
    other.tell('event.a', bytes('into the void'))
    const back = Promise.all([reached(one, true), reached(other, true)])
    await server.start()
    await back
    expect((await other.ask('node.one', bytes('?'), { timeoutMs: 20_000 })).kind).toBe('answer')
    other.tell('event.a', bytes('heard'))
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(heard).toEqual(['heard'])
  })

  it('gives up what was asked when it goes: nobody knows what was done', async () => {
    const [one, other] = [bus(), bus()]
    await Promise.all([one.ready(), other.ready()])
    const asked = new Promise<void>((resolve) => {
      void one.answer('node.one', () => {
        resolve()
        return new Promise(() => {})
      })
    })
    // Until the other node knows that somebody answers.
    while ((await other.ask('node.one', bytes(''), { timeoutMs: 20 })).kind === 'nobody');
    const asking = other.ask('node.one', bytes('?'), { timeoutMs: 60_000 })
    await asked
    await server.kill()
    expect(await asking).toEqual({ kind: 'timeout' })
  })

  it('may come later than the node that uses it', async () => {
    await server.kill()
    const [one, other] = [bus(), bus()]
    const answering = one.answer('node.one', async () => bytes('here'))
    expect(await other.ask('node.one', bytes('?'), { timeoutMs: 60_000 })).toEqual({ kind: 'unreachable' })
    await answering
    await server.start()
    await Promise.all([one.ready(), other.ready()])
    const answer = await other.ask('node.one', bytes('?'), { timeoutMs: 20_000 })
    expect(answer.kind === 'answer' && text(answer.data)).toBe('here')
  })

  it('keeps two installations apart by their prefixes', async () => {
    const [one, other] = [bus({ prefix: 'a.b' }), bus({ prefix: 'a' })]
    await Promise.all([one.ready(), other.ready()])
    await one.answer('node.one', async (data) => data)
    expect(await other.ask('node.one', bytes('?'), { timeoutMs: 20_000 })).toEqual({ kind: 'nobody' })
  })

  it('wants a token where it wants one', async () => {
    await server.kill()
    server = await NatsServer.start(binary ?? '', ['--auth', 'a-token'])
    const wrong = bus({ servers: server.url })
    const right = bus({ servers: server.url, credentials: { token: 'a-token' } })
    await right.ready()
    expect([right.isReachable, wrong.isReachable]).toEqual([true, false])
  })
})

describe('the options of a bus on NATS', () => {
  it.each([
    [{ servers: [] }, ['servers']],
    [{ servers: 'http://127.0.0.1:4222' }, ['servers']],
    [{ servers: 'nats://user:secret@127.0.0.1:4222' }, ['servers']],
    [{ servers: 'nats://nats.internal:4222' }, ['credentials', 'tls']],
    [{ servers: 'tls://nats.internal:4222' }, ['credentials']],
    [{ servers: ['nats://127.0.0.1:4222', 'nats://10.0.0.7:4222'], credentials: { token: 't' } }, ['tls']],
    [{ servers: 'nats://127.0.0.1', prefix: 'a.*' }, ['prefix']],
  ])('%j are refused by name', (options, fields) => {
    let refusal: unknown
    try {
      createNatsBus(options)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toMatchObject({ code: 'CONFIG_INVALID', details: { errors: fields.map((field) => ({ field })) } })
    expect(String(refusal)).not.toContain('secret')
  })
})
