import { expect } from 'vitest'
import { times } from './expectations.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const WINDOW = { windowMs: 60_000 }

export const attemptCases = needing('attempts', [
  ...promise<'attempts'>('attempts', [
    {
      name: 'are counted by key, with how long the counter lasts',
      async run({ open, clock }) {
        const { attempts } = await open()
        expect(await attempts.add('a', WINDOW)).toEqual({ count: 1, leftMs: WINDOW.windowMs })
        await clock.advance(20_000)
        const { count, leftMs } = await attempts.add('a', WINDOW)
        expect(count).toBe(2)
        expect(leftMs).toBeLessThanOrEqual(40_000)
        expect(leftMs).toBeGreaterThan(39_000)
        expect(await attempts.add('a|b', WINDOW)).toEqual({ count: 1, leftMs: WINDOW.windowMs })
      },
    },
    {
      name: 'are counted anew when their window has ended, and not before',
      async run({ open, clock }) {
        const { attempts } = await open()
        await attempts.add('a', WINDOW)
        await clock.advance(50_000)
        expect((await attempts.add('a', WINDOW)).count).toBe(2)
        await clock.advance(10_001)
        expect(await attempts.add('a', WINDOW)).toEqual({ count: 1, leftMs: WINDOW.windowMs })
      },
    },
    {
      name: 'are taken back one by one, never below none',
      async run({ open }) {
        const { attempts } = await open()
        await attempts.takeBack('a')
        await attempts.add('a', WINDOW)
        await attempts.add('a', WINDOW)
        await attempts.takeBack('a')
        expect((await attempts.add('a', WINDOW)).count).toBe(2)
        for (const _ of times(5)) await attempts.takeBack('a')
        expect((await attempts.add('a', WINDOW)).count).toBe(1)
      },
    },
    {
      name: 'are forgotten by key',
      async run({ open }) {
        const { attempts } = await open()
        for (const key of ['a', 'a', 'b', 'b']) await attempts.add(key, WINDOW)
        await attempts.forget('a')
        await attempts.forget('nobody')
        expect((await attempts.add('a', WINDOW)).count).toBe(1)
        expect((await attempts.add('b', WINDOW)).count).toBe(3)
      },
    },
    {
      name: 'that come at once are all counted, each with a number of its own',
      async run({ open }) {
        const { attempts } = await open()
        const counts = await Promise.all(times(20).map(async () => (await attempts.add('a', WINDOW)).count))
        expect(counts.sort((one, other) => one - other)).toEqual(times(20).map((n) => n + 1))
      },
    },
    {
      name: 'of two instances are counted together',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        const counts = await Promise.all(
          times(20).map(async (n) => (await (n % 2 ? one : other).attempts.add('a', WINDOW)).count),
        )
        expect(counts.sort((left, right) => left - right)).toEqual(times(20).map((n) => n + 1))
      },
    },
  ]),
])

/** The promises of `Store.attempts`, for a store that has it. */
export function attemptStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'attempts'>): void {
  registerCases('attempts', attemptCases, subject)
}
