import { ManualClock, settled } from '@trunkline/conformance/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryNetwork, type MemoryNetwork } from '../memory/memory-bus.js'
import { type CommandQuestion, decodeMessage, encodeReply, type Ping, topicOfNode } from './message.js'
import { RemoteCommands } from './remote-commands.js'

describe('a command that another node carries out', () => {
  let clock: ManualClock
  let network: MemoryNetwork
  let asked: string[]

  beforeEach(() => {
    clock = new ManualClock()
    network = createMemoryNetwork({ clock })
    asked = []
  })

  /** A node that does what it is asked for in this time, and answers to its name in that. */
  async function node({
    worksMs,
    answersMs,
    forgets = false,
  }: {
    worksMs: number
    answersMs: number
    forgets?: boolean
  }) {
    await network.bus().answer(topicOfNode('other'), async (data) => {
      const question = decodeMessage<CommandQuestion | Ping>(data)
      const isPing = question !== undefined && 'about' in question
      asked.push(isPing ? 'ping' : 'command')
      await new Promise<void>((resolve) => clock.setTimeout(resolve, isPing ? answersMs : worksMs))
      return encodeReply({ kind: 'done', result: isPing ? !forgets : 'a code' })
    })
  }

  async function ask({ leaseFree = () => new Promise<boolean>(() => {}) } = {}) {
    const commands = new RemoteCommands({
      bus: network.bus(),
      clock,
      media: undefined,
      leases: { now: async () => clock.now() },
      leaseFree,
    })
    const packed = await commands.pack('s', { kind: 'qr' }, {})
    const answer = { is: undefined as unknown }
    void packed.ask('other').then(
      (result) => Object.assign(answer, { is: result }),
      (error: unknown) => Object.assign(answer, { is: error }),
    )
    await settled()
    return answer
  }

  it('is waited for as long as that node gives signs of life', async () => {
    await node({ worksMs: 30_000, answersMs: 4_000 })
    const answer = await ask()
    await clock.advance(29_999)
    expect(answer.is).toBeUndefined()
    await clock.advance(1)
    expect(answer.is).toEqual({ result: 'a code' })
    expect(asked.filter((each) => each === 'command')).toHaveLength(1)
    expect(asked.length).toBeGreaterThan(2)
  })

  it('is given up seven seconds after it was asked for when that node gives none, and nobody knows whether it was done', async () => {
    await node({ worksMs: 30_000, answersMs: 6_000 })
    const answer = await ask()
    await clock.advance(6_999)
    expect(answer.is).toBeUndefined()
    await clock.advance(1)
    expect(answer.is).toMatchObject({ code: 'CLUSTER_UNREACHABLE', details: { sessionId: 's', owner: 'other' } })
  })

  it('is given up when that node knows nothing of it, as it was lost on its way, or its answer was', async () => {
    await node({ worksMs: 30_000, answersMs: 10, forgets: true })
    const answer = await ask()
    await clock.advance(2_010)
    expect(answer.is).toMatchObject({ code: 'CLUSTER_UNREACHABLE', details: { sessionId: 's', owner: 'other' } })
  })

  it('is waited for when that node has given the session back and is at it still, as it hands it over', async () => {
    await node({ worksMs: 5_000, answersMs: 900 })
    const answer = await ask({ leaseFree: async () => true })
    await clock.advance(5_000)
    expect(answer.is).toEqual({ result: 'a code' })
  })

  it('is given up soon when that node has lost the session and gives no sign of life', async () => {
    await node({ worksMs: 5_000, answersMs: 1_001 })
    const answer = await ask({ leaseFree: async () => true })
    await clock.advance(1_999)
    expect(answer.is).toBeUndefined()
    await clock.advance(1)
    expect(answer.is).toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
  })

  it('was not done when nobody answers to the name', async () => {
    expect((await ask()).is).toBe('moved')
  })
})
