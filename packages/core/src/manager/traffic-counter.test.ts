import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { hourAt, TrafficCounter } from './traffic-counter.js'

const HOUR_MS = 3_600_000

function setUp() {
  const clock = new ManualClock()
  const store = createMemoryStore({ clock })
  let told = 0
  const onPending = () => {
    told += 1
  }
  const counter = new TrafficCounter({ store: store.traffic, clock, logger: recordingLogger(), onPending })
  return { clock, store, counter, told: () => told, hours: () => store.traffic.sum({ since: '' }) }
}

describe('hours', () => {
  it.each([
    ['2026-03-01T10:00:00.000Z', 0, '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:59:59.999Z', 0, '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T00:30:00.000Z', 23, '2026-02-28T01:00:00.000Z'],
  ])('%s, %i before, is of the hour %s', (now, before, hour) => {
    expect(hourAt(Date.parse(now), { before })).toBe(hour)
  })
})

describe('messages by hour', () => {
  it('are those that the counters of sessions grew by, and nothing where only chats did', async () => {
    const { counter, clock, hours, store } = setUp()
    counter.count([
      { sessionId: 's', counters: { sent: 2, chats: 1 } },
      { sessionId: 't', counters: { received: 1, failed: 1 } },
      { sessionId: 'u', counters: { chats: 1 } },
    ])
    counter.count([{ sessionId: 's', counters: { sent: 1 } }])
    await counter.flush()
    await counter.flush()
    expect(await hours()).toEqual([{ at: hourAt(clock.now()), sent: 3, received: 1, failed: 1 }])
    expect(await store.traffic.prune({ before: '9', limit: 9 })).toBe(2)
  })

  it('that could not be stored are added later, to the hour they belong to, and once', async () => {
    const { counter, clock, hours, store, told } = setUp()
    const { add } = store.traffic
    Object.assign(store.traffic, { add: () => Promise.reject(new Error('gone')) })
    const first = hourAt(clock.now())
    counter.count([{ sessionId: 's', counters: { sent: 1 } }])
    await counter.flush()
    expect([told(), await hours()]).toEqual([1, []])
    await clock.advance(HOUR_MS)
    counter.count([{ sessionId: 's', counters: { sent: 1 } }])
    Object.assign(store.traffic, { add })
    await counter.flush()
    await counter.flush()
    expect(await hours()).toEqual([
      { at: first, sent: 1, received: 0, failed: 0 },
      { at: hourAt(clock.now()), sent: 1, received: 0, failed: 0 },
    ])
  })

  it('are not kept where the store keeps none', async () => {
    const counter = new TrafficCounter({
      store: undefined,
      clock: new ManualClock(),
      logger: recordingLogger(),
      onPending: () => {},
    })
    counter.count([{ sessionId: 's', counters: { sent: 1 } }])
    await counter.flush()
  })
})
