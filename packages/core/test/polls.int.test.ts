import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'
const OPTIONS = ['today', 'tomorrow', 'never']

let live: Live
let trunk: LiveManager
let ana: Phone
let carol: Phone

beforeEach(async () => {
  live = await Live.start('polls')
  ana = await live.phone(ANA, 'Ana')
  carol = await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

/** Who has voted for what, once the log has so many votes. */
async function votes(id: string, events: number): Promise<Record<string, string[]>> {
  await eventually(
    () => trunk.events('poll.vote', 'ana'),
    (heard) => heard.length === events,
  )
  const { poll } = await trunk.manager.message('ana', { id })
  return Object.fromEntries((poll?.options ?? []).map(({ name, voters }) => [name, voters]))
}

describe('a poll', () => {
  it.each(['pn', 'lid'] as const)(
    'of somebody else counts the votes of the own phone, in a chat by %s',
    async (addressing) => {
      const { id } = await carol.sendPoll(ANA, 'When?', OPTIONS, { addressing })
      const { message } = await trunk.heardEvent('message', 'ana')
      expect(message).toMatchObject({
        id,
        type: 'poll',
        text: 'When?',
        poll: { question: 'When?', selectableCount: 1 },
      })
      await ana.waitForMessage({ id })
      await ana.vote(id, ['today'])
      expect(await votes(id, 1)).toEqual({ today: [ana.lid], tomorrow: [], never: [] })
    },
  )

  it.each(['pn', 'lid'] as const)(
    'of the own phone counts the last vote of the other side, in a chat by %s',
    async (addressing) => {
      const { id } = await ana.sendPoll(CAROL, 'When?', OPTIONS, { selectableCount: 0, addressing })
      await trunk.heardEvent('message-sent', 'ana')
      await carol.waitForMessage({ id })
      await carol.vote(id, ['today', 'never'])
      expect(await votes(id, 1)).toEqual({ today: [carol.lid], tomorrow: [], never: [carol.lid] })
      await carol.vote(id, ['tomorrow'])
      expect(await votes(id, 2)).toEqual({ today: [], tomorrow: [carol.lid], never: [] })
      await carol.vote(id, [])
      expect(await votes(id, 3)).toEqual({ today: [], tomorrow: [], never: [] })
      expect(trunk.events('poll.vote', 'ana').map(({ voterId, options }) => [voterId, options])).toEqual([
        [carol.lid, ['today', 'never']],
        [carol.lid, ['tomorrow']],
        [carol.lid, []],
      ])
    },
  )

  it('is one in a chat that was begun by number and goes on by LID', async () => {
    const { id } = await ana.sendPoll(CAROL, 'When?', OPTIONS, { addressing: 'pn' })
    await carol.waitForMessage({ id })
    await carol.vote(id, ['today'])
    expect(await votes(id, 1)).toMatchObject({ today: [carol.lid] })
    await carol.sendText(ANA, 'by LID now', { addressing: 'lid' })
    await trunk.heardEvent('message', 'ana')
    await carol.vote(id, ['never'])
    expect(await votes(id, 2)).toEqual({ today: [], tomorrow: [], never: [carol.lid] })
    expect((await trunk.manager.chats('ana')).items).toHaveLength(1)
  })

  it('in a group counts each member', async () => {
    const ben = await live.phone(BEN, 'Ben')
    const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA, BEN] })
    const { id } = await carol.sendPoll(jid, 'When?', OPTIONS)
    await trunk.heardEvent('message', 'ana')
    for (const phone of [ana, ben]) await phone.waitForMessage({ id })
    await ben.vote(id, ['never'])
    await votes(id, 1)
    await ana.vote(id, ['never'])
    await votes(id, 2)
    await carol.vote(id, ['today'])
    expect(await votes(id, 3)).toEqual({ today: [carol.lid], tomorrow: [], never: [ben.lid, ana.lid] })
  })

  it('that comes after a vote in it has it all the same', async () => {
    await carol.sendText(ANA, 'a poll is coming')
    await trunk.heardEvent('message', 'ana')
    const toAna = { number: ANA, device: 1, direction: 'out', tag: 'message' } as const
    live.simulator.faults.on(toAna, { do: 'reorder' }, { times: 1 })
    const { id } = await carol.sendPoll(ANA, 'When?', OPTIONS)
    await carol.vote(id, ['today'])
    expect(await votes(id, 1)).toMatchObject({ today: [carol.lid] })
    const [poll, vote] = trunk.heard.slice(-2)
    expect([poll?.name, vote?.name]).toEqual(['message', 'poll.vote'])
  })
})
