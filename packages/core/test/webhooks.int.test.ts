import { ManualClock, ScriptedConnector, settled } from '@trunkline/conformance/testing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createMemoryStore,
  type ManagerOptions,
  MultiSessionManager,
  type Store,
  sealingKeyFrom,
} from '../src/index.js'
import { type Received, WebhookReceiver } from './support/receiver.js'
import { recordingLogger } from './support/recording-logger.js'

const ALICE = '15550000002@s.whatsapp.net'
const LOOPBACK = ['127.0.0.1']
const clock = new ManualClock()
const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function receiver(): Promise<WebhookReceiver> {
  const made = await WebhookReceiver.start()
  ends.push(() => made.close())
  return made
}

async function close(manager: MultiSessionManager): Promise<void> {
  const closed = manager.close()
  await clock.advance(10_000)
  await closed
}

function open(store: Store, options: ManagerOptions = {}) {
  const connector = new ScriptedConnector()
  const common = { store, clock, connector, logger: recordingLogger(), urlAllow: LOOPBACK, random: () => 0 }
  const manager = new MultiSessionManager({ ...common, ...options })
  ends.push(() => close(manager))
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

/** Time passes, and what real sockets bring in it is there, until `done` holds. */
async function until(done: () => boolean | Promise<boolean>, stepMs = 0): Promise<void> {
  while (!(await done())) {
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(stepMs)
  }
}

/** Lets the time of the next attempts come until none is left. */
async function untilDead(webhooks: MultiSessionManager['webhooks'], id: string, count: number): Promise<void> {
  for (;;) {
    const { items } = await webhooks.deliveries(id)
    if (items.filter(({ state }) => state === 'dead').length === count) return
    const next = Math.max(clock.now(), ...items.map(({ nextAt }) => Date.parse(nextAt ?? '') || 0))
    clock.jump(next - clock.now())
    await clock.advance(15_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const idsOf = (received: Received[]) => received.map(({ id }) => id)

describe('a webhook', () => {
  it('is sent every event it is for, signed, in the order of its session, and nothing is written for one', async () => {
    const store = createMemoryStore({ clock })
    const world = open(store)
    const connection = await linked(world, 's')
    const target = await receiver()
    const { secret, id } = await world.manager.webhooks.create({
      url: target.url,
      events: ['message'],
      headers: { authorization: 'Bearer abc' },
    })
    target.secrets = [secret]
    for (const text of ['1', '2', '3']) await connection.receive({ from: ALICE, text })
    await target.count(3)
    expect(target.texts).toEqual(['1', '2', '3'])
    expect(target.forged).toBe(0)
    expect(new Set(idsOf(target.received)).size).toBe(3)
    expect(target.received[0]).toMatchObject({ type: 'message', data: { sessionId: 's' } })
    expect(target.received[0]?.headers).toMatchObject({
      authorization: 'Bearer abc',
      'content-type': 'application/json',
    })
    expect(await store.jobs.count({})).toBe(0)
    expect(await world.manager.webhooks.get(id)).toMatchObject({ state: 'ok', headerNames: ['authorization'] })
  })

  it('is sent again what failed, by the schedule and with one id, and later events meanwhile', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    const target = await receiver()
    const { id } = await world.manager.webhooks.create({ url: target.url, events: ['message'] })
    const failures = [500, 301, 404]
    target.answer = (response, { data }) => {
      const isFirst = (data.message as { text: string }).text === 'first'
      const status = (isFirst && failures.shift()) || 200
      response.writeHead(status, status === 301 ? { location: target.url } : {}).end('x'.repeat(5_000))
    }
    await connection.receive({ from: ALICE, text: 'first' })
    await target.count(1)
    await connection.receive({ from: ALICE, text: 'second' })
    await target.count(2)
    expect(target.texts).toEqual(['first', 'second'])
    const { webhooks } = world.manager
    await until(async () => (await webhooks.deliveries(id)).items.length === 1)
    expect((await webhooks.deliveries(id)).items[0]).toMatchObject({ state: 'retrying', event: 'message' })
    const delivered = async () => (await webhooks.deliveries(id, { state: 'delivered' })).items
    await until(async () => (await delivered()).some(({ attempts }) => attempts.length === 4), 1_000)
    const [delivery] = (await webhooks.deliveries(id)).items
    const firsts = target.received.filter(({ data }) => (data.message as { text: string }).text === 'first')
    expect(new Set(idsOf(firsts))).toEqual(new Set([delivery?.messageId]))
    expect(firsts).toHaveLength(4)
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, 301, 404, 200])
    expect(delivery?.attempts[0]?.answer).toBe('x'.repeat(1_024))
    const times = delivery?.attempts.map(({ at }) => Date.parse(at)) ?? []
    for (const [place, least] of [5_000, 30_000, 120_000].entries())
      expect((times[place + 1] ?? 0) - (times[place] ?? 0)).toBeGreaterThanOrEqual(least)
    expect((await webhooks.get(id)).state).toBe('ok')
  })

  it('that answers when nobody waits for it any more is asked again, with the same id', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    const target = await receiver()
    const { id } = await world.manager.webhooks.create({ url: target.url, events: ['message'] })
    const held: import('node:http').ServerResponse[] = []
    target.answer = (response) => held.push(response)
    await connection.receive({ from: ALICE, text: 'hello' })
    await target.count(1)
    // It takes thirty seconds for its answer; it was waited for fifteen.
    await clock.advance(30_000)
    for (const response of held) response.writeHead(200).end()
    target.answer = (response) => response.writeHead(200).end()
    const delivered = async () => (await world.manager.webhooks.deliveries(id, { state: 'delivered' })).items
    await until(async () => (await delivered()).length === 1, 1_000)
    expect(new Set(idsOf(target.received)).size).toBe(1)
    expect((await delivered())[0]?.attempts[0]).toMatchObject({ error: 'No answer in time' })
    expect((await delivered())[0]?.attempts.at(-1)).toMatchObject({ status: 200 })
  })

  it('has what was delivered in its list, and is sent it again one by one or by its time, with the same ids', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    const target = await receiver()
    const { webhooks } = world.manager
    const { id } = await webhooks.create({ url: target.url, events: ['message'] })
    target.answer = (response) => response.writeHead(202).end('taken')
    const from = new Date(clock.now()).toISOString()
    for (const text of ['1', '2', '3']) await connection.receive({ from: ALICE, text })
    await target.count(3)
    await until(async () => (await webhooks.deliveries(id)).items.length === 3, 1_000)
    const { items } = await webhooks.deliveries(id, { state: 'delivered' })
    expect(items.map(({ messageId }) => messageId)).toEqual(idsOf(target.received))
    expect(items[0]?.attempts).toMatchObject([{ status: 202, answer: 'taken' }])

    await webhooks.redeliver(id, items[1]?.id ?? '')
    await until(() => target.received.length === 4)
    const range = { from, to: new Date(clock.now() + 1).toISOString() }
    expect(await webhooks.redeliverMany(id, { ...range, state: 'delivered' })).toEqual({ count: 3 })
    await until(() => target.received.length === 7)
    expect(target.received[3]?.id).toBe(items[1]?.messageId)
    expect(new Set(idsOf(target.received)).size).toBe(3)
    expect(await webhooks.redeliverMany(id, range)).toEqual({ count: 0 })
    await expect(webhooks.redeliverMany(id, { ...range, state: 'lost' } as never)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { errors: [{ field: 'state' }] },
    })
  })

  it('with order holds back the later events of a session until the failed one is delivered, and no other session', async () => {
    const world = open(createMemoryStore({ clock }))
    const one = await linked(world, 'one')
    const other = await linked(world, 'other')
    const target = await receiver()
    await world.manager.webhooks.create({ url: target.url, events: ['message'], ordered: true })
    let failures = 2
    target.answer = (response, { data }) => {
      const fails = data.sessionId === 'one' && failures > 0
      if (fails) failures -= 1
      response.writeHead(fails ? 500 : 200).end()
    }
    for (const text of ['1', '2', '3']) await one.receive({ from: ALICE, text })
    await other.receive({ from: ALICE, text: 'elsewhere' })
    await until(() => target.texts.includes('3'), 1_000)
    expect(target.texts.filter((text) => text !== 'elsewhere')).toEqual(['1', '1', '1', '2', '3'])
    expect(target.texts.indexOf('elsewhere')).toBeLessThan(3)
  })

  it('that hangs, or closes the socket, or answers garbage, is tried again and holds up nobody else', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    const [slow, quick] = [await receiver(), await receiver()]
    const answers: ((response: import('node:http').ServerResponse) => unknown)[] = [
      () => {},
      (response) => response.socket?.destroy(),
      (response) => response.socket?.end('This is no HTTP\r\n\r\n'),
    ]
    slow.answer = (response) => (answers.shift() ?? (() => response.writeHead(200).end()))(response)
    const { id } = await world.manager.webhooks.create({ url: slow.url, events: ['message'] })
    await world.manager.webhooks.create({ url: quick.url, events: ['message'] })
    for (let number = 1; number <= 20; number += 1) await connection.receive({ from: ALICE, text: `${number}` })
    await quick.count(20)
    // No time has passed: the first request of the slow one still hangs.
    expect(quick.texts).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 1}`))
    expect(slow.received.length).toBe(1)
    await until(() => new Set(slow.texts).size === 20, 1_000)
    const { items } = await world.manager.webhooks.deliveries(id)
    const errors = items.flatMap(({ attempts }) => attempts.flatMap(({ error }) => error ?? []))
    expect(errors).toContain('No answer in time')
    expect(errors.filter((error) => error.startsWith('No answer: '))).toHaveLength(2)
    const byId = new Map(slow.received.map((received) => [received.id, received.data.seq]))
    expect(byId.size).toBe(20)
  })

  it('is sent after a crash what was not delivered, with the same id', async () => {
    const store = createMemoryStore({ clock })
    const before = open(store)
    const connection = await linked(before, 's')
    const target = await receiver()
    // Taken, but never answered: the process is killed meanwhile.
    target.answer = () => {}
    await before.manager.webhooks.create({ url: target.url, events: ['message'] })
    for (const text of ['1', '2', '3']) await connection.receive({ from: ALICE, text })
    await target.count(1)
    target.answer = (response) => response.writeHead(200).end()

    const held = store.leases.held
    store.leases.held = async () => []
    const after = open(store)
    await after.manager.list()
    await target.count(4)
    store.leases.held = held
    expect(target.texts).toEqual(['1', '1', '2', '3'])
    expect(target.received[0]?.id).toBe(target.received[1]?.id)
  })

  it('is off when its receiver is gone, keeps its place, and goes on there when it is switched on', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    const target = await receiver()
    target.answer = (response) => response.writeHead(410).end()
    const { webhooks } = world.manager
    const told: (string | undefined)[] = []
    webhooks.onDisabled(({ stateReason }) => told.push(stateReason))
    const { id } = await webhooks.create({ url: target.url, events: ['message'] })
    await connection.receive({ from: ALICE, text: '1' })
    await until(async () => (await webhooks.get(id)).state === 'disabled')
    await connection.receive({ from: ALICE, text: '2' })
    await clock.advance(120_000)
    expect(target.received).toHaveLength(1)
    expect(told).toEqual(['The receiver answered 410 Gone'])
    expect(await webhooks.get(id)).toMatchObject({ enabled: true, stateReason: 'The receiver answered 410 Gone' })
    target.answer = (response) => response.writeHead(200).end()
    expect(await webhooks.update(id, { enabled: true })).toMatchObject({ state: 'ok' })
    await target.count(3)
    expect(target.texts).toEqual(['1', '1', '2'])
    await webhooks.update(id, { enabled: false })
    await connection.receive({ from: ALICE, text: '3' })
    await clock.advance(120_000)
    expect(target.received).toHaveLength(3)
  })

  it('tells every node once that it is off, and the one that has noticed it alone where nothing else is asked for', async () => {
    const store = createMemoryStore({ clock })
    const [here, there] = [open(store), open(store)]
    const target = await receiver()
    target.answer = (response) => response.writeHead(410).end()
    const told: string[] = []
    for (const [name, { manager }] of [
      ['here', here],
      ['there', there],
    ] as const) {
      manager.webhooks.onDisabled(() => told.push(name))
      manager.webhooks.onDisabled(({ stateReason }) => told.push(`${name}, of all: ${stateReason}`), {
        scope: 'cluster',
      })
    }
    const connection = await linked(here, 's')
    const { id } = await here.manager.webhooks.create({ url: target.url, events: ['message'] })
    // The other node has found it.
    await there.manager.webhooks.get(id)
    await clock.advance(10_000)
    await connection.receive({ from: ALICE, text: '1' })
    await until(async () => (await here.manager.webhooks.get(id)).state === 'disabled')
    await clock.advance(60_000)
    const gone = 'The receiver answered 410 Gone'
    expect(told.sort()).toEqual(['here', `here, of all: ${gone}`, `there, of all: ${gone}`])
  })

  it('is given up after five days without a success; the dead are listed, and delivered again one by one or by their time', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    const target = await receiver()
    target.answer = (response) => response.writeHead(503).end('closed')
    const { webhooks } = world.manager
    const { id } = await webhooks.create({ url: target.url, events: ['message'] })
    const from = new Date(clock.now()).toISOString()
    for (const text of ['1', '2']) await connection.receive({ from: ALICE, text })
    await untilDead(webhooks, id, 2)
    const dead = (await webhooks.deliveries(id, { state: 'dead' })).items
    expect(dead.map(({ attempts }) => attempts.length)).toEqual([11, 11])
    expect(await webhooks.get(id)).toMatchObject({ state: 'failing', failingSince: expect.any(String) })
    clock.jump(3 * 86_400_000)
    // After such a jump the node first asks whether the session is still its own, which takes its time too.
    const third = connection.receive({ from: ALICE, text: '3' })
    await until(async () => (await webhooks.get(id)).state === 'disabled', 1_000)
    await third
    expect((await webhooks.get(id)).stateReason).toMatch(/five days; last: HTTP 503/)

    target.answer = (response) => response.writeHead(200).end()
    await webhooks.update(id, { enabled: true })
    const again = await webhooks.redeliver(id, dead[0]?.id ?? '')
    expect(again).toMatchObject({ state: 'retrying', messageId: dead[0]?.messageId, attempts: [] })
    const isDelivered = async (count: number) =>
      (await webhooks.deliveries(id, { state: 'delivered' })).items.length >= count
    await until(() => isDelivered(1))
    expect(target.received.at(-1)?.id).toBe(dead[0]?.messageId)
    expect(await webhooks.redeliverMany(id, { from, to: new Date(clock.now()).toISOString() })).toEqual({ count: 2 })
    await until(() => isDelivered(3))
    expect(new Set(idsOf(target.received.slice(-2)))).toEqual(new Set(dead.map(({ messageId }) => messageId)))
    expect(await webhooks.redeliverMany(id, { from: '2020-01-01T00:00:00Z', to: from })).toEqual({ count: 0 })
  })

  it('signs by two secrets until the older one is removed, keeps them sealed, and is tested by hand', async () => {
    const store = createMemoryStore({ clock })
    const key = sealingKeyFrom('00112233445566778899aabbccddeeff'.repeat(2))
    const world = open(store, { encryptionKeys: [key] })
    await linked(world, 's')
    const target = await receiver()
    const { webhooks } = world.manager
    const made = await webhooks.create({ url: target.url, headers: { 'x-key': 'hunter2' } })
    const second = await webhooks.addSecret(made.id)
    const stored = JSON.stringify((await store.webhooks.list({ limit: 9 })).items)
    for (const secret of [made.secret, second.secret, 'hunter2']) expect(stored).not.toContain(secret)
    target.secrets = [made.secret, second.secret]
    target.answer = (response) => response.writeHead(200).end('thanks')
    expect(await webhooks.test(made.id)).toMatchObject({ status: 200, answer: 'thanks' })
    expect(target.received[0]).toMatchObject({ type: 'webhook.test', data: { webhookId: made.id } })
    await webhooks.removeSecret(made.id, made.secrets[0]?.id ?? '')
    target.secrets = [second.secret]
    await webhooks.test(made.id)
    expect(target.forged).toBe(0)
    expect((await webhooks.get(made.id)).secrets.map(({ id }) => id)).toEqual([second.id])
    await expect(webhooks.removeSecret(made.id, second.id)).rejects.toMatchObject({ code: 'WEBHOOK_SECRET_NOT_FOUND' })
    await webhooks.addSecret(made.id)
    await expect(webhooks.addSecret(made.id)).rejects.toMatchObject({ code: 'WEBHOOK_LIMIT_REACHED' })
  })

  it('may begin in the past, and takes what is never logged once where it is named', async () => {
    const world = open(createMemoryStore({ clock }))
    const connection = await linked(world, 's')
    await connection.receive({ from: ALICE, text: 'old' })
    const [past, secrets] = [await receiver(), await receiver()]
    const { webhooks } = world.manager
    await webhooks.create({ url: past.url, events: ['message'], from: 'start' })
    await past.count(1)
    secrets.answer = (response) => response.writeHead(500).end()
    const { id } = await webhooks.create({ url: secrets.url, events: ['qr'] })
    const created = world.manager.create({ id: 'new' })
    await clock.advance(1_000)
    await created
    await world.connector.last.qr()
    await secrets.count(1)
    await clock.advance(60_000)
    expect(secrets.received.map(({ type }) => type)).toEqual(['qr'])
    expect((await webhooks.deliveries(id)).items).toEqual([])
    expect(past.texts).toEqual(['old'])
  })

  it('is worked on by every node as whichever node has changed it last', async () => {
    const store = createMemoryStore({ clock })
    const [one, other] = [open(store), open(store)]
    const connection = await linked(other, 's')
    const target = await receiver()
    const { id } = await one.manager.webhooks.create({ url: target.url, events: ['message'] })
    await clock.advance(5_000)
    await connection.receive({ from: ALICE, text: '1' })
    await target.count(1)
    await one.manager.webhooks.remove(id)
    await clock.advance(5_000)
    await connection.receive({ from: ALICE, text: '2' })
    await settled()
    expect(target.texts).toEqual(['1'])
    await expect(other.manager.webhooks.get(id)).rejects.toMatchObject({ code: 'WEBHOOK_NOT_FOUND' })
  })

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost:9/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'ftp://receiver.example/',
    'https://user:password@receiver.example/',
    'receiver.example',
  ])('is not made at %s', async (url) => {
    const { manager } = open(createMemoryStore({ clock }), { urlAllow: [] })
    await expect(manager.webhooks.create({ url })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { errors: [{ field: 'url' }] },
    })
  })

  it('is not made of what is no webhook, by the name of each field', async () => {
    const { manager } = open(createMemoryStore({ clock }))
    const url = 'https://receiver.example/'
    const wrong: [object, string][] = [
      [{ url, events: ['nothing'] }, 'events.0'],
      [{ url, sessionIds: ['a b'] }, 'sessionIds.0'],
      [{ url, headers: { 'webhook-id': 'x' } }, 'headers.webhook-id'],
      [{ url, headers: { host: 'x' } }, 'headers.host'],
      [{ url, headers: { a: 'line\r\nend' } }, 'headers.a'],
      [{ url, metadata: { 'a b': '1' } }, 'metadata.a b'],
      [{ url, from: 'never' }, 'from'],
      [{ url, ordered: 'yes' }, 'ordered'],
      [{ url, secret: 'mine' }, 'secret'],
    ]
    for (const [options, field] of wrong)
      await expect(manager.webhooks.create(options as never)).rejects.toMatchObject({
        details: { errors: [{ field }] },
      })
  })
})
