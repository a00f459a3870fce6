import type { Store } from '@trunkline/core/store'
import { expect } from 'vitest'
import { hex, times } from '../expectations.js'
import { ALICE, ALICE_LID, at, BOB, BOB_LID, GROUP, message, noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

/** As people dial what WhatsApp knows under another number. */
const DIALLED = '5511988880001@s.whatsapp.net'
const PAIR = { pn: ALICE, lid: ALICE_LID }
const inChat = async (store: Pick<Store, 'messages'>, chatId: string) =>
  (await store.messages.page('s', { limit: 50, chatId })).items

export const identityCases: Case<'messages' | 'chats'>[] = [
  ...promise<'messages' | 'chats'>('identities', [
    {
      name: 'resolves a phone number to its LID once it is known, and everything else to itself',
      async run({ open }) {
        const { chats } = await open()
        expect(await chats.resolve('s', [ALICE, ALICE_LID])).toEqual([ALICE, ALICE_LID])
        expect(await chats.mapIdentities('s', [PAIR])).toEqual([])
        expect(await chats.resolve('s', [BOB, ALICE, GROUP, ALICE_LID, ALICE])).toEqual([
          BOB,
          ALICE_LID,
          GROUP,
          ALICE_LID,
          ALICE_LID,
        ])
        expect(await chats.resolve('other', [ALICE])).toEqual([ALICE])
        expect(await chats.resolve('s', [])).toEqual([])
      },
    },
    {
      name: 'knows the phone numbers of LIDs, and shows them on chats and contacts',
      async run({ open }) {
        const { chats } = await open()
        await chats.mapIdentities('s', [PAIR])
        expect(await chats.phonesOf('s', [ALICE_LID, BOB_LID])).toEqual(new Map([[ALICE_LID, ALICE]]))
        const { chats: made } = await chats.upsert('s', [{ id: ALICE_LID }])
        expect(made[0]).toMatchObject({ phone: '15550000001', lid: ALICE_LID })
        expect((await chats.page('s', { limit: 1 })).items[0]?.phone).toBe('15550000001')
        const contact = { id: ALICE_LID, sessionId: 's', phone: '15550000001', lid: ALICE_LID, name: 'Alice' }
        expect(await chats.upsertContacts('s', [{ id: ALICE_LID, name: 'Alice' }])).toStrictEqual([contact])
        expect(await chats.getContact('s', ALICE_LID)).toStrictEqual(contact)
        expect((await chats.pageContacts('s', { limit: 1 })).items).toStrictEqual([contact])
      },
    },
    {
      name: 'gives a chat that is merged the labels of both',
      async run({ open }) {
        const { chats } = await open()
        await chats.upsert('s', [
          { id: ALICE, labels: { 1: true, 2: true } },
          { id: ALICE_LID, labels: { 2: true, 3: true } },
          { id: BOB, labels: { 4: true } },
        ])
        await chats.mapIdentities('s', [PAIR, { pn: BOB, lid: BOB_LID }])
        expect((await chats.get('s', ALICE_LID))?.labels?.toSorted()).toEqual(['1', '2', '3'])
        expect((await chats.get('s', BOB_LID))?.labels).toEqual(['4'])
      },
    },
    {
      name: 'gives a phone number that moves to another LID the new one, and leaves the old chat alone',
      async run({ open }) {
        const { chats } = await open()
        await chats.mapIdentities('s', [PAIR])
        await chats.upsert('s', [{ id: ALICE_LID }])
        await chats.mapIdentities('s', [{ pn: ALICE, lid: BOB_LID }])
        expect(await chats.resolve('s', [ALICE])).toEqual([BOB_LID])
        expect(await chats.phonesOf('s', [ALICE_LID, BOB_LID])).toEqual(new Map([[BOB_LID, ALICE]]))
        expect(await chats.get('s', ALICE_LID)).not.toHaveProperty('phone')
      },
    },
    {
      name: 'gives a person with a new phone number the new one, and still finds them by the old one',
      async run({ open }) {
        const { chats } = await open()
        await chats.mapIdentities('s', [PAIR, { pn: BOB, lid: ALICE_LID }])
        expect(await chats.resolve('s', [ALICE, BOB])).toEqual([ALICE_LID, ALICE_LID])
        expect(await chats.phonesOf('s', [ALICE_LID])).toEqual(new Map([[ALICE_LID, BOB]]))
        // The old number goes to somebody else: the person keeps the new one.
        await chats.mapIdentities('s', [{ pn: ALICE, lid: BOB_LID }])
        expect(await chats.resolve('s', [ALICE, BOB])).toEqual([BOB_LID, ALICE_LID])
        expect(await chats.phonesOf('s', [ALICE_LID, BOB_LID])).toEqual(
          new Map([
            [ALICE_LID, BOB],
            [BOB_LID, ALICE],
          ]),
        )
      },
    },
    {
      name: 'finds identities after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        await (await open()).chats.mapIdentities('s', [PAIR])
        const { chats } = await reopen()
        expect(await chats.resolve('s', [ALICE])).toEqual([ALICE_LID])
        expect(await chats.phonesOf('s', [ALICE_LID])).toEqual(new Map([[ALICE_LID, ALICE]]))
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('dialled numbers', [
    {
      name: 'finds a number under the address that it was found under, and under its LID once that is known',
      async run({ open }) {
        const { chats } = await open()
        expect(await chats.resolveDialled('s', DIALLED)).toBe(DIALLED)
        await chats.learnDialled('s', [{ dialled: DIALLED, jid: ALICE }])
        await chats.learnDialled('s', [{ dialled: DIALLED, jid: ALICE }])
        expect(await chats.resolveDialled('s', DIALLED)).toBe(ALICE)
        await chats.mapIdentities('s', [PAIR])
        expect(await chats.resolveDialled('s', DIALLED)).toBe(ALICE_LID)
        expect(await chats.resolveDialled('s', ALICE)).toBe(ALICE_LID)
        expect(await chats.resolveDialled('s', ALICE_LID)).toBe(ALICE_LID)
        expect(await chats.resolveDialled('other', DIALLED)).toBe(DIALLED)
      },
    },
    {
      name: 'takes what comes from WhatsApp for what it says, whatever was dialled',
      async run({ open }) {
        const { chats } = await open()
        await chats.learnDialled('s', [{ dialled: DIALLED, jid: ALICE }])
        expect(await chats.resolve('s', [DIALLED])).toEqual([DIALLED])
        expect(await chats.mapIdentities('s', [PAIR])).toEqual([])
        expect(await chats.resolve('s', [DIALLED])).toEqual([DIALLED])
      },
    },
    {
      name: 'gives a dialled number to whoever has it by now, and takes the newest answer',
      async run({ open }) {
        const { chats } = await open()
        await chats.learnDialled('s', [
          { dialled: DIALLED, jid: ALICE },
          { dialled: DIALLED, jid: BOB },
        ])
        expect(await chats.resolveDialled('s', DIALLED)).toBe(BOB)
        await chats.mapIdentities('s', [{ pn: DIALLED, lid: BOB_LID }])
        expect(await chats.resolveDialled('s', DIALLED)).toBe(BOB_LID)
      },
    },
    {
      name: 'finds dialled numbers after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        await (await open()).chats.learnDialled('s', [{ dialled: DIALLED, jid: ALICE }])
        expect(await (await reopen()).chats.resolveDialled('s', DIALLED)).toBe(ALICE)
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('merging two chats of one person', [
    {
      name: 'moves a chat with its messages and its contact to the LID',
      async run({ open }) {
        const store = await open()
        const raw = noise(50)
        await store.messages.upsert('s', [
          message({ id: 'A', raw, timestamp: at(1) }),
          message({ id: 'B', fromMe: true, timestamp: at(2), clientMessageId: 'c' }),
        ])
        await store.chats.upsert('s', [{ id: ALICE, name: 'Alice', pinned: true, mutedUntil: at(9), unreadCount: 1 }])
        await store.chats.upsert('s', [{ id: ALICE, disappearsAfterSeconds: 60 }])
        await store.chats.upsertContacts('s', [{ id: ALICE, name: 'Alice', pushName: 'al' }])

        expect(await store.chats.mapIdentities('s', [PAIR])).toEqual([{ chatId: ALICE_LID, mergedFrom: ALICE }])
        expect(await store.chats.get('s', ALICE)).toBeUndefined()
        expect(await store.chats.get('s', ALICE_LID)).toMatchObject({
          name: 'Alice',
          pinned: true,
          mutedUntil: at(9),
          disappearsAfterSeconds: 60,
          unreadCount: 1,
          phone: '15550000001',
          lastMessage: { id: 'B', chatId: ALICE_LID },
        })
        expect(await inChat(store, ALICE)).toEqual([])
        const moved = await inChat(store, ALICE_LID)
        expect(moved.map(({ id, senderId, fromMe }) => [id, fromMe || senderId])).toEqual([
          ['B', true],
          ['A', ALICE_LID],
        ])
        expect(hex((await store.messages.find('s', { id: 'A', chatId: ALICE_LID, senderId: ALICE_LID }))[0]?.raw)).toBe(
          hex(raw),
        )
        expect((await store.messages.findByClientId('s', 'c'))?.chatId).toBe(ALICE_LID)
        expect((await store.messages.listPending('s')).map(({ chatId }) => chatId)).toEqual([ALICE_LID])
        expect(await store.chats.getContact('s', ALICE)).toBeUndefined()
        expect(await store.chats.getContact('s', ALICE_LID)).toMatchObject({
          name: 'Alice',
          pushName: 'al',
          lid: ALICE_LID,
        })
      },
    },
    {
      name: 'adds up what was unread, keeps the later last message and makes one of a message in both',
      async run({ open }) {
        const store = await open()
        const under = (chatId: string, changes: Parameters<typeof message>[0]) =>
          message({ chatId, senderId: chatId, ...changes })
        await store.messages.upsert('s', [
          under(ALICE, { id: 'old', timestamp: at(1) }),
          under(ALICE, { id: 'both', timestamp: at(2), status: 'read', raw: noise(9) }),
          under(ALICE, { id: 'late', timestamp: at(8) }),
          under(ALICE_LID, { id: 'both', timestamp: at(2) }),
          under(ALICE_LID, { id: 'new', timestamp: at(5) }),
        ])
        await store.messages.change(
          's',
          { id: 'both', chatId: ALICE },
          { kind: 'reaction', senderId: BOB, emoji: '👍', at: at(3) },
        )
        await store.chats.upsert('s', [
          { id: ALICE, name: 'by number', archived: true, unreadCount: 4, pinned: true },
          { id: ALICE_LID, name: 'by LID', archived: false, unreadCount: 2 },
        ])
        await store.chats.upsertContacts('s', [
          { id: ALICE, name: 'n1', pushName: 'p1' },
          { id: ALICE_LID, pushName: 'p2' },
        ])

        expect(await store.chats.mapIdentities('s', [PAIR])).toEqual([{ chatId: ALICE_LID, mergedFrom: ALICE }])
        const chat = await store.chats.get('s', ALICE_LID)
        expect(chat).toMatchObject({
          name: 'by LID',
          archived: false,
          pinned: true,
          unreadCount: 6,
          lastMessage: { id: 'late' },
        })
        expect((await inChat(store, ALICE_LID)).map(({ id }) => id)).toEqual(['late', 'new', 'both', 'old'])
        const [both] = await store.messages.find('s', { id: 'both' })
        expect(both).toMatchObject({ status: 'read', reactions: [{ senderId: BOB }] })
        expect(hex(both?.raw)).toBe(hex(noise(9)))
        expect(await store.messages.count('s')).toBe(4)
        expect(await store.chats.count('s')).toBe(1)
        expect(await store.chats.getContact('s', ALICE_LID)).toMatchObject({ name: 'n1', pushName: 'p2' })
      },
    },
    {
      name: 'changes nothing when it is told twice',
      async run({ open }) {
        const store = await open()
        await store.messages.upsert('s', [message({ id: 'A' }), message({ id: 'B', chatId: ALICE_LID })])
        await store.chats.mapIdentities('s', [PAIR, PAIR])
        const chat = await store.chats.get('s', ALICE_LID)
        expect(await store.chats.mapIdentities('s', [PAIR])).toEqual([])
        expect(await store.chats.get('s', ALICE_LID)).toStrictEqual(chat)
        expect(await store.messages.count('s')).toBe(2)
      },
    },
    {
      name: 'moves what was stored under the phone number late, when the pair is told again',
      async run({ open }) {
        const store = await open()
        await store.chats.mapIdentities('s', [PAIR])
        await store.messages.upsert('s', [
          message({ id: 'A' }),
          message({ id: 'B', chatId: ALICE_LID, timestamp: at(1) }),
        ])
        expect(await store.chats.mapIdentities('s', [PAIR])).toEqual([{ chatId: ALICE_LID, mergedFrom: ALICE }])
        expect(await inChat(store, ALICE_LID)).toHaveLength(2)
        expect(await store.chats.get('s', ALICE_LID)).toMatchObject({ unreadCount: 2, lastMessage: { id: 'B' } })
      },
    },
    {
      name: 'moves what a person wrote in groups, and what they are named in there, to the LID',
      async run({ open }) {
        const store = await open()
        await store.messages.upsert('s', [
          message({ id: 'A', chatId: GROUP, senderId: ALICE, timestamp: at(1), mentions: [ALICE, BOB] }),
          message({ id: 'B', chatId: GROUP, senderId: BOB, timestamp: at(2) }),
          message({ id: 'C', chatId: GROUP, senderId: ALICE, timestamp: at(3) }),
          message({ id: 'C', chatId: GROUP, senderId: ALICE_LID, timestamp: at(3), status: 'read' }),
        ])
        await store.messages.change('s', { id: 'A' }, { kind: 'reaction', senderId: ALICE, emoji: '👍', at: at(4) })
        expect(await store.chats.mapIdentities('s', [PAIR])).toEqual([])
        const found = await inChat(store, GROUP)
        expect(found.map(({ id, senderId }) => [id, senderId])).toEqual([
          ['C', ALICE_LID],
          ['B', BOB],
          ['A', ALICE_LID],
        ])
        expect(found[0]?.status).toBe('read')
        expect(found[2]).toMatchObject({ mentions: [ALICE_LID, BOB], reactions: [{ senderId: ALICE_LID }] })
        expect((await store.chats.get('s', GROUP))?.lastMessage).toMatchObject({ id: 'C', senderId: ALICE_LID })
      },
    },
    {
      name: 'takes the pairs of a history sync at once, and moves only the chats that are there',
      async run({ open }) {
        const store = await open()
        const pairs = times(500).map((n) => ({
          pn: `1555${1_000_000 + n}@s.whatsapp.net`,
          lid: `2000000${1_000_000 + n}@lid`,
        }))
        const chatted = pairs.filter((_, n) => n % 50 === 0)
        await store.messages.upsert(
          's',
          chatted.map(({ pn }) => message({ id: pn, chatId: pn })),
        )
        const merged = await store.chats.mapIdentities('s', pairs)
        expect(merged).toEqual(chatted.map(({ pn, lid }) => ({ chatId: lid, mergedFrom: pn })))
        expect(
          await store.chats.resolve(
            's',
            pairs.map(({ pn }) => pn),
          ),
        ).toEqual(pairs.map(({ lid }) => lid))
        expect(await store.chats.count('s')).toBe(10)
      },
    },
  ]),
]
