import { ACCOUNT, ManualClock, ScriptedConnector, settled } from '@trunkline/conformance/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { recordingLogger } from '../test/support/recording-logger.js'
import { storeFaults } from '../test/support/store-faults.js'
import type { ManagerOptions } from './manager/options.js'
import { createMemoryStore } from './memory/memory-store.js'
import { MultiSessionManager } from './multi-session-manager.js'
import type { Connector } from './ports/connector.js'
import type { Store } from './ports/store.js'
import { deferred } from './util/deferred.js'

const open = new Set<MultiSessionManager>()

function setUp({
  store: given,
  clock = new ManualClock(),
  ...options
}: {
  store?: Store
  clock?: ManualClock
} & Pick<ManagerOptions, 'maxSessions' | 'maintenance'> = {}) {
  const connector = new ScriptedConnector()
  const logger = recordingLogger()
  const store = given ?? createMemoryStore({ clock })
  const manager = new MultiSessionManager({
    store,
    clock,
    connector,
    logger,
    connectsPerSecond: 1000,
    random: () => 0.5,
    ...options,
  })
  open.add(manager)
  return { manager, connector, clock, store, logger }
}

type World = ReturnType<typeof setUp>

afterEach(async () => {
  await Promise.all([...open].map((manager) => manager.close()))
  open.clear()
})

async function link({ manager, connector, clock }: World, id: string): Promise<void> {
  await manager.create({ id })
  await clock.advance(10)
  await connector.last.qr()
  await connector.last.pair()
  await clock.advance(10)
  await connector.last.opened()
}

