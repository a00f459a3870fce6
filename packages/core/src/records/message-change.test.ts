import { describe, expect, it } from 'vitest'
import { MESSAGE_STATUSES, type Message, type MessageChange, type MessageStatus } from '../types/message.js'
import { advanceStatus, applyMessageChange } from './message-change.js'

const CAROL = '15550000003@s.whatsapp.net'
const BOB = '15550000002@s.whatsapp.net'
const early = '2026-01-01T00:00:00.000Z'
const at = '2026-01-01T00:00:01.000Z'
const late = '2026-01-01T00:00:02.000Z'

const message = (fields: Partial<Message> = {}): Message => ({
  id: 'A',
  sessionId: 's',
  chatId: CAROL,
  senderId: CAROL,
  fromMe: false,
  timestamp: early,
  type: 'text',
  text: 'before',
  reactions: [],
  status: 'delivered',
  source: 'live',
  ...fields,
})

describe('advanceStatus', () => {
  /** Each row: what becomes of a status when `pending`, `sent`, … (in the order of MESSAGE_STATUSES) is reported. */
  const table: Record<MessageStatus, string[]> = {
    queued: 'queued pending sent delivered read played failed canceled expired queued'.split(' '),
    pending: 'pending pending sent delivered read played failed pending pending unknown'.split(' '),
    sent: 'sent sent sent delivered read played failed sent sent sent'.split(' '),
    delivered: 'delivered delivered delivered delivered read played delivered delivered delivered delivered'.split(' '),
    read: 'read read read read read played read read read read'.split(' '),
    played: MESSAGE_STATUSES.map(() => 'played'),
    // A refusal or a doubt is overruled by whatever proves that the message is on its way after all.
    failed: 'failed failed sent delivered read played failed failed failed failed'.split(' '),
    canceled: 'canceled canceled sent delivered read played canceled canceled canceled canceled'.split(' '),
    expired: 'expired expired sent delivered read played expired expired expired expired'.split(' '),
    unknown: 'unknown unknown sent delivered read played failed unknown unknown unknown'.split(' '),
  }

  it.each(MESSAGE_STATUSES)('from %s', (current) => {
    expect(MESSAGE_STATUSES.map((next) => advanceStatus(current, next))).toEqual(table[current])
  })
})

