import { deflateSync } from 'node:zlib'
import { type BinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const PATIENCE = { timeout: 60_000 }

describe('a server that sends what it should not', () => {
  let live: Live

  beforeEach(async () => {
    live = await Live.start('hostile server')
  })

  afterEach(() => live[Symbol.asyncDispose]())

  it.each(['garbage', 'truncated', 'nested', 'undecryptable'] as const)(
    'a frame that is %s costs at most the connection it came on',
    async (kind) => {
      const [ana, ben, carol] = [
        await live.phone(ANA, 'Ana'),
        await live.phone(BEN, 'Ben'),
        await live.phone(CAROL, 'Carol'),
      ]
      const trunk = live.manager()
      await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
      const from = trunk.heard.length
      live.simulator.faults.malformed(ANA, kind)
      await carol.sendText(BEN, 'Ben is not bothered')
      await trunk.heardEvent('message', 'ben', ({ message }) => message.text === 'Ben is not bothered', from)
      await carol.sendText(ANA, 'and Ana is back')
      await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'and Ana is back', from)
      expect(trunk.events('session.status', 'ben').slice(-1)).toMatchObject([{ status: 'connected' }])
      await trunk.status('ana', 'connected')
    },
  )

  it('a small frame that becomes a big one costs the connection it came on, and no memory', async () => {
    const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
    const trunk = live.manager()
    await trunk.link('ana', ana)
    const from = trunk.heard.length
    const deflated = deflateSync(Buffer.alloc(200 * 1024 * 1024))
    const before = process.memoryUsage().arrayBuffers
    live.simulator.faults.sendFrame(ANA, Buffer.concat([Buffer.from([2]), deflated]))
    await trunk.status('ana', 'reconnecting', from)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024)
    await trunk.status('ana', 'connected', from)
    expect((await trunk.manager.details('ana')).errors.at(-1)?.message).toContain('frame that cannot be read')
    await carol.sendText(ANA, 'still there')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'still there', from)
  })

  /** Seeds stay: frames that did harm once are sent for ever. */
  it.each([
    { of: 'random bytes', frames: () => bytes, seed: 1 },
    { of: 'random bytes', frames: () => bytes, seed: 20261124 },
    { of: 'stanzas that make no sense', frames: () => stanzas, seed: 1 },
    { of: 'stanzas that make no sense', frames: () => stanzas, seed: 20261124 },
  ])(
    'frames of $of cost no other session, no credentials and not the process (seed $seed)',
    PATIENCE,
    async ({ frames, seed }) => {
      const [ana, ben, carol] = [
        await live.phone(ANA, 'Ana'),
        await live.phone(BEN, 'Ben'),
        await live.phone(CAROL, 'Carol'),
      ]
      const trunk = live.manager()
      trunk.manager.on('session.status', () => {
        throw new Error('A listener that is no good')
      })
      await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
      const from = trunk.heard.length
      const before = process.memoryUsage()
      for (const frame of fc.sample(frames(), { seed, numRuns: 60 })) {
        if (live.simulator.connections.some(({ number, state }) => number === ANA && state === 'live')) {
          live.simulator.faults.sendFrame(ANA, frame)
        }
        await new Promise((resolve) => setTimeout(resolve, 15))
      }
      await carol.sendText(BEN, 'Ben is not bothered')
      await carol.sendText(ANA, 'and Ana is back')
      await trunk.heardEvent('message', 'ben', ({ message }) => message.text === 'Ben is not bothered', from)
      await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'and Ana is back', from)
      const heard = trunk.heard.slice(from).filter(({ event }) => event.sessionId === 'ben')
      expect(heard.map(({ name }) => name)).not.toContain('session.status')
      expect(await trunk.store.auth.readCreds('ana')).toBeDefined()
      expect(process.memoryUsage().rss - before.rss).toBeLessThan(150 * 2 ** 20)
    },
  )
})

/** Bytes as they come, and bytes that begin like a node: a plain or a deflated flag, a list, a tag of the dictionary. */
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom(0, 2),
      fc.constantFrom(0xf8, 0xf9, 0xfa, 0xfb, 0xff),
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
    )
    .map(([flag, list, rest]) => Uint8Array.from([flag, list, ...rest])),
)

const TAGS = [
  ...['message', 'receipt', 'notification', 'ib', 'iq', 'call', 'presence', 'chatstate', 'ack', 'success'],
  ...['enc', 'participants', 'list', 'item', 'retry', 'keys', 'registration', 'offline', 'offline_preview', 'dirty'],
  ...[
    'edge_routing',
    'routing_info',
    'devices',
    'device',
    'add',
    'remove',
    'update',
    'set',
    'delete',
    'count',
    'offer',
  ],
  ...['composing', 'group', 'create', 'participant', 'encrypt', 'rmr', 'unavailable', 'plaintext', 'tokens', 'token'],
]
const ATTRIBUTES = [
  ...['id', 'from', 'to', 'type', 'class', 't', 'participant', 'recipient', 'sender_lid', 'sender_pn', 'notify', 'v'],
  ...['count', 'error', 'jid', 'lid', 'category', 'offline', 'edit', 'xmlns', 'addressing_mode', 'timestamp', 'value'],
]
const VALUES = [
  ...[
    '',
    '0',
    '-1',
    '1e400',
    'x'.repeat(500),
    '15550000003@s.whatsapp.net',
    '200015550000003@lid',
    '1@g.us',
    '@',
    '0@lid',
  ],
  ...[
    '15550000001:1@s.whatsapp.net',
    'status@broadcast',
    's.whatsapp.net',
    'pkmsg',
    'msg',
    'skmsg',
    'retry',
    'read',
    '2',
  ],
  ...[
    'devices',
    'encrypt',
    'w:gp2',
    'account_sync',
    'picture',
    'server_sync',
    'mediaretry',
    'privacy_token',
    'message',
  ],
  ...['get', 'set', 'result', 'peer', 'text', 'media', 'constructor', '__proto__'],
]

/** Trees of what WhatsApp says, put together at random. Not what ends a link on purpose: that is believed, and has tests of its own. */
const stanzas = fc
  .letrec<{ node: BinaryNode }>((tie) => ({
    node: fc.record({
      tag: fc.constantFrom(...TAGS),
      attrs: fc.dictionary(fc.constantFrom(...ATTRIBUTES), fc.constantFrom(...VALUES), { maxKeys: 8 }),
      content: fc.oneof(
        { depthSize: 'small' },
        fc.constant(undefined),
        fc.uint8Array({ maxLength: 80 }).map((content) => Buffer.from(content)),
        fc.array(tie('node'), { maxLength: 4 }),
      ),
    }),
  }))
  .node.map((node) => Uint8Array.from(encodeBinaryNode(node)))
