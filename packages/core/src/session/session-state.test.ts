import { ManualClock, settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { sessionRecord } from '../../test/support/session-world.js'
import { type StoreFaults, storeFaults } from '../../test/support/store-faults.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { EventName, EventOf } from '../types/events.js'
import { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import { SessionState } from './session-state.js'

async function setUp(changes: Partial<SessionRecord> = {}) {
  const clock = new ManualClock()
  const store = createMemoryStore({ clock })
  const logger = recordingLogger()
  const heard: { name: EventName; event: EventOf<EventName>; stored: Promise<SessionRecord | undefined> }[] = []
  const emit = (name: EventName, event: EventOf<EventName>) =>
    void heard.push({ name, event, stored: store.sessions.get('s') })
  const services = { store, clock, logger, emit, node: 'this one' } as unknown as SessionServices
  const record = sessionRecord(changes)
  await store.sessions.insert(record)
  const faults: StoreFaults = storeFaults(store)
  const state = new SessionState(record, services, new SessionPublisher('s', services))
  const lost = new AbortController()
  const own = (epoch: number, stored: SessionRecord | undefined = record) => {
    state.own(stored, { epoch, lost: lost.signal, refused: () => lost.abort() })
  }
  own(1)
  state.record = record
  return { clock, store, logger, heard, faults, state, lost, own }
}

const LOST = { code: 'CONNECTION_LOST' as const, message: 'gone' }

describe('the state of a session', () => {
  it('changes at once, is stored, and only then announced', async () => {
    const { state, heard, store } = await setUp()
    const transition = state.transition('start', { changes: { desired: 'running' } })
    expect(state.status).toBe('connecting')
    expect(heard).toEqual([])
    expect(await transition).toBe(true)
    expect(heard.map(({ name }) => name)).toEqual(['session.status'])
    expect(await heard[0]?.stored).toMatchObject({ status: 'connecting', desired: 'running' })
    expect(state.record).toEqual(await store.sessions.get('s'))
  })

  it('refuses an event that cannot happen, changes nothing and says so', async () => {
    const { state, heard, logger } = await setUp()
    const before = state.record
    expect(await state.transition('open', { changes: { desired: 'running' } })).toBe(false)
    expect(state.record).toBe(before)
    expect(heard).toEqual([])
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { status: 'stopped', event: 'open' } }])
  })

  it('tells why and what to do, and forgets it with the next status', async () => {
    const { state, heard, logger } = await setUp({ status: 'connected' })
    const retryAt = '2026-01-01T00:00:05.000Z'
    await state.transition('retryable-close', { cause: { ...LOST, retryAt } })
    expect(state.record.statusReason).toEqual({ ...LOST, retryAt, action: expect.stringMatching(/\.$/) })
    expect(heard.at(-1)?.event).toMatchObject({ reason: { code: 'CONNECTION_LOST' } })
    expect(logger.lines.at(-1)?.fields).toMatchObject({
      status: 'reconnecting',
      code: 'CONNECTION_LOST',
      reason: 'gone',
    })
    await state.transition('open')
    expect(state.record).not.toHaveProperty('statusReason')
    expect(heard.at(-1)?.event).not.toHaveProperty('reason')
  })

  it.each([
    ['connecting', 'open', ['session.status', 'connected']],
    ['connected', 'retryable-close', ['session.status', 'connected']],
    ['reconnecting', 'retryable-close', ['session.status']],
    ['stopped', 'start', ['session.status']],
  ] as const)('%s and %s is announced as %j', async (status, event, names) => {
    const { state, heard } = await setUp({ status })
    await state.transition(event, { cause: LOST })
    expect(heard.map(({ name }) => name)).toEqual(names)
  })

  it('says nothing when status and reason stay as they are', async () => {
    const { state, heard } = await setUp({ status: 'awaiting_scan' })
    expect(await state.transition('qr')).toBe(true)
    expect(heard).toEqual([])
  })

  it('remembers when the status was last another one', async () => {
    const { state, clock } = await setUp({ status: 'connected' })
    await clock.advance(1_000)
    await state.transition('retryable-close', { cause: LOST })
    await clock.advance(1_000)
    await state.transition('retryable-close', { cause: LOST })
    expect(state.record.statusSince).toBe('2026-01-01T00:00:01.000Z')
    expect(state.record.updatedAt).toBe('2026-01-01T00:00:02.000Z')
  })

  it('keeps the last twenty errors and attempts, and takes no restart for an error', async () => {
    const { state } = await setUp({ status: 'connected' })
    for (let n = 1; n <= 25; n += 1) {
      const attemptsLog = state.attemptsLogWith({ at: state.timestamp(), outcome: 'close', message: `attempt ${n}` })
      await state.transition('retryable-close', { cause: { ...LOST, message: `error ${n}` }, changes: { attemptsLog } })
    }
    expect(state.record.errors.map(({ message }) => message)).toEqual(
      Array.from({ length: 20 }, (_, n) => `error ${n + 6}`),
    )
    expect(state.record.attemptsLog.at(-1)).toMatchObject({ message: 'attempt 25' })
    expect(state.record.attemptsLog).toHaveLength(20)
    await state.transition('retryable-close', { cause: { code: 'RESTART_REQUIRED', message: 'again' } })
    expect(state.record.errors.at(-1)?.message).toBe('error 25')
  })

  it('does not write what a patch says that the record says already, and waits for what is on its way', async () => {
    const { state, store, clock } = await setUp()
    const account = { jid: '15550000001@s.whatsapp.net', phone: '15550000001' }
    await state.patch({ account, messagesOf: account })
    const { updatedAt } = state.record
    await clock.advance(1_000)
    await state.patch({ account: { ...account }, messagesOf: account, lastConnectedAt: null, label: undefined })
    expect(await store.sessions.get('s')).toEqual(state.record)
    expect(state.record.updatedAt).toBe(updatedAt)
    const change = state.patch({ account: { ...account, pushName: 'Ana' } })
    await state.patch({ account: { ...account, pushName: 'Ana' } })
    expect((await store.sessions.get('s'))?.account).toEqual({ ...account, pushName: 'Ana' })
    await change
    expect(state.record.updatedAt).not.toBe(updatedAt)
  })

  it('keeps a change that could not be stored, and stores it with the next one', async () => {
    const { state, faults, store, heard, logger } = await setUp()
    faults.failing.add('sessions.update')
    await state.transition('start', { changes: { label: 'first', desired: 'running' } })
    await state.patch({ label: 'second' })
    expect(heard.map(({ name }) => name)).toEqual(['session.status'])
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
    faults.failing.clear()
    await state.patch({ metadata: { a: 'b' } })
    expect(await store.sessions.get('s')).toMatchObject({ status: 'connecting', label: 'second', metadata: { a: 'b' } })
    expect(state.record).toEqual(await store.sessions.get('s'))
  })

  it('tells whoever asked for a change that it could not be stored', async () => {
    const { state, faults, store } = await setUp()
    faults.failing.add('sessions.update')
    await expect(state.change({ label: 'mine' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    faults.failing.clear()
    await state.change({ label: 'mine' })
    expect((await store.sessions.get('s'))?.label).toBe('mine')
  })

  it('a change during a write that fails wins over the one that failed', async () => {
    const { state, faults, store } = await setUp()
    faults.failing.add('sessions.update')
    const writes = [state.patch({ label: 'first' }), state.patch({ label: 'second' })]
    await Promise.all(writes)
    faults.failing.clear()
    await state.patch({})
    expect((await store.sessions.get('s'))?.label).toBe('second')
  })

  it('announces a status that could not be logged all the same, without a number of its own', async () => {
    const { state, faults, heard } = await setUp({ status: 'reconnecting' })
    await state.patch({})
    faults.failing.add('events.append')
    await state.transition('open')
    await settled()
    expect(heard.map(({ name, event }) => [name, event.seq])).toEqual([
      ['session.status', 0],
      ['connected', 0],
    ])
  })

  it('leaves alone what a change does not name, and removes what it sets to null', async () => {
    const { state, store } = await setUp({ label: 'a label', lastConnectedAt: '2025-01-01T00:00:00.000Z' })
    await state.patch({ label: undefined, lastConnectedAt: null })
    expect(state.record.label).toBe('a label')
    expect(state.record).not.toHaveProperty('lastConnectedAt')
    expect(state.record).toEqual(await store.sessions.get('s'))
  })

  it('adds what was counted to what callers see', async () => {
    const { state } = await setUp({ counters: { sent: 1, received: 2, failed: 3, chats: 4 } })
    state.counted({ sessionId: 's', counters: { sent: 10, chats: 1 }, lastActivityAt: '2026-01-01T00:00:01.000Z' })
    expect(state.record).toMatchObject({
      counters: { sent: 11, received: 2, failed: 3, chats: 5 },
      lastActivityAt: '2026-01-01T00:00:01.000Z',
    })
  })

  it('keeps what is not stored when it is owned anew, and stores it with the next change', async () => {
    const { state, faults, store, own } = await setUp()
    await state.transition('start')
    faults.failing.add('sessions.report')
    await state.transition('retryable-close', { cause: LOST })
    faults.failing.clear()
    own(2, await store.sessions.report('s', {}, { epoch: 2 }))
    expect(state.record).toMatchObject({ status: 'reconnecting', errors: [{ code: 'CONNECTION_LOST' }] })
    await state.patch({})
    expect(await store.sessions.get('s')).toEqual(state.record)
  })

  it('drops what is not stored when another node has had the session meanwhile', async () => {
    const { state, faults, store, own } = await setUp()
    await state.transition('start')
    faults.failing.add('sessions.report')
    await state.transition('retryable-close', { cause: LOST, changes: { desired: 'stopped' } })
    faults.failing.clear()
    await store.sessions.report('s', { status: 'connected', node: 'another' }, { epoch: 2 })
    own(3, await store.sessions.report('s', {}, { epoch: 3 }))
    // Of the other node's connection nothing is left.
    expect(state.record).toMatchObject({ status: 'stopped', errors: [] })
    expect(state.isOwned).toBe(true)
    await state.patch({ healthCheck: null })
    expect(await store.sessions.get('s')).toMatchObject({ status: 'connected', desired: 'stopped', errors: [] })
  })

  it('writes nothing and logs nothing without the ownership; whoever listens here hears of it all the same', async () => {
    const { state, store, heard, lost } = await setUp({ status: 'connected' })
    const before = await store.sessions.get('s')
    lost.abort()
    await state.transition('retryable-close', { cause: LOST })
    expect([await store.sessions.get('s'), await store.events.lastSeq('s')]).toEqual([before, 0])
    expect(heard.map(({ name, event }) => [name, event.seq])).toEqual([
      ['session.status', 0],
      ['connected', 0],
    ])
    expect(state.isTruth).toBe(true)
    state.lose()
    expect([state.isTruth, state.status]).toEqual([false, 'stopped'])
  })

  it('gives up when the store knows of a newer owner, and writes nothing of what anybody may change either', async () => {
    const { state, store, lost } = await setUp({ status: 'connected' })
    await store.sessions.report('s', { status: 'connected', node: 'another' }, { epoch: 2 })
    const before = await store.sessions.get('s')
    await state.transition('logged-out', { cause: LOST, changes: { desired: 'running', account: null } })
    expect([await store.sessions.get('s'), await store.events.lastSeq('s')]).toEqual([before, 0])
    expect([lost.signal.aborted, state.isTruth]).toEqual([true, false])
  })

  it('takes over what others want of the session, and not what they wanted before', async () => {
    const { state, store } = await setUp({ label: 'old' })
    const stale = await store.sessions.update('s', { label: 'stale' })
    const newest = await store.sessions.update('s', { label: null, desired: 'running' })
    if (newest) state.wanted(newest)
    if (stale) state.wanted(stale)
    expect(state.record).toMatchObject({ desired: 'running', revision: 3 })
    expect(state.record).not.toHaveProperty('label')
    await store.sessions.update('s', { metadata: { team: 'sales' } })
    await state.patch({ attempts: { count: 1 } })
    expect(state.record.metadata).toEqual({ team: 'sales' })
  })
})
