import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

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

describe.each(['a person', 'a group'])('to %s', (chat) => {
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