describe('a manager', () => {
  it('that closes while sessions are made and started leaves no connection and no timer', async () => {
    const world = setUp()
    await link(world, 'a')
    await world.manager.create({ id: 'b', start: false })
    const calls = [
      world.manager.create({ id: 'c' }),
      world.manager.startSession('b'),
      world.manager.restartSession('a'),
      world.manager.close(),
      world.manager.startSession('a'),
      world.manager.create({ id: 'd' }),
    ]
    const outcomes = await Promise.allSettled(calls)
    await world.clock.advance(60_000)
    expect([world.connector.open.length, world.clock.pending]).toEqual([0, 0])
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'MANAGER_CLOSED' })
    }
    expect(outcomes.slice(-2).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('follows within seconds what another of the same store has changed of the maintenance, and after a restart', async () => {
    const clock = new ManualClock()
    const store = createMemoryStore({ clock })
    const [one, other] = [
      setUp({ clock, store }),
      setUp({ clock, store, maintenance: { healthCheckIntervalMs: 60_000 } }),
    ]
    const everySeconds = async ({ manager }: World, name: string) =>
      (await manager.maintenance()).find((step) => step.name === name)?.intervalSeconds
    expect([await everySeconds(one, 'health'), await everySeconds(other, 'health')]).toEqual([300, 60])
    const settings = { healthCheckIntervalMs: 120_000, cleanupIntervalMs: 'off', inactiveAfterMs: 86_400_000 } as const
    await one.manager.updateMaintenance({ revision: 0, settings })
    expect([await everySeconds(one, 'health'), await everySeconds(other, 'health')]).toEqual([120, 60])
    await clock.advance(5_100)
    expect([await everySeconds(other, 'health'), await everySeconds(other, 'cleanup')]).toEqual([120, undefined])
    expect(await other.manager.maintenanceChanges()).toMatchObject({
      revision: 1,
      settings,
      atStart: { healthCheckIntervalMs: 60_000, cleanupIntervalMs: 21_600_000 },
    })
    await one.manager.close()
    const again = setUp({ clock, store })
    expect(await everySeconds(again, 'health')).toBe(120)
    await again.manager.updateMaintenance({ revision: 1, settings: { healthCheckIntervalMs: null } })
    await clock.advance(5_100)
    expect([await everySeconds(again, 'health'), await everySeconds(other, 'health')]).toEqual([300, 60])
  })

  it('asks each session for a sign of life once in a round by its owner, whoever changes how often', async () => {
    const clock = new ManualClock()
    const store = createMemoryStore({ clock })
    const worlds = [setUp({ clock, store }), setUp({ clock, store })]
    for (const [index, world] of worlds.entries()) await link(world, `s${index}`)
    await worlds[0]?.manager.updateMaintenance({ revision: 0, settings: { healthCheckIntervalMs: 60_000 } })
    await clock.advance(5_100)
    await clock.advance(60_000)
    for (const { manager } of worlds) {
      const health = (await manager.maintenance()).find(({ name }) => name === 'health')
      expect(health).toMatchObject({ intervalSeconds: 60, lastRun: { did: { checked: 1 } } })
    }
  })

  it('runs by its options when what is set cannot be read, and follows once it can', async () => {
    const clock = new ManualClock()
    const memory = createMemoryStore({ clock })
    await memory.installation.replace({
      revision: 1,
      updatedAt: new Date(clock.now()).toISOString(),
      maintenance: { healthCheckIntervalMs: 60_000 },
    })
    let fails = true
    const installation = {
      ...memory.installation,
      read: async () => (fails ? Promise.reject(new Error('unreadable')) : memory.installation.read()),
    }
    const { manager } = setUp({ clock, store: { ...memory, installation } })
    const health = async () => (await manager.maintenance()).find(({ name }) => name === 'health')?.intervalSeconds
    expect(await health()).toBe(300)
    fails = false
    await clock.advance(5_100)
    expect(await health()).toBe(60)
  })

  it('takes turns in connecting with the other managers of the process', async () => {
    const begun: number[] = []
    const managers = [1, 2].map(() => {
      const connector = new ScriptedConnector()
      const connect: Connector['connect'] = (options) => {
        begun.push(performance.now())
        return connector.connect(options)
      }
      const logger = recordingLogger()
      return new MultiSessionManager({
        store: createMemoryStore(),
        connector: { connect, prepare: connector.prepare },
        logger,
        connectsPerSecond: 50,
      })
    })
    for (const manager of managers) open.add(manager)
    await Promise.all(managers.flatMap((manager) => ['a', 'b', 'c'].map((id) => manager.create({ id }))))
    while (begun.length < 6) await new Promise((resolve) => setTimeout(resolve, 5))
    // Five times 20 ms, less what the first needs from its turn to its connection; two times if each took turns by itself.
    expect((begun.at(-1) ?? 0) - (begun[0] ?? 0)).toBeGreaterThan(3 * 20)
  })

  it('starts again after a restart of the process what was running, and only that', async () => {
    const first = setUp()
    await link(first, 'running')
    await link(first, 'stopped')
    await first.manager.stopSession('stopped')
    await link(first, 'logged-out')
    await first.manager.logoutSession('logged-out')
    await first.manager.close()
    const second = setUp({ store: first.store, clock: first.clock })
    await second.manager.start()
    await second.clock.advance(1_000)
    expect(second.connector.open.map(({ options }) => options.sessionId)).toEqual(['running'])
  })

  it('goes on when a listener throws or rejects, and reports it', async () => {
    const world = setUp()
    world.manager.on('session.status', () => {
      throw new Error('a mistake')
    })
    world.manager.onAny(() => Promise.reject(new Error('another mistake')))
    await link(world, 'a')
    await settled()
    expect(await world.manager.get('a')).toMatchObject({ status: 'connected' })
    const reported = world.logger.lines.filter(({ level }) => level === 'error')
    expect(reported.length).toBeGreaterThan(1)
    expect(new Set(reported.map(({ message }) => message))).toEqual(new Set(['A listener failed; the session goes on']))
  })

  it('can be used again after the store failed to set up', async () => {
    const world = setUp()
    const { setup } = world.store
    world.store.setup = () => Promise.reject(new Error('away'))
    await expect(world.manager.list()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    world.store.setup = setup
    expect(await world.manager.list()).toEqual({ items: [] })
  })

  it.each([
    ['hex that is too short', 'abcd'],
    ['text that is no hex', 'z'.repeat(64)],
    ['bytes that are too few', new Uint8Array(31)],
  ])('refuses a root certificate of %s', (_name, certPublicKey) => {
    expect(() => new MultiSessionManager({ certPublicKey })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        details: { errors: [expect.objectContaining({ field: 'certPublicKey' })] },
      }),
    )
  })

  it.each([{ certPublicKey: 'abcd' }, { proxyAllow: ['not a host'] }, { urlAllow: ['10.0.0.0/99'] }])(
    'names in its text the option that is wrong: %j',
    (options) => {
      const [name = ''] = Object.keys(options)
      expect(() => new MultiSessionManager(options)).toThrow(`The options of the manager are not valid: ${name}`)
    },
  )
})

