import { describe, expect, it } from 'vitest'
import type { Poll, StoredMessage } from '../types/message.js'
import { joinMessages, readdressMessage } from './stored.js'

const ALICE = '15550000001@s.whatsapp.net'
const ALICE_LID = '200000000000001@lid'
const BOB = '200000000000002@lid'
const IDS = new Map([[ALICE, ALICE_LID]])
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

const message = (fields: Partial<StoredMessage> = {}): StoredMessage => ({
  id: 'A',
  sessionId: 's',
  chatId: ALICE,
  senderId: ALICE,
  fromMe: false,
  timestamp: at(0),
  type: 'text',
  text: 'hello',
  reactions: [],
  status: 'delivered',
  source: 'live',
  ...fields,
})

const poll = (yes: string[], no: string[], ...votes: [voterId: string, second: number][]): Poll => ({
  question: '?',
  options: [
    { name: 'yes', voters: yes },
    { name: 'no', voters: no },
  ],
  selectableCount: 1,
  votes: votes.map(([voterId, second]) => ({ voterId, at: at(second) })),
})

describe('readdressMessage', () => {
  it('puts the new address wherever the old one stands', () => {
    const given = message({
      mentions: [ALICE, BOB],
      reactions: [{ senderId: ALICE, emoji: '👍', at: at(1) }],
      poll: poll([ALICE, BOB], [], [ALICE, 1], [BOB, 2]),
    })
    expect(JSON.stringify(readdressMessage(given, IDS))).toBe(JSON.stringify(given).replaceAll(ALICE, ALICE_LID))
  })

  it.each([
    ['the number', 3, 2],
    ['the LID', 2, 3],
  ])('counts one reaction of a person who reacted under both addresses: the last, by %s', (_which, number, lid) => {
    const { reactions } = readdressMessage(
      message({
        reactions: [
          { senderId: ALICE, emoji: 'number', at: at(number) },
          { senderId: BOB, emoji: '🎉', at: at(1) },
          { senderId: ALICE_LID, emoji: 'lid', at: at(lid) },
        ],
      }),
      IDS,
    )
    expect(reactions.map(({ senderId, emoji }) => [senderId, emoji])).toEqual([
      [ALICE_LID, number > lid ? 'number' : 'lid'],
      [BOB, '🎉'],
    ])
  })

  it.each([
    ['the number', 3, 2],
    ['the LID', 2, 3],
  ])('counts one vote of a person who voted under both addresses: the last, by %s', (_which, number, lid) => {
    const given = message({ poll: poll([ALICE], [ALICE_LID, BOB], [ALICE, number], [BOB, 1], [ALICE_LID, lid]) })
    expect(readdressMessage(given, IDS).poll).toEqual(
      number > lid
        ? poll([ALICE_LID], [BOB], [ALICE_LID, number], [BOB, 1])
        : poll([], [ALICE_LID, BOB], [ALICE_LID, lid], [BOB, 1]),
    )
  })
})

describe('joinMessages', () => {
  it('keeps what happened to either', () => {
    const kept = message({ status: 'read', reactions: [{ senderId: BOB, emoji: '👍', at: at(1) }] })
    const other = message({ text: 'edited', editedAt: at(2), reactions: [{ senderId: ALICE, emoji: '🎉', at: at(3) }] })
    expect(joinMessages(kept, other)).toEqual(
      message({ status: 'read', text: 'edited', editedAt: at(2), reactions: [...kept.reactions, ...other.reactions] }),
    )
    expect(joinMessages(message(), message({ deletedAt: at(4) }))).toMatchObject({ deletedAt: at(4) })
    expect(joinMessages(message(), message({ clientMessageId: 'c' }))).toMatchObject({ clientMessageId: 'c' })
  })

  it('keeps every vote, and of two votes of one person the last', () => {
    const kept = message({ poll: poll([ALICE], [], [ALICE, 1]) })
    const other = message({ poll: poll([BOB], [ALICE], [BOB, 2], [ALICE, 3]) })
    expect(joinMessages(kept, other).poll).toEqual(poll([BOB], [ALICE], [BOB, 2], [ALICE, 3]))
    expect(joinMessages(other, kept).poll).toEqual(other.poll)
  })
})
