import { ManualClock, settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import type { LiveSessions } from '../manager/live-sessions.js'
import { DEFAULT_REBALANCE } from '../manager/options.js'
import type { ClusterNode } from '../types/node.js'
import { type Look, Rebalance, type RebalanceParts } from './rebalance.js'

function setUp(changes: Partial<RebalanceParts> = {}) {
  const clock = new ManualClock()
  const asked: string[] = []
  let answer: () => Promise<unknown> = async () => true
  const rebalance = new Rebalance({
    node: 'light',
    keeper: { report: { sessions: 0, draining: false }, isSettled: true },
    live: () => ({ all: [] }) as unknown as LiveSessions,
    timings: DEFAULT_REBALANCE,
    ask: async (node, question) => {
      asked.push(`${node} ${question.about}`)
      return answer()
    },
    move: async () => {},
    clock,
    logger: recordingLogger(),
    ...changes,
  })
  /** Looks once a second, for so long. */
  const look = async (seconds: number, seen: Partial<Look> = {}) => {
    for (let n = 0; n < seconds; n += 1) {
      rebalance.seen({ members: nodes('light', 'heavy'), held: new Map([['heavy', 8]]), freeForMs: 0, ...seen })
      await clock.advance(1_000)
      await settled()
    }
  }
  const answers = (next: () => Promise<unknown>) => {
    answer = next
  }
  return { rebalance, clock, asked, look, answers }
}

const nodes = (...ids: string[]): ClusterNode[] =>
  ids.map((id) => ({ id, name: id, version: '1', startedAt: '', sessions: 0, draining: false }))

describe('a node that has less than its share', () => {
  it('asks for one at each look, when it was calm for half a minute', async () => {
    const { look, asked } = setUp()
    await look(30)
    expect(asked).toEqual([])
    await look(3)
    expect(asked).toEqual(['heavy spare', 'heavy spare', 'heavy spare'])
  })

  it('asks for the next one when it has got the last, and not before', async () => {
    const { look, asked, answers } = setUp()
    answers(() => new Promise(() => {}))
    await look(40)
    expect(asked).toHaveLength(1)
  })

  it.each<[string, Partial<Look>]>([
    ['a node has come', { members: nodes('light', 'heavy', 'new') }],
    ['a node has gone', { members: nodes('light') }],
    ['something is free for long', { freeForMs: 2_000 }],
  ])('waits for half a minute more when %s meanwhile', async (_what, seen) => {
    const { look, asked } = setUp()
    await look(20)
    await look(1, seen)
    await look(29)
    expect(asked).toEqual([])
    await look(2)
    expect(asked).not.toEqual([])
  })

  it('does not mind a session that is on its way for a moment', async () => {
    const { look, asked } = setUp()
    await look(20)
    await look(1, { freeForMs: 900 })
    await look(10)
    expect(asked).toHaveLength(1)
  })

  it('asks nothing while one gives its own away, and when it has none left it is as if it was not there', async () => {
    const { look, asked } = setUp()
    const [light, heavy] = nodes('light', 'heavy') as [ClusterNode, ClusterNode]
    const members = [light, { ...heavy, draining: true }]
    await look(60, { members })
    await look(60, { members, held: new Map() })
    expect(asked).toEqual([])
  })

  it('waits for half a minute when it is refused, or the other does not answer', async () => {
    const { look, asked, answers } = setUp()
    answers(async () => false)
    await look(31)
    expect(asked).toHaveLength(1)
    answers(() => Promise.reject(new Error('unreachable')))
    await look(31)
    expect(asked).toHaveLength(2)
    await look(28)
    expect(asked).toHaveLength(2)
  })

  it('asks nothing when nobody looked for a while, when it may not, and when it is switched off', async () => {
    const { look, asked, clock } = setUp()
    await look(29)
    await clock.advance(60_000)
    await look(30)
    expect(asked).toEqual([])
    const unsettled = setUp({ keeper: { report: { sessions: 0, draining: false }, isSettled: false } })
    const draining = setUp({ keeper: { report: { sessions: 0, draining: true }, isSettled: true } })
    const off = setUp({ timings: undefined })
    for (const each of [unsettled, draining, off]) await each.look(90)
    expect([...unsettled.asked, ...draining.asked, ...off.asked]).toEqual([])
  })
})
