import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const OPTIONS = ['today', 'tomorrow', 'never']

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone

beforeAll(async () => {
  live = await Live.start('answers')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterAll(() => live[Symbol.asyncDispose]())

const messages = () => trunk.manager.session('ana').messages
const CHATS = ['a person', 'a group by number', 'a group by LID'] as const

async function chatOf(kind: (typeof CHATS)[number]): Promise<{ here: string; there: string }> {
  if (kind === 'a person') return { here: BEN, there: ANA }
  const addressing = kind === 'a group by LID' ? 'lid' : 'pn'
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA], addressing })
  return { here: jid, there: jid }
}

async function arrived(id: string): Promise<void> {
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
}

const shown = async (phone: Phone, chat: string, id: string) => phone.shown(chat).find((line) => line.id === id)

describe.each(CHATS)('in the chat with %s', (kind) => {
  it('a vote is read by every phone, counted here, changed and taken back', async () => {
    const { here, there } = await chatOf(kind)
    const { id } = await ben.sendPoll(there, 'When?', OPTIONS, { selectableCount: 2 })
    await arrived(id)
    for (const choice of [['today', 'never'], ['tomorrow'], []]) {
      const { poll } = await messages().vote({ id }, choice)
      expect(poll?.options.filter(({ voters }) => voters.includes(ana.lid)).map(({ name }) => name)).toEqual(choice)
      for (const [phone, chat] of [
        [ben, there],
        [ana, here],
      ] as const) {
        const line = await eventually(
          () => shown(phone, chat, id),
          (one) => JSON.stringify(one?.votes?.[ana.jid]) === JSON.stringify(choice),
        )
        expect(line?.votes).toEqual({ [ana.jid]: choice })
      }
    }
    await ben.vote(id, ['never'])
    const { poll } = await eventually(
      () => messages().get({ id }),
      (message) => message.poll?.votes?.length === 2,
    )
    expect(poll?.options.map(({ voters }) => voters)).toEqual([[], [], [ben.lid]])
    const told = trunk.events('poll.vote', 'ana').filter(({ message }) => message.id === id)
    expect(told.map(({ voterId, options }) => [voterId, options])).toEqual([
      [ana.lid, ['today', 'never']],
      [ana.lid, ['tomorrow']],
      [ana.lid, []],
      [ben.lid, ['never']],
    ])
  })

  it('a poll of the account takes its own vote', async () => {
    const { here, there } = await chatOf(kind)
    const { id } = await messages().send({ to: here, type: 'poll', question: 'When?', options: OPTIONS })
    await ben.waitForMessage({ id })
    await messages().vote({ id }, ['today'])
    const line = await eventually(
      () => shown(ben, there, id),
      (one) => one?.votes !== undefined,
    )
    expect(line?.votes).toEqual({ [ana.jid]: ['today'] })
  })

  it('an answer to an event is read by every phone, kept here, and changed', async () => {
    const { here, there } = await chatOf(kind)
    const eventMessage = { name: 'Lunch', startTime: 1_900_000_000, isCanceled: false }
    const { id } = await ben.send(there, { eventMessage, messageContextInfo: { messageSecret: Buffer.alloc(32, 7) } })
    await arrived(id)
    for (const response of ['maybe', 'not_going', 'going'] as const) {
      const { event } = await messages().respond({ id }, { response, extraGuests: 2 })
      expect(event?.responses).toMatchObject([{ senderId: ana.lid, response, extraGuests: 2 }])
      for (const [phone, chat] of [
        [ben, there],
        [ana, here],
      ] as const)
        await eventually(
          () => shown(phone, chat, id),
          (line) => line?.answers?.[ana.jid] === response,
        )
    }
    const own = await messages().send({ to: here, type: 'event', name: 'Tea', startsAt: '2030-01-01T12:00:00.000Z' })
    await ben.waitForMessage({ id: own.id })
    await ben.answerEvent(own.id, 'going')
    const told = await trunk.heardEvent('event.response', 'ana', ({ message }) => message.id === own.id)
    expect(told.response).toMatchObject({ senderId: ben.lid, response: 'going' })
  })
})

it('a choice that the poll does not offer is refused by its field, and nobody hears of it', async () => {
  const { id } = await ben.sendPoll(ANA, 'When?', OPTIONS)
  await arrived(id)
  const refusals = [
    [['soon'], 'options.0'],
    [['today', 'never'], 'options'],
    [['today', 'today'], 'options'],
    [[1], 'options.0'],
  ] as [string[], string][]
  for (const [options, field] of refusals)
    await expect(messages().vote({ id }, options)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { errors: [{ field }] },
    })
  await expect(messages().respond({ id }, { response: 'perhaps' as 'maybe' })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: { errors: [{ field: 'response' }] },
  })
  expect((await messages().get({ id })).poll?.votes).toBeUndefined()
})

it('what is no poll and no event, or has no secret, takes no answer', async () => {
  const text = await ben.sendText(ANA, 'hello')
  const bare = await ben.send(ANA, { pollCreationMessage: { name: 'When?', options: [{ optionName: 'today' }] } })
  await arrived(text.id)
  await arrived(bare.id)
  const notChangeable = { code: 'MESSAGE_NOT_CHANGEABLE', details: { reason: 'not-supported' } }
  await expect(messages().vote({ id: text.id }, [])).rejects.toMatchObject(notChangeable)
  await expect(messages().respond({ id: text.id }, { response: 'going' })).rejects.toMatchObject(notChangeable)
  await expect(messages().vote({ id: bare.id }, ['today'])).rejects.toMatchObject(notChangeable)
})
