import { expect } from 'vitest'
import { rejection, times } from './expectations.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

/** The hour of that number of a day. */
const hour = (number: number) => new Date(Date.UTC(2026, 0, 1, number)).toISOString()

const counted = (sessionId: string, at: string, [sent = 0, received = 0, failed = 0]: number[]) => ({
  sessionId,
  at,
  sent,
  received,
  failed,
})

const numbers = (at: string, [sent = 0, received = 0, failed = 0]: number[]) => ({ at, sent, received, failed })

export const trafficCases = needing('traffic', [
  ...promise<'traffic'>('messages by hour', [
    {
      name: 'are added up by session and hour, and summed over sessions, oldest first',
      async run({ open }) {
        const { traffic } = await open()
        await traffic.add([counted('s', hour(2), [1, 2, 3]), counted('t', hour(2), [10, 20, 30])])
        await traffic.add([counted('s', hour(2), [1, 0, 0]), counted('s', hour(1), [0, 5, 0])])
        await traffic.add([])
        expect(await traffic.sum({ since: hour(0) })).toEqual([
          numbers(hour(1), [0, 5, 0]),
          numbers(hour(2), [12, 22, 33]),
        ])
      },
    },
    {
      name: 'are answered from a time on, that hour with them',
      async run({ open }) {
        const { traffic } = await open()
        await traffic.add(times(5).map((n) => counted('s', hour(n), [n + 1])))
        expect((await traffic.sum({ since: hour(3) })).map(({ at }) => at)).toEqual([hour(3), hour(4)])
        expect(await traffic.sum({ since: hour(9) })).toEqual([])
      },
    },
    {
      name: 'are answered of some sessions only, and of none',
      async run({ open }) {
        const { traffic } = await open()
        await traffic.add([counted('s', hour(1), [1]), counted('t', hour(1), [2]), counted('u|v', hour(1), [4])])
        expect(await traffic.sum({ since: hour(0), ids: ['s', 'u|v', 'nobody'] })).toEqual([numbers(hour(1), [5])])
        expect(await traffic.sum({ since: hour(0), ids: [] })).toEqual([])
      },
    },
    {
      name: 'are added for many sessions at once',
      async run({ open }) {
        const { traffic } = await open()
        await traffic.add(times(1_200).map((n) => counted(`s${n}`, hour(1), [1, 1])))
        expect(await traffic.sum({ since: hour(0) })).toEqual([numbers(hour(1), [1_200, 1_200])])
      },
    },
    {
      name: 'go when they are old, the oldest first and no more than asked for',
      async run({ open }) {
        const { traffic } = await open()
        await traffic.add(times(6).map((n) => counted('s', hour(5 - n), [1])))
        expect(await traffic.prune({ before: hour(4), limit: 3 })).toBe(3)
        expect((await traffic.sum({ since: hour(0) })).map(({ at }) => at)).toEqual([hour(3), hour(4), hour(5)])
        expect(await traffic.prune({ before: hour(4), limit: 3 })).toBe(1)
        expect(await traffic.prune({ before: hour(4), limit: 3 })).toBe(0)
      },
    },
    {
      name: 'go with their session, and of no other',
      async run({ open }) {
        const { traffic } = await open()
        await traffic.add([counted('s', hour(1), [1]), counted('s', hour(2), [1]), counted('t', hour(2), [7])])
        await traffic.removeAll('s')
        expect(await traffic.sum({ since: hour(0) })).toEqual([numbers(hour(2), [7])])
      },
    },
    {
      name: 'are there after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.traffic.add([counted('s', hour(1), [1, 2, 3])])
        const { traffic } = await reopen()
        expect(await traffic.sum({ since: hour(0) })).toEqual([numbers(hour(1), [1, 2, 3])])
      },
    },
    {
      name: 'of two instances that add at once are all counted',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        await Promise.all(
          times(20).map((n) =>
            (n % 2 ? one : other).traffic.add([counted('s', hour(1), [1]), counted('t', hour(n % 3), [0, 1])]),
          ),
        )
        const sums = await other.traffic.sum({ since: hour(0) })
        expect(sums.reduce((sum, { sent }) => sum + sent, 0)).toBe(20)
        expect(sums.reduce((sum, { received }) => sum + received, 0)).toBe(20)
      },
    },
    {
      name: 'reject with STORE_UNAVAILABLE while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { traffic } = await openFailing(0)
        await rejection(traffic.add([counted('s', hour(1), [1])]), 'STORE_UNAVAILABLE')
        await rejection(traffic.sum({ since: hour(0) }), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

/** The promises of `Store.traffic`, for a store that has it. */
export function trafficStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'traffic'>): void {
  registerCases('traffic', trafficCases, subject)
}
