import { describe, expect, it } from 'vitest'
import { afterEnd, NO_PAST } from './restart-policy.js'

describe('a worker that has ended by itself', () => {
  it('is started again soon, and later each time while it does not live', () => {
    let past = NO_PAST
    const pauses = Array.from({ length: 9 }, () => {
      const next = afterEnd({ livedMs: 200 }, past)
      past = next.past
      return next.pauseMs
    })
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('is started again soon when it has lived for a minute, whatever was before', () => {
    expect(afterEnd({ livedMs: 59_999 }, { ends: 5 })).toEqual({ past: { ends: 6 }, pauseMs: 16_000 })
    expect(afterEnd({ livedMs: 60_000 }, { ends: 5 })).toEqual({ past: { ends: 1 }, pauseMs: 500 })
  })

  it('never waits longer than half a minute, however often it ends', () => {
    expect(afterEnd({ livedMs: 0 }, { ends: 5_000 }).pauseMs).toBe(30_000)
  })
})
