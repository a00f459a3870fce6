import { busSuite } from '@trunkline/conformance'
import { expect, it, vi } from 'vitest'
import { createMemoryNetwork } from './memory-bus.js'

busSuite({
  name: 'memory',
  network: async () => {
    const network = createMemoryNetwork()
    return { join: async () => network.bus(), close: async () => {} }
  },
})

it('tells that it is cut off, and that it is back', () => {
  const bus = createMemoryNetwork().bus()
  const told = vi.fn()
  const stop = bus.onReachable(told)
  for (const isReachable of [true, false, false, true]) bus.reach(isReachable)
  stop()
  bus.reach(false)
  expect(told.mock.calls).toEqual([[false], [true]])
})
