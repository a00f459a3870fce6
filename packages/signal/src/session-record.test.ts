import { describe, expect, it } from 'vitest'
import { readSessionRecord, writeSessionRecord } from './session-record.js'

/** Told apart by their first byte. */
const session = (number: number, length = 500) => new Uint8Array(length).fill(0).with(0, number)
const previousOf = (sizes: number[]) => {
  const previous = sizes.map((size, index) => session(index, size))
  const record = { current: session(255), previous, seeds: [] }
  return readSessionRecord(writeSessionRecord(record)).previous.map(([number]) => number)
}

describe('a session record', () => {
  it('keeps the newest 40 previous sessions', () => {
    expect(previousOf(Array(50).fill(500))).toEqual(Array.from({ length: 40 }, (_, index) => index))
  })

  it('keeps those that weigh 256 kB together: a peer cannot make it grow by filling each of many sessions', () => {
    expect(previousOf(Array(40).fill(100_000))).toEqual([0, 1])
    expect(previousOf([500, 2_000_000, 500])).toEqual([0])
  })
})
