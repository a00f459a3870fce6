import { expect } from 'vitest'
import { allPages, times } from '../expectations.js'
import { ALICE, ALICE_LID, at, BOB, BOB_LID, GROUP, message } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const PAIR = { pn: ALICE, lid: ALICE_LID }

export const chatBasicCases: Case<'messages' | 'chats'>[] = [
  ...promise<'messages' | 'chats'>('chats', [
    {
      name: 'makes chats with what their id says, and counts the new ones',
      async run({ open }) {
        const { chats } = await open()
        const empty = { sessionId: 's', unreadCount: 0, archived: false, pinned: false }
        const made = await chats.upsert('s', [
          { id: ALICE },
          { id: ALICE_LID },
          { id: GROUP, name: 'Team' },
          { id: 'status@broadcast' },
        ])
        expect(made).toStrictEqual({
          created: 4,
          chats: [
            { ...empty, id: ALICE, kind: 'individual', phone: '15550000001' },
            { ...empty, id: ALICE_LID, kind: 'individual', lid: ALICE_LID },
            { ...empty, id: GROUP, kind: 'group', name: 'Team' },
            { ...empty, id: 'status@broadcast', kind: 'status' },
          ],
        })
        expect(await chats.get('s', GROUP)).toStrictEqual(made.chats[2])
        expect(await chats.get('s', BOB)).toBeUndefined()
        expect(await chats.get('other', GROUP)).toBeUndefined()
        expect(await chats.count('s')).toBe(4)
      },
    },
    {
      name: 'removes a chat, and none of its messages nor any other',
      async run({ open }) {
        const { chats } = await open()
        await chats.upsert('s', [{ id: ALICE, name: 'Alice' }, { id: BOB }])
        await chats.upsert('S', [{ id: ALICE }])
        expect([await chats.remove('s', ALICE), await chats.remove('s', ALICE)]).toEqual([true, false])
        expect(await chats.get('s', ALICE)).toBeUndefined()
        expect([await chats.count('s'), await chats.count('S')]).toEqual([1, 1])
      },
    },
    {
      name: 'keeps after how many seconds the messages of a chat disappear, until null clears it',
      async run({ open }) {
        const { chats } = await open()
        const { chats: made } = await chats.upsert('s', [{ id: ALICE, disappearsAfterSeconds: 86_400 }])
        expect(made[0]?.disappearsAfterSeconds).toBe(86_400)
        await chats.upsert('s', [{ id: ALICE, name: 'Alice', mutedUntil: null }])
        expect(await chats.get('s', ALICE)).toMatchObject({ name: 'Alice', disappearsAfterSeconds: 86_400 })
        await chats.upsert('s', [{ id: ALICE, disappearsAfterSeconds: null }])
        expect(await chats.get('s', ALICE)).not.toHaveProperty('disappearsAfterSeconds')
      },
    },
    {
      name: 'puts labels on a chat and takes them off, one by one and together',
      async run({ open }) {
        const { chats } = await open()
        const { chats: made } = await chats.upsert('s', [{ id: ALICE, labels: { 1: true, 2: true } }])
        expect(made[0]?.labels).toEqual(['1', '2'])
        await chats.upsert('s', [
          { id: ALICE, labels: { 1: false, 3: true, 2: true } },
          { id: BOB, labels: { 1: false } },
        ])
        expect((await chats.get('s', ALICE))?.labels).toEqual(['2', '3'])
        await chats.upsert('s', [{ id: ALICE, name: 'Alice' }])
        expect((await chats.page('s', { limit: 5 })).items.map(({ id, labels }) => [id, labels])).toEqual([
          [BOB, undefined],
          [ALICE, ['2', '3']],
        ])
        await chats.upsert('s', [{ id: ALICE, labels: { 2: false, 3: false } }])
        expect(await chats.get('s', ALICE)).not.toHaveProperty('labels')
      },
    },
    {
      name: 'keeps labels, and answers those that changed',
      async run({ open }) {
        const { chats } = await open()
        const [red, blue] = [
          { id: '1', name: 'Red', color: 0, deleted: false },
          { id: '2', name: 'Blue', color: 5, deleted: false },
        ]
        expect(await chats.upsertLabels('s', [])).toEqual([])
        expect(await chats.upsertLabels('s', [red, blue])).toStrictEqual([red, blue])
        expect(await chats.upsertLabels('s', [red, { ...blue, color: 6 }, { ...blue, name: 'Navy' }])).toStrictEqual([
          { ...blue, name: 'Navy' },
        ])
        expect(await chats.upsertLabels('S', [red])).toStrictEqual([red])
        expect(await chats.labels('s')).toStrictEqual([red, { ...blue, name: 'Navy' }])
        await chats.removeAll('s')
        expect([await chats.labels('s'), await chats.labels('S')]).toStrictEqual([[], [red]])
      },
    },
    {
      name: 'takes a label that is deleted off every chat and message of the session, and remembers it',
      async run({ open }) {
        const { chats, messages } = await open()
        const label = { id: '1', name: 'Red', color: 0, deleted: false }
        for (const sessionId of ['s', 'S']) {
          await chats.upsertLabels(sessionId, [label])
          await messages.upsert(sessionId, [message({ id: 'M', sessionId }), message({ id: 'N', sessionId })])
          await chats.upsert(sessionId, [{ id: ALICE, labels: { 1: true, 2: true } }])
          for (const labelId of ['1', '2'])
            await messages.change(sessionId, { id: 'M' }, { kind: 'label', labelId, labeled: true })
        }
        const gone = { ...label, deleted: true }
        expect(await chats.upsertLabels('s', [gone])).toStrictEqual([gone])
        const carried = async (sessionId: string) => {
          const [chat, [found]] = [await chats.get(sessionId, ALICE), await messages.find(sessionId, { id: 'M' })]
          return [chat?.labels, found?.labels, chat?.lastMessage?.id]
        }
        expect(await carried('s')).toEqual([['2'], ['2'], 'N'])
        expect(await carried('S')).toEqual([['1', '2'], ['1', '2'], 'N'])
        expect(await chats.labels('s')).toStrictEqual([gone])
      },
    },
    {
      name: 'changes the given fields only; null clears a mute',
      async run({ open }) {
        const { chats } = await open()
        await chats.upsert('s', [{ id: ALICE, name: 'Alice', unreadCount: 3, pinned: true, mutedUntil: at(9) }])
        const { chats: changed, created } = await chats.upsert('s', [{ id: ALICE, archived: true }])
        expect(created).toBe(0)
        expect(changed[0]).toMatchObject({
          name: 'Alice',
          unreadCount: 3,
          pinned: true,
          archived: true,
          mutedUntil: at(9),
        })
        await chats.upsert('s', [{ id: ALICE, mutedUntil: null, unreadCount: 0, pinned: false }])
        const chat = await chats.get('s', ALICE)
        expect(chat).toMatchObject({ name: 'Alice', unreadCount: 0, pinned: false })
        expect(chat).not.toHaveProperty('mutedUntil')
      },
    },
    {
      name: 'applies several changes of one chat in order and answers how it is after the last',
      async run({ open }) {
        const { chats } = await open()
        const { chats: changed, created } = await chats.upsert('s', [
          { id: ALICE, name: 'A' },
          { id: BOB },
          { id: ALICE, name: 'B' },
        ])
        expect([created, changed.map(({ id, name }) => [id, name])]).toEqual([
          2,
          [
            [ALICE, 'B'],
            [BOB, undefined],
            [ALICE, 'B'],
          ],
        ])
        expect(await chats.upsert('s', [])).toEqual({ chats: [], created: 0 })
      },
    },
    {
      name: 'loses none of many changes that come at once beside messages',
      async run({ open }) {
        const { chats, messages } = await open()
        await Promise.all([
          ...times(10).map((n) => messages.upsert('s', [message({ id: `M${n}`, timestamp: at(n) })])),
          chats.upsert('s', [{ id: ALICE, name: 'Alice' }]),
          chats.upsert('s', [{ id: ALICE, pinned: true }]),
          chats.upsert('s', [{ id: ALICE, archived: true }]),
        ])
        expect(await chats.get('s', ALICE)).toMatchObject({
          name: 'Alice',
          pinned: true,
          archived: true,
          unreadCount: 10,
          lastMessage: { id: 'M9' },
        })
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('order and paging of chats', [
    {
      name: 'lists pinned chats first, then by the last message, newest first, each once',
      async run({ open }) {
        const { chats, messages } = await open()
        const jid = (n: number) => `1555${1_000_000 + n}@s.whatsapp.net`
        await messages.upsert(
          's',
          times(10).map((n) => message({ id: `${n}`, chatId: jid(n), timestamp: at(n % 7) })),
        )
        await chats.upsert('s', [{ id: jid(2), pinned: true }, { id: jid(4), pinned: true }, { id: GROUP }])
        await chats.upsert('other', [{ id: BOB }])
        const order = [4, 2, 6, 5, 3, 9, 1, 8, 7, 0]
        for (const limit of [1, 2, 4, 11, 50]) {
          const listed = await allPages(limit, (query) => chats.page('s', query))
          const found = listed.map(({ id }) => id)
          expect(found.slice(0, 5)).toEqual(order.slice(0, 5).map(jid))
          expect(new Set(found)).toEqual(new Set([...times(10).map(jid), GROUP]))
          expect(found).toHaveLength(11)
          expect(found.at(-1)).toBe(GROUP)
        }
      },
    },
    {
      name: 'filters by kind and by archived, on every page',
      async run({ open }) {
        const { chats } = await open()
        const jids = [ALICE, BOB, GROUP, '120363000000000002@g.us', 'status@broadcast', '120363000000000003@newsletter']
        await chats.upsert(
          's',
          jids.map((id, n) => ({ id, archived: n % 2 === 1 })),
        )
        const list = async (query: { kind?: 'group' | 'individual' | 'newsletter'; archived?: boolean }) =>
          (await allPages(1, (page) => chats.page('s', { ...page, ...query }))).map(({ id }) => id).sort()
        expect(await list({ kind: 'group' })).toEqual([GROUP, '120363000000000002@g.us'])
        expect(await list({ kind: 'individual', archived: false })).toEqual([ALICE])
        expect(await list({ kind: 'newsletter', archived: true })).toEqual(['120363000000000003@newsletter'])
        expect(await list({ archived: false })).toHaveLength(3)
      },
    },
  ]),
  ...promise<'messages' | 'chats'>('contacts', [
    {
      name: 'makes and changes contacts and answers those that changed, once each',
      async run({ open }) {
        const { chats } = await open()
        expect(await chats.upsertContacts('s', [{ id: ALICE, name: 'Alice' }, { id: BOB }])).toStrictEqual([
          { id: ALICE, sessionId: 's', phone: '15550000001', name: 'Alice' },
          { id: BOB, sessionId: 's', phone: '15550000002' },
        ])
        const changes = [
          { id: ALICE, name: 'Alice' },
          { id: BOB, pushName: 'b' },
          { id: BOB, pushName: 'Bob' },
        ]
        expect(await chats.upsertContacts('s', changes)).toStrictEqual([
          { id: BOB, sessionId: 's', phone: '15550000002', pushName: 'Bob' },
        ])
        expect(await chats.getContact('s', ALICE)).toMatchObject({ name: 'Alice' })
        expect(await chats.getContact('s', GROUP)).toBeUndefined()
        expect(await chats.getContact('other', ALICE)).toBeUndefined()
      },
    },
    {
      name: 'lists contacts by id, ascending, page by page',
      async run({ open }) {
        const { chats } = await open()
        const jids = times(9).map((n) => `1555${1_000_000 + ((n * 7) % 9)}@s.whatsapp.net`)
        await chats.upsertContacts(
          's',
          jids.map((id) => ({ id })),
        )
        await chats.upsertContacts('other', [{ id: ALICE }])
        for (const limit of [2, 9, 50]) {
          const listed = await allPages(limit, (query) => chats.pageContacts('s', query))
          expect(listed.map(({ id }) => id)).toEqual([...jids].sort())
        }
      },
    },
    {
      name: 'finds contacts by any part of a name or of a number, each once, on full pages',
      async run({ open }) {
        const { chats } = await open()
        const others = times(30).map((n) => ({ id: `1666${1_000_000 + n}@s.whatsapp.net`, name: `Other ${n}` }))
        await chats.upsertContacts('s', [
          ...others,
          { id: ALICE, name: 'ALİCE Ärger', pushName: 'al' },
          { id: BOB_LID, pushName: 'Bob 100%' },
          { id: GROUP, name: 'none' },
        ])
        await chats.upsertContacts('S', [{ id: ALICE, name: 'Alice' }])
        const found = async (text: string, limit = 50) =>
          (await allPages(limit, (query) => chats.pageContacts('s', { ...query, text }))).map(({ id }) => id)
        expect(await found('alice ä')).toEqual([ALICE])
        expect(await found('100%')).toEqual([BOB_LID])
        expect(await found('_')).toEqual([])
        expect(await found('+1 (555) 000')).toEqual([ALICE])
        // Numbers are learned late, and change.
        await chats.mapIdentities('s', [PAIR, { pn: BOB, lid: BOB_LID }])
        expect(await found('5550000001')).toEqual([ALICE_LID])
        expect(await found('alice ä')).toEqual([ALICE_LID])
        expect(await found('1555')).toEqual([ALICE_LID, BOB_LID].sort())
        await chats.mapIdentities('s', [{ pn: '15559999999@s.whatsapp.net', lid: BOB_LID }])
        expect([await found('0000002'), await found('9999999')]).toEqual([[], [BOB_LID]])
        expect(await found('other', 7)).toEqual(others.map(({ id }) => id).sort())
        expect((await chats.pageContacts('s', { limit: 7, text: 'other 2' })).items).toHaveLength(7)
      },
    },
    {
      name: 'finds those whose number begins with seven digits or more, and only where there are none those that have them elsewhere',
      async run({ open }) {
        const { chats } = await open()
        const begun = times(5).map((n) => `1777123456${n}@s.whatsapp.net`)
        const inside = '4917771234567@s.whatsapp.net'
        const lids = times(3).map((n) => `70000000000${n}@lid`)
        await chats.upsertContacts('s', [
          ...begun.map((id) => ({ id })),
          { id: inside },
          // Digits of an address that is no number.
          { id: '17771234569@lid', name: 'nobody' },
          { id: ALICE, name: 'once 17771234561' },
          ...lids.map((id) => ({ id })),
        ])
        await chats.upsertContacts('other', [{ id: '17771234568@s.whatsapp.net' }])
        await chats.mapIdentities(
          's',
          lids.map((lid, n) => ({ pn: `1777123459${n}@s.whatsapp.net`, lid })),
        )
        const found = async (text: string, limit = 50) =>
          (await allPages(limit, (query) => chats.pageContacts('s', { ...query, text }))).map(({ id }) => id)
        for (const limit of [1, 2, 8, 50]) {
          expect(await found('+1 (777) 123-45', limit)).toEqual([...begun, ...lids])
          expect(await found('1777123456', limit)).toEqual(begun)
        }
        expect(await found('17771234561')).toEqual([begun[1]])
        expect(await found('17771234592')).toEqual([lids[2]])
        expect(await found('77712345')).toEqual([ALICE, ...begun, inside, ...lids].sort())
        expect(await found('177712')).toEqual([ALICE, ...begun, inside, ...lids].sort())
        // Numbers change.
        await chats.mapIdentities('s', [{ pn: '15559999999@s.whatsapp.net', lid: lids[2] ?? '' }])
        expect(await found('1777123459')).toEqual(lids.slice(0, 2))
      },
    },
    {
      name: 'removes chats, contacts and identities of a session, and no other',
      async run({ open }) {
        const { chats } = await open()
        for (const sessionId of ['s', 's-', 'S']) {
          await chats.upsert(sessionId, [{ id: ALICE }])
          await chats.upsertContacts(sessionId, [{ id: BOB }])
          await chats.mapIdentities(sessionId, [{ pn: ALICE, lid: ALICE_LID }])
          await chats.learnDialled(sessionId, [{ dialled: BOB, jid: ALICE }])
        }
        await chats.removeAll('s')
        expect([await chats.count('s'), await chats.count('s-'), await chats.count('S')]).toEqual([0, 1, 1])
        expect(await chats.getContact('s', BOB)).toBeUndefined()
        expect(await chats.getContact('s-', BOB)).toBeDefined()
        expect(await chats.resolve('s', [ALICE])).toEqual([ALICE])
        expect(await chats.resolve('S', [ALICE])).toEqual([ALICE_LID])
        expect([await chats.resolveDialled('s', BOB), await chats.resolveDialled('S', BOB)]).toEqual([BOB, ALICE_LID])
      },
    },
  ]),
]
