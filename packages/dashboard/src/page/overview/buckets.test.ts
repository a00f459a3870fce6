import { describe, expect, it } from 'vitest'
import { bucketsOf, HOURS_OF, RANGES, totalsOf } from './buckets.js'

/** Of the clock on the wall, wherever this runs. */
const wall = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime()
const counted = (time: number, [sent = 0, received = 0, failed = 0]: number[]) => ({
  at: new Date(time).toISOString(),
  sent,
  received,
  failed,
})
const NOW = wall(29, 14, 20)

describe('the bars of the chart', () => {
  it.each([
    ['day', 24, wall(28, 15), wall(29, 14)],
    ['week', 28, wall(23, 0), wall(29, 18)],
    ['month', 30, wall(-0, 0), wall(29, 0)],
  ] as const)('of a %s are %i, from the clock on the wall', (range, count, first, last) => {
    const bars = bucketsOf([], range, NOW)
    expect([bars.length, bars[0]?.at, bars.at(-1)?.at]).toEqual([count, first, last])
  })

  it('hold what was counted from their beginning to the next, and nothing from before the first', () => {
    const hours = [
      counted(wall(20, 3), [100]),
      counted(wall(28, 5), [1, 2, 3]),
      counted(wall(28, 6), [10]),
      counted(wall(28, 11), [5]),
    ]
    const bars = bucketsOf(hours, 'week', NOW)
    expect(bars.filter(({ sent }) => sent > 0)).toEqual([
      { at: wall(28, 0), sent: 1, received: 2, failed: 3 },
      { at: wall(28, 6), sent: 15, received: 0, failed: 0 },
    ])
    expect(totalsOf(bars)).toEqual({ sent: 16, received: 2, failed: 3 })
  })

  it.each(RANGES)('of a %s begin within the hours that are asked for', (range) => {
    const [first] = bucketsOf([], range, NOW)
    expect(first?.at).toBeGreaterThanOrEqual(NOW - HOURS_OF[range] * 3_600_000)
  })
})
