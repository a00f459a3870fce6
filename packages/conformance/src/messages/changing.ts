import { expect } from 'vitest'
import { times } from '../expectations.js'
import { ALICE, at, BOB, GROUP, ME, message, noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const ref = { id: message().id }

export const changeCases: Case<'messages' | 'chats'>[] = [
  ...promise<'messages' | 'chats'>('changes', [
    {
      name: 'moves the status forward only and answers before and after',
      async run({ open }) {
        const { messages } = await open()
        const mine = message({ fromMe: true })
        await messages.upsert('s', [{ ...mine, raw: noise(9) }])
        expect(await messages.change('s', ref, { kind: 'status', status: 'delivered' })).toStrictEqual([
          { before: mine, after: { ...mine, status: 'delivered' } },
        ])
        expect(await messages.change('s', ref, { kind: 'status', status: 'sent' })).toEqual([])
        expect(await messages.change('s', ref, { kind: 'status', status: 'failed' })).toEqual([])
        expect((await messages.find('s', ref))[0]?.status).toBe('delivered')
      },
    },
    {
      name: 'edits, reacts and deletes',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [message()])
        await messages.change('s', ref, { kind: 'edit', text: 'edited', at: at(5) })
        expect(await messages.change('s', ref, { kind: 'edit', text: 'late', at: at(4) })).toEqual([])
        await messages.change('s', ref, { kind: 'reaction', senderId: BOB, emoji: '👍', at: at(6) })
        const [found] = await messages.find('s', ref)
        expect(found).toMatchObject({
          text: 'edited',
          editedAt: at(5),
          reactions: [{ senderId: BOB, emoji: '👍', at: at(6) }],
        })
        await messages.change('s', ref, { kind: 'reaction', senderId: BOB, emoji: '', at: at(7) })
        expect((await messages.find('s', ref))[0]?.reactions).toEqual([])
        await messages.change('s', ref, { kind: 'delete', at: at(8) })
        const [deleted] = await messages.find('s', ref)
        expect(deleted).toMatchObject({ deletedAt: at(8), reactions: [] })
        expect(deleted).not.toHaveProperty('text')
      },
    },
    {
      name: 'edits a caption in both places, and takes it away from both',
      async run({ open }) {
        const { messages } = await open()
        const media = { mimetype: 'image/png', bytes: 1, state: 'remote' as const }
        await messages.upsert('s', [message({ type: 'image', text: 'first', media: { ...media, caption: 'first' } })])
        await messages.change('s', ref, { kind: 'edit', text: 'second', mentions: [BOB], at: at(1) })
        const [edited] = await messages.find('s', ref)
        expect(edited).toMatchObject({ text: 'second', mentions: [BOB], media: { caption: 'second' } })
        expect((await messages.page('s', { limit: 9, text: 'second' })).items).toHaveLength(1)
        await messages.change('s', ref, { kind: 'edit', at: at(2) })
        const [bare] = await messages.find('s', ref)
        for (const field of ['text', 'mentions']) expect(bare).not.toHaveProperty(field)
        expect(bare?.media).toStrictEqual(media)
        expect((await messages.page('s', { limit: 9, text: 'second' })).items).toEqual([])
      },
    },
    {
      name: 'counts the last answer of each person to an event',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [message({ type: 'event', event: { name: 'e' } })])
        const answer = (senderId: string, response: 'going' | 'maybe', second: number) =>
          messages.change('s', ref, { kind: 'response', senderId, response, at: at(second) })
        await answer(ALICE, 'maybe', 1)
        await answer(BOB, 'going', 2)
        await answer(ALICE, 'going', 3)
        expect(await answer(ALICE, 'maybe', 2)).toEqual([])
        expect((await messages.find('s', ref))[0]?.event?.responses).toEqual([
          { senderId: BOB, response: 'going', at: at(2) },
          { senderId: ALICE, response: 'going', at: at(3) },
        ])
      },
    },
    {
      name: 'counts the last vote of each person, whenever it arrives, and marks media as stored',
      async run({ open }) {
        const { messages } = await open()
        const poll = {
          question: 'q',
          options: [
            { name: 'a', voters: [] },
            { name: 'b', voters: [] },
          ],
          selectableCount: 1,
        }
        await messages.upsert('s', [
          message({ type: 'poll', poll, media: { mimetype: 'a/b', bytes: 1, state: 'remote' } }),
        ])
        const vote = (voterId: string, option: string, second: number) =>
          messages.change('s', ref, { kind: 'vote', voterId, options: [option], at: at(second) })
        for (const voterId of [ALICE, BOB]) expect(await vote(voterId, 'a', 1)).toHaveLength(1)
        expect(await vote(BOB, 'b', 3)).toHaveLength(1)
        expect(await vote(BOB, 'a', 2)).toEqual([])
        await messages.change('s', ref, { kind: 'media', state: 'stored' })
        const [found] = await messages.find('s', ref)
        expect(found?.poll).toEqual({
          ...poll,
          options: [
            { name: 'a', voters: [ALICE] },
            { name: 'b', voters: [BOB] },
          ],
          votes: [
            { voterId: ALICE, at: at(1) },
            { voterId: BOB, at: at(3) },
          ],
        })
        expect(found?.media?.state).toBe('stored')
      },
    },
    {
      name: 'changes every message that the ref names, and no other',
      async run({ open }) {
        const { messages } = await open()
        const group = { id: 'X', chatId: GROUP }
        await messages.upsert('s', [
          message({ ...group, senderId: ALICE }),
          message({ ...group, senderId: BOB }),
          message({ id: 'X' }),
        ])
        const edit = (second: number) => ({ kind: 'edit' as const, text: `${second}`, at: at(second) })
        expect(await messages.change('s', { id: 'X' }, edit(1))).toHaveLength(3)
        expect(await messages.change('s', { id: 'X', chatId: GROUP }, edit(2))).toHaveLength(2)
        expect(await messages.change('s', { id: 'X', chatId: GROUP, senderId: BOB }, edit(3))).toHaveLength(1)
        expect(await messages.change('s', { id: 'X', senderId: GROUP }, edit(4))).toEqual([])
        expect(await messages.change('other', { id: 'X' }, edit(5))).toEqual([])
        expect(await messages.change('s', { id: 'Y' }, edit(5))).toEqual([])
        expect((await messages.find('s', { id: 'X' })).map(({ text }) => text).sort()).toEqual(['1', '2', '3'])
      },
    },
    {
      name: 'changes the messages of several ids, and answers them in the order of the ids',
      async run({ open }) {
        const { messages } = await open()
        const of = (id: string, second: number) => message({ id, fromMe: true, timestamp: at(second) })
        await messages.upsert('s', [
          of('A', 1),
          of('B', 2),
          of('C', 3),
          message({ id: 'B', chatId: BOB, fromMe: true }),
        ])
        await messages.change('s', { id: 'A' }, { kind: 'status', status: 'read' })
        const named = { id: ['C', 'none', 'B', 'A', 'C'], chatId: ALICE }
        const changed = await messages.change('s', named, { kind: 'status', status: 'read' })
        expect(changed.map(({ before, after }) => [after.id, before.status, after.status])).toEqual([
          ['C', 'pending', 'read'],
          ['B', 'pending', 'read'],
        ])
        expect(await messages.change('s', { id: [] }, { kind: 'status', status: 'played' })).toEqual([])
        const exactly = { id: ['A', 'B'], chatId: ALICE, senderId: ME }
        expect(await messages.change('s', exactly, { kind: 'status', status: 'played' })).toHaveLength(2)
        expect((await messages.find('s', { id: 'B', chatId: BOB }))[0]?.status).toBe('pending')
      },
    },
    {
      name: 'loses none of many changes that come at once',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [message()])
        const people = times(20).map((n) => `1555${1_000_000 + n}@s.whatsapp.net`)
        const reactions = people.map((senderId, n) =>
          messages.change('s', ref, { kind: 'reaction', senderId, emoji: '👍', at: at(n) }),
        )
        const changed = await Promise.all([...reactions, messages.change('s', ref, { kind: 'status', status: 'read' })])
        expect(changed.every(({ length }) => length === 1)).toBe(true)
        const [found] = await messages.find('s', ref)
        expect(found?.reactions.map(({ senderId }) => senderId).sort()).toEqual(people)
        expect(found?.status).toBe('read')
      },
    },
    {
      name: 'loses no change of two instances',
      needs: ['shared'],
      async run({ open }) {
        const stores = [await open(), await open()]
        await stores[0]?.messages.upsert('s', [message()])
        const change = (n: number) => ({
          kind: 'reaction' as const,
          senderId: `1555${1_000_000 + n}@lid`,
          emoji: '👍',
          at: at(n),
        })
        await Promise.all(times(16).map((n) => stores[n % 2]?.messages.change('s', ref, change(n))))
        expect((await stores[1]?.messages.find('s', ref))?.[0]?.reactions).toHaveLength(16)
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('lookup', [
    {
      name: 'finds a message by its client message id, in its session only',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [message({ id: 'A', clientMessageId: 'c1', fromMe: true }), message({ id: 'B' })])
        expect((await messages.findByClientId('s', 'c1'))?.id).toBe('A')
        expect(await messages.findByClientId('s', 'c2')).toBeUndefined()
        expect(await messages.findByClientId('other', 'c1')).toBeUndefined()
      },
    },
    {
      name: 'finds the newest of several messages with one client message id',
      async run({ open }) {
        const { messages } = await open()
        const sent = (id: string, timestamp: string) => message({ id, timestamp, clientMessageId: 'c1', fromMe: true })
        await messages.upsert('s', [sent('B', at(2)), sent('C', at(3)), sent('A', at(1))])
        expect((await messages.findByClientId('s', 'c1'))?.id).toBe('C')
      },
    },
    {
      name: 'lists outbound messages that are still pending, oldest first',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [
          message({ id: 'C', fromMe: true, timestamp: at(3) }),
          message({ id: 'A', fromMe: true, timestamp: at(1) }),
          message({ id: 'sent', fromMe: true, status: 'sent' }),
          message({ id: 'inbound', status: 'pending' }),
          message({ id: 'B', fromMe: true, timestamp: at(2), chatId: BOB }),
        ])
        await messages.upsert('other', [message({ fromMe: true })])
        expect((await messages.listPending('s')).map(({ id }) => id)).toEqual(['A', 'B', 'C'])
        await messages.change('s', { id: 'B' }, { kind: 'status', status: 'unknown' })
        expect((await messages.listPending('s')).map(({ id }) => id)).toEqual(['A', 'C'])
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('removal', [
    {
      name: 'prunes by age, in one session or in all, and counts',
      async run({ open }) {
        const { messages } = await open()
        for (const session of ['s', 'other']) {
          await messages.upsert(
            session,
            times(5).map((n) => message({ id: `${n}`, timestamp: at(n), sessionId: session })),
          )
        }
        expect(await messages.prune({ before: at(2), sessionId: 's' })).toBe(2)
        expect([await messages.count('s'), await messages.count('other')]).toEqual([3, 5])
        expect(await messages.prune({ before: at(3) })).toBe(4)
        expect([await messages.count('s'), await messages.count('other')]).toEqual([2, 2])
        expect(await messages.prune({ before: at(3) })).toBe(0)
      },
    },
    {
      name: 'prunes no more than the limit in one call, of each session the oldest first, and no session without old ones',
      async run({ open }) {
        const { messages } = await open()
        for (const session of ['s', 'other']) {
          const shuffled = [3, 0, 4, 1, 2].map((n) => message({ id: `${n}`, timestamp: at(n), sessionId: session }))
          await messages.upsert(session, shuffled)
        }
        await messages.upsert('young', [message({ id: 'young', timestamp: at(9), sessionId: 'young' })])
        const left = async (session: string) => (await messages.page(session, { limit: 10 })).items.map(({ id }) => id)
        expect(await messages.prune({ before: at(4), sessionId: 's', limit: 3 })).toBe(3)
        expect(await left('s')).toEqual(['4', '3'])
        expect(await messages.prune({ before: at(4), limit: 3 })).toBe(3)
        expect((await messages.count('s')) + (await messages.count('other'))).toBe(4)
        expect(await messages.prune({ before: at(4), limit: 3 })).toBe(2)
        expect([await left('s'), await left('other'), await left('young')]).toEqual([['4'], ['4'], ['young']])
        expect(await messages.prune({ before: at(4), limit: 3 })).toBe(0)
      },
    },
    {
      name: 'prunes a message and keeps a younger one that has its id in another chat',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [
          message({ id: 'X', timestamp: at(1) }),
          message({ id: 'X', chatId: BOB, timestamp: at(5) }),
        ])
        expect(await messages.prune({ before: at(3) })).toBe(1)
        expect((await messages.find('s', { id: 'X' })).map(({ chatId }) => chatId)).toEqual([BOB])
      },
    },
    {
      name: 'removes the messages of a chat up to a time, but for those with a star where that is asked for',
      async run({ open }) {
        const store = await open()
        const { messages } = store
        const made = [1, 2, 3, 4].map((n) => message({ id: `M${n}`, timestamp: at(n) }))
        await messages.upsert('s', [...made, message({ id: 'OTHER', chatId: BOB, timestamp: at(1) })])
        await messages.upsert('S', [message({ id: 'M1', sessionId: 'S', timestamp: at(1) })])
        expect(await messages.change('s', { id: 'M1' }, { kind: 'star', starred: true })).toHaveLength(1)
        const left = async () => (await messages.page('s', { limit: 20 })).items.map(({ id }) => id).sort()
        expect(await messages.removeChat('s', ALICE, { until: at(2), keepStarred: true })).toBe(1)
        expect(await left()).toEqual(['M1', 'M3', 'M4', 'OTHER'])
        expect(await messages.removeChat('s', ALICE, { until: at(3) })).toBe(2)
        expect(await left()).toEqual(['M4', 'OTHER'])
        expect(await store.chats.get('s', ALICE)).toMatchObject({ lastMessage: { id: 'M4' } })
        expect(await messages.count('S')).toBe(1)
      },
    },
    {
      name: 'keeps a star until it is taken off, also when the message is told again',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [message({ id: 'M' })])
        const star = (starred: boolean) => messages.change('s', { id: 'M', chatId: ALICE }, { kind: 'star', starred })
        expect((await star(true))[0]?.after.starred).toBe(true)
        expect(await star(true)).toEqual([])
        await messages.upsert('s', [message({ id: 'M' })])
        expect((await messages.find('s', { id: 'M' }))[0]?.starred).toBe(true)
        expect(await star(false)).toHaveLength(1)
        expect((await messages.find('s', { id: 'M' }))[0]).not.toHaveProperty('starred')
      },
    },
    {
      name: 'keeps the labels of a message until they are taken off, also when the message is told again',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [message({ id: 'M' })])
        const label = (labelId: string, labeled: boolean) =>
          messages.change('s', { id: 'M', chatId: ALICE }, { kind: 'label', labelId, labeled })
        expect((await label('1', true))[0]?.after.labels).toEqual(['1'])
        expect(await label('1', true)).toEqual([])
        await label('2', true)
        await messages.upsert('s', [message({ id: 'M' })])
        expect((await messages.find('s', { id: 'M' }))[0]?.labels).toEqual(['1', '2'])
        await label('1', false)
        expect((await messages.page('s', { limit: 1 })).items[0]?.labels).toEqual(['2'])
        await label('2', false)
        expect((await messages.find('s', { id: 'M' }))[0]).not.toHaveProperty('labels')
      },
    },
    {
      name: 'trims a session to its newest messages, no more than the limit in one call, and no other session',
      async run({ open }) {
        const { messages } = await open()
        // Two with each time, so that the id decides, told in no order.
        const ten = [7, 0, 4, 1, 9, 2, 5, 8, 3, 6]
        const made = ten.map((n) =>
          message({ id: `M${n}`, timestamp: at(Math.floor(n / 2)), chatId: n % 3 ? ALICE : BOB }),
        )
        await messages.upsert('s', made)
        await messages.upsert('other', [message({ sessionId: 'other' })])
        const left = async () => (await messages.page('s', { limit: 20 })).items.map(({ id }) => id)
        expect(await messages.trim('s', { keep: 5, limit: 2 })).toBe(2)
        expect(await left()).toEqual(['M9', 'M8', 'M7', 'M6', 'M5', 'M4', 'M3', 'M2'])
        expect(await messages.trim('s', { keep: 5 })).toBe(3)
        expect(await left()).toEqual(['M9', 'M8', 'M7', 'M6', 'M5'])
        expect(await messages.trim('s', { keep: 5 })).toBe(0)
        expect(await messages.trim('nobody', { keep: 5 })).toBe(0)
        expect(await messages.count('other')).toBe(1)
      },
    },
    {
      name: 'leaves the unread count of a chat as it is when its messages are gone, and counts on from there',
      async run({ open }) {
        const { messages, chats } = await open()
        await messages.upsert('s', [message({ id: 'A', timestamp: at(1) }), message({ id: 'B', timestamp: at(2) })])
        await messages.prune({ before: at(2) })
        expect(await chats.get('s', ALICE)).toMatchObject({ unreadCount: 2, lastMessage: { id: 'B' } })
        await messages.upsert('s', [message({ id: 'C', timestamp: at(3) })])
        await messages.trim('s', { keep: 1 })
        expect(await chats.get('s', ALICE)).toMatchObject({ unreadCount: 3, lastMessage: { id: 'C' } })
      },
    },
    {
      name: 'leaves the chat in its place without a last message when that is gone',
      async run({ open }) {
        const { messages, chats } = await open()
        await messages.upsert('s', [message({ timestamp: at(1) }), message({ id: 'B', chatId: BOB, timestamp: at(2) })])
        await messages.prune({ before: at(9) })
        const { items } = await chats.page('s', { limit: 10 })
        expect(items.map(({ id }) => id)).toEqual([BOB, ALICE])
        expect(items[0]).not.toHaveProperty('lastMessage')
      },
    },
    {
      name: 'removes all messages of a session, and no other',
      async run({ open }) {
        const { messages } = await open()
        for (const sessionId of ['s', 's-', 'S']) await messages.upsert(sessionId, [message({ sessionId })])
        await messages.removeAll('s')
        expect([await messages.count('s'), await messages.count('s-'), await messages.count('S')]).toEqual([0, 1, 1])
        expect((await messages.upsert('s', [message()])).inserted).toEqual([true])
      },
    },
  ]),
]
