import { describe, expect, it } from 'vitest'
import { ArrivalOrder } from './arrival-order.js'

const ordersOf = (epoch: number) => {
  const order = new ArrivalOrder()
  order.begin(epoch)
  return order
}

describe('the order of messages', () => {
  it('rises with each message, and from owner to owner', () => {
    const [first, second] = [ordersOf(7), ordersOf(8)]
    const orders = [first.next(), first.next(), second.next(), second.next()]
    expect(orders).toEqual([...orders].sort((left, right) => left - right))
    expect(new Set(orders).size).toBe(4)
  })

  it('puts what a history tells before all that came, each part before the one that was told earlier', () => {
    const [first, second] = [ordersOf(7), ordersOf(8)]
    const live = first.next()
    const [newest, older] = [first.before(3), first.before(2)]
    const later = second.before(2)
    expect([...later, ...older, ...newest, live].sort((left, right) => left - right)).toEqual([
      ...later,
      ...older,
      ...newest,
      live,
    ])
    expect(first.before(0)).toEqual([])
  })

  it('stays a whole number that is exact for as many owners as a session ever has', () => {
    const order = ordersOf(10_000_000)
    expect(order.next() + 1).toBe(order.next())
    expect(Number.isSafeInteger(order.next())).toBe(true)
  })
})
