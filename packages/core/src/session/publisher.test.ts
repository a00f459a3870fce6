import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { NewEvent } from '../ports/event-log.js'
import type { EventName, EventOf } from '../types/events.js'
import { deferred } from '../util/deferred.js'
import { SessionPublisher } from './publisher.js'

const at = '2026-01-01T00:00:00.000Z'
const grouped = (groupId: string, key?: string): NewEvent => ({
  name: 'group.updated',
  at,
  payload: { groupId, change: { kind: 'subject', subject: 'Team' } },
  ...(key ? { key } : {}),
})
const typing: NewEvent = { name: 'presence', at, payload: { chatId: 'c', senderId: 's', state: 'composing' } }

function setUp() {
  const store = createMemoryStore()
  const heard: { name: EventName; event: EventOf<EventName> }[] = []
  const emit = <Name extends EventName>(name: Name, event: EventOf<Name>) =>
    void heard.push({ name, event: event as EventOf<EventName> })
  const services = { store, emit }
  return { store, heard, publisher: new SessionPublisher('s', services), services }
}

describe('a publisher', () => {
  it('announces what the log can give back, with its number and the session', async () => {
    const { store, heard, publisher } = setUp()
    expect(await publisher.publish([grouped('a'), grouped('b')])).toBe(2)
    const { events } = await store.events.read('s', { after: 0, limit: 10 })
    expect(heard).toEqual(events)
    expect(events.map(({ event }) => event)).toEqual([
      { sessionId: 's', at, seq: 1, ...grouped('a').payload },
      { sessionId: 's', at, seq: 2, ...grouped('b').payload },
    ])
  })

  it('keeps the order of the calls, whatever the log takes', async () => {
    const { store, heard, publisher } = setUp()
    const gates = [deferred(), deferred(), deferred()]
    const { append } = store.events
    let call = 0
    store.events.append = async (sessionId, events) => {
      await gates[call++]?.promise
      return append.call(store.events, sessionId, events)
    }
    const publishing = [
      publisher.publish([grouped('a')]),
      publisher.announce(typing),
      publisher.publish([grouped('b')]),
      publisher.publish([grouped('c')]),
    ]
    gates[2]?.resolve()
    gates[1]?.resolve()
    await settled()
    expect(heard).toEqual([])
    gates[0]?.resolve()
    await Promise.all(publishing)
    expect(heard.map(({ name, event }) => [name, event.seq])).toEqual([
      ['group.updated', 1],
      ['presence', 1],
      ['group.updated', 2],
      ['group.updated', 3],
    ])
  })

  it('announces an event with a known key no second time, unless told to repeat, and then under its first number', async () => {
    const { heard, publisher, services } = setUp()
    await publisher.publish([grouped('a', 'key')])
    expect(await publisher.publish([grouped('a', 'key')])).toBe(0)
    // Another process after a crash.
    const next = new SessionPublisher('s', services)
    expect(await next.publish([grouped('a', 'key')])).toBe(0)
    expect(heard).toHaveLength(1)
    expect(await next.publish([grouped('a', 'key')], { repeat: true })).toBe(1)
    expect(heard[1]).toEqual(heard[0])
  })

  it('gives events that are never logged the number of the last one that was, also of an earlier process', async () => {
    const { store, heard, publisher, services } = setUp()
    await publisher.publish([grouped('a'), grouped('b')])
    await new SessionPublisher('s', services).announce(typing)
    expect(heard.at(-1)?.event.seq).toBe(2)
    expect(await store.events.lastSeq('s')).toBe(2)
    await new SessionPublisher('fresh', services).announce(typing)
    expect(heard.at(-1)?.event.seq).toBe(0)
  })

  it('puts the metadata of the session on every event, logged or not, as it is at the moment', async () => {
    const { store, heard, services } = setUp()
    let metadata: Record<string, string> = { team: 'sales' }
    const publisher = new SessionPublisher('s', services, () => metadata)
    await publisher.publish([grouped('a')])
    await publisher.announce(typing)
    metadata = { team: 'support', tier: '1' }
    await publisher.record({ messages: [], changes: [], told: () => [{ event: grouped('b') }] })
    metadata = {}
    await publisher.publish([grouped('c')])
    await publisher.announce(typing)
    expect(heard.map(({ event }) => event.metadata)).toEqual([
      { team: 'sales' },
      { team: 'sales' },
      { team: 'support', tier: '1' },
      undefined,
      undefined,
    ])
    expect(heard.at(-1)?.event).not.toHaveProperty('metadata')
    const { events } = await store.events.read('s', { after: 0, limit: 10 })
    expect(events).toEqual(heard.filter(({ name }) => name !== 'presence'))
  })

  it('rejects when the log fails, announces nothing, and goes on', async () => {
    const { store, heard, publisher } = setUp()
    const { append, lastSeq } = store.events
    store.events.append = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    store.events.lastSeq = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    await expect(publisher.publish([grouped('a')])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(heard).toEqual([])
    await publisher.announce(typing)
    expect(heard.at(-1)?.event.seq).toBe(0)
    Object.assign(store.events, { append, lastSeq })
    expect(await publisher.publish([grouped('b')])).toBe(1)
    expect(heard.at(-1)?.event).toMatchObject({ seq: 1, groupId: 'b' })
  })

  it('asks the log for nothing when there is nothing', async () => {
    const { store, publisher } = setUp()
    store.events.append = () => Promise.reject(new Error('asked'))
    expect(await publisher.publish([])).toBe(0)
  })
})
