import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventOf } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const [ANA, BEN, CARL, DORA] = ['15550000001', '15550000002', '15550000003', '15550000004'] as const
const HOUR_S = 3_600

let live: Live
let trunk: LiveManager
let ben: Phone
let carl: Phone

beforeEach(async () => {
  live = await Live.start('pacing')
  const ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  carl = await live.phone(CARL, 'Carl')
  trunk = live.manager()
  await trunk.link('ana', ana)
})
afterEach(() => live[Symbol.asyncDispose]())

const session = () => trunk.manager.session('ana')
const limits = () => trunk.events('session.limited', 'ana')
const textsOf = (phone: Phone) => phone.messages.flatMap(({ text }) => text ?? [])
const send = (to: string, text: string) => trunk.manager.send('ana', { to, text, queue: true })
const statusOf = async (id: string) => (await trunk.manager.message('ana', { id })).status
const seconds = (ahead: number) => Math.floor(Date.now() / 1_000) + ahead

/** Resolves when so many events of limits have been told. */
async function limited(count: number): Promise<EventOf<'session.limited'>[]> {
  await eventually(limits, (events) => events.length >= count)
  return limits()
}

describe('a session that WhatsApp limits', () => {
  it('begins no conversations while WhatsApp locks that, goes on to answer, says so, and goes on when it is over', async () => {
    await ben.sendText(ANA, 'hello')
    await eventually(
      () => trunk.events('message', 'ana'),
      ({ length }) => length === 1,
    )
    const until = seconds(HOUR_S)
    live.simulator.faults.lockReachOut(ANA, until)
    const [told] = await limited(1)
    expect(told).toMatchObject({
      active: true,
      restriction: { code: 'REACHOUT_TIMELOCK', until: new Date(until * 1_000).toISOString() },
    })

    const [first, answer] = [await send(CARL, 'to a stranger'), await send(BEN, 'an answer')]
    await eventually(
      () => textsOf(ben),
      (texts) => texts.includes('an answer'),
    )
    await eventually(
      () => session().queue.get(),
      ({ waitingFor }) => waitingFor?.code === 'REACHOUT_TIMELOCK',
    )
    expect(await session().queue.get()).toMatchObject({
      state: 'limited',
      waiting: 1,
      waitingFor: { until: new Date(until * 1_000).toISOString() },
      restrictions: [{ code: 'REACHOUT_TIMELOCK' }],
    })
    expect(await statusOf(first.id)).toBe('queued')
    expect(await statusOf(answer.id)).not.toBe('queued')
    expect(textsOf(carl)).toEqual([])
    expect((await trunk.manager.details('ana')).restrictions).toMatchObject([{ code: 'REACHOUT_TIMELOCK' }])

    live.simulator.faults.lockReachOut(ANA)
    expect((await limited(2))[1]).toMatchObject({ active: false, restriction: { code: 'REACHOUT_TIMELOCK' } })
    expect((await trunk.manager.details('ana')).restrictions).toBeUndefined()
  })

  it('asks WhatsApp after a 463 for how long it holds, and takes it for one message when no lock is there', async () => {
    live.simulator.faults.failSend(ANA, 463)
    await expect(trunk.manager.send('ana', { to: BEN, text: 'refused' })).rejects.toMatchObject({
      code: 'MESSAGE_REFUSED',
    })
    await send(CARL, 'to a stranger')
    await eventually(
      () => textsOf(carl),
      (texts) => texts.includes('to a stranger'),
    )
    // Told or not, as the answer came behind the refusal or before it: nothing holds any more.
    expect((await trunk.manager.details('ana')).restrictions).toBeUndefined()
    const told = limits().map(({ active, restriction: { code } }) => `${code} ${active}`)
    expect([[], ['REACHOUT_TIMELOCK true', 'REACHOUT_TIMELOCK false']]).toContainEqual(told)
  })

  it('sends nothing for a while after a 429, and says why', async () => {
    live.simulator.faults.failSend(ANA, 429)
    await expect(trunk.manager.send('ana', { to: BEN, text: 'refused' })).rejects.toMatchObject({
      code: 'MESSAGE_REFUSED',
    })
    expect((await limited(1))[0]).toMatchObject({ active: true, restriction: { code: 'RATE_LIMITED' } })
    const { id } = await send(CARL, 'later')
    await eventually(
      () => session().queue.get(),
      ({ waitingFor }) => waitingFor?.code === 'RATE_LIMITED',
    )
    expect(await statusOf(id)).toBe('queued')
    expect(textsOf(carl)).toEqual([])
  })

  it('keeps to a cap of new conversations, over a restart too', async () => {
    live.simulator.faults.capNewChats(ANA, { total: 3, used: 3, cycleEnds: seconds(HOUR_S) })
    await limited(1)
    await trunk.manager.close()
    const next = live.manager({ store: trunk.store })
    await next.manager.start()
    await next.status('ana', 'connected')
    const { id } = await next.manager.send('ana', { to: CARL, text: 'one more', queue: true })
    await eventually(
      () => next.manager.session('ana').queue.get(),
      ({ waitingFor }) => waitingFor?.code === 'NEW_CHAT_CAP',
    )
    expect((await next.manager.message('ana', { id })).status).toBe('queued')
    live.simulator.faults.capNewChats(ANA)
    await eventually(
      () => next.events('session.limited', 'ana'),
      (events) => events.some(({ active }) => !active),
    )
  })
})

