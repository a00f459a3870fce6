import { describe, expect, it } from 'vitest'
import { EMPTY_LEDGER, judgeAbsent, type KeyLedger } from './key-ledger.js'

const DAY = 86_400_000
const patience = { waitMs: 10 * DAY, minRuns: 3 }

/** Runs on the given days; each names the records that look useless and what they are like. */
function runs(days: readonly (readonly [day: number, absent: Record<string, string | undefined>])[]) {
  let ledger: KeyLedger = EMPTY_LEDGER
  let expired: string[] = []
  for (const [day, absent] of days) {
    const now = day * DAY
    const judged = judgeAbsent(new Map(Object.entries(absent)), { ledger, type: 't', now, patience })
    ledger = { at: now, absent: { t: judged.absences } }
    expired = judged.expired
  }
  return { expired, ledger: ledger.absent.t ?? {} }
}

describe('how long a record must look useless', () => {
  it.each([
    ['for the whole wait and often enough', [100, 105, 110], ['k']],
    ['for the whole wait, but seen too seldom', [100, 110], []],
    ['often, but not for long enough', [100, 103, 106, 109], []],
    ['often on one day: runs of one day are one', [100, 100.2, 100.4, 110], []],
    ['seen once by a clock that then jumps a year', [100, 465], []],
    ['by a clock that went back', [465, 100, 101, 109], []],
  ])('%s', (_name, days, expired) => {
    expect(runs(days.map((day) => [day, { k: undefined }] as const)).expired).toEqual(expired)
  })

  it('begins anew when it did not look useless in between', () => {
    const seen = { k: undefined }
    const { expired, ledger } = runs([
      [100, seen],
      [105, {}],
      [110, seen],
      [111, seen],
      [112, seen],
    ])
    expect(expired).toEqual([])
    expect(ledger.k).toEqual({ since: 110 * DAY, runs: 3 })
  })

  it('begins anew when the record changed: it is in use', () => {
    const { expired, ledger } = runs([
      [100, { k: 'one' }],
      [105, { k: 'one' }],
      [110, { k: 'other' }],
      [111, { k: 'other' }],
    ])
    expect(expired).toEqual([])
    expect(ledger.k).toEqual({ since: 110 * DAY, runs: 2, mark: 'other' })
  })
})
