import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { SessionSettings } from '../types/session.js'
import { contactPairs, toChatChange, toContactChanges, toHistory } from './to-history.js'

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
const history = (
  fields: Partial<Set>,
  preload: NonNullable<SessionSettings['preload']> = { type: 'all', limit: 100 },
) => toHistory({ chats: [], contacts: [], messages: [], ...fields } as Set, { me: ME, preload })

describe('toHistory', () => {
  const messages = [wa('A', CAROL, 1), wa('B', GROUP, 2), wa('C', CAROL, 3)]
  const chats = [
    { id: CAROL, name: 'Carol' },
    { id: GROUP, name: 'Friends' },
  ]

  it.each([
    ['all', ['C', 'A', 'B'], [CAROL, GROUP]],
    ['individual', ['C', 'A'], [CAROL]],
    ['group', ['B'], [GROUP]],
    ['none', [], []],
  ] as const)('keeps what the settings say: %s', (type, ids, chatIds) => {
    const event = history({ messages, chats } as Partial<Set>, { type, limit: 100 })
    expect(event.messages.map(({ id }) => id)).toEqual(ids)
    expect(event.chats.map(({ id }) => id)).toEqual(chatIds)
  })

  it('keeps the newest messages of each chat, as many as the limit says', () => {
    const many = Array.from({ length: 50 }, (_, n) => wa(`${n}`, n % 2 ? CAROL : GROUP, n))
    const event = history({ messages: many }, { type: 'all', limit: 2 })
    expect(event.messages.map(({ id }) => id).sort()).toEqual(['46', '47', '48', '49'])
    expect(history({ messages: many }, { type: 'all', limit: 0 }).messages).toEqual([])
  })

  it('takes its messages for history, not for news', () => {
    expect(history({ messages }).messages[0]).toMatchObject({ source: 'history', senderId: CAROL })
  })

  it('leaves out what is no message, without failing for the rest', () => {
    const key = { remoteJid: CAROL, id: 'X' }
    const odd = [
      { key, message: null },
      { key: {}, message: { conversation: 'x' } },
      { key, message: { protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE, key } } },
      wa('A', CAROL, 1),
    ] as WAMessage[]
    expect(history({ messages: odd }).messages.map(({ id }) => id)).toEqual(['A'])
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
