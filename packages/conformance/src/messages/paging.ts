import type { Message, MessageQuery, MessageStore } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, rejection, times } from '../expectations.js'
import { ALICE, at, BOB, GROUP, message } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const ids = (items: readonly Message[]) => items.map(({ id }) => id)
const all = (
  messages: MessageStore,
  limit: number,
  query: Partial<MessageQuery>,
  side: 'before' | 'after' = 'before',
) =>
  allPages(limit, ({ cursor }) =>
    messages.page('s', { limit, ...query, ...(cursor === undefined ? {} : { [side]: cursor }) }),
  )

/** Thirty messages, three to each second, in two chats, told in no order. */
const thirty = times(30)
  .map((n) =>
    message({ id: `M${n % 3}${Math.floor(n / 3)}`, timestamp: at(Math.floor(n / 3)), chatId: n % 2 ? ALICE : BOB }),
  )
  .sort((left, right) => (left.id < right.id ? -1 : 1))
const newestFirst = ids(
  [...thirty].sort((a, b) =>
    a.timestamp === b.timestamp ? (a.id < b.id ? 1 : -1) : a.timestamp < b.timestamp ? 1 : -1,
  ),
)

export const pagingCases: Case<'messages' | 'chats'>[] = promise<'messages' | 'chats'>('order and paging', [
  {
    name: 'pages newest first by time and id, each message once',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', thirty)
      for (const limit of [1, 7, 30, 200]) expect(ids(await all(messages, limit, {}))).toEqual(newestFirst)
    },
  },
  {
    name: 'leaves out what has no bubble, unless it is asked for',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', [
        message({ id: 'A' }),
        message({ id: 'H', type: 'hidden', timestamp: at(1) }),
        message({ id: 'U', type: 'unknown', timestamp: at(2) }),
      ])
      expect(ids(await all(messages, 1, {}))).toEqual(['U', 'A'])
      expect(ids(await all(messages, 1, { chatId: ALICE }))).toEqual(['U', 'A'])
      expect(ids((await messages.page('s', { limit: 9, type: 'hidden' })).items)).toEqual(['H'])
      expect(await messages.find('s', { id: 'H' })).toHaveLength(1)
    },
  },
  {
    name: "gives WhatsApp's own bytes to those only who ask for them, and nothing else that callers do not see",
    async run({ open }) {
      const { messages } = await open()
      const raw = Uint8Array.from([1, 2, 3])
      await messages.upsert('s', [message({ id: 'A', raw }), message({ id: 'B', timestamp: at(1) })])
      const asked = (await messages.page('s', { limit: 9, raw: true })).items
      expect(asked.map(({ id, raw: bytes }) => [id, bytes && [...bytes]])).toEqual([
        ['B', undefined],
        ['A', [1, 2, 3]],
      ])
      const { items } = await messages.page('s', { limit: 9 })
      for (const item of items) expect(item).not.toHaveProperty('raw')
      for (const item of asked) expect(item).not.toHaveProperty('arrival')
    },
  },
  {
    name: 'pages the other way after a time or a cursor, oldest first',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', thirty)
      const oldestFirst = [...newestFirst].reverse()
      expect(ids(await all(messages, 7, { after: '2020-01-01T00:00:00Z' }, 'after'))).toEqual(oldestFirst)
      const { nextCursor = '' } = await messages.page('s', { limit: 10 })
      expect(ids((await messages.page('s', { limit: 9, after: nextCursor })).items)).toEqual(oldestFirst.slice(21))
      expect(ids((await messages.page('s', { limit: 9, before: nextCursor })).items)).toEqual(newestFirst.slice(10, 19))
    },
  },
  {
    name: 'takes a time in any spelling of ISO 8601 as a boundary, its own messages left out',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', thirty)
      for (const time of [at(4), '2026-01-01T00:00:04Z', '2026-01-01T01:00:04+01:00']) {
        expect(ids((await messages.page('s', { limit: 50, before: time })).items)).toEqual(newestFirst.slice(18))
        expect(ids((await messages.page('s', { limit: 50, after: time })).items)).toEqual(
          newestFirst.slice(0, 15).reverse(),
        )
      }
      const between = { limit: 50, after: at(2), before: at(5) }
      expect(ids((await messages.page('s', between)).items)).toEqual(newestFirst.slice(15, 21).reverse())
    },
  },
  {
    name: 'neither repeats nor passes over a message when newer ones arrive between two pages',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', thirty)
      const first = await messages.page('s', { limit: 10 })
      await messages.upsert('s', [message({ id: 'new', timestamp: at(99) })])
      const second = await messages.page('s', { limit: 50, ...(first.nextCursor ? { before: first.nextCursor } : {}) })
      expect([...ids(first.items), ...ids(second.items)]).toEqual(newestFirst)
    },
  },
  {
    name: 'tells apart messages with the same time and id in different chats',
    async run({ open }) {
      const { messages } = await open()
      const same = [ALICE, BOB, GROUP].map((chatId) => message({ id: 'X', chatId }))
      await messages.upsert('s', [...same, message({ id: 'X', chatId: GROUP, senderId: BOB })])
      for (const side of ['before', 'after'] as const) {
        const found = await all(messages, 1, side === 'after' ? { after: '2020-01-01T00:00:00Z' } : {}, side)
        expect(new Set(found.map(({ chatId, senderId }) => `${chatId} ${senderId}`)).size).toBe(4)
        expect(found).toHaveLength(4)
      }
    },
  },
  {
    name: 'filters by chat, type and sender, together and on every page',
    async run({ open }) {
      const { messages } = await open()
      await messages.upsert('s', thirty)
      await messages.upsert('s', [
        message({ id: 'I1', type: 'image', timestamp: at(50) }),
        message({ id: 'I2', type: 'image', timestamp: at(51), fromMe: true }),
        message({ id: 'I3', type: 'image', timestamp: at(52), chatId: BOB, fromMe: true }),
      ])
      await messages.upsert('other', [message({ sessionId: 'other' })])
      const inChat = ids(thirty.filter(({ chatId }) => chatId === ALICE))
      expect(ids(await all(messages, 4, { chatId: ALICE, type: 'text' }))).toEqual(
        newestFirst.filter((id) => inChat.includes(id)),
      )
      expect(ids(await all(messages, 1, { type: 'image' }))).toEqual(['I3', 'I2', 'I1'])
      expect(ids(await all(messages, 1, { fromMe: true, chatId: ALICE }))).toEqual(['I2'])
      expect(ids(await all(messages, 2, { type: 'image', after: at(50) }, 'after'))).toEqual(['I2', 'I3'])
      expect(await all(messages, 9, { fromMe: false })).toHaveLength(31)
      expect(await all(messages, 9, { chatId: GROUP })).toEqual([])
    },
  },
  {
    name: 'finds a part of the text in any case and language, taken literally',
    async run({ open }) {
      const { messages } = await open()
      const texts = ['Hello World', 'ÄRGER', '100% sure', 'a_b', 'a.b*c', 'x\\y', undefined, 'İş П']
      await messages.upsert(
        's',
        texts.map((text, n) => {
          const { text: _, ...rest } = message({ id: `${n}`, timestamp: at(n) })
          return text === undefined ? rest : { ...rest, text }
        }),
      )
      const found = async (text: string) => ids((await messages.page('s', { limit: 50, text })).items)
      expect(await found('o w')).toEqual(['0'])
      expect(await found('ärg')).toEqual(['1'])
      expect(await found('%')).toEqual(['2'])
      expect(await found('_')).toEqual(['3'])
      expect(await found('.b*')).toEqual(['4'])
      expect(await found('x\\Y')).toEqual(['5'])
      for (const text of ['iş п', 'İŞ П']) expect([text, await found(text)]).toEqual([text, ['7']])
      expect(await found('nowhere')).toEqual([])
      await messages.change('s', { id: '0' }, { kind: 'edit', text: 'Goodbye', at: at(99) })
      expect(await found('hello')).toEqual([])
      expect(await found('GOOD')).toEqual(['0'])
    },
  },
  {
    name: 'refuses a boundary that is neither a time nor a cursor',
    async run({ open }) {
      const { messages, chats } = await open()
      for (const boundary of ['nonsense', '2026-99-99T00:00:00Z', 'W10']) {
        await rejection(messages.page('s', { limit: 1, before: boundary }), 'VALIDATION_FAILED')
        await rejection(messages.page('s', { limit: 1, after: boundary }), 'VALIDATION_FAILED')
      }
      await rejection(chats.page('s', { limit: 1, cursor: 'nonsense' }), 'VALIDATION_FAILED')
      await rejection(chats.pageContacts('s', { limit: 1, cursor: 'nonsense' }), 'VALIDATION_FAILED')
    },
  },
])
