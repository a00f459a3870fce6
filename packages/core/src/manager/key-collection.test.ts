import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import type { LiveSession } from '../session/live-session.js'
import { KeyCollection } from './key-collection.js'

const HOUR = 3_600_000

function setUp(randoms: () => number = () => 0.5, intervalMs = () => 24 * HOUR) {
  const clock = new ManualClock()
  const logger = recordingLogger()
  const session = (id: string) => ({
    id,
    status: 'connected',
    lastActivityAt: undefined as string | undefined,
    runs: [] as number[],
    fails: false,
    async collectKeys() {
      this.runs.push(clock.monotonic() / HOUR)
      if (this.fails) throw new Error('away')
      return { preKeys: 1, sessions: 0, senderKeys: 0 }
    },
  })
  const sessions = [session('a'), session('b')] as const
  const live = () => sessions as unknown as LiveSession[]
  const collection = new KeyCollection({ live, intervalMs, clock, random: randoms, logger })
  const abort = new AbortController()
  /** A look every quarter of an hour, as the maintenance has. */
  const hours = async (count: number) => {
    for (let quarter = 0; quarter < count * 4; quarter += 1) {
      void collection.run(abort.signal)
      await clock.advance(HOUR / 4)
    }
  }
  return { clock, logger, sessions, hours }
}

describe('looking through the keys of sessions', () => {
  it('happens about once a day for each', async () => {
    const { sessions, hours } = setUp()
    await hours(24 * 4)
    for (const { runs } of sessions) expect(runs).toHaveLength(4)
    expect(sessions[0].runs[0]).toBeLessThanOrEqual(6)
  })

  it('is spread over the day', async () => {
    let next = 0
    const { sessions, hours } = setUp(() => [0.1, 0.9][next++ % 2] ?? 0)
    await hours(7)
    expect(Math.abs((sessions[0].runs[0] ?? 0) - (sessions[1].runs[0] ?? 0))).toBeGreaterThan(4)
  })

  it('follows another interval at once, counted from the last time', async () => {
    let interval = 24 * HOUR
    const { sessions, hours } = setUp(
      () => 0.5,
      () => interval,
    )
    await hours(10)
    expect(sessions[0].runs).toHaveLength(1)
    interval = 2 * HOUR
    await hours(1)
    expect(sessions[0].runs).toHaveLength(2)
    await hours(4)
    expect(sessions[0].runs).toHaveLength(4)
    interval = Number.POSITIVE_INFINITY
    await hours(48)
    expect(sessions[0].runs).toHaveLength(4)
  })

  it('waits for a quiet minute, but no longer than a day', async () => {
    const { sessions, hours, clock } = setUp()
    const [busy, quiet] = sessions
    Object.defineProperty(busy, 'lastActivityAt', { get: () => new Date(clock.now()).toISOString() })
    await hours(24)
    expect([busy.runs.length, quiet.runs.length]).toEqual([0, 1])
    await hours(5)
    expect(busy.runs).toHaveLength(1)
  })

  it('leaves sessions alone that are not connected', async () => {
    const { sessions, hours } = setUp()
    sessions[0].status = 'reconnecting'
    await hours(48)
    expect([sessions[0].runs.length, sessions[1].runs.length]).toEqual([0, 2])
  })

  it('goes on with the others when one fails, and tries that one again a day later', async () => {
    const { sessions, hours, logger } = setUp()
    sessions[0].fails = true
    await hours(48)
    for (const { runs } of sessions) expect(runs).toHaveLength(2)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(2)
  })
})