describe('two managers on one store', () => {
  /** The session `a` runs at the first, and the second has started. */
  async function two(options: { asleep?: boolean } = {}) {
    const one = setUp()
    await link(one, 'a')
    // A process that is stopped or killed renews nothing; its wall clock is that of the store.
    const clock = options.asleep ? new ManualClock() : one.clock
    const other = setUp({ store: one.store, clock })
    const heard: string[] = []
    other.manager.onAny((name) => heard.push(name))
    await other.manager.start()
    return { one, other, store: one.store, heard }
  }

  it('show the same truth; the one that does not own the session writes nothing and tells nothing', async () => {
    const { one, other, store, heard } = await two()
    const before = [await store.sessions.get('a'), await store.events.lastSeq('a')]
    await one.clock.advance(290_000)
    expect(other.connector.connections).toEqual([])
    expect([await store.sessions.get('a'), await store.events.lastSeq('a')]).toEqual(before)
    expect(heard).toEqual([])
    expect(await other.manager.get('a')).toEqual(await one.manager.get('a'))
    expect(await other.manager.list({ filter: 'connected' })).toEqual(await one.manager.list({ filter: 'connected' }))
    expect(await other.manager.stats()).toMatchObject({ connected: 1, problematic: 0 })
    await one.connector.last.end({ statusCode: 428, message: 'Connection Terminated' })
    await settled()
    expect((await other.manager.get('a')).status).toBe('reconnecting')
    await one.clock.advance(1_000)
    // While the first waits for its next try, the session is its own.
    expect([one.connector.open.length, other.connector.open.length]).toEqual([1, 0])
  })

  it('change what is wanted of a session anywhere, and lose no change of the other', async () => {
    const { one, other } = await two()
    const settings = [{ markOnline: true }, { ignoreGroups: true }, { rejectCalls: true }, { readOnReceive: true }]
    await Promise.all([
      ...settings.map((change, n) => (n % 2 === 0 ? one : other).manager.update('a', { settings: change })),
      other.manager.update('a', { label: 'Front desk' }),
    ])
    const expected = { label: 'Front desk', settings: Object.assign({}, ...settings), status: 'connected' }
    expect(await other.manager.get('a')).toMatchObject(expected)
    await one.connector.last.end({ statusCode: 428, message: 'Connection Terminated' })
    await one.clock.advance(1_000)
    expect(one.connector.last.options.settings).toEqual(expected.settings)
    expect(await one.manager.get('a')).toMatchObject({ label: 'Front desk' })
  })

  it.each<[string, (manager: MultiSessionManager) => Promise<unknown>]>([
    ['restart', (manager) => manager.restartSession('a')],
    ['reset attempts', (manager) => manager.resetAttempts('a')],
    ['health check', (manager) => manager.healthCheck('a')],
    ['send', (manager) => manager.send('a', { to: '15550000009', text: 'hello' })],
    ['qr', (manager) => manager.qr('a')],
    ['pairing code', (manager) => manager.requestPairingCode('a', { phone: '15550000001' })],
  ])('refuse %s where the session does not run, name who runs it, and change nothing', async (_name, call) => {
    const { one, other, store, heard } = await two()
    const before = await store.sessions.get('a')
    const refused = { code: 'LEASE_HELD', details: { sessionId: 'a', owner: before?.node } }
    await expect(call(other.manager)).rejects.toMatchObject(refused)
    expect([await store.sessions.get('a'), heard]).toEqual([before, []])
    expect((await one.manager.get('a')).status).toBe('connected')
    // It still stands by.
    await one.manager.close()
    await one.clock.advance(1_000)
    expect(other.connector.open).toHaveLength(1)
  })

  it.each<[string, (manager: MultiSessionManager) => Promise<unknown>, object]>([
    ['stop', (manager) => manager.stopSession('a'), { status: 'stopped', desired: 'stopped', account: ACCOUNT }],
    ['logout', (manager) => manager.logoutSession('a'), { status: 'logged_out', desired: 'stopped' }],
    ['delete', (manager) => manager.delete('a'), { status: 'logged_out', deletedAt: expect.any(String) }],
  ])('carry out %s where the session runs, in seconds, whichever is asked', async (name, call, expected) => {
    const { one, other, store } = await two()
    const owner = (await store.sessions.get('a'))?.node
    const done = call(other.manager)
    await one.clock.advance(3_000)
    await done
    expect(one.connector.open).toEqual([])
    // WhatsApp was told by the one that had the connection.
    const isUnlinked = one.connector.connections.some(({ hasLoggedOut }) => hasLoggedOut)
    expect(isUnlinked).toBe(name !== 'stop')
    const stored = await store.sessions.get('a')
    expect(stored).toMatchObject(expected)
    expect(stored).not.toHaveProperty('request')
    expect(owner).toBeDefined()
    await one.clock.advance(60_000)
    expect([one.connector.open, other.connector.connections]).toEqual([[], []])
  })

  it('clean up a session wherever it runs, and tell of it once', async () => {
    const { one, other, store, heard } = await two()
    const toldByOwner: string[] = []
    one.manager.on('session.deleted', ({ reason }) => toldByOwner.push(reason))
    const done = other.manager.cleanup('a')
    await one.clock.advance(3_000)
    await done
    expect(await store.sessions.get('a')).toBeUndefined()
    expect([heard.filter((name) => name === 'session.deleted'), toldByOwner]).toEqual([['session.deleted'], []])
    await expect(one.manager.get('a')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it('let the one that runs a session know within a second what is wanted of it, at one question for all', async () => {
    const { one, other, store } = await two()
    await link(one, 'b')
    const { list } = store.sessions
    let questions = 0
    store.sessions.list = (query) => {
      if (query.requestsTo) questions += 1
      return list.call(store.sessions, query)
    }
    for (const id of ['a', 'b']) await other.manager.update(id, { label: `${id} of the other` })
    await one.clock.advance(1_000)
    for (const id of ['a', 'b']) expect((await one.manager.get(id)).label).toBe(`${id} of the other`)
    expect(await store.sessions.get('a')).not.toHaveProperty('request')
    await one.clock.advance(10_000)
    // The one that runs nothing asks nothing.
    expect(questions).toBe(11)
  })

  it('refuse what the one that runs the session does not do in time, and it is not done later', async () => {
    const { one, other, store } = await two({ asleep: true })
    const done = expect(other.manager.logoutSession('a')).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await other.clock.advance(10_000)
    await done
    expect(await store.sessions.get('a')).not.toHaveProperty('request')
    await one.clock.advance(2_000)
    expect((await one.manager.get('a')).status).toBe('connected')
  })

  it('ask nothing of a process that is gone: what it was to end is ended by the other', async () => {
    const { one, other, store } = await two({ asleep: true })
    const done = other.manager.stopSession('a')
    await settled()
    one.clock.jump(15_000)
    await other.clock.advance(2_000)
    await done
    expect(await store.sessions.get('a')).toMatchObject({ status: 'stopped', desired: 'stopped' })
    await other.clock.advance(60_000)
    expect(other.connector.connections).toEqual([])
  })

  it('leave the clean-up of inactive sessions to the one that runs them', async () => {
    const { one, store } = await two()
    const third = setUp({ store, clock: one.clock, maintenance: { inactiveAfterMs: 1_000 } })
    await one.clock.advance(2_000)
    expect(await third.manager.cleanupInactive()).toEqual({ stopped: [], removed: [] })
    expect(one.connector.open).toHaveLength(1)
  })

  it('take over within a second when the one that runs the session closes', async () => {
    const { one, other, store } = await two()
    await one.manager.close()
    await one.clock.advance(1_000)
    expect(other.connector.open).toHaveLength(1)
    await other.connector.last.opened()
    expect(await store.sessions.get('a')).toMatchObject({ status: 'connected', desired: 'running' })
  })

  it('leave a session alone that somebody has stopped', async () => {
    const { one, other, heard } = await two()
    await one.manager.stopSession('a')
    await one.clock.advance(60_000)
    expect([other.connector.connections, heard]).toEqual([[], []])
    expect(await other.manager.get('a')).toMatchObject({ status: 'stopped', desired: 'stopped' })
  })

  it('take over what the other was asked to start, though it was stopped before', async () => {
    const { one, other } = await two()
    await one.manager.stopSession('a')
    await one.clock.advance(2_000)
    expect((await other.manager.startSession('a')).status).toBe('connecting')
    await other.clock.advance(1_000)
    expect([one.connector.open.length, other.connector.open.length]).toEqual([0, 1])
    expect(await one.manager.startSession('a')).toMatchObject({ status: 'connecting' })
    await other.manager.close()
    await one.clock.advance(1_000)
    expect(one.connector.open).toHaveLength(1)
  })

  it('never show a session as connected whose process is gone, and run it once its lease has run out', async () => {
    const { one, other, store } = await two({ asleep: true })
    // The store's clock is that of the first; the first itself does nothing any more.
    one.clock.jump(15_000)
    expect(await other.manager.get('a')).toMatchObject({
      status: 'stopped',
      desired: 'running',
      health: 'unhealthy',
      statusReason: { code: 'LEASE_LOST' },
    })
    expect(await other.manager.list({ filter: 'connected' })).toEqual({ items: [] })
    expect((await other.manager.list({ filter: 'problematic' })).items).toHaveLength(1)
    expect(await other.manager.stats()).toMatchObject({ connected: 0, active: 1, problematic: 1 })
    await other.clock.advance(1_000)
    await other.connector.last.opened()
    expect(await store.sessions.get('a')).toMatchObject({ status: 'connected' })
    // The first wakes up: it is told that it was too late, and shows the truth of the other.
    await one.connector.last.end({
      statusCode: 440,
      message: 'Stream Errored (conflict)',
      attributes: { type: 'replaced' },
    })
    await one.clock.advance(2_000)
    const events = await store.events.read('a', { after: 0, limit: 100 })
    expect(events.events.at(-1)).toMatchObject({ event: { status: 'connected' } })
    expect(await one.manager.get('a')).toMatchObject({ status: 'connected' })
    expect(await store.sessions.get('a')).toMatchObject({ status: 'connected' })
    expect([one.connector.open.length, other.connector.open.length]).toEqual([0, 1])
  })
})

describe('a store that falls silent', () => {
  it('makes running sessions degraded, and says so, until it answers again; nobody is logged out', async () => {
    const world = setUp()
    await link(world, 'running')
    await world.manager.create({ id: 'resting', start: false })
    const heard: unknown[] = []
    world.manager.on('session.health', ({ sessionId, health, check }) => heard.push([sessionId, health, check?.ok]))
    const { health } = world.store
    const healths = async () => [
      (await world.manager.get('running')).health,
      (await world.manager.get('resting')).health,
    ]

    const silence = deferred<Awaited<ReturnType<Store['health']>>>()
    world.store.health = () => silence.promise
    await world.clock.advance(10_000)
    expect(await healths()).toEqual(['degraded', 'ok'])
    silence.resolve(await health())
    await settled()
    expect(await healths()).toEqual(['ok', 'ok'])
    expect(heard).toEqual([
      ['running', 'degraded', false],
      ['running', 'ok', true],
    ])
    expect(await world.manager.get('running')).toMatchObject({ status: 'connected' })
  })
})

describe('the limit of sessions', () => {
  it('holds however many are made at once', async () => {
    const world = setUp({ maxSessions: 2 })
    const made = await Promise.allSettled(['a', 'b', 'c', 'd'].map((id) => world.manager.create({ id, start: false })))
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    for (const outcome of made.slice(2))
      expect(outcome).toMatchObject({ reason: { code: 'SESSION_LIMIT_REACHED', details: { limit: 2 } } })
    expect((await world.manager.list()).items).toHaveLength(2)
  })
})

describe('the limit of sessions over two managers', () => {
  it('holds however many both make at once', async () => {
    const one = setUp({ maxSessions: 3 })
    const other = setUp({ maxSessions: 3, store: one.store, clock: one.clock })
    await one.manager.create({ id: 'first', start: false })
    const made = Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((id, n) => [one, other][n % 2]?.manager.create({ id, start: false })),
    )
    await one.clock.advance(5_000)
    const outcomes = (await made).map(({ status }) => status)
    expect(outcomes.filter((status) => status === 'fulfilled')).toHaveLength(2)
    expect((await one.store.sessions.list({ limit: 10 })).items).toHaveLength(3)
    await expect(other.manager.create({ start: false })).rejects.toMatchObject({ code: 'SESSION_LIMIT_REACHED' })
    await one.manager.delete('first')
    expect(await other.manager.create({ id: 'freed', start: false })).toMatchObject({ id: 'freed' })
  })

  it('goes on when one of them died while it made a session, and ends with the manager', async () => {
    const one = setUp({ maxSessions: 1 })
    await one.manager.start()
    await one.store.leases.acquire('#creation', { owner: 'dead', ttlMs: 10_000 })
    const made = one.manager.create({ id: 'a', start: false })
    await one.clock.advance(11_000)
    expect(await made).toMatchObject({ id: 'a' })
    await one.store.leases.acquire('#creation', { owner: 'dead', ttlMs: 10_000 })
    const waiting = expect(one.manager.create({ start: false })).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })
    await settled()
    await one.manager.close()
    await waiting
  })
})

