import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type ManagerOptions, type Store } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const NAMES = ['ana', 'ben', 'carol']
const HOUR = 3_600_000

describe('maintenance', () => {
  let live: Live
  let store: Store
  let phones: Phone[]

  beforeEach(async () => {
    live = await Live.start('maintenance')
    store = createMemoryStore()
    phones = []
    for (const [index, name] of NAMES.entries()) phones.push(await live.phone(`1555000000${index + 1}`, name))
  })
  afterEach(() => live[Symbol.asyncDispose]())

  async function linked(maintenance: ManagerOptions['maintenance']): Promise<LiveManager> {
    // The keep-alive would find a deaf socket as well.
    const trunk = live.manager({ store, keepAliveIntervalMs: HOUR, ...(maintenance ? { maintenance } : {}) })
    for (const [index, name] of NAMES.entries()) await trunk.link(name, phones[index] as Phone)
    return trunk
  }

  const step = async ({ manager }: LiveManager, name: string) =>
    (await manager.maintenance()).find((each) => each.name === name)

  it('finds the deaf socket among others by asking, connects it again, and says so', async () => {
    const trunk = await linked({ healthCheckIntervalMs: 600 })
    // Not a round that began while the last of them was being linked.
    await eventually(
      () => step(trunk, 'health'),
      (seen) => seen?.lastRun?.did.checked === NAMES.length,
    )
    const pings: string[] = []
    const stop = live.simulator.tap(({ direction, node, number }) => {
      if (direction === 'in' && node.attrs.xmlns === 'w:p') pings.push(String(number))
    })
    const from = trunk.heard.length
    live.simulator.faults.silence('15550000002')
    const { health, check } = await trunk.heardEvent('session.health', 'ben', undefined, from)
    expect([health, check?.ok, check?.problem]).toEqual(['degraded', false, 'The connection did not answer'])
    await trunk.status('ben', 'reconnecting', from)
    await trunk.status('ben', 'connected', from)
    // A round ends when its slowest question is answered, or not.
    const round = await eventually(
      () => step(trunk, 'health'),
      (seen) => (seen?.lastRun?.did.problems ?? 0) > 0,
    )
    stop()
    expect(round).toMatchObject({ name: 'health', lastRun: { did: { checked: 3, problems: 1 } } })
    // What a silent connection hears is in no log.
    expect(new Set(pings)).toEqual(new Set(['15550000001', '15550000003']))
    for (const name of ['ana', 'carol']) {
      expect(trunk.events('session.status', name).at(-1)?.status).toBe('connected')
      expect((await trunk.manager.details(name)).healthCheck).toMatchObject({ ok: true })
    }
    expect(await store.auth.listArchives('ben')).toEqual([])
  })

  it('does one step when it is told to, tells what it did, and when it will by itself', async () => {
    const trunk = await linked({ cleanupIntervalMs: Number.POSITIVE_INFINITY })
    await trunk.manager.create({ id: 'unlinked', start: false })
    const before = await trunk.manager.maintenance()
    expect(before.map(({ name }) => name)).toEqual(['health', 'reset', 'cleanup', 'retention', 'keys'])
    const health = { intervalSeconds: 300, settings: { healthCheckIntervalMs: 300_000 }, nextAt: expect.any(String) }
    expect(before[0]).toEqual({ name: 'health', running: false, ...health })
    const settings = { inactiveAfterMs: expect.any(Number) }
    expect(before[2]).toEqual({ name: 'cleanup', running: false, settings })
    const done = await trunk.manager.runMaintenance('cleanup')
    expect(done.lastRun).toEqual({
      at: expect.any(String),
      durationMs: expect.any(Number),
      did: { stopped: 0, removed: 0 },
    })
    await expect(trunk.manager.runMaintenance('all' as never)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    expect(await trunk.manager.healthReport()).toMatchObject({ total: 4, ok: 4, problems: [], storeAnswers: true })
  })

  it('leaves alone what waits for a person, and the report names it', async () => {
    const trunk = await linked({})
    live.simulator.faults.failLogin('15550000001', { reason: 403 })
    const from = trunk.heard.length
    live.simulator.faults.kill('15550000001')
    await trunk.status('ana', 'failed', from)
    const { lastRun } = await trunk.manager.runMaintenance('reset')
    expect(lastRun?.did).toEqual({ reconnected: 0, started: 0 })
    expect(await trunk.manager.healthReport({ ids: ['ana', 'ben'] })).toMatchObject({
      total: 2,
      ok: 1,
      unhealthy: 1,
      problems: [{ sessionId: 'ana', status: 'failed', health: 'unhealthy', reason: { code: 'ACCOUNT_LOCKED' } }],
    })
    expect(await store.auth.readCreds('ana')).toBeDefined()
  })
})
