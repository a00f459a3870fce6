import { describe, expect, it } from 'vitest'
import { ServerClock } from './server-clock.js'

const START = Date.UTC(2026, 0, 1)

/** A node and a server whose clocks are moved by hand. */
function world() {
  const node = { wallMs: START, monotonicMs: 1_000 }
  const server = { nowMs: START + 5_000 }
  const clock = new ServerClock({ now: () => node.wallMs, monotonic: () => node.monotonicMs })
  const pass = (ms: number) => {
    node.wallMs += ms
    node.monotonicMs += ms
    server.nowMs += ms
  }
  /** One way takes `outMs`, the other `backMs`. */
  const measure = ({ outMs = 0, backMs = 0 } = {}) =>
    clock.measure(async () => {
      pass(outMs)
      const localTime = new Date(server.nowMs)
      pass(backMs)
      return { localTime }
    })
  return { node, server, clock, pass, measure }
}

describe("the server's clock", () => {
  it('is read half a round trip ago, and goes on by itself', async () => {
    const { clock, server, pass, measure } = world()
    expect((await measure({ outMs: 40, backMs: 40 })).soonEnough).toBe(true)
    expect(clock.now()).toBe(server.nowMs)
    pass(60_000)
    expect(clock.now()).toBe(server.nowMs)
  })

  it('does not move when somebody sets the clock of this node, and asks again', async () => {
    const { clock, node, server, measure } = world()
    await measure()
    expect(clock.certain).toBe(true)
    node.wallMs += 60_000
    expect(clock.now()).toBe(server.nowMs)
    expect(clock.certain).toBe(false)
    await measure()
    expect(clock.now()).toBe(server.nowMs)
    expect(clock.certain).toBe(true)
  })

  it('is not trusted after a suspension in which the monotonic clock stood still', async () => {
    const { clock, node, server, measure } = world()
    await measure()
    node.wallMs += 90_000
    server.nowMs += 90_000
    expect(clock.certain).toBe(false)
    await measure()
    expect(clock.now()).toBe(server.nowMs)
  })

  it('throws a slow answer away, such as one that a stopped process finds when it goes on', async () => {
    const { clock, server, measure } = world()
    await measure()
    expect((await measure({ outMs: 0, backMs: 60_000 })).soonEnough).toBe(false)
    expect(clock.now()).toBe(server.nowMs)
  })

  it('takes a slow answer while there is no better one', async () => {
    const { clock, server, measure } = world()
    expect(clock.certain).toBe(false)
    expect((await measure({ outMs: 600, backMs: 600 })).soonEnough).toBe(false)
    expect(clock.now()).toBe(server.nowMs)
  })
})
