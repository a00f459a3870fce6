import type { Message } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, times } from '../expectations.js'
import { ALICE, at, BOB, GROUP, message } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const ids = (items: readonly Message[]) => items.map(({ id }) => id)

/** Ids whose order says nothing. */
const scrambled = (n: number) => `${(n * 7919) % 10_007}`

export const orderingCases: Case<'messages' | 'chats'>[] = promise<'messages' | 'chats'>('messages of one time', [
  {
    name: 'come by their order, a thousand of them, told in any order, in a chat and over all chats',
    async run({ open }) {
      const { messages, chats } = await open()
      const burst = times(1_000).map((n) =>
        message({ id: scrambled(n), chatId: n % 3 ? ALICE : GROUP, senderId: ALICE, arrival: n - 500 }),
      )
      const told = [...burst].sort((left, right) => (left.id < right.id ? -1 : 1))
      await messages.upsert('s', told)
      for (const chatId of [undefined, ALICE, GROUP]) {
        const inOrder = ids(burst.filter((one) => chatId === undefined || one.chatId === chatId))
        const query = chatId === undefined ? {} : { chatId }
        const newestFirst = await allPages(150, ({ limit, cursor }) =>
          messages.page('s', { limit, ...query, ...(cursor === undefined ? {} : { before: cursor }) }),
        )
        expect(ids(newestFirst)).toEqual([...inOrder].reverse())
        const oldestFirst = await allPages(150, ({ limit, cursor = at(-1) }) =>
          messages.page('s', { limit, ...query, after: cursor }),
        )
        expect(ids(oldestFirst)).toEqual(inOrder)
        if (chatId) expect((await chats.get('s', chatId))?.lastMessage?.id).toBe(inOrder.at(-1))
      }
      expect(await messages.trim('s', { keep: 2 })).toBe(998)
      expect(ids((await messages.page('s', { limit: 9 })).items)).toEqual([scrambled(999), scrambled(998)])
    },
  },
  {
    name: 'keep the order they came with when they are told again, and so does their chat',
    async run({ open }) {
      const { messages, chats } = await open()
      const [first, second] = [message({ id: 'B', arrival: 1 }), message({ id: 'A', arrival: 2 })]
      await messages.upsert('s', [first, second])
      await messages.upsert('s', [{ ...first, arrival: 99, status: 'read' }])
      expect(ids((await messages.page('s', { limit: 9 })).items)).toEqual(['A', 'B'])
      expect((await messages.find('s', { id: 'B' }))[0]?.arrival).toBe(1)
      expect((await chats.get('s', ALICE))?.lastMessage?.id).toBe('A')
    },
  },
  {
    name: 'order the chats whose last messages they are',
    async run({ open }) {
      const { messages, chats } = await open()
      const chatIds = times(6).map((n) => `1555${1_000_000 + ((n * 5) % 6)}@s.whatsapp.net`)
      await messages.upsert(
        's',
        chatIds.map((chatId, n) => message({ id: scrambled(n), chatId, arrival: n + 1 })),
      )
      for (const limit of [1, 4, 50])
        expect((await allPages(limit, (query) => chats.page('s', query))).map(({ id }) => id)).toEqual(
          [...chatIds].reverse(),
        )
    },
  },
  {
    name: 'show neither their order nor what their request was known by, but keep both',
    async run({ open }) {
      const { messages, chats } = await open()
      const hidden = { arrival: 7, contentHash: 'c0ffee' }
      const mine = message({ fromMe: true, clientMessageId: 'c', ...hidden })
      await messages.upsert('s', [mine])
      const [changed] = await messages.change('s', { id: mine.id }, { kind: 'status', status: 'sent' })
      const shown = [
        ...(await messages.page('s', { limit: 1 })).items,
        changed?.before,
        changed?.after,
        (await chats.get('s', ALICE))?.lastMessage,
        (await chats.page('s', { limit: 1 })).items[0]?.lastMessage,
      ]
      for (const one of shown) {
        expect(one).toMatchObject({ id: mine.id })
        for (const field of Object.keys(hidden)) expect(one).not.toHaveProperty(field)
      }
      expect((await messages.find('s', { id: mine.id }))[0]).toMatchObject(hidden)
      expect(await messages.findByClientId('s', 'c')).toMatchObject(hidden)
      expect((await messages.find('s', { id: 'other' }))[0]).toBeUndefined()
    },
  },
  {
    name: 'are those of the time that WhatsApp gave them last, for their chat too',
    async run({ open }) {
      const { messages, chats } = await open()
      const lastOf = async (chatId: string) => (await chats.get('s', chatId))?.lastMessage?.id
      const mine = message({ id: 'mine', fromMe: true, timestamp: at(3_600), arrival: 2 })
      await messages.upsert('s', [message({ id: 'question', arrival: 1 }), mine, message({ id: 'reply', arrival: 3 })])
      expect(await lastOf(ALICE)).toBe('mine')
      const taken = { kind: 'status' as const, status: 'sent' as const, timestamp: at(0) }
      const [changed] = await messages.change('s', { id: 'mine' }, taken)
      expect(changed?.after).toMatchObject({ status: 'sent', timestamp: at(0) })
      expect(await messages.change('s', { id: 'mine' }, taken)).toEqual([])
      expect(ids((await messages.page('s', { limit: 9 })).items)).toEqual(['reply', 'mine', 'question'])
      expect(await lastOf(ALICE)).toBe('reply')

      const behind = message({ id: 'behind', chatId: BOB, fromMe: true, timestamp: at(-3_600), arrival: 5 })
      await messages.upsert('s', [message({ id: 'earlier', chatId: BOB, arrival: 4 }), behind])
      expect(await lastOf(BOB)).toBe('earlier')
      await messages.change('s', { id: 'behind' }, { ...taken, timestamp: at(1) })
      expect(await lastOf(BOB)).toBe('behind')
      expect((await chats.page('s', { limit: 1 })).items[0]?.id).toBe(BOB)
    },
  },
])
