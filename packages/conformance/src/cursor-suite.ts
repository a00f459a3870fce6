import { expect } from 'vitest'
import { rejection, times } from './expectations.js'
import { at } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const READER = 'webhook:one'
/** Names of any shape are kept apart. */
const OTHER = 'webhook:one|s'

export const cursorCases = needing('cursors', [
  ...promise<'cursors'>('cursors of readers', [
    {
      name: 'keep the first beginning of a reader, of many who begin at once too',
      async run({ open }) {
        const { cursors } = await open()
        const answers = await Promise.all(times(5).map((n) => cursors.begin(READER, at(n))))
        expect(new Set(answers).size).toBe(1)
        expect(await cursors.begin(READER, at(9))).toBe(answers[0])
        expect(await cursors.begin(OTHER, at(9))).toBe(at(9))
      },
    },
    {
      name: 'are answered by session, for one reader, and left out where there is none',
      async run({ open }) {
        const { cursors } = await open()
        await cursors.save(
          READER,
          new Map([
            ['s', 3],
            ['t', 0],
            ['u|v', 7],
          ]),
        )
        await cursors.save(OTHER, new Map([['s', 9]]))
        expect(await cursors.read(READER, ['u|v', 's', 't', 'nobody'])).toEqual(
          new Map([
            ['s', 3],
            ['t', 0],
            ['u|v', 7],
          ]),
        )
        expect(await cursors.read(READER, ['t'])).toEqual(new Map([['t', 0]]))
        expect(await cursors.read(OTHER, ['s', 't'])).toEqual(new Map([['s', 9]]))
        expect(await cursors.read('nobody', ['s'])).toEqual(new Map())
        expect(await cursors.read(READER, [])).toEqual(new Map())
        await cursors.save(READER, new Map())
      },
    },
    {
      name: 'move forward and never back, each by itself',
      async run({ open }) {
        const { cursors } = await open()
        await cursors.save(
          READER,
          new Map([
            ['s', 5],
            ['t', 5],
          ]),
        )
        await cursors.save(
          READER,
          new Map([
            ['s', 4],
            ['t', 6],
          ]),
        )
        expect(await cursors.read(READER, ['s', 't'])).toEqual(
          new Map([
            ['s', 5],
            ['t', 6],
          ]),
        )
      },
    },
    {
      name: 'are saved for many sessions at once',
      async run({ open }) {
        const { cursors } = await open()
        const numbers = new Map(times(1_200).map((n) => [`s${n}`, n]))
        await cursors.save(READER, numbers)
        expect(await cursors.read(READER, [...numbers.keys()])).toEqual(numbers)
      },
    },
    {
      name: 'go with their reader, its beginning too, and no other',
      async run({ open }) {
        const { cursors } = await open()
        for (const reader of [READER, OTHER]) {
          await cursors.begin(reader, at(1))
          await cursors.save(reader, new Map([['s', 5]]))
        }
        await cursors.remove(READER)
        expect(await cursors.read(READER, ['s'])).toEqual(new Map())
        expect(await cursors.begin(READER, at(2))).toBe(at(2))
        expect(await cursors.read(OTHER, ['s'])).toEqual(new Map([['s', 5]]))
        expect(await cursors.begin(OTHER, at(2))).toBe(at(1))
      },
    },
    {
      name: 'go with their session, of all readers, and of no other session',
      async run({ open }) {
        const { cursors } = await open()
        for (const reader of [READER, OTHER])
          await cursors.save(
            reader,
            new Map([
              ['s', 5],
              ['t', 6],
            ]),
          )
        await cursors.removeAll('s')
        for (const reader of [READER, OTHER])
          expect(await cursors.read(reader, ['s', 't'])).toEqual(new Map([['t', 6]]))
        await cursors.save(READER, new Map([['s', 1]]))
        expect(await cursors.read(READER, ['s'])).toEqual(new Map([['s', 1]]))
      },
    },
    {
      name: 'are there after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.cursors.begin(READER, at(1))
        await before.cursors.save(READER, new Map([['s', 5]]))
        const { cursors } = await reopen()
        expect(await cursors.begin(READER, at(2))).toBe(at(1))
        expect(await cursors.read(READER, ['s'])).toEqual(new Map([['s', 5]]))
      },
    },
    {
      name: 'of two instances that save at once, end at the higher one',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        await Promise.all(
          times(20).map((n) =>
            (n % 2 ? one : other).cursors.save(
              READER,
              new Map([
                ['s', n],
                ['t', 20 - n],
              ]),
            ),
          ),
        )
        for (const { cursors } of [one, other])
          expect(await cursors.read(READER, ['s', 't'])).toEqual(
            new Map([
              ['s', 19],
              ['t', 20],
            ]),
          )
      },
    },
    {
      name: 'reject with STORE_UNAVAILABLE while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { cursors } = await openFailing(0)
        await rejection(cursors.read(READER, ['s']), 'STORE_UNAVAILABLE')
        await rejection(cursors.save(READER, new Map([['s', 1]])), 'STORE_UNAVAILABLE')
        await rejection(cursors.begin(READER, at(1)), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

/** The promises of `Store.cursors`, for a store that has it. */
export function cursorStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'cursors'>): void {
  registerCases('cursors', cursorCases, subject)
}
