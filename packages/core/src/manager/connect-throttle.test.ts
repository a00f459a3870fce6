import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../util/system-clock.js'
import { ConnectThrottle, connectThrottleFor } from './connect-throttle.js'

function setUp(connectsPerSecond: number) {
  const clock = new ManualClock()
  const throttle = new ConnectThrottle(clock)
  const begun: string[] = []
  const ask = (name: string, signal = new AbortController().signal, rate = connectsPerSecond) =>
    throttle.turn(signal, rate).then((mine) => begun.push(`${name} ${mine ? clock.monotonic() : 'never'}`))
  return { clock, throttle, begun, ask }
}

describe('the connect throttle', () => {
  it('lets a hundred that come together through one after the other, in their order', async () => {
    const { clock, begun, ask } = setUp(50)
    for (let n = 0; n < 100; n += 1) void ask(`${n}`)
    await clock.advance(10_000)
    expect(begun).toEqual(Array.from({ length: 100 }, (_, n) => `${n} ${n * 20}`))
    expect(clock.pending).toBe(0)
  })

  it('lets one through at once after a quiet time', async () => {
    const { clock, begun, ask } = setUp(1)
    await ask('a')
    await clock.advance(5_000)
    await ask('b')
    expect(begun).toEqual(['a 0', 'b 5000'])
  })

  it('gives the turn of whoever left to the next one', async () => {
    const { clock, begun, ask } = setUp(1)
    const leaving = new AbortController()
    void ask('a')
    for (let n = 0; n < 50; n += 1) void ask('left', leaving.signal)
    void ask('b')
    await clock.advance(500)
    leaving.abort()
    await clock.advance(10_000)
    expect(begun.filter((line) => !line.startsWith('left'))).toEqual(['a 0', 'b 1000'])
    expect(begun).toHaveLength(52)
    expect(clock.pending).toBe(0)
  })

  it('keeps the distance also when the one whose turn is next leaves', async () => {
    const { clock, begun, ask } = setUp(1)
    const leaving = new AbortController()
    void ask('a')
    void ask('left', leaving.signal)
    void ask('b')
    void ask('c')
    await clock.advance(900)
    leaving.abort()
    await clock.advance(5_000)
    expect(begun).toEqual(['a 0', 'left never', 'b 1000', 'c 2000'])
  })

  it('answers at once whoever leaves, or has left before', async () => {
    const { clock, begun, ask } = setUp(1)
    await ask('a')
    const leaving = new AbortController()
    void ask('b')
    const left = ask('left', leaving.signal)
    leaving.abort()
    await left
    await ask('before', AbortSignal.abort())
    expect(begun).toEqual(['a 0', 'left never', 'before never'])
    await clock.advance(1_000)
    expect(begun.at(-1)).toBe('b 1000')
  })

  it('keeps the longer distance between connections of different rates', async () => {
    const { clock, begun, ask } = setUp(10)
    const signal = new AbortController().signal
    void ask('fast')
    void ask('fast')
    void ask('slow', signal, 1)
    void ask('slow', signal, 1)
    void ask('fast')
    void ask('fast')
    await clock.advance(10_000)
    expect(begun).toEqual(['fast 0', 'fast 100', 'slow 1100', 'slow 2100', 'fast 3100', 'fast 3200'])
  })

  it('is one for all that go by the clock of the machine', () => {
    expect(connectThrottleFor(systemClock)).toBe(connectThrottleFor(systemClock))
    const clock = new ManualClock()
    expect(connectThrottleFor(clock)).not.toBe(connectThrottleFor(clock))
  })
})
