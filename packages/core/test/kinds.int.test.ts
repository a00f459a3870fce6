import { readFile, writeFile } from 'node:fs/promises'
import type { Phone } from '@trunkline/simulator'
import { proto } from '@whiskeysockets/baileys'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromContent } from '../src/baileys/translate/from-content.js'
import type { MessageContent } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Dan\nEND:VCARD'

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone
let carol: Phone

beforeEach(async () => {
  live = await Live.start('kinds')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  carol = await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

const messages = () => trunk.manager.session('ana').messages

/** What every phone of the chat has decrypted of a message, the account's own among them. */
async function decrypted(id: string, inGroup: boolean) {
  const phones = inGroup ? [ben, ana, carol] : [ben, ana]
  const all = await Promise.all(phones.map((phone) => phone.waitForMessage({ id })))
  for (const one of all.slice(1)) expect(one.message).toEqual(all[0]?.message)
  return all[0]?.message
}

const KINDS = {
  text: {
    content: { type: 'text', text: 'hello' },
    wire: { extendedTextMessage: { text: 'hello' } },
    stored: { text: 'hello' },
  },
  location: {
    content: { type: 'location', latitude: 52.5163, longitude: 13.3777, name: 'Gate', address: 'Pariser Platz' },
    wire: {
      locationMessage: { degreesLatitude: 52.5163, degreesLongitude: 13.3777, name: 'Gate', address: 'Pariser Platz' },
    },
    stored: { location: { latitude: 52.5163, longitude: 13.3777, name: 'Gate', address: 'Pariser Platz' } },
  },
  'a contact': {
    content: { type: 'contact', contacts: [{ name: 'Dan; Dr.', phone: '+1 555 000 0004' }] },
    wire: {
      contactMessage: {
        displayName: 'Dan; Dr.',
        vcard:
          'BEGIN:VCARD\nVERSION:3.0\nN:;Dan\\; Dr.;;;\nFN:Dan\\; Dr.\nTEL;type=CELL;type=VOICE;waid=15550000004:+15550000004\nEND:VCARD',
      },
    },
    stored: { contacts: [{ name: 'Dan; Dr.', vcard: expect.stringContaining('waid=15550000004') }] },
  },
  contacts: {
    content: {
      type: 'contact',
      contacts: [
        { name: 'Dan', vcard: VCARD },
        { name: 'Eve', phone: '15550000005' },
      ],
    },
    wire: { contactsArrayMessage: { contacts: [{ displayName: 'Dan', vcard: VCARD }, { displayName: 'Eve' }] } },
    stored: { contacts: [{ name: 'Dan', vcard: VCARD }, { name: 'Eve' }] },
  },
  poll: {
    content: { type: 'poll', question: 'When?', options: ['today', 'never'] },
    wire: {
      pollCreationMessageV3: {
        name: 'When?',
        options: [{ optionName: 'today' }, { optionName: 'never' }],
        selectableOptionsCount: 1,
      },
    },
    stored: {
      text: 'When?',
      poll: {
        question: 'When?',
        options: [
          { name: 'today', voters: [] },
          { name: 'never', voters: [] },
        ],
        selectableCount: 1,
      },
    },
  },
  event: {
    content: {
      type: 'event',
      name: 'Lunch',
      description: 'with all',
      startsAt: '2030-01-01T12:00:00.000Z',
      endsAt: '2030-01-01T13:00:00.000Z',
      location: { latitude: 1, longitude: 2, name: 'Here' },
    },
    wire: { eventMessage: { name: 'Lunch', description: 'with all', isCanceled: false, location: { name: 'Here' } } },
    stored: {
      text: 'Lunch\nwith all\nHere',
      event: {
        name: 'Lunch',
        startsAt: '2030-01-01T12:00:00.000Z',
        endsAt: '2030-01-01T13:00:00.000Z',
        location: { latitude: 1, longitude: 2, name: 'Here' },
      },
    },
  },
} as const

/** What was shown by the tests below: a cell of the table in docs/compatibility.md each. */
const shown = new Set<string>()
const CHATS = ['a person', 'a group']
const COLUMNS = ['sent', 'received', 'quotes, reacted to, deleted']

afterAll(async () => {
  const cells = Object.keys(KINDS).flatMap((kind) =>
    CHATS.flatMap((chat) => COLUMNS.map((column) => `${kind}|${chat}|${column}`)),
  )
  // Some tests alone show a part of it.
  if (!cells.every((cell) => shown.has(cell))) return
  const path = new URL('../../../docs/compatibility.md', import.meta.url)
  const document = await readFile(path, 'utf8')
  const [begin, end] = ['<!-- both ways: begin -->\n', '<!-- both ways: end -->']
  const [before = '', rest = ''] = document.split(begin)
  const right = `${before}${begin}${table()}${end}${rest.split(end)[1]}`
  if (process.env.UPDATE_DOCUMENTS) await writeFile(path, right)
  else expect(document, 'run this test with UPDATE_DOCUMENTS=1').toBe(right)
})

function table(): string {
  const heads = CHATS.flatMap((chat) => COLUMNS.map((column) => `${column}, ${chat}`))
  const rows = Object.keys(KINDS).map((kind) => [
    kind,
    ...CHATS.flatMap((chat) => COLUMNS.map((column) => (shown.has(`${kind}|${chat}|${column}`) ? 'yes' : ''))),
  ])
  const lines = [['type', ...heads], ['---', ...heads.map(() => '---')], ...rows]
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}

describe.each(CHATS)('to %s', (chat) => {
  const inGroup = chat === 'a group'
  let to: string
  let theirs: string

  beforeEach(async () => {
    to = inGroup
      ? (await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA, CAROL] })).jid
      : BEN
    theirs = (await ben.sendText(inGroup ? to : ANA, 'by Ben')).id
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === theirs)
  })

  it.each(Object.entries(KINDS))(
    '%s is sent, stored as what it says, and decrypted by every phone',
    async (kind, row) => {
      const sent = await messages().send({ to, ...structuredClone(row.content) } as Parameters<
        ReturnType<typeof messages>['send']
      >[0])
      expect(sent).toMatchObject({ type: row.content.type, status: 'sent', ...row.stored })
      expect(await messages().get({ id: sent.id })).toMatchObject(row.stored)
      const message = await decrypted(sent.id, inGroup)
      expect(message).toMatchObject(row.wire)
      expect(message?.messageContextInfo?.messageSecret).toHaveLength(32)
      shown.add(`${kind}|${chat}|sent`)
    },
  )

  it.each(Object.entries(KINDS))('%s answers a message, and is reacted to and deleted', async (kind, row) => {
    const sent = await messages().send({
      to,
      quotedMessageId: theirs,
      ...structuredClone(row.content),
    } as Parameters<ReturnType<typeof messages>['send']>[0])
    expect(sent).toMatchObject({ quotedMessageId: theirs, quoted: { senderId: ben.lid, text: 'by Ben' } })
    const message = await decrypted(sent.id, inGroup)
    const [part] = Object.values(message ?? {}).filter((value) => value?.contextInfo)
    expect(part.contextInfo).toMatchObject({ stanzaId: theirs, quotedMessage: { conversation: 'by Ben' } })
    expect((await messages().react({ id: sent.id }, '👍')).reactions).toHaveLength(1)
    expect(await messages().delete({ id: sent.id })).toMatchObject({ deletedAt: expect.any(String) })
    shown.add(`${kind}|${chat}|quotes, reacted to, deleted`)
  })

  it.each(Object.entries(KINDS))('%s of somebody else is stored as what it says, and answered', async (kind, row) => {
    const { raw } = fromContent({ content: structuredClone(row.content) as unknown as MessageContent }, ben.jid)
    const { id } = await ben.send(inGroup ? to : ANA, proto.Message.decode(raw))
    const { message } = await trunk.heardEvent('message', 'ana', (heard) => heard.message.id === id)
    expect(message).toMatchObject({ type: row.content.type, senderId: ben.lid, source: 'live', ...row.stored })
    const answer = await messages().send({ to, text: 'yes', quotedMessageId: id })
    expect(answer.quoted).toMatchObject({ senderId: ben.lid, type: row.content.type })
    await messages().react({ id }, '👍')
    await decrypted(answer.id, inGroup)
    expect(ben.shown(inGroup ? to : ANA).find((line) => line.id === id)?.reactions).toEqual({ [ana.jid]: '👍' })
    shown.add(`${kind}|${chat}|received`)
  })

  it('the votes of a poll come with their options, from phones and in the end of it', async () => {
    const { id } = await messages().send({
      to,
      type: 'poll',
      question: 'When?',
      options: ['a', 'b', 'c'],
      selectableCount: 0,
    })
    await ben.waitForMessage({ id })
    await ben.vote(id, ['a', 'c'])
    await ana.waitForMessage({ id })
    await ana.vote(id, ['c'])
    const { poll } = await eventually(
      () => messages().get({ id }),
      (message) => message.poll?.votes?.length === 2,
    )
    expect(poll?.options.map(({ name, voters }) => [name, voters.toSorted()])).toEqual([
      ['a', [ben.lid]],
      ['b', []],
      ['c', [ana.lid, ben.lid].toSorted()],
    ])
    expect(trunk.events('poll.vote', 'ana').map(({ voterId }) => voterId)).toEqual([ben.lid, ana.lid])
  })

  it('a message goes on to another chat, marked with how far it has come', async () => {
    const location = { degreesLatitude: 1, degreesLongitude: 2, contextInfo: { forwardingScore: 3, isForwarded: true } }
    const { id } = await ben.send(inGroup ? to : ANA, { locationMessage: location })
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
    const own = await messages().send({ to, text: 'mine', quotedMessageId: theirs })
    for (const [messageId, expected] of [
      [theirs, { extendedTextMessage: { text: 'by Ben', contextInfo: { forwardingScore: 1, isForwarded: true } } }],
      [id, { locationMessage: { degreesLatitude: 1, contextInfo: { forwardingScore: 4, isForwarded: true } } }],
      [own.id, { extendedTextMessage: { text: 'mine' } }],
    ] as const) {
      const sent = await messages().send({ to: CAROL, type: 'forward', messageId })
      const { message } = await carol.waitForMessage({ id: sent.id })
      expect(message).toMatchObject(expected)
      expect(message.extendedTextMessage?.contextInfo?.stanzaId ?? null).toBeNull()
      expect(sent).toMatchObject({ type: 'locationMessage' in expected ? 'location' : 'text' })
      expect(sent).not.toHaveProperty('quotedMessageId')
      const [part] = Object.values(expected)
      const { contextInfo } = part as { contextInfo?: { forwardingScore: number } }
      expect(sent.forwardedTimes).toBe(contextInfo?.forwardingScore)
    }
  })
})

