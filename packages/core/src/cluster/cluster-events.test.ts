import { message } from '@trunkline/conformance/fixtures'
import { ManualClock } from '@trunkline/conformance/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { newSessionRecord } from '../manager/new-session-record.js'
import { createMemoryNetwork, type MemoryBus } from '../memory/memory-bus.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { Store } from '../ports/store.js'
import type { EventName, EventOf } from '../types/events.js'
import { ClusterEvents } from './cluster-events.js'

type Listener = (name: EventName, event: EventOf<EventName>) => void

/** One node: what it tells others, and what it hears. */
class Node {
  readonly bus: MemoryBus
  readonly events: ClusterEvents
  readonly heard: string[] = []
  #tell: Listener = () => {}

  constructor(bus: MemoryBus, store: Store, clock: ManualClock) {
    this.bus = bus
    const listen = (listener: Listener) => {
      this.#tell = listener
      return () => {}
    }
    const { events, sessions } = store
    this.events = new ClusterEvents({ bus, events, sessions, clock, logger: recordingLogger(), listen })
  }

  listen(): void {
    this.events.onAny((name, event) => this.heard.push(`${event.sessionId} ${name} ${event.seq}`))
  }

  tell(name: EventName, event: EventOf<EventName>): void {
    this.#tell(name, event)
  }
}

describe('the events of all nodes', () => {
  let store: Store
  let clock: ManualClock
  let one: Node
  let other: Node

  beforeEach(async () => {
    store = createMemoryStore()
    clock = new ManualClock()
    const network = createMemoryNetwork({ clock })
    one = new Node(network.bus(), store, clock)
    other = new Node(network.bus(), store, clock)
    await store.sessions.insert(newSessionRecord({ id: 'shop', settings: {} }, clock.now()))
    await append('shop', 2)
    other.listen()
    await settled()
  })
  afterEach(async () => {
    await one.events.close()
    await other.events.close()
  })

  /** Whatever could still follow without time has followed. */
  const settled = async () => {
    for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Appends messages to the log, and answers them as they are told. */
  async function append(sessionId: string, count: number, text = 'hello') {
    const news = Array.from({ length: count }, () => ({
      name: 'message' as const,
      at: new Date(clock.now()).toISOString(),
      payload: { message: message({ text }) },
    }))
    return (await store.events.append(sessionId, news)).map(({ event }) => event as EventOf<'message'>)
  }

  it('begin with what happens from then on', async () => {
    for (const event of await append('shop', 2)) one.tell('message', event)
    await settled()
    expect(other.heard).toEqual(['shop message 3', 'shop message 4'])
  })

  it('are read from the log where the numbers show that something was lost, in order and once', async () => {
    const [, , fifth] = await append('shop', 3)
    if (fifth) one.tell('message', fifth)
    const [sixth] = await append('shop', 1)
    if (sixth) one.tell('message', sixth)
    await settled()
    expect(other.heard).toEqual([3, 4, 5, 6].map((seq) => `shop message ${seq}`))
  })

  it('are read from the log when they are too large to be told', async () => {
    const [large] = await append('shop', 1, 'x'.repeat(2_000_000))
    if (large) one.tell('message', large)
    await settled()
    expect(other.heard).toEqual(['shop message 3'])
  })

  it('come late, and all of them, when the bus was gone', async () => {
    one.bus.reach(false)
    for (const event of await append('shop', 3)) one.tell('message', event)
    await store.sessions.insert(newSessionRecord({ id: 'new', settings: {} }, clock.now()))
    await append('new', 1)
    await settled()
    expect(other.heard).toEqual([])
    other.bus.reach(false)
    other.bus.reach(true)
    await settled()
    expect(other.heard.toSorted()).toEqual(['new message 1', 'shop message 3', 'shop message 4', 'shop message 5'])
  })

  it('of a node that ended before it could tell are found by looking', async () => {
    await append('shop', 1)
    await settled()
    expect(other.heard).toEqual([])
    await clock.advance(30_000)
    await settled()
    expect(other.heard).toEqual(['shop message 3'])
  })

  it('wait for a store that does not answer, and none is passed over', async () => {
    const read = vi.spyOn(store.events, 'read').mockRejectedValueOnce(new Error('ECONNREFUSED'))
    const [, fourth] = await append('shop', 2)
    if (fourth) one.tell('message', fourth)
    one.tell('presence', { ...fourth, state: 'composing' } as never)
    await settled()
    expect(other.heard).toEqual(['shop presence 4'])
    await clock.advance(30_000)
    await settled()
    expect(read).toHaveBeenCalledTimes(2)
    expect(other.heard).toEqual(['shop presence 4', 'shop message 3', 'shop message 4'])
  })

  it('are read at once from the log when another node is back that was cut off from the bus', async () => {
    one.bus.reach(false)
    for (const event of await append('shop', 2)) one.tell('message', event)
    await settled()
    expect(other.heard).toEqual([])
    one.bus.reach(true)
    await settled()
    expect(other.heard).toEqual(['shop message 3', 'shop message 4'])
  })

  it('are read from the log when a node of another version tells them', async () => {
    await append('shop', 2)
    one.bus.tell('event.shop', Buffer.from('{"v":2,"about":"whatever"}'))
    await settled()
    expect(other.heard).toEqual(['shop message 3', 'shop message 4'])
  })

  it('are not missed when they come, too large to be told, while a hole is read', async () => {
    const read = store.events.read.bind(store.events)
    vi.spyOn(store.events, 'read').mockImplementationOnce(async (sessionId, options) => {
      const found = await read(sessionId, options)
      const [large] = await append('shop', 1, 'x'.repeat(2_000_000))
      if (large) one.tell('message', large)
      return found
    })
    const [, fourth] = await append('shop', 2)
    if (fourth) one.tell('message', fourth)
    await settled()
    expect(other.heard).toEqual(['shop message 3', 'shop message 4', 'shop message 5'])
  })

  it('that are never logged are told as they come', async () => {
    one.tell('presence', { sessionId: 'shop', at: '', seq: 2, chatId: 'c', senderId: 's', state: 'composing' })
    await settled()
    expect(other.heard).toEqual(['shop presence 2'])
  })

  it('begin anew with a session whose id is used again', async () => {
    await store.events.removeAll('shop')
    other.bus.reach(false)
    await append('shop', 1)
    other.bus.reach(true)
    await settled()
    expect(other.heard).toEqual(['shop message 1'])
  })

  it('of this node come the same way', async () => {
    for (const event of await append('shop', 1)) other.tell('message', event)
    expect(other.heard).toEqual(['shop message 3'])
  })
})
