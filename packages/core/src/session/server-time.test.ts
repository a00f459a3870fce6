import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { ServerTime } from './server-time.js'

describe('the time of the server', () => {
  it('is our own as long as nothing was heard, in whole seconds', async () => {
    const clock = new ManualClock()
    const time = new ServerTime(clock)
    await clock.advance(1_999)
    expect(time.second()).toBe('2026-01-01T00:00:01.000Z')
  })

  it('is what its stanzas said last, and passes with time, however our clock is set', async () => {
    const clock = new ManualClock()
    const time = new ServerTime(clock)
    clock.jump(3_600_000)
    time.begin('2026-01-01T00:00:00.000Z')
    await clock.advance(2_500)
    clock.jump(-7_200_000)
    expect(time.second()).toBe('2026-01-01T00:00:02.000Z')
    time.heard('2026-01-01T00:00:03.000Z')
    expect(time.second()).toBe('2026-01-01T00:00:03.000Z')
    // Something that was written earlier says nothing.
    time.heard('2026-01-01T00:00:01.000Z')
    await clock.advance(1_000)
    expect(time.second()).toBe('2026-01-01T00:00:04.000Z')
  })

  it('begins anew with a connection', () => {
    const clock = new ManualClock()
    const time = new ServerTime(clock)
    time.heard('2030-01-01T00:00:00.000Z')
    time.begin('2026-01-01T00:00:07.000Z')
    expect(time.second()).toBe('2026-01-01T00:00:07.000Z')
    time.begin(undefined)
    expect(time.second()).toBe('2026-01-01T00:00:00.000Z')
  })
})
