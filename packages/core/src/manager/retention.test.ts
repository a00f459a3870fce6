import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { sessionRecord } from '../../test/support/session-world.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { LiveSession } from '../session/live-session.js'
import { SessionMetrics } from '../session/metrics.js'
import type { Ownership } from '../session/services.js'
import type { StoredMessage } from '../types/message.js'
import type { ClusterNode } from '../types/node.js'
import { isForAll, Retention, type RetentionLimits, retentionLimits } from './retention.js'
import { SessionRemoval } from './session-removal.js'

const DAY = 86_400_000

function setUp(limits: Partial<RetentionLimits>) {
  const clock = new ManualClock()
  const store = createMemoryStore({ clock, eventsPerSession: 100_000 })
  const calls: string[] = []
  for (const name of ['prune', 'trim'] as const) {
    const call = store.messages[name] as (...args: unknown[]) => Promise<number>
    Object.assign(store.messages, {
      [name]: (...args: unknown[]) => {
        calls.push(name === 'trim' ? `trim ${args[0]}` : name)
        return call.apply(store.messages, args)
      },
    })
  }
  const held = new Set<string>()
  const acquire = async (sessionId: string): Promise<Ownership | undefined> => {
    if (held.has(sessionId)) return undefined
    const auth = { commit: async () => {} } as unknown as Ownership['auth']
    const lost = new AbortController().signal
    const record = await store.sessions.get(sessionId)
    return { epoch: 1, record, auth, lost, doubt: () => undefined, refused: () => {}, release: async () => {} }
  }
  const live = ['a', 'b'].map((id) => ({ id, metrics: new SessionMetrics(id) }))
  const logger = recordingLogger()
  const retention = new Retention({
    store,
    clock,
    logger,
    limits: retentionLimits(limits),
    node: 'me',
    live: () => live as unknown as LiveSession[],
    removal: new SessionRemoval({ store, acquire, emit: () => {}, clock }),
  })
  const ago = (days: number) => new Date(clock.now() - days * DAY).toISOString()
  const put = (sessionId: string, count: number, days: (number: number) => number) =>
    store.messages.upsert(
      sessionId,
      Array.from({ length: count }, (_, n) => textMessage(sessionId, `${n}`, ago(days(n)))),
    )
  const run = async (signal = new AbortController().signal, asked?: AbortSignal) => {
    let ended = false
    const running = Promise.allSettled([retention.run(signal, asked)]).then(([outcome]) => {
      ended = true
      return outcome
    })
    while (!ended) await clock.advance(50)
    const outcome = await running
    if (outcome.status === 'rejected') throw outcome.reason
  }
  return { clock, store, live, held, calls, logger, ago, put, run }
}

function textMessage(sessionId: string, id: string, timestamp: string): StoredMessage {
  const chatId = '15550000001@s.whatsapp.net'
  return {
    id,
    sessionId,
    chatId,
    senderId: chatId,
    fromMe: false,
    timestamp,
    type: 'text',
    text: id,
    reactions: [],
    status: 'delivered',
    source: 'live',
  }
}

