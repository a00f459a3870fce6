import { ManualClock, ScriptedConnector, settled } from '@trunkline/conformance/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type LoggedEvent, MultiSessionManager, type Store } from '../src/index.js'
import { recordingLogger } from './support/recording-logger.js'

const ALICE = '15550000002@s.whatsapp.net'
const managers: MultiSessionManager[] = []
const clock = new ManualClock()

afterEach(async () => {
  for (const manager of managers.splice(0)) {
    const closed = manager.close()
    await clock.advance(10_000)
    await closed
  }
})

function open(store: Store) {
  const connector = new ScriptedConnector()
  const manager = new MultiSessionManager({ store, clock, connector, logger: recordingLogger() })
  managers.push(manager)
  return { manager, connector }
}

async function linked({ manager, connector }: ReturnType<typeof open>, id: string) {
  const created = manager.create({ id })
  await clock.advance(1_000)
  await created
  await connector.last.pair()
  await clock.advance(1_000)
  await connector.last.opened()
  await clock.advance(0)
  return connector.last
}

/** What a consumer was given, as texts. */
function collector() {
  const texts: string[] = []
  const handler = async ({ name, event }: LoggedEvent) => {
    if (name === 'message' && 'message' in event) texts.push(`${event.sessionId}: ${event.message.text}`)
  }
  return { texts, handler }
}

describe('manager.consume', () => {
  it('gives every event in the order of its session, and goes on after a restart where it was', async () => {
    const store = createMemoryStore({ clock })
    const before = open(store)
    const connection = await linked(before, 's')
    const first = collector()
    await before.manager.consume('orders', { events: ['message'] }, first.handler)
    for (const text of ['1', '2']) await connection.receive({ from: ALICE, text })
    await settled()
    expect(first.texts).toEqual(['s: 1', 's: 2'])

    const closed = before.manager.close()
    await clock.advance(1_000)
    await closed
    const after = open(store)
    const second = collector()
    const started = after.manager.start()
    await clock.advance(1_000)
    await started
    await after.connector.last.opened()
    await after.connector.last.receive({ from: ALICE, text: '3' })
    await after.manager.consume('orders', { events: ['message'] }, second.handler)
    await clock.advance(1_000)
    await after.connector.last.receive({ from: ALICE, text: '4' })
    await settled()
    expect(second.texts).toEqual(['s: 3', 's: 4'])
  })

  it('begins with what is kept, with what comes, or at a time, and afterwards where it was', async () => {
    const store = createMemoryStore({ clock })
    const world = open(store)
    const connection = await linked(world, 's')
    await connection.receive({ from: ALICE, text: 'old' })
    await clock.advance(10 * 60_000)
    const since = new Date(clock.now()).toISOString()
    await connection.receive({ from: ALICE, text: 'newer' })
    await clock.advance(10 * 60_000)
    const [start, now, time] = [collector(), collector(), collector()]
    await world.manager.consume('start', { from: 'start', events: ['message'] }, start.handler)
    await world.manager.consume('now', {}, now.handler)
    const timed = await world.manager.consume('time', { from: since }, time.handler)
    await settled()
    await connection.receive({ from: ALICE, text: 'newest' })
    for (let turn = 0; turn < 5; turn += 1) await settled()
    expect(start.texts).toEqual(['s: old', 's: newer', 's: newest'])
    expect(now.texts).toEqual(['s: newest'])
    expect(time.texts).toEqual(['s: newer', 's: newest'])

    await timed.close()
    await connection.receive({ from: ALICE, text: 'meanwhile' })
    const again = collector()
    const reopened = await world.manager.consume('time', { from: 'start' }, again.handler)
    await settled()
    expect(again.texts).toEqual(['s: meanwhile'])
    await reopened.remove()
    const anew = collector()
    await world.manager.consume('time', { from: since }, anew.handler)
    for (let turn = 0; turn < 5; turn += 1) await settled()
    expect(anew.texts).toEqual(['s: newer', 's: newest', 's: meanwhile'])
  })

  it('gives what nobody was there to be told of: a session that is stopped, and one that ran in a process that was killed', async () => {
    const store = createMemoryStore({ clock })
    const killed = open(store)
    const connection = await linked(killed, 'running')
    await linked(killed, 'stopped')
    await connection.receive({ from: ALICE, text: '1' })
    await killed.manager.stopSession('stopped')
    const seen: string[] = []
    const world = open(store)
    await world.manager.consume('audit', { from: 'start' }, async ({ event }) => {
      seen.push(event.sessionId)
    })
    await settled()
    expect(new Set(seen)).toEqual(new Set(['stopped']))
    // The lease of the killed process runs out.
    const leased = store.leases.held
    store.leases.held = async () => []
    await clock.advance(30_000)
    store.leases.held = leased
    expect(new Set(seen)).toEqual(new Set(['stopped', 'running']))
    const kept = await Promise.all(['running', 'stopped'].map((id) => store.events.lastSeq(id)))
    expect(seen).toHaveLength(kept.reduce((sum, count) => sum + count, 0))
  })

  it('reads the sessions that were asked for, and gives a session that was made anew from its first event on', async () => {
    const store = createMemoryStore({ clock })
    const world = open(store)
    const seen: string[] = []
    await world.manager.consume('some', { sessionIds: ['s'], events: ['session.created'] }, ({ event }) => {
      seen.push(`${event.sessionId} ${event.seq}`)
    })
    for (const id of ['s', 't']) await world.manager.create({ id, start: false })
    await settled()
    await world.manager.cleanup('s')
    await clock.advance(2_000)
    await world.manager.create({ id: 's', start: false })
    await clock.advance(2_000)
    expect(seen).toEqual(['s 1', 's 1'])
  })

  it('refuses what it cannot do by name', async () => {
    const { manager } = open(createMemoryStore({ clock }))
    const nothing = () => {}
    const fieldsOf = async (consuming: Promise<unknown>) =>
      consuming.then(
        () => [],
        (error) => (error.details.errors as { field: string }[]).map(({ field }) => field),
      )
    expect(await fieldsOf(manager.consume('', {}, nothing))).toEqual(['name'])
    expect(await fieldsOf(manager.consume('a', { from: 'yesterday' }, nothing))).toEqual(['from'])
    expect(await fieldsOf(manager.consume('a', { events: ['qr'] }, nothing))).toEqual(['events.0'])
    expect(await fieldsOf(manager.consume('a', { concurrency: 0 }, nothing))).toEqual(['concurrency'])
    expect(await fieldsOf(manager.consume('a', {}, 'handler' as never))).toEqual(['handler'])
    await manager.consume('a', {}, nothing)
    expect(await fieldsOf(manager.consume('a', {}, nothing))).toEqual(['name'])
    const { cursors: _, ...lacking } = createMemoryStore({ clock })
    expect(await fieldsOf(open(lacking).manager.consume('a', {}, nothing))).toEqual(['store'])
  })

  it('costs nothing while there is no consumer', async () => {
    const store = createMemoryStore({ clock })
    const untouched = new Proxy(store.cursors, {
      get: () => () => Promise.reject(new Error('Nobody has asked for a cursor')),
    })
    const world = open({ ...store, cursors: { ...untouched, removeAll: async () => {} } })
    const connection = await linked(world, 's')
    await connection.receive({ from: ALICE, text: '1' })
    await clock.advance(120_000)
    expect(await world.manager.lastSeq('s')).toBeGreaterThan(0)
  })
})
