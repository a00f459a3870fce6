import { ManualClock, settled } from '@trunkline/conformance/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { LogReaders } from '../readers/log-readers.js'
import type { WebhookRecord } from '../records/webhook.js'
import type { EventName, EventOf } from '../types/events.js'
import { LIMITS } from '../types/limits.js'
import type { PostOutcome } from './attempt.js'
import { EndpointWorker } from './endpoint-worker.js'
import type { PostRequest } from './http-sender.js'
import { kindOf, type Parked } from './parked.js'
import { newSecret } from './signature.js'

const AT = '2026-01-01T00:00:00.000Z'
const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A receiver that answers as it is told, and what was asked of it. */
class Receiver {
  readonly received: { id: string; sessionId: string; seq: number }[] = []
  open = 0
  mostOpen = 0
  answer: (request: PostRequest) => Promise<PostOutcome> = async () => ({ status: 200, answer: '' })

  async post(request: PostRequest): Promise<PostOutcome> {
    const { data } = JSON.parse(request.body) as { data: { sessionId: string; seq: number } }
    this.received.push({ id: request.headers['webhook-id'] ?? '', sessionId: data.sessionId, seq: data.seq })
    this.open += 1
    this.mostOpen = Math.max(this.mostOpen, this.open)
    try {
      return await this.answer(request)
    } finally {
      this.open -= 1
    }
  }

  close(): void {}
}

/** Never answers. */
const hangs = ({ signal }: PostRequest) =>
  new Promise<PostOutcome>((resolve) =>
    signal.addEventListener('abort', () => resolve({ error: 'No answer in time' }), { once: true }),
  )

function world() {
  const clock = new ManualClock()
  const store = createMemoryStore({ clock })
  const hearing = new Set<(name: EventName, event: EventOf<EventName>) => void>()
  const listen = (heard: (name: EventName, event: EventOf<EventName>) => void) => {
    hearing.add(heard)
    return () => void hearing.delete(heard)
  }
  const shared = { clock, logger: recordingLogger(), random: () => 0, node: 'here' }
  const readers = new LogReaders({ ...shared, store, listen })
  ends.push(() => readers.close())

  const webhook = (id: string, receiver: Receiver) => {
    const record: WebhookRecord = {
      id,
      url: 'https://receiver.example/',
      events: '*',
      sessionIds: '*',
      ordered: false,
      enabled: true,
      secrets: [],
      state: 'ok',
      createdAt: AT,
      updatedAt: AT,
      revision: 1,
    }
    const worker = new EndpointWorker({
      ...shared,
      record,
      receiver: { url: record.url, headers: {}, secrets: [newSecret()] },
      startAt: AT,
      jobs: store.jobs,
      cursors: store.cursors,
      readers,
      sender: receiver,
      onAttempt: async () => {},
    })
    ends.push(async () => {
      const closed = worker.close()
      await clock.advance(20_000)
      await closed
    })
    return worker
  }
  const tell = async (sessionId: string, count: number) => {
    const at = new Date(clock.now()).toISOString()
    const news = Array.from({ length: count }, (_, n) => ({
      name: 'chat.deleted',
      at,
      payload: { chatId: `${n}@g.us` },
    }))
    for (const { name, event } of await store.events.append(sessionId, news as never))
      for (const heard of hearing) heard(name, event)
  }
  return { clock, store, webhook, tell }
}

describe('the worker of a webhook', () => {
  it('brings 10,000 events at 1,000 a second to a quick receiver as they happen, beside one that hangs, which has few of them in memory and loses none', async () => {
    const { clock, store, webhook, tell } = world()
    const [slow, quick] = [new Receiver(), new Receiver()]
    slow.answer = hangs
    webhook('slow', slow)
    webhook('quick', quick)
    const sessions = Array.from({ length: 20 }, (_, n) => `s${n}`)
    for (let second = 1; second <= 10; second += 1) {
      for (const id of sessions) await tell(id, 50)
      while (quick.received.length < second * 1_000) await settled()
      await clock.advance(1_000)
    }
    expect(quick.received).toHaveLength(10_000)
    for (const id of sessions) {
      const order = quick.received.filter(({ sessionId }) => sessionId === id).map(({ seq }) => seq)
      expect(order).toEqual(Array.from({ length: 500 }, (_, n) => n + 1))
    }
    // Ten sessions at once, and five repeats.
    expect(slow.mostOpen).toBeLessThanOrEqual(15)
    await clock.advance(60_000)
    const parked = new Set<string>()
    let cursor: string | undefined
    do {
      const page: Awaited<ReturnType<typeof store.jobs.list>> = await store.jobs.list({
        kind: kindOf('slow'),
        limit: 1_000,
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const { payload } of page.items) parked.add((payload as Parked).messageId)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(parked.size).toBe(10_000)
    expect(new Set(slow.received.map(({ id }) => id)).size).toBeLessThan(10_000)
  }, 60_000)

  it('notes what was delivered at once with the cursor, in one write for all of it, and keeps the last of it', async () => {
    const { clock, store, webhook, tell } = world()
    const receiver = new Receiver()
    webhook('w', receiver)
    const writes: number[] = []
    const { record, enqueue } = store.jobs
    store.jobs.record = async (jobs, options) => {
      writes.push(jobs.length)
      await record(jobs, options)
    }
    store.jobs.enqueue = async () => {
      throw new Error('Nothing is to be done')
    }
    await tell('s', 3)
    while (receiver.received.length < 3) await settled()
    expect(writes).toEqual([])
    await clock.advance(1_000)
    expect(writes).toEqual([3])
    const [first] = (await store.jobs.list({ kind: kindOf('w'), limit: 1 })).items
    expect(first).toMatchObject({ state: 'done', key: receiver.received[0]?.id, sessionId: 's' })
    expect(first?.payload).toMatchObject({ attempts: [{ status: 200, at: expect.any(String) }] })
    expect((await store.cursors.read(kindOf('w'), ['s'])).get('s')).toBe(3)

    await tell('s', 700)
    while (receiver.received.length < 703) await settled()
    await clock.advance(1_000)
    store.jobs.enqueue = enqueue
    expect(await store.jobs.count({ kind: kindOf('w') })).toBe(LIMITS.webhooks.maxDelivered)
    const { items } = await store.jobs.list({ kind: kindOf('w'), limit: 1_000 })
    expect(items.at(-1)?.key).toBe(receiver.received.at(-1)?.id)
  })

  it('moves on when what was delivered cannot be noted down', async () => {
    const { clock, store, webhook, tell } = world()
    const receiver = new Receiver()
    webhook('w', receiver)
    store.jobs.record = async () => {
      throw new Error('disk full')
    }
    await tell('s', 2)
    while (receiver.received.length < 2) await settled()
    await clock.advance(1_000)
    expect((await store.cursors.read(kindOf('w'), ['s'])).get('s')).toBe(2)
  })
})