it('everybody in a group is mentioned at once, and in no other chat', async () => {
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA, CAROL] })
  const sent = await messages().send({ to: jid, text: '@everyone lunch', mentions: 'everyone' })
  expect(sent).toMatchObject({ everyone: true })
  expect(sent).not.toHaveProperty('mentions')
  const { message } = await carol.waitForMessage({ id: sent.id })
  expect(message.extendedTextMessage?.contextInfo?.nonJidMentions).toBe(1)
  await expect(messages().send({ to: BEN, text: '@everyone', mentions: 'everyone' })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: { errors: [{ field: 'mentions' }] },
  })
})

it('polls, and what is to be seen once, are not forwarded', async () => {
  const poll = await messages().send({ to: BEN, type: 'poll', question: 'When?', options: ['a', 'b'] })
  const once = await ben.send(ANA, { viewOnceMessage: { message: { imageMessage: { mimetype: 'image/jpeg' } } } })
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === once.id)
  for (const messageId of [poll.id, once.id]) {
    await expect(messages().send({ to: CAROL, type: 'forward', messageId })).rejects.toMatchObject({
      code: 'MESSAGE_NOT_FORWARDABLE',
      details: { messageId },
    })
  }
  await expect(messages().send({ to: CAROL, type: 'forward', messageId: 'none' })).rejects.toMatchObject({
    code: 'MESSAGE_NOT_FOUND',
  })
})

