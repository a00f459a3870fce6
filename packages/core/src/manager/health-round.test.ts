import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import type { LiveSession } from '../session/live-session.js'
import { HealthRound } from './health-round.js'

const NEVER = new AbortController().signal

describe('a round of health checks', () => {
  it('asks one session after the other, with the same distance, and waits for nobody before it asks the next', async () => {
    const clock = new ManualClock()
    const askedAt: [string, number][] = []
    const never = new Promise<{ ok: boolean }>(() => {})
    const session = (id: string, status: string, answer: Promise<{ ok: boolean }>) =>
      ({
        id,
        status,
        healthCheck: () => {
          askedAt.push([id, clock.monotonic()])
          return answer
        },
      }) as unknown as LiveSession
    const live = [
      session('deaf', 'connected', never),
      session('stopped', 'stopped', never),
      session('well', 'connected', Promise.resolve({ ok: true })),
      session('away', 'reconnecting', Promise.resolve({ ok: false })),
    ]
    const round = new HealthRound({ live: () => live, spreadMs: 300, clock, logger: recordingLogger() })
    void round.run(NEVER, NEVER)
    await clock.advance(300)
    expect(askedAt).toEqual([
      ['deaf', 100],
      ['well', 200],
      ['away', 300],
    ])
  })

  it('takes its whole time also when there is nobody to ask, and ends at once when it is stopped', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const round = new HealthRound({ live: () => [], spreadMs: 300, clock, logger: recordingLogger() })
    const first = round.run(stop.signal, NEVER)
    expect(clock.pending).toBe(1)
    stop.abort()
    expect(await first).toEqual({ checked: 0, problems: 0 })
    expect(clock.pending).toBe(0)
  })

  it('asks everybody who is left at once when somebody waits for it', async () => {
    const clock = new ManualClock()
    const hurry = new AbortController()
    const asked: string[] = []
    const healthCheck = async () => ({ ok: asked.push('one') > 0 })
    const live = [1, 2, 3].map((id) => ({ id, status: 'connected', healthCheck }) as unknown as LiveSession)
    const round = new HealthRound({ live: () => live, spreadMs: 300, clock, logger: recordingLogger() })
    const run = round.run(NEVER, hurry.signal)
    await clock.advance(100)
    expect(asked).toHaveLength(1)
    hurry.abort()
    expect(await run).toEqual({ checked: 3, problems: 0 })
    expect(clock.pending).toBe(0)
  })
})
