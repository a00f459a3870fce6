import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createMemoryNetwork,
  createMemoryStore,
  type EventName,
  type EventOf,
  LOGGED_EVENTS,
  type ManagerOptions,
  type MemoryBus,
  type MemoryNetwork,
  type Store,
} from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'

interface Node extends LiveManager {
  bus: MemoryBus
  /** What was heard of all nodes. */
  told: { name: EventName; event: EventOf<EventName> }[]
}

const PATIENCE = { timeout: 30_000, interval: 10 }
/** WhatsApp has taken a message. */
const TAKEN: readonly unknown[] = ['sent', 'delivered']
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describe('nodes that talk to each other', () => {
  let live: Live
  let store: Store
  let network: MemoryNetwork
  let ana: Phone
  let carol: Phone
  let one: Node
  let other: Node

  beforeEach(async () => {
    live = await Live.start('cluster')
    store = createMemoryStore()
    network = createMemoryNetwork()
    ana = await live.phone('15550000001', 'Ana')
    carol = await live.phone('15550000003', 'Carol')
    one = node('one')
    other = node('other')
    await one.link('shop', ana)
    await other.manager.start()
  })
  afterEach(async () => {
    await live[Symbol.asyncDispose]()
  })

  function node(owner: string, options: ManagerOptions = {}): Node {
    const bus = network.bus()
    const made = live.manager({ store, owner, leaseTtlMs: 6_000, cluster: { bus }, ...options })
    const told: Node['told'] = []
    made.manager.onAny((name, event) => told.push({ name, event }), { scope: 'cluster' })
    return Object.assign(made, { bus, told })
  }

  const seqsOf = ({ told }: Node) =>
    told.filter(({ name }) => LOGGED_EVENTS.includes(name)).map(({ event }) => event.seq)

  it('take calls for a session on any of them, and the node that runs it answers with the same results and errors', async () => {
    const sent = await other.manager.send('shop', { to: carol.number, text: 'from the other node' })
    expect(sent).toMatchObject({ sessionId: 'shop', status: 'sent', text: 'from the other node' })
    await carol.waitForMessage('from the other node')
    expect(await one.manager.message('shop', { id: sent.id })).toMatchObject({ text: 'from the other node' })
    expect(await other.manager.session('shop').messages.react({ id: sent.id }, '👍')).toMatchObject({ id: sent.id })
    await expect(other.manager.send('shop', { to: '15550009999', text: 'nobody' })).rejects.toMatchObject({
      code: 'RECIPIENT_NOT_ON_WHATSAPP',
      details: { to: '15550009999' },
    })
    await expect(other.manager.requestPairingCode('shop', { phone: '15550000001' })).rejects.toMatchObject({
      code: 'SESSION_ALREADY_LINKED',
    })
    expect(await other.manager.healthCheck('shop')).toMatchObject({ ok: true })
    expect(live.simulator.connections).toHaveLength(1)
  })

  it('queue messages on any of them, and say what came of each of many', async () => {
    const messages = other.manager.session('shop').messages
    const [queued, refused] = await messages.sendBatch([
      { to: carol.number, text: 'queued elsewhere' },
      { to: 'nobody at all', text: 'refused' },
    ])
    expect(queued).toMatchObject({ message: { status: 'queued', text: 'queued elsewhere' } })
    expect(refused && 'error' in refused && refused.error).toMatchObject({
      code: 'RECIPIENT_INVALID',
      retryable: false,
    })
    await carol.waitForMessage('queued elsewhere')
  })

  it('carry a file by the store, and leave nothing of it behind', async () => {
    const file = { type: 'image', media: { data: PNG, mimetype: 'image/png' }, caption: 'carried' } as const
    await other.manager.send('shop', { to: carol.number, ...file })
    await carol.waitForMessage('carried')
    expect(await store.media?.prune({ maxBytes: 0 })).toBe(0)
  })

  it('end a session on any of them, and start it again where it is asked for', async () => {
    expect(await other.manager.stopSession('shop')).toMatchObject({ status: 'stopped', desired: 'stopped' })
    expect(live.simulator.connections).toEqual([])
    await other.manager.startSession('shop')
    await vi.waitFor(async () => expect((await other.manager.get('shop')).status).toBe('connected'), PATIENCE)
    expect((await store.leases.held(['shop']))[0]).toMatchObject({ owner: expect.stringMatching(/^other\./) })
    await one.manager.delete('shop')
    await vi.waitFor(() => expect(ana.devices).toHaveLength(0), PATIENCE)
    await expect(other.manager.get('shop')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it('tell what happens to everybody who listens to all of them, once and in order, and on() to its own node alone', async () => {
    const own = vi.fn()
    other.manager.on('message', own)
    for (const text of ['first', 'second', 'third']) await carol.sendText(ana.number, text)
    const texts = ({ told }: Node) =>
      told.flatMap(({ name, event }) => (name === 'message' ? [(event as EventOf<'message'>).message.text] : []))
    await vi.waitFor(() => expect(texts(other)).toEqual(['first', 'second', 'third']), PATIENCE)
    expect(texts(one)).toEqual(['first', 'second', 'third'])
    expect(own).not.toHaveBeenCalled()
  })

  it('read from the log what the bus has lost, once it is back, and refuse at once what cannot be carried meanwhile', async () => {
    await vi.waitFor(() => expect(seqsOf(other).length).toBeGreaterThan(0), PATIENCE)
    other.bus.reach(false)
    await expect(other.manager.send('shop', { to: carol.number, text: 'cut off' })).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      details: { sessionId: 'shop', owner: expect.stringMatching(/^one\./) },
      retryable: true,
    })
    expect(await other.manager.get('shop')).toMatchObject({ status: 'connected' })
    for (const text of ['missed 1', 'missed 2']) {
      await carol.sendText(ana.number, text)
      await one.heardEvent('message', 'shop', ({ message }) => message.text === text)
    }
    other.bus.reach(true)
    await carol.sendText(ana.number, 'heard')
    await vi.waitFor(async () => expect(seqsOf(other).at(-1)).toBe(await store.events.lastSeq('shop')), PATIENCE)
    const seqs = seqsOf(other)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    expect(seqs).toEqual(seqs.map((_, place) => (seqs[0] ?? 0) + place))
  })

  it('hand a session over when its node closes: who calls meanwhile is answered by the next one', async () => {
    const closing = one.manager.close()
    await closing
    await vi.waitFor(async () => expect((await other.manager.get('shop')).status).toBe('connected'), PATIENCE)
    await other.manager.send('shop', { to: carol.number, text: 'after the hand-over' })
    await carol.waitForMessage('after the hand-over')
    expect(live.simulator.connections).toHaveLength(1)
    expect(ana.devices).toHaveLength(1)
  })

  it('answer what was being sent when a session is handed over, and nobody who calls meanwhile is refused', async () => {
    const acked = { number: ana.number, tag: 'ack' }
    const slow = live.simulator.faults.on(acked, { do: 'delay', delayMs: 700 })
    const calls = [one, other].map(({ manager }, n) =>
      manager.send('shop', { to: carol.number, text: `on its way ${n}` }),
    )
    await Promise.all([0, 1].map((n) => carol.waitForMessage(`on its way ${n}`)))
    slow.remove()
    const moving = one.manager.nodes.move('shop')
    let isMoving = true
    void moving.finally(() => {
      isMoving = false
    })
    for (let n = 0; isMoving; n += 1)
      for (const { manager } of [one, other]) {
        calls.push(manager.send('shop', { to: carol.number, text: `meanwhile ${n} at ${manager === one.manager}` }))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    expect(await moving).toMatchObject({ name: 'other' })
    calls.push(...[one, other].map(({ manager }) => manager.send('shop', { to: carol.number, text: 'at once' })))
    const sent = await Promise.all(calls)
    expect(sent.filter(({ status }) => !TAKEN.includes(status))).toEqual([])
    await live.simulator.idle()
    expect(carol.messages.map(({ text }) => text)).toHaveLength(sent.length)
    expect(live.simulator.connections).toHaveLength(1)
  })

  it('answer what was being sent when a node closes, queued or not', async () => {
    live.simulator.faults.on({ number: ana.number, tag: 'ack' }, { do: 'delay', delayMs: 500 })
    const sending = one.manager.send('shop', { to: carol.number, text: 'the last one' })
    const queued = await one.manager.send('shop', { to: carol.number, text: 'queued', queue: true })
    await Promise.all(['the last one', 'queued'].map((text) => carol.waitForMessage(text)))
    await one.manager.close()
    expect(TAKEN).toContain((await sending).status)
    expect(TAKEN).toContain((await other.manager.message('shop', { id: queued.id })).status)
  })

  it('even out what they run when all is calm, the idlest session first, and leave alone what links', async () => {
    const [apart, shared] = [createMemoryNetwork(), createMemoryStore()]
    const join = (owner: string) => {
      const cluster = { bus: apart.bus(), rebalance: { calmMs: 100, restMs: 1 } }
      return live.manager({ store: shared, owner, leaseTtlMs: 6_000, cluster })
    }
    const full = join('full')
    await full.manager.start()
    for (const [id, number] of [
      ['talks', '15550000011'],
      ['idles', '15550000012'],
    ] as const)
      await full.link(id, await live.phone(number, id))
    await full.manager.create({ id: 'links' })
    await full.status('links', 'awaiting_scan')
    await carol.sendText('15550000011', 'hello')
    await full.heardEvent('message', 'talks')
    const empty = join('empty')
    await empty.manager.start()
    await empty.status('idles', 'connected', 0)
    const held = await shared.leases.held(['talks', 'idles', 'links'])
    const owners = Object.fromEntries(held.map(({ sessionId, owner }) => [sessionId, owner.split('.')[0]]))
    expect(owners).toEqual({ talks: 'full', idles: 'empty', links: 'full' })
    expect(full.events('session.status', 'talks').at(-1)).toMatchObject({ status: 'connected' })
    expect((await full.manager.get('links')).status).toBe('awaiting_scan')
  })

  it('end a session that runs on a node that cannot be reached by way of the store', async () => {
    other.bus.reach(false)
    expect(await other.manager.stopSession('shop')).toMatchObject({ status: 'stopped' })
    expect(live.simulator.connections).toEqual([])
  })

  it('wait no longer for a node that has lost the session, and say that nobody knows whether it was done', async () => {
    const ghost = network.bus()
    const asked = vi.fn(() => new Promise<Uint8Array>(() => {}))
    await ghost.answer('node.ghost', asked)
    await other.manager.create({ id: 'desk', start: false })
    const lease = await store.leases.acquire('desk', { owner: 'ghost', ttlMs: 60_000 })
    const calling = other.manager.send('desk', { to: carol.number, text: 'into the void' })
    calling.catch(() => {})
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1), PATIENCE)
    if (lease) await store.leases.release(lease)
    await expect(calling).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE', details: { owner: 'ghost' } })
  })

  it('stop waiting when the caller does', async () => {
    const ghost = network.bus()
    const asked = vi.fn(() => new Promise<Uint8Array>(() => {}))
    await ghost.answer('node.ghost', asked)
    await other.manager.create({ id: 'desk', start: false })
    await store.leases.acquire('desk', { owner: 'ghost', ttlMs: 60_000 })
    const controller = new AbortController()
    const calling = other.manager.send('desk', { to: carol.number, text: 'given up', signal: controller.signal })
    calling.catch(() => {})
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1), PATIENCE)
    controller.abort()
    await expect(calling).rejects.toMatchObject({ code: 'OPERATION_ABORTED' })
  })

  it('say who holds a session whose node answers nobody', async () => {
    await other.manager.create({ id: 'desk', start: false })
    await store.leases.acquire('desk', { owner: 'gone', ttlMs: 60_000 })
    await expect(other.manager.restartSession('desk')).rejects.toMatchObject({
      code: 'LEASE_HELD',
      details: { sessionId: 'desk', owner: 'gone' },
    })
  })
})