it('a repeat of the same request is sent once, whatever its type', async () => {
  const poll = { to: BEN, type: 'poll', question: 'When?', options: ['a', 'b'], clientMessageId: 'c' } as const
  const first = await messages().send({ ...poll, options: [...poll.options] })
  expect(await messages().send({ ...poll, options: [...poll.options] })).toMatchObject({ id: first.id })
  await expect(messages().send({ ...poll, options: ['a', 'c'] })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  })
})

it.each([
  [{ type: 'location', latitude: 91, longitude: 0 }, 'latitude'],
  [{ type: 'location', latitude: 0, longitude: Number.NaN }, 'longitude'],
  [{ type: 'contact', contacts: [] }, 'contacts'],
  [{ type: 'contact', contacts: [{ name: 'Dan' }] }, 'contacts.0'],
  [{ type: 'contact', contacts: [{ name: 'Dan', phone: 'none' }] }, 'contacts.0.phone'],
  [{ type: 'poll', question: 'When?', options: ['a'] }, 'options'],
  [{ type: 'poll', question: 'When?', options: ['a', 'a'] }, 'options'],
  [{ type: 'poll', question: 'When?', options: ['a', 'b'], selectableCount: 3 }, 'selectableCount'],
  [{ type: 'event', name: 'Lunch', startsAt: 'noon' }, 'startsAt'],
  [{ type: 'event', name: 'Lunch', startsAt: '2030-01-01T12:00:00Z', endsAt: '2030-01-01T11:00:00Z' }, 'endsAt'],
  [{ type: 'forward' }, 'messageId'],
  [{ type: 'song' }, 'type'],
])('%j is refused by the name of its field', async (content, field) => {
  await expect(messages().send({ to: BEN, ...content } as never)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: { errors: [{ field }] },
  })
})
