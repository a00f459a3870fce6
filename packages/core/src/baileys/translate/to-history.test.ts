import { createHash } from 'node:crypto'
import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { Preload, type PreloadSettings } from './preload.js'
import { contactPairs, newestOfEach, toChatChange, toContactChanges, toHistory } from './to-history.js'

const ME = '200000000000001@lid'
const CAROL = '15550000003@s.whatsapp.net'
const CAROL_LID = '200000000000003@lid'
const GROUP = '120363000000000001@g.us'

const wa = (id: string, remoteJid: string, second: number): WAMessage =>
  ({
    key: { remoteJid, id, fromMe: false },
    messageTimestamp: 1_764_000_000 + second,
    message: { conversation: id },
  }) as WAMessage

type Set = Parameters<typeof toHistory>[0]
const history = (fields: Partial<Set>, preload: PreloadSettings = { type: 'all', limit: 100 }) =>
  historyOf(fields, new Preload(preload))

function historyOf(fields: Partial<Set>, preload: Preload) {
  const set = { chats: [], contacts: [], messages: [], ...fields } as Set
  preload.admit(newestOfEach(set))
  return toHistory(set, { me: ME, preload })
}

describe('toHistory', () => {
  const messages = [wa('A', CAROL, 1), wa('B', GROUP, 2), wa('C', CAROL, 3)]
  const chats = [
    { id: CAROL, name: 'Carol' },
    { id: GROUP, name: 'Friends' },
  ]

  it.each([
    ['all', ['A', 'B', 'C'], [CAROL, GROUP]],
    ['individual', ['A', 'C'], [CAROL]],
    ['group', ['B'], [GROUP]],
    ['none', [], []],
  ] as const)('keeps what the settings say: %s', (type, ids, chatIds) => {
    const event = history({ messages, chats } as Partial<Set>, { type, limit: 100 })
    expect(event.messages.map(({ id }) => id)).toEqual(ids)
    expect(event.chats.map(({ id }) => id)).toEqual(chatIds)
  })

  it('puts the reactions and votes that the phone keeps beside a message on it', () => {
    const reactedBy = (key: object, second: number) => ({ key, senderTimestampMs: second * 1000 })
    const hash = (name: string) => createHash('sha256').update(name).digest()
    const vote = (key: object, options: string[], second: number) => ({
      pollUpdateMessageKey: key,
      vote: { selectedOptions: options.map(hash) },
      senderTimestampMs: second * 1000,
    })
    const [mine, carols] = [
      { fromMe: true, remoteJid: GROUP },
      { remoteJid: GROUP, participant: CAROL },
    ]
    const poll = { name: 'When?', options: [{ optionName: 'today' }, { optionName: 'tomorrow' }] }
    const told = {
      ...wa('P', GROUP, 1),
      message: { pollCreationMessage: poll },
      reactions: [
        { ...reactedBy(mine, 1_764_000_005), text: '👍' },
        { ...reactedBy(carols, 0), text: '🎉' },
        { ...reactedBy({ remoteJid: GROUP, participant: CAROL_LID }, 1), text: '' },
        { text: '👎' },
      ],
      pollUpdates: [
        vote(carols, ['tomorrow', 'never'], 1_764_000_007),
        vote(carols, ['today'], 1_764_000_006),
        vote(mine, [], 1_764_000_008),
        { pollUpdateMessageKey: {} },
      ],
    }
    const at = (second: number) => new Date((1_764_000_000 + second) * 1000).toISOString()
    const { messages: translated } = history({
      messages: [told, { ...told, message: { conversation: 'x' } }],
    } as object)
    expect(translated.map(({ reactions }) => reactions)).toEqual(
      [1, 2].map(() => [
        { senderId: ME, emoji: '👍', at: at(5) },
        { senderId: CAROL, emoji: '🎉', at: at(1) },
      ]),
    )
    expect(translated.map((message) => message.poll)).toEqual([
      {
        question: 'When?',
        options: [
          { name: 'today', voters: [] },
          { name: 'tomorrow', voters: [CAROL] },
        ],
        selectableCount: 0,
        votes: [
          { voterId: CAROL, at: at(7) },
          { voterId: ME, at: at(8) },
        ],
      },
      undefined,
    ])
  })

  it('keeps the newest chats, as many as the limit says, with all that came of them', () => {
    const jid = (n: number) => `1555000${n}@s.whatsapp.net`
    const many = Array.from({ length: 40 }, (_, n) => wa(`${n}`, jid(1_000 + (n % 4)), n % 4))
    const told = [
      { id: jid(1_001), conversationTimestamp: 1_764_000_100 },
      { id: jid(2_000), conversationTimestamp: 1 },
    ]
    const event = history({ messages: many, chats: told } as Partial<Set>, { type: 'individual', limit: 2 })
    expect(new Set(event.messages.map(({ chatId }) => chatId))).toEqual(new Set([jid(1_001), jid(1_003)]))
    expect(event.messages).toHaveLength(20)
    expect(event.chats.map(({ id }) => id)).toEqual([jid(1_001)])
    expect(history({ messages: many }, { type: 'all', limit: 0 })).toMatchObject({ messages: [], chats: [] })
  })

  it('keeps no more chats of all parts together, and more of a chat that it keeps', () => {
    const preload = new Preload({ type: 'all', limit: 1 })
    const part = (fields: Partial<Set>) => historyOf(fields, preload).messages
    expect(part({ messages: [wa('A', CAROL, 1)] })).toHaveLength(1)
    expect(part({ messages: [wa('B', GROUP, 9), wa('C', CAROL, 0)] }).map(({ id }) => id)).toEqual(['C'])
    const asked = { messages: [wa('D', GROUP, 0)], syncType: proto.HistorySync.HistorySyncType.ON_DEMAND }
    expect(part(asked).map(({ id }) => id)).toEqual(['D'])
  })

  it.each([
    [proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP, 3],
    [proto.HistorySync.HistorySyncType.RECENT, undefined],
  ])('takes the unread messages that the phone counted, once (sync type %s)', (syncType, unreadCount) => {
    const [chat] = history({ chats: [{ id: CAROL, unreadCount: 3 }], syncType } as Partial<Set>).chats
    expect(chat?.unreadCount).toBe(unreadCount)
  })

  it('takes its messages for history, not for news', () => {
    expect(history({ messages }).messages[0]).toMatchObject({ source: 'history', senderId: CAROL })
  })

  describe('of what was changed', () => {
    const { Type } = proto.Message.ProtocolMessage
    const told = (protocolMessage: proto.Message.IProtocolMessage, key: object = { id: 'H2' }, at = 60) => ({
      key: { remoteJid: CAROL, fromMe: false, ...key },
      messageTimestamp: 1_764_000_000 + at,
      message: { protocolMessage },
    })
    const edit = {
      type: Type.MESSAGE_EDIT,
      key: { remoteJid: CAROL, fromMe: false, id: 'H2' },
      editedMessage: { conversation: 'edited text' },
      timestampMs: 1_764_000_120_000,
    }
    const edited = { id: 'H2', type: 'text', text: 'edited text', editedAt: '2025-11-24T16:02:00.000Z' }

    it.each([
      ['wrapped', { ...told(edit), message: { editedMessage: { message: { protocolMessage: edit } } } }],
      ['bare', told(edit)],
      ['under an id of its own', told(edit, { id: 'OTHER' })],
    ])('keeps an edit at the place of its message: %s', (_how, entry) => {
      const messages = [wa('H1', CAROL, 0), entry] as WAMessage[]
      const event = history({ messages, syncType: proto.HistorySync.HistorySyncType.ON_DEMAND })
      expect(event.messages).toMatchObject([{ id: 'H1' }, { ...edited, timestamp: '2025-11-24T16:01:00.000Z' }])
      expect(event.changes).toEqual([])
      expect(event.messages[1]?.raw).toBeDefined()
    })

    it('keeps a deletion at its place, by its author, whoever has deleted it', () => {
      const inGroup = { remoteJid: GROUP, participant: ME, fromMe: true, id: 'D' }
      const revoke = (key: object) => ({ type: Type.REVOKE, key: { remoteJid: GROUP, id: 'H3', ...key } })
      const event = history({
        messages: [
          told({ type: Type.REVOKE, key: { id: 'H2' } }),
          told(revoke({ participant: CAROL_LID, fromMe: false }), inGroup),
        ] as WAMessage[],
      })
      expect(event.messages).toMatchObject([
        { id: 'H2', senderId: CAROL, deletedAt: '2025-11-24T16:01:00.000Z' },
        { id: 'H3', chatId: GROUP, senderId: CAROL_LID, fromMe: false, deletedAt: '2025-11-24T16:01:00.000Z' },
      ])
      for (const message of event.messages) expect(message).not.toHaveProperty('text')
    })

    it('hands on the other changes, of the chats that are kept', () => {
      const reaction = (remoteJid: string) => ({
        ...told({}, { id: 'R', remoteJid }),
        message: { reactionMessage: { key: { id: 'A' }, text: '👍' } },
      })
      const messages = [wa('A', CAROL, 0), reaction(CAROL), reaction(GROUP)] as WAMessage[]
      const event = history({ messages }, { type: 'individual', limit: 9 })
      expect(event.changes).toMatchObject([{ kind: 'reaction', messageId: 'A', chatId: CAROL, emoji: '👍' }])
    })
  })

  it('leaves out what is no message, without failing for the rest', () => {
    const key = { remoteJid: CAROL, id: 'X' }
    const odd = [
      { key, message: null },
      { key: {}, message: { conversation: 'x' } },
      { key, message: { protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE, key } } },
      wa('A', CAROL, 1),
    ] as WAMessage[]
    expect(history({ messages: odd }).messages.map(({ id }) => id)).toEqual(['X', 'A'])
  })

  it.each([
    [undefined, true],
    [null, true],
    [50, false],
    [100, true],
  ])('with progress %s is done: %s', (progress, done) => {
    expect(history({ progress } as Partial<Set>).done).toBe(done)
  })

  it('collects identities from wherever they are told', () => {
    const event = history({
      lidPnMappings: [{ pn: '15550000004:2@s.whatsapp.net', lid: '200000000000004:2@lid' }],
      contacts: [{ id: CAROL, lid: CAROL_LID }],
    })
    expect(event.identities).toEqual([
      { pn: '15550000004@s.whatsapp.net', lid: '200000000000004@lid' },
      { pn: CAROL, lid: CAROL_LID },
    ])
  })
})

