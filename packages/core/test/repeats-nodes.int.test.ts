import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryNetwork, createMemoryStore } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const CAROL = '15550000003'

let live: Live
let carol: Phone
let nodes: [LiveManager, LiveManager]

beforeEach(async () => {
  live = await Live.start('repeats over nodes')
  carol = await live.phone(CAROL, 'Carol')
  const store = createMemoryStore()
  const network = createMemoryNetwork()
  const node = (owner: string) => live.manager({ store, owner, cluster: { bus: network.bus() } })
  nodes = [node('one'), node('two')]
  for (const { manager } of nodes) await manager.start()
  await nodes[0].link('ana', await live.phone('15550000001', 'Ana'))
})
afterEach(() => live[Symbol.asyncDispose]())

it.each([
  ['sent', {}],
  ['queued', { queue: true }],
])(
  'what is to be %s under one id, fifty times at once at two nodes, is one message with fifty equal answers, also when the session has moved',
  async (_how, delivery) => {
    const request = { to: CAROL, text: 'once', clientMessageId: 'order-7', ...delivery }
    const asked = Array.from({ length: 50 }, (_, n) => nodes[n % 2 === 0 ? 0 : 1].manager.send('ana', request))
    const ids = new Set((await Promise.all(asked)).map(({ id }) => id))
    expect(ids.size).toBe(1)
    await carol.waitForMessage('once')
    const [, two] = nodes
    const other = two.manager.send('ana', { ...request, text: 'another' })
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    await nodes[0].manager.close()
    await two.status('ana', 'connected')
    const again = await two.manager.send('ana', request)
    expect(ids).toContain(again.id)
    await eventually(
      async () => (await two.manager.message('ana', { id: again.id })).status,
      (status) => status === 'delivered',
    )
    await live.simulator.idle()
    expect(carol.messages.filter(({ fromMe }) => !fromMe)).toHaveLength(1)
  },
)
