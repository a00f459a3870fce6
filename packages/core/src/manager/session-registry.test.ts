import { describe, expect, it } from 'vitest'
import { SessionWorld, sessionRecord } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { SessionRegistry } from './session-registry.js'

async function setUp(count = 0) {
  const world = await SessionWorld.start()
  await world.store.sessions.remove('s')
  for (let n = 0; n < count; n += 1) {
    await world.store.sessions.insert(sessionRecord({ id: `s${String(n).padStart(4, '0')}` }))
  }
  return { world, sessions: world.store.sessions, registry: new SessionRegistry(world.services) }
}

describe('the registry of sessions', () => {
  it('loads a session once, however many ask for it', async () => {
    const { registry } = await setUp(1)
    const loaded = await Promise.all([registry.load('s0000'), registry.load('s0000'), registry.load('s0000')])
    expect(new Set(loaded).size).toBe(1)
    expect(registry.live).toEqual([loaded[0]])
  })

  it('knows neither a session that is not there nor one that was deleted', async () => {
    const { registry, sessions } = await setUp(1)
    await sessions.update('s0000', { deletedAt: '2026-01-01T00:00:00.000Z' })
    for (const id of ['s0000', 'nobody']) {
      await expect(registry.load(id)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND', details: { sessionId: id } })
    }
  })

  it('takes a session that a killed process left running for stopped, so that it can be started', async () => {
    const { registry, sessions } = await setUp(1)
    await sessions.update('s0000', { status: 'connected', desired: 'running' })
    const live = await registry.load('s0000')
    expect([live.status, live.state.record.desired]).toEqual(['stopped', 'running'])
  })

  it('finds every record, page by page, with what runs here in the place of what is stored', async () => {
    const { registry } = await setUp(450)
    const live = await registry.load('s0300')
    live.state.record = { ...live.state.record, label: 'newer' }
    const found = []
    for await (const record of registry.records()) found.push(record)
    expect(found).toHaveLength(450)
    expect(found[300]?.label).toBe('newer')
  })

  it('fills a page with what passes the test, and goes on after it', async () => {
    const { registry } = await setUp(100)
    const even = ({ id }: { id: string }) => Number(id.slice(1)) % 20 === 0
    const first = await registry.page({ limit: 3 }, even)
    expect(first.items.map(({ id }) => id)).toEqual(['s0000', 's0020', 's0040'])
    const second = await registry.page({ limit: 3, cursor: first.nextCursor }, even)
    expect(second.items.map(({ id }) => id)).toEqual(['s0060', 's0080'])
    expect(second.nextCursor).toBeUndefined()
  })

  it('writes what sessions counted in one call, counts it once, and keeps it when the store fails', async () => {
    const { world, registry, sessions } = await setUp(2)
    const [one, other] = [await registry.load('s0000'), await registry.load('s0001')]
    one.metrics.count('sent', 2)
    other.metrics.count('received')
    const faults = storeFaults(world.store)
    faults.failing.add('sessions.increment')
    await registry.flushMetrics()
    expect((await registry.session('s0000')).counters.sent).toBe(2)
    faults.failing.clear()
    one.metrics.count('sent')
    await registry.flushMetrics()
    await registry.flushMetrics()
    expect((await sessions.get('s0000'))?.counters.sent).toBe(3)
    expect((await sessions.get('s0001'))?.counters.received).toBe(1)
    expect((await registry.session('s0000')).counters.sent).toBe(3)
  })

  it('hands on what the store says', async () => {
    const { world, registry } = await setUp(1)
    storeFaults(world.store).works = false
    for (const call of [registry.load('s0000'), registry.page({ limit: 1 }), registry.records().next()]) {
      await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    }
  })

  it('takes no session once it is closed', async () => {
    const { registry } = await setUp(2)
    const live = await registry.load('s0000')
    expect(registry.close()).toEqual([live])
    await expect(registry.load('s0001')).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })
  })
})
