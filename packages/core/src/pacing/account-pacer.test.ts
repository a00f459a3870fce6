import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../memory/memory-store.js'
import type { StoredMessage } from '../types/message.js'
import type { PacingSettings } from '../types/pacing.js'
import type { SendRestriction } from '../types/queue.js'
import { AccountPacer } from './account-pacer.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from './history.js'
import { limitsOf } from './limits.js'
import { quietUntil } from './quiet-hours.js'

const SESSION = 's'
const ME = '15550000001@s.whatsapp.net'
const chatOf = (number: number) => `1555100${String(number).padStart(4, '0')}@s.whatsapp.net`

/** A session whose sending is paced: the store keeps what it sent, as the outbox does, and what WhatsApp told. */
class World {
  readonly clock = new ManualClock()
  readonly store = createMemoryStore({ clock: this.clock })
  restrictions: SendRestriction[] = []
  readonly linkedAt = new Date(this.clock.now()).toISOString()
  pacer = this.restart()
  #count = 0

  /** What was in memory is gone. */
  restart(): AccountPacer {
    this.pacer = new AccountPacer({
      store: this.store,
      clock: this.clock,
      restrictions: {
        of: () => this.restrictions,
        change: async (_id, restrictions) => {
          this.restrictions = restrictions
        },
        linkedAt: () => this.linkedAt,
      },
    })
    return this.pacer
  }

  async ask(pacing: PacingSettings, chatId: string, isNew = false) {
    const send = { sessionId: SESSION, settings: { pacing }, chatId, type: 'text', textLength: 20, priority: 'normal' }
    return this.pacer.admit({ ...send, type: 'text', priority: 'normal', isNewConversation: async () => isNew })
  }

  /** As the outbox does it: stored, then on the wire, then answered. */
  async sent(pacing: PacingSettings, chatId: string, refused?: string): Promise<void> {
    await this.store.messages.upsert(SESSION, [this.message(chatId, { fromMe: true })])
    const send = {
      sessionId: SESSION,
      settings: { pacing },
      chatId,
      type: 'text',
      textLength: 20,
      priority: 'normal',
    } as const
    await this.pacer.settled(send, refused === undefined ? { kind: 'sent' } : { kind: 'refused', code: refused })
  }

  message(chatId: string, { fromMe }: { fromMe: boolean }): StoredMessage {
    this.#count += 1
    const second = Math.floor(this.clock.now() / 1_000) * 1_000
    return {
      id: `M${this.#count}`,
      sessionId: SESSION,
      chatId,
      senderId: fromMe ? ME : chatId,
      fromMe,
      timestamp: new Date(second).toISOString(),
      arrival: `${String(this.#count).padStart(12, '0')}`,
      type: 'text',
      text: 'hello',
      reactions: [],
      status: fromMe ? 'sent' : 'delivered',
      source: fromMe ? 'api' : 'live',
    } as unknown as StoredMessage
  }
}