describe('applyMessageChange', () => {
  const pollOf = ({ yes, no }: { yes: string[]; no: string[] }, ...votes: [voterId: string, at: string][]) => ({
    question: '?',
    options: [
      { name: 'yes', voters: yes },
      { name: 'no', voters: no },
    ],
    selectableCount: 1,
    votes: votes.map(([voterId, votedAt]) => ({ voterId, at: votedAt })),
  })
  const poll = pollOf({ yes: [BOB], no: [] }, [BOB, early])
  const media = { mimetype: 'image/png', bytes: 1, state: 'remote' as const }

  type Row = [name: string, before: Partial<Message>, change: MessageChange, after: Partial<Message> | undefined]
  const rows: Row[] = [
    ['status forward', { status: 'sent' }, { kind: 'status', status: 'read' }, { status: 'read' }],
    ['status backward', { status: 'read' }, { kind: 'status', status: 'sent' }, undefined],
    [
      'a refusal, with its reason',
      { status: 'sent' },
      { kind: 'status', status: 'failed', error: { code: '479', message: 'x' } },
      { status: 'failed', error: { code: '479', message: 'x' } },
    ],
    ['a first edit', {}, { kind: 'edit', text: 'after', at }, { text: 'after', editedAt: at }],
    ['a later edit', { editedAt: early }, { kind: 'edit', text: 'after', at }, { text: 'after', editedAt: at }],
    [
      'an edit of a caption, in both places',
      { type: 'image', text: 'first', media: { mimetype: 'a/b', bytes: 1, caption: 'first', state: 'remote' } },
      { kind: 'edit', text: 'second', at },
      { text: 'second', media: { mimetype: 'a/b', bytes: 1, caption: 'second', state: 'remote' }, editedAt: at },
    ],
    [
      'an edit of the people who are named, of buttons, and of nothing else',
      { mentions: ['a'], buttons: [{ text: 'x' }] },
      { kind: 'edit', text: 'after', mentions: ['b'], at },
      { text: 'after', mentions: ['b'], editedAt: at, buttons: undefined },
    ],
    [
      'an edit of an event, whose answers stay',
      { event: { name: 'e', responses: [{ senderId: 's', response: 'going', at: early }] } },
      { kind: 'edit', text: 'later', event: { name: 'later', startsAt: late }, at },
      {
        text: 'later',
        editedAt: at,
        event: { name: 'later', startsAt: late, responses: [{ senderId: 's', response: 'going', at: early }] },
      },
    ],
    [
      'a first answer to an event',
      { event: { name: 'e' } },
      { kind: 'response', senderId: 's', response: 'maybe', extraGuests: 2, at },
      { event: { name: 'e', responses: [{ senderId: 's', response: 'maybe', extraGuests: 2, at }] } },
    ],
    [
      'an earlier answer to an event',
      { event: { name: 'e', responses: [{ senderId: 's', response: 'going', at }] } },
      { kind: 'response', senderId: 's', response: 'maybe', at: early },
      undefined,
    ],
    ['an answer to what is no event', {}, { kind: 'response', senderId: 's', response: 'maybe', at }, undefined],
    ['an earlier edit', { editedAt: late }, { kind: 'edit', text: 'after', at }, undefined],
    ['the same edit', { editedAt: at }, { kind: 'edit', text: 'after', at }, undefined],
    ['an edit of a deleted message', { deletedAt: early }, { kind: 'edit', text: 'after', at }, undefined],
    [
      'a first reaction',
      {},
      { kind: 'reaction', senderId: BOB, emoji: '👍', at },
      { reactions: [{ senderId: BOB, emoji: '👍', at }] },
    ],
    [
      'another reaction of the same person',
      { reactions: [{ senderId: BOB, emoji: '👍', at: early }] },
      { kind: 'reaction', senderId: BOB, emoji: '🎉', at },
      { reactions: [{ senderId: BOB, emoji: '🎉', at }] },
    ],
    [
      'a reaction of somebody else',
      { reactions: [{ senderId: CAROL, emoji: '👍', at: early }] },
      { kind: 'reaction', senderId: BOB, emoji: '👍', at },
      {
        reactions: [
          { senderId: CAROL, emoji: '👍', at: early },
          { senderId: BOB, emoji: '👍', at },
        ],
      },
    ],
    [
      'a reaction taken back',
      { reactions: [{ senderId: BOB, emoji: '👍', at: early }] },
      { kind: 'reaction', senderId: BOB, emoji: '', at },
      { reactions: [] },
    ],
    ['a reaction taken back that nobody gave', {}, { kind: 'reaction', senderId: BOB, emoji: '', at }, undefined],
    [
      'the same reaction',
      { reactions: [{ senderId: BOB, emoji: '👍', at }] },
      { kind: 'reaction', senderId: BOB, emoji: '👍', at },
      undefined,
    ],
    [
      'an earlier reaction',
      { reactions: [{ senderId: BOB, emoji: '👍', at: late }] },
      { kind: 'reaction', senderId: BOB, emoji: '🎉', at },
      undefined,
    ],
    [
      'a vote',
      { type: 'poll', poll },
      { kind: 'vote', voterId: CAROL, options: ['no'], at },
      { poll: pollOf({ yes: [BOB], no: [CAROL] }, [BOB, early], [CAROL, at]) },
    ],
    [
      'a vote changed',
      { type: 'poll', poll },
      { kind: 'vote', voterId: BOB, options: ['no'], at },
      { poll: pollOf({ yes: [], no: [BOB] }, [BOB, at]) },
    ],
    [
      'a vote taken back',
      { type: 'poll', poll },
      { kind: 'vote', voterId: BOB, options: [], at },
      { poll: pollOf({ yes: [], no: [] }, [BOB, at]) },
    ],
    [
      'a vote for several options',
      { type: 'poll', poll },
      { kind: 'vote', voterId: BOB, options: ['yes', 'no'], at },
      { poll: pollOf({ yes: [BOB], no: [BOB] }, [BOB, at]) },
    ],
    [
      'the same vote given again later, which outdates what was in between',
      { type: 'poll', poll },
      { kind: 'vote', voterId: BOB, options: ['yes'], at },
      { poll: pollOf({ yes: [BOB], no: [] }, [BOB, at]) },
    ],
    [
      'an earlier vote that arrives late',
      { type: 'poll', poll: pollOf({ yes: [], no: [] }, [BOB, late]) },
      { kind: 'vote', voterId: BOB, options: ['no'], at },
      undefined,
    ],
    ['the same vote', { type: 'poll', poll }, { kind: 'vote', voterId: BOB, options: ['yes'], at: early }, undefined],
    ['a vote on no poll', {}, { kind: 'vote', voterId: BOB, options: ['yes'], at }, undefined],
    ['media that was stored', { media }, { kind: 'media', state: 'stored' }, { media: { ...media, state: 'stored' } }],
    ['a star', {}, { kind: 'star', starred: true }, { starred: true }],
    ['a star that is there', { starred: true }, { kind: 'star', starred: true }, undefined],
    ['no star where there is none', {}, { kind: 'star', starred: false }, undefined],
    ['a label', {}, { kind: 'label', labelId: '2', labeled: true }, { labels: ['2'] }],
    ['one more label', { labels: ['2'] }, { kind: 'label', labelId: '1', labeled: true }, { labels: ['2', '1'] }],
    ['a label that is there', { labels: ['2'] }, { kind: 'label', labelId: '2', labeled: true }, undefined],
    ['one label off', { labels: ['2', '1'] }, { kind: 'label', labelId: '2', labeled: false }, { labels: ['1'] }],
    ['no label where there is none', {}, { kind: 'label', labelId: '2', labeled: false }, undefined],
    ['media in the same state', { media }, { kind: 'media', state: 'remote' }, undefined],
    ['the state of media that is not there', {}, { kind: 'media', state: 'stored' }, undefined],
  ]

  it.each(rows)('%s', (_name, before, change, after) => {
    const given = message(before)
    const changed = applyMessageChange(given, change)
    expect(changed).toEqual(after && message({ ...before, ...after }))
    // What it was given is as it was, and the same once more says nothing new.
    expect(given).toEqual(message(before))
    if (changed) expect(applyMessageChange(changed, change)).toBeUndefined()
  })

  it('forgets why a message was not sent once it was', () => {
    const failed = message({ status: 'unknown', error: { code: 'CONNECTION_LOST', message: 'x' } })
    expect(applyMessageChange(failed, { kind: 'status', status: 'sent' })).not.toHaveProperty('error')
  })

  it('leaves nothing of a deleted message but that it was there', () => {
    const full = message({
      media,
      poll,
      location: { latitude: 1, longitude: 2 },
      contacts: [{ name: 'Bob', vcard: 'x' }],
      reactions: [{ senderId: BOB, emoji: '👍', at }],
    })
    const deleted = applyMessageChange(full, { kind: 'delete', at: late })!
    expect(deleted).toMatchObject({ id: 'A', deletedAt: late, reactions: [] })
    for (const field of ['text', 'media', 'poll', 'location', 'contacts']) expect(deleted).not.toHaveProperty(field)
    expect(applyMessageChange(deleted, { kind: 'delete', at: late })).toBeUndefined()
  })

  it('gives a deleted message no reaction', () => {
    const deleted = message({ deletedAt: at, reactions: [] })
    expect(applyMessageChange(deleted, { kind: 'reaction', senderId: BOB, emoji: '👍', at: late })).toBeUndefined()
  })

  it('keeps the raw bytes that a store has beside the message', () => {
    const stored = { ...message(), raw: new Uint8Array([1]) }
    expect(applyMessageChange(stored, { kind: 'edit', text: 'after', at })?.raw).toEqual(new Uint8Array([1]))
  })
})