describe('retention', () => {
  it('keeps every message unless told otherwise', async () => {
    const { put, run, store, calls } = setUp({})
    await put('a', 5, () => 3_650)
    await run()
    expect(await store.messages.count('a')).toBe(5)
    expect(calls).toEqual([])
  })

  it('removes old messages of every session in batches, with pauses in between', async () => {
    const { put, run, store, calls, clock } = setUp({ messageMaxAgeMs: 30 * DAY })
    await put('a', 5_000, (n) => (n < 4_500 ? 31 : 29))
    await put('stopped long ago', 10, () => 31)
    const startedAt = clock.monotonic()
    await run()
    expect(await store.messages.count('a')).toBe(500)
    expect(await store.messages.count('stopped long ago')).toBe(0)
    expect(calls).toEqual(['prune', 'prune', 'prune'])
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(100)
  })

  it('asks about the number of messages only where some were stored since the last time', async () => {
    const { put, run, store, calls, live } = setUp({ messageMaxCount: 3 })
    await put('a', 5, (n) => n)
    await put('b', 2, (n) => n)
    await run()
    expect(calls).toEqual(['trim a', 'trim b'])
    await run()
    expect(calls).toHaveLength(2)
    await put('b', 9, (n) => n)
    live[1]?.metrics.stored()
    await run()
    expect(calls.slice(2)).toEqual(['trim b'])
    expect([await store.messages.count('a'), await store.messages.count('b')]).toEqual([3, 3])
  })

  it('tries again what a failing store left', async () => {
    const { put, run, store, live } = setUp({ messageMaxCount: 3 })
    await put('a', 5, (n) => n)
    const { trim } = store.messages
    Object.assign(store.messages, { trim: () => Promise.reject(new Error('away')) })
    await expect(run()).rejects.toThrow('away')
    Object.assign(store.messages, { trim })
    await run()
    expect(await store.messages.count('a')).toBe(3)
    expect(live.map(({ metrics }) => metrics.takeGrown())).toEqual([false, false])
  })

  it('keeps messages by hour for as long as they can be asked for', async () => {
    const { store, run, ago } = setUp({})
    const [old, young] = [ago(32), ago(30)]
    await store.traffic.add([old, young].map((at) => ({ sessionId: 'a', at, sent: 1, received: 0, failed: 0 })))
    await run()
    expect((await store.traffic.sum({ since: '' })).map(({ at }) => at)).toEqual([young])
  })

  it('bounds the audit log by age and by number, and passes over a store that keeps none', async () => {
    const { run, store, ago, clock } = setUp({ auditMaxAgeMs: 30 * DAY, auditMaxCount: 3 })
    const entry = (days: number) =>
      ({ id: `${days}`, at: ago(days), action: 'login', outcome: 'done', status: 200 }) as const
    await store.audit.append([31, 29, 4, 3, 2].map(entry))
    await run()
    expect((await store.audit.list({ limit: 9 })).items.map(({ id }) => id)).toEqual(['2', '3', '4'])
    Object.assign(store, { audit: undefined })
    await clock.advance(DAY)
    await run()
  })

  it('bounds files by age and by how much room they take, whichever session they are of', async () => {
    const { run, store, ago, clock } = setUp({ mediaMaxAgeMs: 30 * DAY, mediaMaxBytes: 25 })
    const put = (sessionId: string, mediaId: string, days: number) => {
      const source = (async function* () {
        yield Buffer.alloc(10, 1)
      })()
      return store.media.put({ sessionId, mediaId }, source, { maxBytes: 10, storedAt: ago(days) })
    }
    await put('a', 'old', 31)
    await put('a', 'third', 3)
    await put('b', 'second', 2)
    await put('idle', 'first', 1)
    const kept = async () => {
      const refs = [
        ['a', 'old'],
        ['a', 'third'],
        ['b', 'second'],
        ['idle', 'first'],
      ]
      const found = refs.map(([sessionId = '', mediaId = '']) => store.media.stat({ sessionId, mediaId }))
      return (await Promise.all(found)).flatMap((media) => (media ? [media.mediaId] : []))
    }
    await run()
    expect(await kept()).toEqual(['second', 'first'])
    await clock.advance(28.5 * DAY)
    await run()
    expect(await kept()).toEqual(['first'])
    Object.assign(store, { media: undefined })
    await run()
  })

  it('looks at no file where nothing bounds them', async () => {
    const { run, store } = setUp({})
    store.media.prune = () => Promise.reject(new Error('nobody asked for it'))
    await run()
  })

  it('bounds the event log by age and by number', async () => {
    const { run, store, ago } = setUp({ eventMaxAgeMs: 7 * DAY, eventMaxCount: 4 })
    const event = (days: number) =>
      ({
        name: 'group.updated',
        at: ago(days),
        payload: { groupId: 'g@g.us', change: { kind: 'subject', subject: 'Team' } },
      }) as const
    await store.events.append('old', [event(9), event(8), event(6)])
    await store.events.append(
      'many',
      Array.from({ length: 9 }, () => event(1)),
    )
    await run()
    expect((await store.events.read('old', { after: 0, limit: 20 })).events).toHaveLength(1)
    const { events, gap } = await store.events.read('many', { after: 0, limit: 20 })
    expect([events.length, events[0]?.event.seq, gap]).toEqual([4, 6, true])
  })

  it('removes archived credentials when they are too old to be restored, and none before', async () => {
    const { run, store, ago } = setUp({})
    for (const days of [91, 89]) {
      await store.auth.commit('a', { creds: Buffer.from('creds') }, { epoch: 1 })
      await store.auth.archive('a', { epoch: 1, reason: `${days}`, at: ago(days) })
    }
    await store.auth.commit('a', { creds: Buffer.from('in use') }, { epoch: 1 })
    await run()
    expect((await store.auth.listArchives('a')).map(({ reason }) => reason)).toEqual(['89'])
    expect(await store.auth.readCreds('a')).toBeDefined()
  })

  it('removes a deleted session with all it has after its time, which makes its id free, and leaves the others', async () => {
    const { run, store, ago, put } = setUp({})
    const records = { old: ago(91), young: ago(89), alive: undefined }
    for (const [id, deletedAt] of Object.entries(records)) {
      await store.sessions.insert(sessionRecord({ id, ...(deletedAt ? { deletedAt } : {}) }))
      await store.auth.commit(id, { creds: Buffer.from('creds') }, { epoch: 1 })
      await store.auth.archive(id, { epoch: 1, reason: 'deleted', at: ago(80) })
      await put(id, 2, () => 100)
    }
    await run()
    for (const id of ['young', 'alive']) expect(await store.messages.count(id)).toBe(2)
    expect(await store.messages.count('old')).toBe(0)
    expect(await store.auth.listArchives('old')).toEqual([])
    expect(await store.sessions.insert(sessionRecord({ id: 'old' }))).toBe(true)
  })

  it('leaves a deleted session to the node that works on it, and goes on with the next', async () => {
    const { run, store, ago, held } = setUp({})
    for (const id of ['held', 'other']) await store.sessions.insert(sessionRecord({ id, deletedAt: ago(91) }))
    held.add('held')
    await run()
    expect([(await store.sessions.get('held'))?.id, await store.sessions.get('other')]).toEqual(['held', undefined])
  })

  it('ends between two batches when the manager closes', async () => {
    const { put, run, store } = setUp({ messageMaxAgeMs: DAY })
    await put('a', 5_000, () => 2)
    const abort = new AbortController()
    const { prune } = store.messages
    Object.assign(store.messages, {
      prune: (options: Parameters<typeof prune>[0]) => {
        abort.abort()
        return prune(options)
      },
    })
    await run(abort.signal)
    expect(await store.messages.count('a')).toBe(3_000)
  })
})