describe('a session that paces itself', () => {
  it('sends no more than its limit, shows typing, and says what it waits for and what was used', async () => {
    const pacing = { preset: 'off', perDay: 2, typing: true } as const
    await trunk.manager.update('ana', { settings: { pacing } })
    const sent = [await send(BEN, '1'), await send(CARL, '2'), await send(BEN, '3')]
    await eventually(
      () => [...textsOf(ben), ...textsOf(carl)],
      ({ length }) => length === 2,
    )
    await eventually(
      () => session().queue.get(),
      ({ waitingFor }) => waitingFor?.code === 'PACING_DAY',
    )
    expect(await session().queue.get()).toMatchObject({ waiting: 1, used: { day: 2 }, restrictions: [] })
    expect(await statusOf(sent[2]?.id ?? '')).toBe('queued')
  })

  it('shows on the phone that it types, for as long as the text takes, and then the message', async () => {
    await trunk.manager.update('ana', { settings: { pacing: { preset: 'off', typing: true } } })
    const text = 'A sentence that nobody types in no time.'
    const { id } = await send(BEN, text)
    const { at, from } = await ben.waitForMessage({ id })
    const [typing] = ben.typing.filter(({ state }) => state === 'composing')
    expect(typing).toMatchObject({ from, state: 'composing' })
    // 60 ms a character, a fifth more or less; half of that on a machine that is late to hear of it.
    expect(Date.parse(at) - Date.parse(typing?.at ?? at)).toBeGreaterThan((text.length * 60) / 2)
    await trunk.manager.send('ana', { to: CARL, text, queue: true, typing: false })
    await carl.waitForMessage(text)
    expect(carl.typing).toEqual([])
  })

  it('never counts a number that is not on WhatsApp', async () => {
    await trunk.manager.update('ana', { settings: { pacing: { preset: 'off', perDay: 1 } } })
    await send(DORA, 'to nobody').catch(() => undefined)
    await send(BEN, 'hello')
    await eventually(
      () => textsOf(ben),
      (texts) => texts.includes('hello'),
    )
    expect((await session().queue.get()).used.day).toBe(1)
  })

  it('begins the conversations that it has put off for a day as soon as more are allowed, and shows what is left', async () => {
    const allow = (newChatsPerDay: number) =>
      trunk.manager.update('ana', { settings: { pacing: { preset: 'off', newChatsPerDay } } })
    const putOff = async (waiting: number) => {
      const queue = await eventually(
        () => session().queue.get(),
        (now) => now.waiting === waiting && now.waitingFor?.code === 'PACING_NEW_CHATS',
      )
      expect(Date.parse(queue.nextAt ?? '')).toBeGreaterThan(Date.now() + (HOUR_S * 1_000) / 2)
    }
    const dora = await live.phone(DORA, 'Dora')
    await allow(1)
    for (const to of [BEN, CARL, DORA]) await send(to, `hello ${to}`)
    const received = (count: number) =>
      eventually(
        () => [ben, carl, dora].flatMap(textsOf),
        ({ length }) => length === count,
      )
    await putOff(2)
    await received(1)

    await allow(2)
    await received(2)
    await putOff(1)

    await trunk.manager.stopSession('ana')
    await allow(3)
    await trunk.manager.startSession('ana')
    expect(await received(3)).toEqual([`hello ${BEN}`, `hello ${CARL}`, `hello ${DORA}`])
    await eventually(
      () => session().queue.get(),
      ({ waiting, waitingFor }) => waiting === 0 && waitingFor === undefined,
    )
  })
})
