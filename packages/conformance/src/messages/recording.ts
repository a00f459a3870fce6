import type { LoggedEvent, MessageStep, NewEvent, StoredMessage } from '@trunkline/core/store'
import { expect } from 'vitest'
import { times } from '../expectations.js'
import { ALICE, at, BOB, message, noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

type Ports = 'messages' | 'chats' | 'events'

const told = (text: string, key?: string): NewEvent => ({
  name: 'message',
  at: at(0),
  payload: { message: message({ text }) },
  ...(key === undefined ? {} : { key }),
})
const seqs = (events: readonly LoggedEvent[]) => events.map(({ event }) => event.seq)

/** Messages, and one event with a key for each. */
const arrival = (...messages: StoredMessage[]): MessageStep => ({
  messages,
  events: () => messages.map(({ id }) => told(id, `message|${id}`)),
})

export const recordCases: Case<Ports>[] = promise<Ports>('record', [
  {
    name: 'stores, changes and tells in one step, and answers what came of each',
    async run({ open }) {
      const { messages, chats, events } = await open()
      await messages.upsert('s', [message({ id: 'old', chatId: BOB, fromMe: true, arrival: 1 })])
      const seen: unknown[] = []
      const recorded = await messages.record('s', {
        messages: [message({ id: 'A', raw: noise(9), arrival: 2 }), message({ id: 'old', chatId: BOB, fromMe: true })],
        changes: [
          { ref: { id: ['old', 'nobody'] }, change: { kind: 'status', status: 'read' } },
          { ref: { id: 'A' }, change: { kind: 'delete', at: at(1) } },
          { ref: { id: 'old' }, change: { kind: 'status', status: 'sent' } },
          { ref: { id: 'nobody' }, change: { kind: 'delete', at: at(1) } },
        ],
        events: (outcome) => {
          seen.push(structuredClone(outcome))
          return outcome.changes.flatMap(({ changed }) => changed.map(({ after }) => told(after.status, after.id)))
        },
      })
      const { events: appended, ...outcome } = recorded
      expect(outcome).toMatchObject({
        inserted: [true, false],
        chatsCreated: 1,
        changes: [
          { changed: [{ before: { status: 'pending' }, after: { id: 'old', status: 'read' } }], unchanged: [] },
          { changed: [{ before: { text: 'hello' }, after: { id: 'A', deletedAt: at(1) } }], unchanged: [] },
          { changed: [], unchanged: [{ id: 'old', status: 'read' }] },
          { changed: [], unchanged: [] },
        ],
      })
      for (const { changed, unchanged } of outcome.changes)
        for (const one of [...changed.flatMap(({ before, after }) => [before, after]), ...unchanged])
          for (const field of ['raw', 'arrival', 'contentHash']) expect(one).not.toHaveProperty(field)
      expect(seen.at(-1)).toEqual(outcome)
      expect(appended.map(({ event: { seq }, repeated }) => [seq, repeated])).toEqual([
        [1, false],
        [2, false],
      ])
      expect((await messages.find('s', { id: 'A' }))[0]).toMatchObject({ deletedAt: at(1) })
      expect((await messages.find('s', { id: 'old' }))[0]).toMatchObject({ status: 'read', arrival: 1 })
      expect((await chats.get('s', ALICE))?.unreadCount).toBe(1)
      expect((await events.read('s', { after: 0, limit: 9 })).events.map(({ name }) => name)).toEqual([
        'message',
        'message',
      ])
    },
  },
  {
    name: 'tells an event once when its step is told again, after what was told meanwhile',
    async run({ open }) {
      const { messages, events } = await open()
      const first = await messages.record('s', arrival(message({ id: 'A' }), message({ id: 'B' })), { lastSeq: 0 })
      expect(seqs(first.events)).toEqual([1, 2])
      await events.append('s', [told('between')])
      const again = await messages.record('s', arrival(message({ id: 'B' }), message({ id: 'C' })), { lastSeq: 2 })
      expect(again.inserted).toEqual([false, true])
      expect(again.events.map(({ event: { seq }, repeated }) => [seq, repeated])).toEqual([
        [2, true],
        [4, false],
      ])
      expect(await messages.count('s')).toBe(3)
      expect(await events.lastSeq('s')).toBe(4)
      const nothing = { inserted: [], chatsCreated: 0, changes: [], events: [] }
      expect(await messages.record('s', { events: () => [] })).toEqual(nothing)
    },
  },
  {
    name: 'tells what a crash has left untold when the step is told again',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', [message({ id: 'A' })])
      const recorded = await messages.record('s', arrival(message({ id: 'A' })))
      expect(recorded).toMatchObject({ inserted: [false], events: [{ repeated: false, event: { seq: 1 } }] })
    },
  },
  {
    name: 'loses none of many steps at once, and leaves no gap between their events',
    async run({ open }) {
      const { messages, chats, events } = await open()
      const step = (n: number) => arrival(message({ id: `${n}`, chatId: n % 2 ? ALICE : BOB }), message({ id: 'same' }))
      const recorded = await Promise.all(times(12).map((n) => messages.record('s', step(n), { lastSeq: 0 })))
      expect(recorded.filter(({ inserted }) => inserted[1])).toHaveLength(1)
      const { events: log } = await events.read('s', { after: 0, limit: 99 })
      expect(seqs(log)).toEqual(times(13).map((n) => n + 1))
      expect((await chats.get('s', BOB))?.unreadCount).toBe(6)
      expect(await messages.count('s')).toBe(13)
    },
  },
  {
    name: 'has never told what is not stored, wherever the engine fails',
    needs: ['outage', 'durable'],
    timeoutMs: 60_000,
    async run({ open, openFailing, reopen }) {
      await open()
      let completed = false
      for (const writes of times(12)) {
        const failing = await openFailing(writes)
        const one = message({ id: `M${writes}`, arrival: writes })
        const step: MessageStep = {
          ...arrival(one),
          changes: [{ ref: { id: 'M0' }, change: { kind: 'edit', text: `${writes}`, at: at(writes) } }],
        }
        completed = await failing.messages.record('s', step).then(
          () => true,
          () => false,
        )
        const { messages, events } = await reopen()
        const { events: log } = await events.read('s', { after: 0, limit: 99 })
        const isTold = log.some(({ event }) => 'message' in event && event.message.text === one.id)
        const isStored = (await messages.find('s', { id: one.id })).length === 1
        expect([writes, isTold && !isStored, completed && !isTold]).toEqual([writes, false, false])
      }
      expect(completed).toBe(true)
    },
  },
])
