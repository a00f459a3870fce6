import { beforeAll, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/index.js'
import { AccountYear, DAY_MS, type StoredKeys } from './support/account-year.js'

/** A month and a half with a tenth of the wait; the whole year is `npm run year` in bench/. */
const DAYS = 45
const WAIT_DAYS = 9
const traffic = { seed: 7, firstContacts: 5, lateDays: WAIT_DAYS, initialPreKeys: 40 }

type Month = Record<string, StoredKeys>

async function live(collects: boolean) {
  const { auth } = createMemoryStore()
  const patience = { waitMs: WAIT_DAYS * DAY_MS, minRuns: 5 }
  const year = await AccountYear.link({ ...traffic, auth, sessionId: 's', ...(collects ? { patience } : {}) })
  const days: Month[] = []
  const missing: number[] = []
  for (let day = 0; day < DAYS; day += 1) {
    await year.nextDay()
    days.push(await year.stored())
    missing.push(...(await year.missingPreKeys()))
  }
  return { outcomes: year.outcomes, days, missing }
}

describe('a month and a half of an account, with and without the collector', () => {
  let collected: Awaited<ReturnType<typeof live>>
  let left: Awaited<ReturnType<typeof live>>

  beforeAll(async () => {
    collected = await live(true)
    left = await live(false)
  }, 120_000)

  const rows = (run: typeof collected, type: string) => run.days.map((month) => month[type]?.rows ?? 0)

  it('every message is read, also those that come at the end of the window', () => {
    expect(collected.outcomes).toEqual(left.outcomes)
    expect(collected.outcomes.unreadable).toEqual({ prompt: 0, late: 0 })
    expect(collected.outcomes.late).toBeGreaterThan(15)
  })

  it('every pre-key that the server can still hand out is there on every day', () => {
    expect(collected.missing).toEqual([])
  })

  it.each(['pre-key', 'sender-key', 'sender-key-memory'])('%s stops growing once the wait is over', (type) => {
    const half = Math.max(...rows(collected, type).slice(WAIT_DAYS + 5, DAYS / 2 + 5))
    const rest = Math.max(...rows(collected, type).slice(DAYS / 2 + 5))
    expect(rest).toBeLessThanOrEqual(half * 1.25)
    // Without it, it goes on growing: or this would show nothing.
    expect(rows(left, type).at(-1)).toBeGreaterThan(rest)
  })

  it('sessions of devices that are gone go, sessions with phones stay', () => {
    const gone = (rows(left, 'session').at(-1) ?? 0) - (rows(collected, 'session').at(-1) ?? 0)
    expect(gone).toBeGreaterThan(5)
    // Every device was linked on a third of the days; all other sessions are with phones.
    expect(gone).toBeLessThanOrEqual(DAYS / 3)
  })
})