describe('among several processes', () => {
  const node = (id: string, startedAt: string): ClusterNode => ({
    id,
    name: id,
    version: '1',
    startedAt,
    sessions: 0,
    draining: false,
  })
  const older = node('older', '2026-01-01T00:00:00.000Z')
  const me = node('me', '2026-01-02T00:00:00.000Z')
  const twin = node('twin', '2026-01-02T00:00:00.000Z')

  it.each([
    ['nobody else is there', [me], true],
    ['it is the oldest', [me, node('younger', '2026-01-03T00:00:00.000Z')], true],
    ['another is older', [me, older], false],
    ['another is as old and comes later by its id', [twin, me], true],
    ['it is no member', [older], true],
    ['there are none', [], true],
  ])('one removes for all: when %s, %s', (_, members, expected) => {
    expect(isForAll(members, 'me')).toBe(expected)
  })

  it('the younger one trims the messages of its own sessions and leaves the rest to the oldest, unless it is asked', async () => {
    const world = setUp({ messageMaxAgeMs: 10 * DAY, messageMaxCount: 2 })
    await world.put('a', 4, () => 1)
    await world.put('b', 3, () => 20)
    for (const member of [older, me]) await world.store.leases.join(member, { ttlMs: 60_000_000 })
    await world.run()
    expect(world.calls).toEqual(['trim a', 'trim b'])
    const asked = new AbortController()
    asked.abort()
    await world.run(undefined, asked.signal)
    expect(world.calls.slice(2)).toEqual(['prune'])
  })
})