/** A generator that is always the same (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('the pacer of an account', () => {
  it('lets everything go at once where nothing is set, and asks no store for it', async () => {
    const world = new World()
    world.store.messages.page = async () => {
      throw new Error('Nobody asks')
    }
    for (let n = 0; n < 100; n += 1) expect(await world.ask({ preset: 'off' }, chatOf(n))).toEqual({ kind: 'go' })
  })

  it('counts those that are asked for beside each other one by one', async () => {
    const world = new World()
    const asked = Array.from({ length: 10 }, (_, n) => world.ask({ preset: 'off', perMinute: 3 }, chatOf(n)))
    expect((await Promise.all(asked)).map(({ kind }) => kind).filter((kind) => kind === 'go')).toHaveLength(3)
  })

  it('gives the same answer as often as it is asked, and then lets go', async () => {
    const world = new World()
    const pacing: PacingSettings = { preset: 'off', chatGapMs: [2_000, 6_000] }
    await world.ask(pacing, chatOf(1))
    const wait = await world.ask(pacing, chatOf(1))
    await world.clock.advance(500)
    expect(await world.ask(pacing, chatOf(1))).toEqual(wait)
    if (wait.kind !== 'wait') throw new Error('It was let go')
    await world.clock.advance(wait.at - world.clock.now())
    expect((await world.ask(pacing, chatOf(1))).kind).toBe('go')
  })

  it('knows after a restart what was sent before, new conversations too, and does not count what others wrote first', async () => {
    const world = new World()
    const pacing: PacingSettings = { preset: 'off', perDay: 5, newChatsPerDay: 2 }
    await world.store.messages.upsert(SESSION, [world.message(chatOf(9), { fromMe: false })])
    await world.clock.advance(2_000)
    for (const [chat, isNew] of [
      [1, true],
      [2, true],
      [1, false],
      [9, false],
    ] as const) {
      expect((await world.ask(pacing, chatOf(chat), isNew)).kind).toBe('go')
      await world.sent(pacing, chatOf(chat))
      await world.clock.advance(2_000)
    }
    world.restart()
    expect(await world.pacer.report({ sessionId: SESSION, settings: { pacing } })).toEqual({
      used: { minute: 4, hour: 4, day: 4, newChats: 2 },
      limits: { day: 5, newChats: 2 },
      restrictions: [],
    })
    expect(await world.ask(pacing, chatOf(3), true)).toMatchObject({
      kind: 'wait',
      waitingFor: { code: 'PACING_NEW_CHATS' },
    })
    expect((await world.ask(pacing, chatOf(9))).kind).toBe('go')
    expect(await world.ask(pacing, chatOf(1))).toMatchObject({ kind: 'wait', waitingFor: { code: 'PACING_DAY' } })
  })

  it('closes new conversations after 463 and lets answers go on, over a restart too, until WhatsApp says that it is over', async () => {
    const world = new World()
    const pacing: PacingSettings = { preset: 'off' }
    await world.ask(pacing, chatOf(1), true)
    await world.sent(pacing, chatOf(1), '463')
    world.restart()
    expect(await world.ask(pacing, chatOf(2), true)).toMatchObject({ kind: 'wait', holds: 'chat' })
    expect((await world.ask(pacing, chatOf(2), false)).kind).toBe('go')
    await world.pacer.told(SESSION, { code: 'REACHOUT_TIMELOCK', active: false })
    expect((await world.ask(pacing, chatOf(2), true)).kind).toBe('go')
  })

  it('pauses all of a session after 429, twice as long each time, and begins anew when it was well for an hour', async () => {
    const world = new World()
    const pauses: number[] = []
    for (const restMs of [0, 1_000, 1_000, 2 * HOUR_MS]) {
      await world.clock.advance(restMs)
      await world.sent({ preset: 'off' }, chatOf(1), '429')
      const wait = await world.ask({ preset: 'off' }, chatOf(2))
      if (wait.kind !== 'wait') throw new Error('It was let go')
      pauses.push(wait.at - world.clock.now())
      await world.clock.advance(wait.at - world.clock.now())
      expect((await world.ask({ preset: 'off' }, chatOf(2))).kind).toBe('go')
    }
    expect(pauses).toEqual([MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS, MINUTE_MS])
  })

  it('paces a busy year with restarts: no limit is ever passed, no quiet hour is broken, and nothing waits without need', async () => {
    const world = new World()
    const next = random(15)
    const quietHours = { from: '21:30', to: '08:00', timeZone: 'Europe/Berlin' }
    const pacing: PacingSettings = { preset: 'warm_up', perDay: 24, perHour: 8, newChatsPerDay: 6, quietHours }
    const begun = world.clock.now()
    const known = new Set<string>()
    const gone: { at: number; chatId: string; isNew: boolean }[] = []
    while (world.clock.now() < begun + 365 * DAY_MS) {
      const chatId = chatOf(Math.floor(next() * 9_000))
      const isNew = !known.has(chatId)
      const admission = await world.ask(pacing, chatId, isNew)
      if (admission.kind === 'wait') {
        expect(admission.at).toBeGreaterThan(world.clock.now())
        await world.clock.advance(
          admission.holds === 'chat'
            ? 20 * MINUTE_MS
            : admission.at - world.clock.now() + Math.floor(next() * 3) * MINUTE_MS,
        )
      } else {
        known.add(chatId)
        gone.push({ at: world.clock.now(), chatId, isNew })
        await world.sent(pacing, chatId)
        await world.clock.advance(Math.floor(next() * 40_000))
      }
      if (next() < 0.01) world.restart()
    }
    const limits = limitsOf(pacing, { now: begun + 100 * DAY_MS, linkedAt: begun })
    expectWithin(gone, { max: limits.perDay, windowMs: DAY_MS })
    expectWithin(gone, { max: limits.perHour, windowMs: HOUR_MS })
    expectWithin(gone, { max: limits.perMinute, windowMs: MINUTE_MS })
    expectWithin(
      gone.filter(({ isNew }) => isNew),
      { max: 6, windowMs: DAY_MS },
    )
    expect(gone.filter(({ at }) => quietUntil(quietHours, at) !== undefined)).toEqual([])
    expect(gone.length).toBeGreaterThan(365 * 5)
  }, 120_000)
})

/** No window of this length, wherever it begins, has more. */
function expectWithin(gone: readonly { at: number }[], { max, windowMs }: { max: number; windowMs: number }): void {
  const tooClose = gone.filter(({ at }, place) => {
    const earlier = gone[place - max]
    return earlier !== undefined && at - earlier.at < windowMs
  })
  expect(tooClose).toEqual([])
}
