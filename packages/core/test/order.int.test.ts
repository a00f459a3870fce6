import type { Phone, SimulatorClock } from '@trunkline/simulator'
import { afterEach, describe, expect, it } from 'vitest'
import { type Clock, createMemoryStore, type Store } from '../src/index.js'
import { systemClock } from '../src/util/system-clock.js'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'
const DAN = '15550000004'
const HOUR_MS = 3_600_000

/** A host whose clock is wrong, and can be set while it runs. */
class HostClock implements Clock {
  aheadMs: number

  constructor(aheadMs = 0) {
    this.aheadMs = aheadMs
  }

  now = () => systemClock.now() + this.aheadMs
  monotonic = () => systemClock.monotonic()
  setTimeout = (callback: () => void, delayMs: number) => systemClock.setTimeout(callback, delayMs)
}

/** A server on which it is one second for ever: nothing but arrival tells its messages apart. */
const oneSecond: SimulatorClock = {
  now: () => Date.parse('2026-03-04T05:06:07.250Z'),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
}

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}${n}`)

/** What a chat says, oldest first, read page by page from the newest on. */
async function textsOf({ manager }: LiveManager, chatId: string): Promise<(string | undefined)[]> {
  const texts: (string | undefined)[] = []
  for (let before: string | undefined, first = true; first || before; first = false) {
    const page = await manager.messages('ana', { chatId, limit: 200, ...(before ? { before } : {}) })
    // What people wrote: a group begins with a line of WhatsApp's own.
    const written = page.items.filter(({ type }) => type !== 'system')
    texts.unshift(...written.map(({ text }) => text).reverse())
    before = page.nextCursor
  }
  return texts
}

let live: Live
afterEach(() => live[Symbol.asyncDispose]())

async function linked(clock: Clock, options: { store?: Store; clock?: SimulatorClock } = {}) {
  live = await Live.start('order', options.clock ? { clock: options.clock } : {})
  const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
  const trunk = live.manager({ clock, ...(options.store ? { store: options.store } : {}) })
  await trunk.link('ana', ana)
  return { trunk, ana, carol }
}

const heardText = (trunk: LiveManager, text: string) =>
  trunk.heardEvent('message', 'ana', ({ message }) => message.text === text)

/** Question and answer by turns; each answer is written after its question was heard. */
async function talk(trunk: LiveManager, carol: Phone, turns: number, from = 0): Promise<string[]> {
  const texts: string[] = []
  for (let turn = from; turn < from + turns; turn += 1) {
    await carol.sendText(ANA, `question ${turn}`)
    await heardText(trunk, `question ${turn}`)
    await trunk.manager.send('ana', { to: CAROL, text: `answer ${turn}` })
    texts.push(`question ${turn}`, `answer ${turn}`)
  }
  return texts
}

describe.each([0, 500, 2_000, -2_000, 10_000, HOUR_MS, -HOUR_MS])('on a host whose clock is %i ms ahead', (aheadMs) => {
  it('a burst, and question and answer by turns, are listed as they came, and the last one is the last message', async () => {
    const { trunk, carol } = await linked(new HostClock(aheadMs))
    const burst = numbered('burst ', 30)
    for (const text of burst) await carol.sendText(ANA, text)
    await heardText(trunk, 'burst 29')
    expect(await textsOf(trunk, carol.lid)).toEqual(burst)
    expect((await trunk.manager.chat('ana', carol.lid)).lastMessage?.text).toBe('burst 29')
    const talked = await talk(trunk, carol, 3)
    expect(await textsOf(trunk, carol.lid)).toEqual([...burst, ...talked])
    expect((await trunk.manager.chat('ana', carol.lid)).lastMessage?.text).toBe('answer 2')
    // By WhatsApp's clock, whatever the host's says.
    const { items } = await trunk.manager.messages('ana', { chatId: carol.lid })
    for (const { timestamp } of items) expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000)
  })
})

describe('on a host whose clock is set while it runs', () => {
  it.each([HOUR_MS, -HOUR_MS])('by %i ms, an answer stays behind its question', async (stepMs) => {
    const clock = new HostClock()
    const { trunk, carol } = await linked(clock)
    const before = await talk(trunk, carol, 2)
    clock.aheadMs = stepMs
    const between = await talk(trunk, carol, 2, 2)
    clock.aheadMs = 0
    const after = await talk(trunk, carol, 2, 4)
    expect(await textsOf(trunk, carol.lid)).toEqual([...before, ...between, ...after])
    expect((await trunk.manager.chat('ana', carol.lid)).lastMessage?.text).toBe('answer 5')
  })
})

describe('messages of one second', () => {
  it.each([150, 1_000])('that have waited, %i of them, are listed as they were written', async (count) => {
    const { trunk, carol } = await linked(new HostClock(2_000), { clock: oneSecond })
    await trunk.manager.stopSession('ana')
    const texts = numbered('waiting ', count)
    for (const text of texts) await carol.sendText(ANA, text)
    await trunk.manager.startSession('ana')
    await heardText(trunk, `waiting ${count - 1}`)
    expect(await textsOf(trunk, carol.lid)).toEqual(texts)
    expect((await trunk.manager.chat('ana', carol.lid)).lastMessage?.text).toBe(`waiting ${count - 1}`)
    expect(new Set(trunk.events('message', 'ana').map(({ message }) => message.timestamp)).size).toBe(1)
  })

  it('that come in live, go out, and are written on the phone keep their order in a group', async () => {
    const { trunk, ana, carol } = await linked(new HostClock(-2_000), { clock: oneSecond })
    const dan = await live.phone(DAN, 'Dan')
    const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA, DAN] })
    const texts: string[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      for (const [phone, name] of [
        [carol, 'carol'],
        [dan, 'dan'],
      ] as const) {
        await phone.sendText(jid, `${name} ${turn}`)
        await heardText(trunk, `${name} ${turn}`)
      }
      await trunk.manager.send('ana', { to: jid, text: `api ${turn}` })
      await ana.sendText(jid, `phone ${turn}`)
      await trunk.heardEvent('message-sent', 'ana', ({ message }) => message.text === `phone ${turn}`)
      texts.push(`carol ${turn}`, `dan ${turn}`, `api ${turn}`, `phone ${turn}`)
    }
    expect(await textsOf(trunk, jid)).toEqual(texts)
    expect((await trunk.manager.chat('ana', jid)).lastMessage?.text).toBe('phone 7')
  })

  it('are in order although the store takes longer than a second for each', async () => {
    const store = createMemoryStore()
    const { record } = store.messages
    store.messages.record = async (...given) => {
      if (given[1].messages?.length) await new Promise((resolve) => setTimeout(resolve, 1_100))
      return record.apply(store.messages, given)
    }
    const { trunk, carol } = await linked(new HostClock(), { store, clock: oneSecond })
    const texts = numbered('slow ', 12)
    for (const text of texts) await carol.sendText(ANA, text)
    await heardText(trunk, 'slow 11')
    expect(await textsOf(trunk, carol.lid)).toEqual(texts)
  })

  it('are in order over managers with different clocks on one store', async () => {
    const clock = new HostClock(HOUR_MS)
    const store = createMemoryStore({ clock })
    const { trunk, carol } = await linked(clock, { store, clock: oneSecond })
    const first = await talk(trunk, carol, 4)
    await trunk.manager.close()
    await carol.sendText(ANA, 'while nobody was there')
    const next = live.manager({ store, clock: new HostClock(-HOUR_MS) })
    await next.manager.start()
    await heardText(next, 'while nobody was there')
    await next.status('ana', 'connected')
    const then = await talk(next, carol, 4, 4)
    expect(await textsOf(next, carol.lid)).toEqual([...first, 'while nobody was there', ...then])
    expect((await next.manager.chat('ana', carol.lid)).lastMessage?.text).toBe('answer 7')
  })

  it('of a history, a thousand of them, are listed as they were written, before what comes live', async () => {
    live = await Live.start('order of a history', { clock: oneSecond })
    const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
    const texts = numbered('old ', 1_000)
    const at = new Date(oneSecond.now()).toISOString()
    await ana.setHistory([{ with: CAROL, messages: texts.map((text, n) => ({ text, at, fromMe: n % 3 === 0 })) }])
    const trunk = live.manager()
    await trunk.link('ana', ana)
    await trunk.heardEvent('history.progress', 'ana', ({ done }) => done)
    await carol.sendText(ANA, 'new')
    await heardText(trunk, 'new')
    const listed = await textsOf(trunk, carol.lid)
    expect(listed.at(-1)).toBe('new')
    const kept = listed.slice(0, -1)
    expect(kept.length).toBeGreaterThan(50)
    expect(kept).toEqual(texts.slice(-kept.length))
  })
})
