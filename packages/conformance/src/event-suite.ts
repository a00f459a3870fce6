import type { LoggedEvent, NewEvent } from '@trunkline/core/store'
import { expect } from 'vitest'
import { times } from './expectations.js'
import { at, message } from './fixtures.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

const event = (second: number, key?: string): NewEvent => ({
  name: 'message',
  at: at(second),
  payload: { message: message({ text: `${second}`, timestamp: at(second) }) },
  ...(key === undefined ? {} : { key }),
})
const seqs = (events: readonly LoggedEvent[]) => events.map((logged) => logged.event.seq)

export const eventCases: readonly Case<'events'>[] = [
  ...promise<'events'>('append', [
    {
      name: 'numbers events from 1 without gaps, for each session by itself',
      async run({ open }) {
        const { events } = await open()
        expect(await events.lastSeq('a')).toBe(0)
        expect(seqs(await events.append('a', [event(1), event(2)]))).toEqual([1, 2])
        expect(seqs(await events.append('b', [event(1)]))).toEqual([1])
        expect(seqs(await events.append('a', [event(3)]))).toEqual([3])
        expect(await events.append('a', [])).toEqual([])
        expect([await events.lastSeq('a'), await events.lastSeq('b')]).toEqual([3, 1])
      },
    },
    {
      name: 'tells the last numbers of many sessions at once',
      async run({ open }) {
        const { events } = await open()
        await events.append('a', [event(1), event(2)])
        await events.append('b', [event(1)])
        await events.append('pruned', [event(1), event(2), event(3)])
        await events.prune({ before: at(9), keep: 100 })
        await events.append('a', [event(3)])
        const last = await events.lastSeqs(['a', 'b', 'none', 'pruned'])
        expect(['a', 'b', 'none', 'pruned'].map((id) => last.get(id) ?? 0)).toEqual([3, 1, 0, 3])
        expect((await events.lastSeqs([])).size).toBe(0)
      },
    },
    {
      name: 'answers and keeps the event with its envelope, its metadata and its payload as they were',
      async run({ open }) {
        const { events } = await open()
        const metadata = { team: 'Vertrieb 🙂', 'with.dots': '', $dollar: 'b' }
        const payload = { message: message({ text: '1', timestamp: at(1) }), metadata }
        const logged = { name: 'message', event: { sessionId: 's', at: at(1), seq: 1, ...payload } }
        const given = { name: 'message', at: at(1), payload, key: 'k' } as const
        expect(await events.append('s', [given])).toStrictEqual([{ ...logged, repeated: false }])
        expect((await events.read('s', { after: 0, limit: 10 })).events).toStrictEqual([logged])
      },
    },
    {
      name: 'keeps nothing by reference',
      async run({ open }) {
        const { events } = await open()
        const spoil = (given: object) => Object.assign(given, { message: 'spoilt' })
        const given = event(1)
        const appended = await events.append('s', [given])
        const { events: read } = await events.read('s', { after: 0, limit: 1 })
        for (const one of [given.payload, ...[...appended, ...read].map((logged) => logged.event)]) spoil(one)
        expect((await events.read('s', { after: 0, limit: 1 })).events[0]?.event).toMatchObject(event(1).payload)
      },
    },
    {
      name: 'appends an event with the same key once, within a call and over calls',
      async run({ open }) {
        const { events } = await open()
        const first = await events.append('s', [event(1, 'a'), event(2, 'b'), event(3, 'a'), event(4)])
        expect(first.map(({ event: { seq }, repeated }) => [seq, repeated])).toEqual([
          [1, false],
          [2, false],
          [1, true],
          [3, false],
        ])
        const again = await events.append('s', [event(9, 'b'), event(10, 'c'), event(11)])
        expect(again.map(({ event: { seq }, repeated }) => [seq, repeated])).toEqual([
          [2, true],
          [4, false],
          [5, false],
        ])
        expect(again[0]?.event.at).toBe(at(2))
        expect((await events.append('other', [event(1, 'a')]))[0]?.repeated).toBe(false)
      },
    },
    {
      name: 'appends after the last number when the caller knows one, and an older one too',
      async run({ open }) {
        const { events } = await open()
        const append = async (lastSeq: number, ...given: NewEvent[]) =>
          (await events.append('s', given, { lastSeq })).map(({ event: { seq }, repeated }) => [seq, repeated])
        await events.append('s', [event(1, 'a')])
        expect(await append(1, event(2), event(3, 'b'))).toEqual([
          [2, false],
          [3, false],
        ])
        expect(await append(1, event(4), event(5, 'a'), event(6))).toEqual([
          [4, false],
          [1, true],
          [5, false],
        ])
        expect(await append(5, event(7), event(8, 'b'), event(9))).toEqual([
          [6, false],
          [3, true],
          [7, false],
        ])
        expect(seqs((await events.read('s', { after: 0, limit: 10 })).events)).toEqual([1, 2, 3, 4, 5, 6, 7])
      },
    },
    {
      name: 'leaves no gap and no double when many append at once',
      async run({ open }) {
        const { events } = await open()
        await Promise.all(times(20).map((n) => events.append('s', [event(n), event(n, `key${n % 10}`)])))
        const { events: kept } = await events.read('s', { after: 0, limit: 100 })
        expect(seqs(kept)).toEqual(times(30).map((n) => n + 1))
      },
    },
    {
      name: 'leaves no gap and no double when two instances append at once',
      needs: ['shared'],
      async run({ open }) {
        const stores = [await open(), await open()]
        await Promise.all(times(20).map((n) => stores[n % 2]?.events.append('s', [event(n), event(n, `key${n % 5}`)])))
        const kept = await stores[0]?.events.read('s', { after: 0, limit: 100 })
        expect(seqs(kept?.events ?? [])).toEqual(times(25).map((n) => n + 1))
      },
    },
    {
      name: 'goes on with the next number after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.events.append('s', [event(1, 'k'), event(2)])
        const { events } = await reopen()
        expect((await events.append('s', [event(3, 'k')]))[0]?.repeated).toBe(true)
        expect(seqs(await events.append('s', [event(3)]))).toEqual([3])
        expect(seqs((await events.read('s', { after: 0, limit: 10 })).events)).toEqual([1, 2, 3])
      },
    },
  ]),
  ...promise<'events'>('read', [
    {
      name: 'reads what comes after a number, oldest first, and no more than asked for',
      async run({ open }) {
        const { events } = await open()
        await events.append(
          's',
          times(12).map((n) => event(n)),
        )
        const read = async (after: number, limit: number) => {
          const { events: found, gap } = await events.read('s', { after, limit })
          return { seqs: seqs(found), gap }
        }
        expect(await read(0, 3)).toEqual({ seqs: [1, 2, 3], gap: false })
        expect(await read(9, 10)).toEqual({ seqs: [10, 11, 12], gap: false })
        expect(await read(12, 10)).toEqual({ seqs: [], gap: false })
      },
    },
    {
      name: 'tells a gap when events are gone and when the number is beyond the log',
      async run({ open }) {
        const { events } = await open()
        await events.append(
          's',
          times(5).map((n) => event(n)),
        )
        await events.prune({ keep: 2 })
        expect(await events.read('s', { after: 3, limit: 10 })).toMatchObject({ gap: false, events: { length: 2 } })
        expect(await events.read('s', { after: 2, limit: 10 })).toMatchObject({ gap: true, events: { length: 2 } })
        expect(await events.read('s', { after: 6, limit: 10 })).toEqual({ events: [], gap: true })
        expect(await events.read('nobody', { after: 0, limit: 10 })).toEqual({ events: [], gap: false })
        expect(await events.read('nobody', { after: 1, limit: 10 })).toEqual({ events: [], gap: true })
      },
    },
  ]),
  ...promise<'events'>('removal', [
    {
      name: 'removes by age and by number, and answers how many',
      async run({ open }) {
        const { events } = await open()
        for (const session of ['a', 'b'])
          await events.append(
            session,
            times(5).map((n) => event(n)),
          )
        expect(await events.prune({ before: at(2) })).toBe(4)
        expect(seqs((await events.read('a', { after: 0, limit: 10 })).events)).toEqual([3, 4, 5])
        expect(await events.prune({ keep: 2 })).toBe(2)
        expect(seqs((await events.read('b', { after: 0, limit: 10 })).events)).toEqual([4, 5])
        expect(await events.prune({})).toBe(0)
      },
    },
    {
      name: 'removes no more than the limit in one call, from the oldest on',
      async run({ open }) {
        const { events } = await open()
        const six = times(6).map((n) => event(n))
        for (const session of ['a', 'b']) await events.append(session, six)
        const kept = async (session: string) => seqs((await events.read(session, { after: 0, limit: 10 })).events)
        const calls: number[] = []
        do calls.push(await events.prune({ before: at(4), keep: 3, limit: 3 }))
        while (calls.at(-1) !== 0 && calls.length < 9)
        expect(calls).toEqual([3, 3, 2, 0])
        expect([await kept('a'), await kept('b')]).toEqual([
          [5, 6],
          [5, 6],
        ])
        await events.append('a', six)
        expect(await events.prune({ keep: 1, limit: 2 })).toBe(2)
        expect((await kept('a')).length + (await kept('b')).length).toBe(8)
      },
    },
    {
      name: 'tells a reader of the gap that a removal left, and gives what is kept',
      async run({ open }) {
        const { events } = await open()
        await events.append(
          's',
          times(6).map((n) => event(n)),
        )
        await events.prune({ before: at(3), limit: 2 })
        expect(await events.read('s', { after: 1, limit: 10 })).toMatchObject({ gap: true, events: { length: 4 } })
        expect(await events.read('s', { after: 2, limit: 10 })).toMatchObject({ gap: false, events: { length: 4 } })
      },
    },
    {
      name: 'remembers the last number when every event is gone',
      async run({ open }) {
        const { events } = await open()
        await events.append('s', [event(1), event(2, 'k')])
        expect(await events.prune({ before: at(9) })).toBe(2)
        expect(await events.lastSeq('s')).toBe(2)
        expect(await events.read('s', { after: 1, limit: 10 })).toEqual({ events: [], gap: true })
        expect(seqs(await events.append('s', [event(3)]))).toEqual([3])
      },
    },
    {
      name: 'remembers a key as long as its event is kept, and no longer',
      async run({ open }) {
        const { events } = await open()
        await events.append('s', [event(1, 'old'), event(2, 'kept')])
        await events.prune({ keep: 1 })
        const again = await events.append('s', [event(3, 'old'), event(4, 'kept')])
        expect(again.map(({ event: { seq }, repeated }) => [seq, repeated])).toEqual([
          [3, false],
          [2, true],
        ])
      },
    },
    {
      name: 'forgets a session with all of its events, and no other',
      async run({ open }) {
        const { events } = await open()
        for (const session of ['a', 'a-', 'A']) await events.append(session, [event(1, 'k')])
        await events.removeAll('a')
        expect(await events.lastSeq('a')).toBe(0)
        expect(await events.lastSeq('a-')).toBe(1)
        expect(await events.lastSeq('A')).toBe(1)
        expect((await events.append('a', [event(5, 'k')]))[0]).toMatchObject({ repeated: false, event: { seq: 1 } })
      },
    },
  ]),
]

export function eventLogSuite<Backend>(subject: StoreUnderTest<Backend, 'events'>): void {
  registerCases('events', eventCases, subject)
}
