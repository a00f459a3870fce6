import { expect, it } from 'vitest'
import { isoTime } from './iso-time.js'

it.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [1_764_000_000_123, '2025-11-24T16:00:00.123Z'],
  [253_402_300_799_999, '9999-12-31T23:59:59.999Z'],
  [253_402_300_800_000, undefined],
  [-1, undefined],
  [9e18, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])('%s is %s', (ms, text) => {
  expect(isoTime(ms)).toBe(text)
})
