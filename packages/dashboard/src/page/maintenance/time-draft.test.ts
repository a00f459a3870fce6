import { LIMITS } from '@trunkline/contract'
import { expect, it } from 'vitest'
import { draftOf, MAX_MS, MIN_MS, timeOf } from './time-draft.js'

it('takes what the interface takes', () => {
  expect({ minMs: MIN_MS, maxMs: MAX_MS }).toEqual(LIMITS.maintenance)
})

it.each([
  [300_000, '5', 'minute'],
  [5_400_000, '90', 'minute'],
  [2_592_000_000, '30', 'day'],
  [1_000, '1', 'second'],
  [86_401_000, '86401', 'second'],
  ['off', '1', 'off'],
] as const)('shows %s as %s %s, and reads it back', (time, amount, unit) => {
  const draft = draftOf(time, false)
  expect(draft).toEqual({ asAtStart: false, amount, unit })
  expect(timeOf(draft)).toBe(time)
})

it.each([
  ['', 'minute'],
  ['0', 'minute'],
  ['-5', 'minute'],
  ['1.5', 'hour'],
  ['1e3', 'second'],
  ['ten', 'day'],
  ['367', 'day'],
  ['999999999', 'day'],
] as const)('takes "%s" %s for no time', (amount, unit) => {
  expect(timeOf({ amount, unit })).toBeUndefined()
})
