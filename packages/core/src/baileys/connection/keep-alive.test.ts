import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { KeepAlive, type KeptLine } from './keep-alive.js'

const INTERVAL_MS = 30_000

function world(intervalMs = INTERVAL_MS) {
  const clock = new ManualClock()
  const keepAlive = new KeepAlive({ clock, intervalMs })

  /** A connection whose server answers, or does not. */
  function connect({ answers = true } = {}) {
    const line = { answers, pings: [] as number[], lostAt: [] as number[], kept: undefined as unknown as KeptLine }
    line.kept = keepAlive.watch({
      ping() {
        line.pings.push(clock.monotonic())
        if (line.answers) line.kept.heard()
      },
      lost: () => line.lostAt.push(clock.monotonic()),
    })
    return line
  }
  return { clock, connect }
}

describe('keeping connections alive', () => {
  it('asks each once in the interval, those that came together in one go', async () => {
    const { clock, connect } = world()
    const [one, other] = [connect(), connect()]
    await clock.advance(7_000)
    const later = connect()
    await clock.advance(90_000)
    expect(one.pings).toEqual([30_000, 60_000, 90_000])
    expect(other.pings).toEqual(one.pings)
    expect(later.pings).toEqual([35_000, 65_000, 95_000])
  })

  it('asks a connection for the first time within the interval and a look before its end', async () => {
    const { clock, connect } = world()
    connect()
    const opened: [number, ReturnType<typeof connect>][] = []
    for (let n = 0; n < 12; n += 1) {
      await clock.advance(1_300)
      opened.push([clock.monotonic(), connect()])
    }
    await clock.advance(INTERVAL_MS)
    for (const [at, { pings }] of opened) {
      expect((pings[0] ?? 0) - at).toBeLessThanOrEqual(INTERVAL_MS)
      expect((pings[0] ?? 0) - at).toBeGreaterThanOrEqual(INTERVAL_MS - 5_000)
    }
  })

  it('gives a connection up that has said nothing for the interval and five seconds, once, and asks it no more', async () => {
    const { clock, connect } = world()
    const [deaf, other] = [connect({ answers: false }), connect()]
    await clock.advance(200_000)
    expect(deaf.lostAt).toEqual([40_000])
    expect(deaf.pings).toEqual([30_000])
    expect([other.lostAt, other.pings.length]).toEqual([[], 6])
  })

  it('takes whatever the server says for an answer', async () => {
    const { clock, connect } = world()
    const line = connect({ answers: false })
    for (let n = 0; n < 10; n += 1) {
      await clock.advance(20_000)
      line.kept.heard()
    }
    expect(line.lostAt).toEqual([])
    await clock.advance(60_000)
    expect(line.lostAt).toHaveLength(1)
  })

  it('holds no silence against a server that nobody listened to', async () => {
    const { clock, connect } = world()
    const line = connect()
    await clock.advance(29_000)
    const { monotonic } = clock
    // The process stands still for ten minutes, and its timers fire once when it goes on.
    clock.monotonic = () => monotonic.call(clock) + 600_000
    await clock.advance(1_000)
    expect([line.pings.length, line.lostAt]).toEqual([1, []])
  })

  it('lets others have their turn between sixteen of them', async () => {
    const { clock, connect } = world()
    const lines = Array.from({ length: 50 }, () => connect())
    let [calls, most] = [0, 0]
    const { setTimeout } = clock
    clock.setTimeout = (callback, delayMs) =>
      setTimeout.call(
        clock,
        () => {
          const before = lines.flatMap(({ pings }) => pings).length
          callback()
          calls += 1
          most = Math.max(most, lines.flatMap(({ pings }) => pings).length - before)
        },
        delayMs,
      )
    await clock.advance(30_100)
    expect(lines.map(({ pings }) => pings.length)).toEqual(lines.map(() => 1))
    expect([most, calls > 6]).toEqual([16, true])
  })

  it('asks nobody who has left meanwhile, and leaves no timer when all have', async () => {
    const { clock, connect } = world()
    const lines = Array.from({ length: 20 }, () => connect())
    await clock.advance(29_000)
    for (const { kept } of lines) {
      kept.end()
      kept.end()
    }
    await clock.advance(60_000)
    expect([lines.flatMap(({ pings }) => pings), clock.pending]).toEqual([[], 0])
    const again = connect()
    await clock.advance(30_000)
    expect(again.pings).toHaveLength(1)
    again.kept.end()
    expect(clock.pending).toBe(0)
  })

  it('waits five seconds for an answer also where it asks more often', async () => {
    const { clock, connect } = world(600)
    const line = connect({ answers: false })
    await clock.advance(5_500)
    expect(line.lostAt).toEqual([])
    await clock.advance(300)
    expect(line.lostAt).toHaveLength(1)
  })
})