describe('deleting', () => {
  it('while the session is being started leaves nothing that runs', async () => {
    const world = setUp()
    await link(world, 'a')
    const outcomes = await Promise.allSettled([
      world.manager.delete('a'),
      world.manager.startSession('a'),
      world.manager.restartSession('a'),
      world.manager.delete('a'),
    ])
    await world.clock.advance(1_000)
    expect(outcomes[0]?.status).toBe('fulfilled')
    for (const outcome of outcomes.slice(1)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SESSION_NOT_FOUND' } })
    }
    expect(world.connector.open).toEqual([])
    await expect(world.manager.get('a')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it('that cannot archive the credentials deletes nothing, and works when the store is back', async () => {
    const world = setUp()
    await link(world, 'a')
    const faults = storeFaults(world.store)
    faults.failing.add('auth.archive')
    await expect(world.manager.delete('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await world.manager.get('a')).toMatchObject({ id: 'a' })
    faults.failing.clear()
    await world.manager.delete('a')
    expect(await world.store.auth.listArchives('a')).toHaveLength(1)
  })

  it('that cannot be stored is told as such, and works when the store is back', async () => {
    const world = setUp()
    await link(world, 'a')
    const faults = storeFaults(world.store)
    faults.failing.add('sessions.update')
    await expect(world.manager.delete('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(world.manager.update('a', { label: 'new' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    faults.failing.clear()
    await world.manager.delete('a')
    expect((await world.store.sessions.get('a'))?.deletedAt).toBeDefined()
    await expect(world.manager.get('a')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it('announces it once, after it is stored', async () => {
    const world = setUp()
    await link(world, 'a')
    const stored: (string | undefined)[] = []
    world.manager.on('session.deleted', async () => void stored.push((await world.store.sessions.get('a'))?.deletedAt))
    await world.manager.delete('a')
    await settled()
    expect(stored).toEqual([expect.any(String)])
  })
})

describe('cleaning up', () => {
  it('tells of it once, when the id is free for the next session', async () => {
    const world = setUp()
    await link(world, 'a')
    const heard: string[] = []
    const made: Promise<unknown>[] = []
    world.manager.on('session.deleted', ({ sessionId, reason }) => {
      heard.push(reason)
      made.push(world.manager.create({ id: sessionId, start: false }))
    })
    await world.manager.cleanup('a')
    await Promise.all(made)
    expect(heard).toEqual(['cleaned'])
    expect(await world.manager.get('a')).toMatchObject({ id: 'a', status: 'stopped' })
  })

  it('of a session that was deleted before says so as well', async () => {
    const world = setUp()
    await link(world, 'a')
    const heard: string[] = []
    world.manager.on('session.deleted', ({ reason }) => heard.push(reason))
    await world.manager.delete('a')
    await world.manager.cleanup('a')
    await settled()
    expect(heard).toEqual(['deleted', 'cleaned'])
  })
})

describe('a handle of a session', () => {
  it('answers what the methods of the manager answer, and says when there is no such session', async () => {
    const world = setUp()
    await link(world, 'a')
    const { messages, chats } = world.manager.session('a')
    world.connector.last.onSend = (message) => world.connector.last.emit({ type: 'ack', id: message.id })
    const sent = await messages.send({ to: '15550000009', text: 'hello' })
    expect(await messages.get({ id: sent.id })).toEqual(await world.manager.message('a', { id: sent.id }))
    expect(await messages.list({ limit: 5 })).toEqual(await world.manager.messages('a', { limit: 5 }))
    expect(await chats.list()).toEqual(await world.manager.chats('a'))
    expect(await chats.get(sent.chatId)).toEqual(await world.manager.chat('a', sent.chatId))
    await expect(world.manager.session('nobody').chats.list()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    expect(() => world.manager.session('not an id')).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }))
  })
})

describe('cleaning up inactive sessions', () => {
  it('stops quiet linked ones, removes those never linked, and touches no credentials', async () => {
    const world = setUp()
    await link(world, 'linked')
    await world.manager.create({ id: 'never', start: false })
    await world.manager.create({ id: 'fresh', start: false })
    world.clock.jump(31 * 86_400_000)
    await world.store.sessions.report(
      'fresh',
      { lastActivityAt: new Date(world.clock.now()).toISOString() },
      { epoch: 1 },
    )
    await world.manager.close()
    const next = setUp({ store: world.store, clock: world.clock })
    await next.manager.start()
    expect(await next.manager.cleanupInactive()).toEqual({ stopped: ['linked'], removed: ['never'] })
    expect(await world.store.auth.readCreds('linked')).toBeDefined()
    expect((await next.manager.list()).items.map(({ id }) => id)).toEqual(['fresh', 'linked'])
  })

  it('keeps what another process has linked meanwhile, and archives credentials of which it knows nothing', async () => {
    const world = setUp()
    await world.manager.create({ id: 'imported', start: false })
    await world.manager.create({ id: 'doubtful', start: false })
    world.clock.jump(31 * 86_400_000)
    const account = { jid: '15550000001@s.whatsapp.net', phone: '15550000001' }
    await world.store.sessions.report('imported', { account }, { epoch: 1 })
    await world.store.auth.commit('doubtful', { creds: Buffer.from('credentials') }, { epoch: 1 })
    expect(await world.manager.cleanupInactive()).toEqual({ stopped: [], removed: ['doubtful'] })
    expect((await world.store.sessions.get('imported'))?.deletedAt).toBeUndefined()
    expect(await world.store.auth.listArchives('doubtful')).toHaveLength(1)
  })
})
