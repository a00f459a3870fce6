import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from './system-clock.js'

const DAY_MS = 86_400_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it.each([1, 24, 25, 60, 400])(
  'waits %i days, however short the timers of Node.js are, and not when it is called off',
  async (days) => {
    const rang: string[] = []
    systemClock.setTimeout(() => rang.push('waited for'), days * DAY_MS)
    const cancel = systemClock.setTimeout(() => rang.push('called off'), days * DAY_MS)
    await vi.advanceTimersByTimeAsync(days * DAY_MS - 1)
    expect(rang).toEqual([])
    cancel()
    await vi.advanceTimersByTimeAsync(1)
    expect(rang).toEqual(['waited for'])
    expect(vi.getTimerCount()).toBe(0)
  },
)
