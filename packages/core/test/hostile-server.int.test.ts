import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

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

  /** Seeds stay: frames that did harm once are sent for ever. */
  it.each([1, 20261124])(
    'forty frames of random bytes cost no other session and not the process (seed %i)',
    async (seed) => {
      const [ana, ben, carol] = [
        await live.phone(ANA, 'Ana'),
        await live.phone(BEN, 'Ben'),
        await live.phone(CAROL, 'Carol'),
      ]
      const trunk = live.manager()
      await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
      const from = trunk.heard.length
      for (const frame of fc.sample(frames, { seed, numRuns: 40 })) {
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
    },
  )
})

/** Bytes as they come, and bytes that begin like a node: a plain or a deflated flag, a list, a tag of the dictionary. */
const frames = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom(0, 2),
      fc.constantFrom(0xf8, 0xf9, 0xfa, 0xfb, 0xff),
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
    )
    .map(([flag, list, rest]) => Uint8Array.from([flag, list, ...rest])),
)
