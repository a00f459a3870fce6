import { expect, it } from 'vitest'
import { MemoryShare } from './memory-share.js'

it.each([
  [
    'is given while there is room',
    [
      [0, 4],
      [0, 6],
    ],
    [true, true],
    10,
  ],
  [
    'is refused beyond the whole',
    [
      [0, 6],
      [0, 5],
    ],
    [true, false],
    6,
  ],
  ['is refused beyond what one may take', [[0, 7]], [false], 0],
  [
    'grows in the place of what was taken',
    [
      [0, 2],
      [2, 6],
    ],
    [true, true],
    6,
  ],
  [
    'stays as it was where it may not grow',
    [
      [0, 2],
      [2, 7],
      [0, 6],
    ],
    [true, false, true],
    8,
  ],
  [
    'is free again when it is given back',
    [
      [0, 6],
      [0, 4],
      [6, 0],
      [0, 6],
    ],
    [true, true, true, true],
    10,
  ],
  [
    'is always taken back',
    [
      [0, 6],
      [6, 1],
    ],
    [true, true],
    1,
  ],
] as [string, [number, number][], boolean[], number][])('room %s', (_, steps, answers, taken) => {
  const share = new MemoryShare({ maxBytes: 10, maxBytesEach: 6 })
  expect(steps.map(([from, to]) => share.resize(from, to))).toEqual(answers)
  expect(share.taken).toBe(taken)
})
