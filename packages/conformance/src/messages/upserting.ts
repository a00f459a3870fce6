import type { StoredMessage } from '@trunkline/core/store'
import { expect } from 'vitest'
import { hex, times } from '../expectations.js'
import { ALICE, at, BOB, GROUP, ME, message, noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

/** A message in which every field is set. */
const full: StoredMessage = message({
  id: 'FULL',
  chatId: GROUP,
  senderId: ALICE,
  type: 'poll',
  text: 'Größe? 🙂 "quoted" \\ \u0000 end',
  media: {
    mimetype: 'image/jpeg',
    bytes: 3,
    sha256: 'aa',
    width: 1,
    height: 2,
    fileName: 'ü.jpg',
    caption: 'c',
    state: 'remote',
  },
  location: { latitude: -1.5, longitude: 2.25, name: 'n', address: 'a' },
  event: { name: 'e', startsAt: at(9), location: { latitude: 0, longitude: -0.5 }, canceled: false },
  buttons: [
    { text: '$b', id: 'a.b' },
    { text: 'c', url: 'https://example.com' },
  ],
  preview: { url: 'https://a.example/?$b', title: 'A.b', description: '$c', thumbnail: 'data:image/jpeg;base64,/9g=' },
  selection: { id: '$set', data: '{"a.b":1}' },
  amount: { currency: 'EUR', value: '12.50' },
  order: { id: 'o', itemCount: 2 },
  invite: { chatId: GROUP, name: 'n', code: 'c', expiresAt: at(8) },
  call: { kind: 'video', outcome: 'missed', seconds: 0 },
  ad: { id: 'i', title: 't', text: 'x', url: 'u' },
  notice: { kind: 'k', people: [ALICE], value: 'v' },
  contacts: [{ name: 'Bob', vcard: 'BEGIN:VCARD' }],
  quotedMessageId: 'Q',
  mentions: [BOB],
  reactions: [{ senderId: BOB, emoji: '👍', at: at(2) }],
  poll: {
    question: 'q',
    options: [
      { name: 'a.b', voters: [BOB] },
      { name: '$c', voters: [] },
    ],
    selectableCount: 1,
  },
  error: { code: '479', message: 'refused' },
  status: 'failed',
  editedAt: at(3),
  clientMessageId: 'client-1',
  source: 'phone',
  fromMe: true,
  raw: noise(500),
})

export const upsertCases: Case<'messages' | 'chats'>[] = [
  ...promise<'messages' | 'chats'>('round trip', [
    {
      name: 'keeps a message with every field, and one with none that may be missing',
      async run({ open }) {
        const { messages } = await open()
        const { text: _, ...bare } = message({ id: 'BARE' })
        await messages.upsert('s', [full, bare])
        const [found] = await messages.find('s', { id: 'FULL' })
        expect(hex(found?.raw)).toBe(hex(full.raw))
        const { raw: _found, ...foundRest } = found ?? full
        const { raw: _full, ...fullRest } = full
        expect(foundRest).toStrictEqual(fullRest)
        expect(await messages.find('s', { id: 'BARE' })).toStrictEqual([bare])
      },
    },
    {
      name: 'keeps every byte of the protobuf beside it, an empty one too',
      async run({ open }) {
        const { messages } = await open()
        const raws = { every: Uint8Array.from(times(256)), none: new Uint8Array(), view: noise(90).subarray(7, 20) }
        await messages.upsert(
          's',
          Object.entries(raws).map(([id, raw]) => message({ id, raw })),
        )
        for (const [id, raw] of Object.entries(raws))
          expect(hex((await messages.find('s', { id }))[0]?.raw)).toBe(hex(raw))
      },
    },
    {
      name: 'hands out the bytes where one message is asked for and leaves them out of pages',
      async run({ open }) {
        const { messages, chats } = await open()
        await messages.upsert('s', [message({ raw: noise(9), clientMessageId: 'c', fromMe: true })])
        expect((await messages.findByClientId('s', 'c'))?.raw).toBeDefined()
        expect((await messages.listPending('s'))[0]?.raw).toBeDefined()
        expect((await messages.page('s', { limit: 1 })).items[0]).not.toHaveProperty('raw')
        expect((await chats.get('s', ALICE))?.lastMessage).not.toHaveProperty('raw')
      },
    },
    {
      name: 'keeps nothing by reference',
      async run({ open }) {
        const { messages } = await open()
        const given = message({ raw: noise(9), reactions: [{ senderId: BOB, emoji: '👍', at: at(0) }] })
        await messages.upsert('s', [given])
        given.raw?.fill(0)
        given.reactions.length = 0
        const [found] = await messages.find('s', { id: given.id })
        found?.raw?.fill(0)
        const [again] = await messages.find('s', { id: given.id })
        expect(hex(again?.raw)).toBe(hex(noise(9)))
        expect(again?.reactions).toHaveLength(1)
      },
    },
    {
      name: 'finds messages, chats and contacts after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.messages.upsert('s', [
          message({ raw: noise(9) }),
          message({ id: 'B', chatId: BOB, timestamp: at(1) }),
        ])
        await before.chats.upsertContacts('s', [{ id: BOB, name: 'Bob' }])
        const chats = (await before.chats.page('s', { limit: 10 })).items
        const after = await reopen()
        expect((await after.chats.page('s', { limit: 10 })).items).toStrictEqual(chats)
        expect(hex((await after.messages.find('s', { id: message().id }))[0]?.raw)).toBe(hex(noise(9)))
        expect((await after.chats.getContact('s', BOB))?.name).toBe('Bob')
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('idempotent upsert', [
    {
      name: 'tells new messages from those that are there, over calls and within one',
      async run({ open }) {
        const { messages } = await open()
        const [a, b] = [message({ id: 'A' }), message({ id: 'B' })]
        expect(await messages.upsert('s', [a])).toEqual({ inserted: [true], chatsCreated: 1 })
        expect(await messages.upsert('s', [a, b, b, message({ id: 'C', chatId: BOB })])).toEqual({
          inserted: [false, true, false, true],
          chatsCreated: 1,
        })
        expect(await messages.count('s')).toBe(3)
        expect(await messages.upsert('s', [])).toEqual({ inserted: [], chatsCreated: 0 })
      },
    },
    {
      name: 'tells apart messages with one id in different chats, by different senders and in different sessions',
      async run({ open }) {
        const { messages } = await open()
        const group = { id: 'X', chatId: GROUP }
        const given = [
          message({ ...group, senderId: ALICE }),
          message({ ...group, senderId: BOB }),
          message({ id: 'X', chatId: BOB }),
        ]
        expect((await messages.upsert('s', given)).inserted).toEqual([true, true, true])
        expect((await messages.upsert('s-', [message({ id: 'X', chatId: BOB, sessionId: 's-' })])).inserted).toEqual([
          true,
        ])
        expect(await messages.find('s', { id: 'X' })).toHaveLength(3)
        expect(await messages.find('s', { id: 'X', chatId: GROUP })).toHaveLength(2)
        expect(await messages.find('s', { id: 'X', chatId: GROUP, senderId: BOB })).toStrictEqual([given[1]])
        expect(await messages.find('s', { id: 'X', senderId: ALICE })).toStrictEqual([given[0]])
        expect(await messages.find('s', { id: 'x' })).toEqual([])
      },
    },
    {
      name: 'leaves a known message as it is, fills in a missing protobuf and moves its status forward',
      async run({ open }) {
        const { messages } = await open()
        const mine = message({ fromMe: true, status: 'sent' })
        await messages.upsert('s', [mine])
        await messages.upsert('s', [{ ...mine, text: 'other', status: 'pending', raw: noise(9, 1) }])
        await messages.upsert('s', [{ ...mine, text: 'other', status: 'read', raw: noise(9, 2) }])
        await messages.upsert('s', [{ ...mine, text: 'other', status: 'delivered' }])
        const [found] = await messages.find('s', { id: mine.id })
        expect(found).toMatchObject({ text: 'hello', status: 'read' })
        expect(hex(found?.raw)).toBe(hex(noise(9, 1)))
      },
    },
    {
      name: 'puts the reactions and votes that a known message is told again with on it',
      async run({ open }) {
        const { messages } = await open()
        const poll = (voters: string[], second: number) => ({
          question: 'q',
          options: [{ name: 'a', voters }],
          selectableCount: 1,
          votes: voters.map((voterId) => ({ voterId, at: at(second) })),
        })
        const reaction = (senderId: string, emoji: string, second: number) => ({ senderId, emoji, at: at(second) })
        const first = message({ type: 'poll', poll: poll([ALICE], 1), reactions: [reaction(ALICE, '👍', 5)] })
        await messages.upsert('s', [first])
        await messages.upsert('s', [
          { ...first, poll: poll([BOB], 2), reactions: [reaction(ALICE, '👎', 3), reaction(BOB, '🎉', 4)] },
        ])
        await messages.upsert('s', [{ ...first, poll: poll([], 0), reactions: [] }])
        const [found] = await messages.find('s', { id: first.id })
        expect(found?.reactions).toEqual([reaction(ALICE, '👍', 5), reaction(BOB, '🎉', 4)])
        expect(found?.poll?.options).toEqual([{ name: 'a', voters: [ALICE, BOB] }])
      },
    },
    {
      name: 'edits and deletes a known message that is told again as edited or deleted',
      async run({ open }) {
        const { messages } = await open()
        await messages.upsert('s', [
          message({ id: 'E' }),
          message({ id: 'D' }),
          message({ id: 'D2', deletedAt: at(1) }),
        ])
        await messages.upsert('s', [
          message({ id: 'E', text: 'better', editedAt: at(5) }),
          message({ id: 'D', deletedAt: at(6) }),
          message({ id: 'D2', text: 'again' }),
        ])
        expect((await messages.find('s', { id: 'E' }))[0]).toMatchObject({ text: 'better', editedAt: at(5) })
        expect((await messages.find('s', { id: 'D' }))[0]).not.toHaveProperty('text')
        expect((await messages.find('s', { id: 'D' }))[0]).toMatchObject({ deletedAt: at(6) })
        expect((await messages.find('s', { id: 'D2' }))[0]).toMatchObject({ deletedAt: at(1) })
      },
    },
    {
      name: 'makes a chat read when the account answers, by what is new and said, and counts on from there',
      async run({ open }) {
        const { messages, chats } = await open()
        const unread = async () => (await chats.get('s', ALICE))?.unreadCount
        const own = { fromMe: true, senderId: ME }
        await messages.upsert('s', [message({ id: 'A' }), message({ id: 'B' })])
        await messages.upsert('s', [message({ id: 'C', ...own, source: 'history' })])
        await messages.upsert('s', [message({ id: 'D', ...own, type: 'unknown' })])
        expect(await unread()).toBe(2)
        await messages.upsert('s', [message({ id: 'E' }), message({ id: 'F', ...own }), message({ id: 'G' })])
        expect(await unread()).toBe(1)
        await messages.upsert('s', [message({ id: 'F', ...own })])
        expect(await unread()).toBe(1)
        await messages.upsert('s', [message({ id: 'H', ...own, source: 'phone' })])
        expect(await unread()).toBe(0)
      },
    },
    {
      name: 'fills in a placeholder once, at its place, and counts it as new then',
      async run({ open }) {
        const { messages, chats } = await open()
        const { text: _, ...awaited } = message({ id: 'W', type: 'placeholder', timestamp: at(1) })
        const said = message({ id: 'W', text: 'at last', timestamp: at(9), raw: noise(9) })
        const later = message({ id: 'L', timestamp: at(5) })
        expect((await messages.upsert('s', [{ ...awaited, notice: { kind: 'waiting' } }, later])).inserted).toEqual([
          true,
          true,
        ])
        expect((await messages.upsert('s', [{ ...awaited, raw: noise(9, 2) }])).inserted).toEqual([false])
        await messages.change('s', { id: 'W' }, { kind: 'reaction', senderId: BOB, emoji: '👍', at: at(2) })
        expect((await messages.upsert('s', [said])).inserted).toEqual([true])
        expect((await messages.upsert('s', [said, awaited])).inserted).toEqual([false, false])
        const { items } = await messages.page('s', { limit: 9 })
        expect(items).toMatchObject([{ id: 'L' }, { id: 'W', type: 'text', text: 'at last', timestamp: at(1) }])
        expect(items[1]).toMatchObject({ reactions: [{ senderId: BOB, emoji: '👍' }] })
        expect(items[1]).not.toHaveProperty('notice')
        expect(await chats.get('s', ALICE)).toMatchObject({ unreadCount: 2, lastMessage: { id: 'L' } })
      },
    },
    {
      name: 'stores a message once when many tell it at once',
      async run({ open }) {
        const { messages, chats } = await open()
        const outcomes = await Promise.all(
          times(10).map((n) => messages.upsert('s', [message(), message({ id: `own${n}` })])),
        )
        expect(outcomes.filter(({ inserted }) => inserted[0])).toHaveLength(1)
        expect(outcomes.filter(({ inserted }) => inserted[1])).toHaveLength(10)
        expect(await messages.count('s')).toBe(11)
        expect((await chats.get('s', ALICE))?.unreadCount).toBe(11)
        expect(outcomes.reduce((sum, { chatsCreated }) => sum + chatsCreated, 0)).toBe(1)
      },
    },
    {
      name: 'stores a message once when two instances tell it at once',
      needs: ['shared'],
      async run({ open }) {
        const stores = [await open(), await open()]
        const outcomes = await Promise.all(times(10).map((n) => stores[n % 2]?.messages.upsert('s', [message()])))
        expect(outcomes.filter((outcome) => outcome?.inserted[0])).toHaveLength(1)
        expect((await stores[0]?.chats.get('s', ALICE))?.unreadCount).toBe(1)
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('the chat of a message', [
    {
      name: 'is made with the first message, and its last message moves forward only',
      async run({ open }) {
        const { messages, chats } = await open()
        await messages.upsert('s', [message({ id: 'B', timestamp: at(5) }), message({ id: 'A', timestamp: at(1) })])
        expect((await chats.get('s', ALICE))?.lastMessage).toStrictEqual(message({ id: 'B', timestamp: at(5) }))
        await messages.upsert('s', [message({ id: 'C', timestamp: at(3) })])
        expect((await chats.get('s', ALICE))?.lastMessage?.id).toBe('B')
        await messages.upsert('s', [message({ id: 'A2', timestamp: at(5) })])
        expect((await chats.get('s', ALICE))?.lastMessage?.id).toBe('B')
        await messages.upsert('s', [message({ id: 'B2', timestamp: at(5) })])
        expect((await chats.get('s', ALICE))?.lastMessage?.id).toBe('B2')
      },
    },
    {
      name: 'grows more unread by new inbound messages that are neither history nor deleted',
      async run({ open }) {
        const { messages, chats } = await open()
        const unread = async () => (await chats.get('s', ALICE))?.unreadCount
        await messages.upsert('s', [message({ id: 'live' }), message({ id: 'offline', source: 'offline' })])
        expect(await unread()).toBe(2)
        await messages.upsert('s', [
          message({ id: 'live' }),
          message({ id: 'mine', fromMe: true, source: 'history' }),
          message({ id: 'old', source: 'history' }),
          message({ id: 'gone', deletedAt: at(1) }),
        ])
        expect(await unread()).toBe(2)
        await chats.upsert('s', [{ id: ALICE, unreadCount: 0 }])
        await messages.upsert('s', [message({ id: 'new' })])
        expect(await unread()).toBe(1)
      },
    },
    {
      name: 'is neither more unread nor moved on by what nobody said or nobody sees',
      async run({ open }) {
        const { messages, chats } = await open()
        const later = (id: 'system' | 'placeholder' | 'hidden' | 'unknown', second: number) =>
          message({ id, type: id, timestamp: at(second) })
        await messages.upsert('s', [message(), later('hidden', 1), later('unknown', 2)])
        expect(await chats.get('s', ALICE)).toMatchObject({ unreadCount: 1, lastMessage: { id: message().id } })
        await messages.upsert('s', [later('system', 3)])
        expect(await chats.get('s', ALICE)).toMatchObject({ unreadCount: 1, lastMessage: { id: 'system' } })
        await messages.upsert('s', [later('placeholder', 4)])
        expect(await chats.get('s', ALICE)).toMatchObject({ unreadCount: 1, lastMessage: { id: 'placeholder' } })
        await messages.upsert('s', [message({ id: 'alone', chatId: BOB, type: 'hidden' })])
        expect(await chats.get('s', BOB)).not.toHaveProperty('lastMessage')
      },
    },
    {
      name: 'shows its last message as it is now',
      async run({ open }) {
        const { messages, chats } = await open()
        await messages.upsert('s', [message({ fromMe: true })])
        await messages.change('s', { id: message().id }, { kind: 'status', status: 'read' })
        expect((await chats.get('s', ALICE))?.lastMessage).toMatchObject({ status: 'read', senderId: ME })
        expect((await chats.page('s', { limit: 1 })).items[0]?.lastMessage?.status).toBe('read')
      },
    },
    {
      name: 'takes the 50 chats and 1,000 messages of a history chunk at once',
      async run({ open }) {
        const { messages, chats } = await open()
        const history = times(1_000).map((n) =>
          message({
            id: `H${n}`,
            chatId: `1555${1_000_000 + (n % 50)}@s.whatsapp.net`,
            timestamp: at(n),
            source: 'history',
            raw: noise(100, n),
          }),
        )
        const { inserted, chatsCreated } = await messages.upsert('s', history)
        expect([inserted.every(Boolean), chatsCreated]).toEqual([true, 50])
        expect(await messages.count('s')).toBe(1_000)
        expect((await chats.page('s', { limit: 1 })).items[0]).toMatchObject({
          unreadCount: 0,
          lastMessage: { id: 'H999' },
        })
      },
    },
  ]),
]
