import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { AnnouncementOrder } from './announcement-order.js'

function setUp() {
  const order = new AnnouncementOrder()
  const heard: number[] = []
  const stored = (...seqs: number[]) => seqs.map((seq) => ({ seq, announce: () => void heard.push(seq) }))
  order.seen(4)
  return { order, heard, stored }
}

describe('events that are stored at the same time', () => {
  it('are handed on by their numbers, whichever step ends first', async () => {
    const { order, heard, stored } = setUp()
    const [first, second] = [order.begin(), order.begin()]
    const handedOn = second(stored(6, 7))
    await settled()
    expect(heard).toEqual([])
    await first(stored(5))
    await handedOn
    expect(heard).toEqual([5, 6, 7])
    expect(order.last).toBe(7)
  })

  it('do not wait for a step that can only come behind them', async () => {
    const { order, heard, stored } = setUp()
    const [ack, slow] = [order.begin(), order.begin()]
    await ack(stored(5))
    expect(heard).toEqual([5])
    await slow(stored(6))
    expect(heard).toEqual([5, 6])
  })

  it('do not wait for numbers that others have taken, nor for a step that failed', async () => {
    const { order, heard, stored } = setUp()
    const [failing, other] = [order.begin(), order.begin()]
    const handedOn = other(stored(9))
    await settled()
    expect(heard).toEqual([])
    await failing([])
    await handedOn
    expect(heard).toEqual([9])
  })

  it('that are told again do not wait at all', async () => {
    const { order, heard, stored } = setUp()
    const slow = order.begin()
    await order.begin()(stored(3, 2))
    expect(heard).toEqual([2, 3])
    await slow([])
    expect(order.last).toBe(4)
  })
})