describe('toContactChanges', () => {
  it('tells both names, and says nothing of contacts without any or without an address', () => {
    const contacts = [{ id: CAROL, name: 'Carol', notify: 'C.' }, { id: CAROL }, { id: 'x', name: 'X' }, { name: 'Y' }]
    expect(toContactChanges(contacts)).toEqual([{ id: CAROL, name: 'Carol', pushName: 'C.' }])
  })
})

describe('contactPairs', () => {
  it.each([
    [{ id: CAROL, lid: CAROL_LID }],
    [{ id: CAROL_LID, phoneNumber: CAROL }],
    [{ id: GROUP, lid: CAROL_LID, phoneNumber: CAROL }],
  ])('finds the pair in %j', (contact) => {
    expect(contactPairs([contact])).toEqual([{ pn: CAROL, lid: CAROL_LID }])
  })

  it('finds none where there is none', () => {
    expect(contactPairs([{ id: CAROL }, { id: CAROL_LID }, {}])).toEqual([])
  })
})

describe('after how many seconds the messages of a chat disappear', () => {
  it.each([
    [86_400, 86_400],
    [0, null],
    [null, null],
    [undefined, undefined],
  ])('%s is %s', (ephemeralExpiration, disappearsAfterSeconds) => {
    const chat = { id: GROUP, ...(ephemeralExpiration === undefined ? {} : { ephemeralExpiration }) }
    expect(toChatChange(chat as Parameters<typeof toChatChange>[0])?.disappearsAfterSeconds).toBe(
      disappearsAfterSeconds,
    )
  })
})

describe('the end of a mute', () => {
  it.each([
    [0, null],
    [-1, '9999-12-31T00:00:00.000Z'],
    [1_764_000_000, '2025-11-24T16:00:00.000Z'],
    [1_764_000_000_000, '2025-11-24T16:00:00.000Z'],
    // Numbers that are no time: a phone may say anything, and the connection must not end over it.
    [Number.MAX_SAFE_INTEGER, '9999-12-31T00:00:00.000Z'],
    [1e300, '9999-12-31T00:00:00.000Z'],
    [Number.NaN, null],
    ['nonsense', null],
  ])('%s is %s', (muteEndTime, mutedUntil) => {
    expect(toChatChange({ id: GROUP, muteEndTime } as Parameters<typeof toChatChange>[0])).toEqual({
      id: GROUP,
      mutedUntil,
    })
  })
})
