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
})
