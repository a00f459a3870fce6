import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { SessionWorld, sessionRecord } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { LiveSessions } from './live-sessions.js'

async function setUp() {
  const world = await SessionWorld.start()
  const { sessions } = world.store
  await sessions.insert(sessionRecord({ id: 'other' }))
  return { world, sessions, live: new LiveSessions(world.services) }
}

describe('the sessions of this process', () => {
  it('are loaded once, however many ask for one', async () => {
    const { live } = await setUp()
    const loaded = await Promise.all([live.load('s'), live.load('s'), live.load('s')])
    expect(new Set(loaded).size).toBe(1)
    expect(live.all).toEqual([loaded[0]])
  })

  it('take what a killed process left running for stopped, so that it can be started', async () => {
    const { live, sessions } = await setUp()
    await sessions.report('s', { status: 'connected' }, { epoch: 1 })
    await sessions.update('s', { desired: 'running' })
    const loaded = await live.load('s')
    expect([loaded.status, loaded.state.record.desired]).toEqual(['stopped', 'running'])
  })

  it('are as the store has them now when they are loaded again at rest', async () => {
    const { live, sessions } = await setUp()
    const loaded = await live.load('s')
    await loaded.start()
    await loaded.stop({ desired: 'stopped' })
    await sessions.update('s', { label: 'of another node' })
    expect(await live.load('s')).toBe(loaded)
    expect(loaded.state.record.label).toBe('of another node')
    await sessions.update('s', { deletedAt: '2026-01-01T00:00:00.000Z' })
    await expect(live.load('s')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    expect(live.find('s')).toBeUndefined()
  })

  it('are not asked of the store while they run', async () => {
    const { live, world } = await setUp()
    const loaded = await live.load('s')
    await loaded.start()
    const faults = storeFaults(world.store)
    faults.works = false
    expect(await live.load('s')).toBe(loaded)
    faults.works = true
    await loaded.close()
  })

  it('write what they counted in one call, count it once, and keep it when the store fails', async () => {
    const { world, live, sessions } = await setUp()
    const [one, other] = [await live.load('s'), await live.load('other')]
    await one.start()
    await settled()
    one.metrics.count('sent', 2)
    other.metrics.count('received')
    const faults = storeFaults(world.store)
    faults.failing.add('sessions.increment')
    await live.flushMetrics()
    expect(one.metrics.pending.counters).toEqual({ sent: 2 })
    faults.failing.clear()
    one.metrics.count('sent')
    await live.flushMetrics()
    await live.flushMetrics()
    expect((await sessions.get('s'))?.counters.sent).toBe(3)
    expect((await sessions.get('other'))?.counters.received).toBe(1)
    expect(await world.store.traffic?.sum({ since: '' })).toEqual([
      { at: expect.any(String), sent: 3, received: 1, failed: 0 },
    ])
    expect([one.state.record.counters.sent, one.metrics.pending.counters]).toEqual([3, {}])
    await one.close()
  })

  it('are closed to new ones once they are closed', async () => {
    const { live } = await setUp()
    const loaded = await live.load('s')
    expect(live.close()).toEqual([loaded])
    await expect(live.load('other')).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })
  })
})
