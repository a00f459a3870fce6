import { expect, it } from 'vitest'
import { fullJitter } from './backoff.js'

const bounds = { baseMs: 1_000, maxMs: 120_000 }

it.each([
  [1, 1_000],
  [2, 2_000],
  [3, 4_000],
  [7, 64_000],
  [8, 120_000],
  [100, 120_000],
  [10_000, 120_000],
])('try %i waits between nothing and %i ms, evenly', (attempt, bound) => {
  const at = (random: number) => fullJitter(attempt, { ...bounds, random: () => random })
  expect([at(0), at(0.25), at(0.5), at(0.999999)]).toEqual([0, bound / 4, bound / 2, bound])
})
