import { ManualClock, ScriptedConnector, settled } from '@trunkline/conformance/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type EventOf, MultiSessionManager, type Store } from '../src/index.js'
import { recordingLogger } from './support/recording-logger.js'

const TO = '15550000009'
const clock = new ManualClock()
const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function open(store: Store, owner: string) {
  const connector = new ScriptedConnector()
  const manager = new MultiSessionManager({ store, clock, connector, owner, logger: recordingLogger() })
  const told: EventOf<'message.status'>[] = []
  manager.on('message.status', (event) => told.push(event))
  ends.push(async () => {
    const closed = manager.close()
    await clock.advance(10_000)
    await closed
  })
  return { manager, connector, told }
}

type World = ReturnType<typeof open>

async function linked({ manager, connector }: World, id: string): Promise<void> {
  const created = manager.create({ id })
  await clock.advance(1_000)
  await created
  await connector.last.pair()
  await clock.advance(1_000)
  await connector.last.opened()
  await clock.advance(0)
}

const inSeconds = (seconds: number) => new Date(clock.now() + seconds * 1_000).toISOString()

describe('the end of the time of what is queued', () => {
  it('is told when it has come, while the session is stopped and nothing will be sent', async () => {
    const store = createMemoryStore({ clock })
    const world = open(store, 'one')
    await linked(world, 's')
    await world.manager.stopSession('s')
    const { messages, queue } = world.manager.session('s')
    const late = await messages.send({ to: TO, text: 'late', expiresAt: inSeconds(7_200) })
    const soon = await messages.send({ to: TO, text: 'soon', expiresAt: inSeconds(100) })
    const planned = await messages.send({ to: TO, text: 'x', sendAt: inSeconds(20), expiresAt: inSeconds(100) })
    await clock.advance(99_000)
    expect(world.told.filter(({ status }) => status === 'expired')).toEqual([])
    await clock.advance(1_000)
    const expired = world.told.filter(({ status }) => status === 'expired')
    expect(expired.map(({ messageId }) => messageId).sort()).toEqual([soon.id, planned.id].sort())
    expect(await queue.get()).toMatchObject({ waiting: 1 })
    await clock.advance(7_100_000)
    expect(world.told.at(-1)).toMatchObject({ messageId: late.id, status: 'expired', previousStatus: 'queued' })
    expect((await messages.get({ id: late.id })).status).toBe('expired')
    expect(await store.jobs?.count({ state: 'waiting' })).toBe(0)
  })

  it('is told by the next process, or by another node, when nobody was there', async () => {
    const store = createMemoryStore({ clock })
    const before = open(store, 'one')
    await linked(before, 's')
    await before.manager.stopSession('s')
    const { id } = await before.manager.session('s').messages.send({ to: TO, text: 'x', expiresAt: inSeconds(60) })
    await before.manager.close()
    clock.jump(3_600_000)
    const after = open(store, 'two')
    await after.manager.list()
    await clock.advance(1_000)
    expect(after.told).toMatchObject([{ messageId: id, status: 'expired' }])
    expect(before.told.filter(({ status }) => status === 'expired')).toEqual([])
  })

  it('is told by the node that has the session, once, whichever node looks first', async () => {
    const store = createMemoryStore({ clock })
    const [owner, other] = [open(store, 'one'), open(store, 'two')]
    await linked(owner, 's')
    await other.manager.list()
    const { messages, queue } = owner.manager.session('s')
    await queue.pause()
    const { id } = await messages.send({ to: TO, text: 'x', expiresAt: inSeconds(90) })
    await clock.advance(180_000)
    expect([...owner.told, ...other.told].filter(({ status }) => status === 'expired')).toHaveLength(1)
    expect(owner.told.at(-1)).toMatchObject({ messageId: id, status: 'expired' })
  })

  it('is forgotten when the message was sent or canceled before', async () => {
    const store = createMemoryStore({ clock })
    const world = open(store, 'one')
    await linked(world, 's')
    const { last } = world.connector
    last.onSend = async ({ id }) => void last.emit({ type: 'ack', id })
    const { messages, queue } = world.manager.session('s')
    const expiresAt = inSeconds(60)
    const sent = await messages.send({ to: TO, text: 'sent', expiresAt })
    await settled()
    await queue.pause()
    const [canceled, cleared] = [
      await messages.send({ to: TO, text: 'canceled', expiresAt }),
      await messages.send({ to: TO, text: 'cleared', expiresAt }),
    ]
    await messages.cancel({ id: canceled.id })
    await queue.clear()
    expect(await store.jobs?.count({ state: 'waiting' })).toBe(0)
    await clock.advance(120_000)
    const statusOf = async ({ id }: { id: string }) => (await messages.get({ id })).status
    expect([await statusOf(sent), await statusOf(canceled), await statusOf(cleared)]).toEqual([
      'sent',
      'canceled',
      'canceled',
    ])
  })
})
