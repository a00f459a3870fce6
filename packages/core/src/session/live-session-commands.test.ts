import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { deferred } from '../util/deferred.js'
import type { LiveSession } from './live-session.js'
import { isRunning } from './session-machine.js'

const KILLED = { statusCode: 428, message: 'Connection Terminated' }
const RESTART = { statusCode: 515, message: 'Stream Errored (restart required)' }
const REMOVED = { statusCode: 401, message: 'Stream Errored (conflict)', attributes: { type: 'device_removed' } }

/** What a session may be in the middle of. */
const middles: Record<string, () => Promise<SessionWorld>> = {
  rest: () => SessionWorld.start(),
  connecting: async () => {
    const world = await SessionWorld.start()
    await world.session.start()
    await settled()
    return world
  },
  'a QR': async () => {
    const world = await SessionWorld.start()
    await world.session.start()
    await settled()
    await world.connector.last.qr()
    return world
  },
  'a passkey': async () => {
    const world = await SessionWorld.start()
    await world.session.start()
    await settled()
    await world.connector.last.emit({ type: 'passkey' })
    return world
  },
  'a connection': () => SessionWorld.connected(),
  'a back-off': async () => {
    const world = await SessionWorld.connected()
    await world.connector.last.end(KILLED)
    await settled()
    return world
  },
  'waiting for the lease': async () => {
    const world = await SessionWorld.connected()
    world.leaseHeld = true
    await world.connector.last.end(KILLED)
    await world.clock.advance(10_000)
    world.leaseHeld = false
    return world
  },
}

type Command = 'start' | 'stop' | 'restart' | 'logout' | 'delete' | 'resetAttempts'

const run = (session: LiveSession, command: Command): Promise<void> => {
  if (command === 'stop') return session.stop({ desired: 'stopped' })
  if (command === 'logout' || command === 'delete') return session[command]('a test')
  return session[command]()
}

describe.each(Object.entries(middles))('in the middle of %s', (name, middle) => {
  it.each(['stop', 'logout', 'delete'] as const)(
    '%s leaves no connection, timer or ownership behind',
    async (command) => {
      const world = await middle()
      const linked = (await world.store.auth.readCreds('s')) !== undefined
      await Promise.all([run(world.session, command), world.clock.advance(0)])
      await settled()
      expect(world.session.status).toBe(command === 'stop' ? 'stopped' : 'logged_out')
      expect(world.session.state.record.desired).toBe('stopped')
      expect([world.connector.open.length, world.clock.pending, world.owned]).toEqual([0, 0, 0])
      expect((await world.store.auth.readCreds('s')) !== undefined).toBe(linked && command === 'stop')
      expect(await world.store.auth.listArchives('s')).toHaveLength(linked && command !== 'stop' ? 1 : 0)
      expect(await world.store.sessions.get('s')).toMatchObject({ status: world.session.status, desired: 'stopped' })
    },
  )

  it.each(['start', 'restart'] as const)('%s ends with one connection, on the way or open', async (command) => {
    const world = await middle()
    await Promise.all([run(world.session, command), world.clock.advance(0)])
    await world.clock.advance(120_000)
    expect(isRunning(world.session.status)).toBe(true)
    expect(world.connector.open).toHaveLength(1)
    expect(world.connector.doubled).toEqual([])
    expect(await world.store.auth.listArchives('s')).toEqual([])
  })

  it('calls that come together end as the last one says, and never with two connections', async () => {
    const world = await middle()
    const calls = (['start', 'restart', 'stop', 'resetAttempts', 'start', 'stop'] as const).map((command) =>
      run(world.session, command),
    )
    await world.clock.advance(10_000)
    await Promise.all(calls)
    expect(world.session.status).toBe('stopped')
    expect([world.connector.open.length, world.clock.pending, world.owned]).toEqual([0, 0, 0])
    expect(world.connector.doubled).toEqual([])
  })

  it('a deleted session never starts again, whatever was called at the same time', async () => {
    const world = await middle()
    const deleting = world.session.delete('a test')
    const late = Promise.allSettled([world.session.start(), world.session.restart(), world.session.resetAttempts()])
    await world.clock.advance(10_000)
    await deleting
    for (const outcome of await late) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SESSION_NOT_FOUND' } })
    }
    expect([world.connector.open.length, world.clock.pending]).toEqual([0, 0])
    expect((await world.store.sessions.get('s'))?.deletedAt).toBeDefined()
  })

  it('a session of a closed manager never starts again, and keeps its wish to run', async () => {
    const world = await middle()
    const { desired } = world.session.state.record
    const waits = name === 'waiting for the lease'
    const closing = world.session.close()
    const late = Promise.allSettled([world.session.start(), world.session.restart()])
    await world.clock.advance(10_000)
    await closing
    for (const outcome of await late) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'MANAGER_CLOSED' } })
    }
    expect([world.connector.open.length, world.clock.pending]).toEqual([0, 0])
    // Of a session that another node has, this one writes nothing.
    const status = waits ? expect.any(String) : 'stopped'
    expect(await world.store.sessions.get('s')).toMatchObject({ status, desired })
  })
})

describe('starting', () => {
  it('with a store that fails means reconnecting, with the credentials untouched byte for byte', async () => {
    const world = await SessionWorld.connected()
    await world.session.stop({ desired: 'stopped' })
    const creds = await world.store.auth.readCreds('s')
    const faults = storeFaults(world.store)
    faults.failing.add('auth.readCreds')
    await world.session.start()
    await settled()
    expect(world.session.state.record).toMatchObject({
      status: 'reconnecting',
      statusReason: { code: 'STORE_UNAVAILABLE', retryAt: expect.any(String) },
    })
    faults.failing.clear()
    await world.clock.advance(1_000)
    expect(world.connector.open).toHaveLength(1)
    expect(await world.store.auth.readCreds('s')).toEqual(creds)
    expect(await world.store.auth.listArchives('s')).toEqual([])
  })

  it('twice is starting once', async () => {
    const world = await SessionWorld.start()
    await Promise.all([world.session.start(), world.session.start(), world.session.start()])
    await settled()
    expect(world.connector.connections).toHaveLength(1)
    expect(world.statuses).toEqual(['connecting'])
  })
})

describe('a 515', () => {
  it('right after linking is followed at once, without an error on the record', async () => {
    const world = await SessionWorld.connected()
    expect(world.clock.monotonic()).toBe(0)
    expect(world.session.state.record.errors).toEqual([])
  })

  it('after every open, again and again, is not followed in a loop', async () => {
    const world = await SessionWorld.connected()
    for (let times = 0; times < 12; times += 1) {
      if (world.connector.open.length === 0) break
      await world.connector.last.opened()
      await world.connector.last.end(RESTART)
      await world.clock.advance(0)
    }
    expect(world.connector.open).toEqual([])
    expect(world.session.state.record.statusReason).toMatchObject({
      code: 'RESTART_REQUIRED',
      retryAt: expect.any(String),
    })
  })

  it('after a long connection is followed at once, however many there were before', async () => {
    const world = await SessionWorld.connected()
    for (let times = 0; times < 6; times += 1) {
      await world.clock.advance(3_600_000)
      await world.connector.last.end(RESTART)
      await world.clock.advance(0)
      expect(world.connector.open).toHaveLength(1)
      await world.connector.last.opened()
    }
  })
})

describe('a logout', () => {
  it('told by the phone archives the credentials with the reason, under the ownership of that connection', async () => {
    const world = await SessionWorld.connected()
    await world.connector.last.end(REMOVED)
    await settled()
    expect(world.session.state.record).toMatchObject({ status: 'logged_out', desired: 'stopped' })
    expect(world.session.state.record.account).toBeUndefined()
    expect(await world.store.auth.listArchives('s')).toMatchObject([{ reason: 'The phone removed this device' }])
    expect(world.owned).toBe(0)
  })

  it('that arrives while the session is being stopped is still a logout', async () => {
    const world = await SessionWorld.connected()
    const stopping = world.session.stop({ desired: 'stopped' })
    await world.connector.last.end(REMOVED)
    await stopping
    expect(await world.store.auth.readCreds('s')).toBeUndefined()
    expect(world.session.status).toBe('stopped')
  })

  it('that arrives while attempts are being reset does not start the session again', async () => {
    const world = await SessionWorld.connected()
    await world.connector.last.end(KILLED)
    await world.clock.advance(10_000)
    expect(world.session.status).toBe('reconnecting')
    const resetting = world.session.resetAttempts()
    await world.connector.last.end(REMOVED)
    await resetting
    await world.clock.advance(600_000)
    expect(world.session.status).toBe('logged_out')
    expect(world.connector.open).toEqual([])
  })

  it('by a caller tells WhatsApp before it disconnects', async () => {
    const world = await SessionWorld.connected()
    const connection = world.connector.last
    const told: string[] = []
    const { logout } = connection
    connection.logout = async () => {
      told.push('logout')
      await logout.call(connection)
    }
    await world.session.logout('a test')
    expect(told).toEqual(['logout'])
    expect(world.session.state.record.statusReason).toBeUndefined()
  })

  it('by a caller does not wait for a WhatsApp that is silent', async () => {
    const world = await SessionWorld.connected()
    world.connector.last.logout = () => new Promise(() => {})
    const loggingOut = world.session.logout('a test')
    await world.clock.advance(5_000)
    await loggingOut
    expect(world.session.status).toBe('logged_out')
    expect(await world.store.auth.listArchives('s')).toHaveLength(1)
    expect(world.clock.pending).toBe(0)
  })

  it.each(['auth.archive', 'the lease'])(
    'by a caller that fails at %s says so, keeps the credentials and can be called again',
    async (at) => {
      const world = await SessionWorld.connected()
      const faults = storeFaults(world.store)
      world.connector.last.logout = () => Promise.reject(new Error('not connected'))
      if (at === 'the lease') world.leaseHeld = true
      else faults.failing.add(at)
      const code = at === 'the lease' ? 'LEASE_HELD' : 'STORE_UNAVAILABLE'
      await expect(world.session.logout('a test')).rejects.toMatchObject({ code })
      // Not "connected" without a connection: a start has to find a way.
      expect(world.session.status).toBe('stopped')
      expect(world.connector.open).toEqual([])
      expect(await world.store.auth.readCreds('s')).toBeDefined()
      world.leaseHeld = false
      faults.failing.clear()
      await world.session.start()
      await settled()
      expect(world.session.status).toBe('connecting')
      await world.session.logout('a test')
      expect(world.session.status).toBe('logged_out')
    },
  )
})

describe('resetting attempts', () => {
  it('connects at once and counts from zero', async () => {
    const world = await SessionWorld.connected()
    for (let times = 0; times < 6; times += 1) {
      await world.connector.last.end(KILLED)
      await world.clock.advance(120_000)
    }
    await world.connector.last.end(KILLED)
    await settled()
    expect(world.session.state.record.attempts.count).toBe(7)
    await world.session.resetAttempts()
    await settled()
    expect(world.connector.open).toHaveLength(1)
    expect(world.session.state.record.attempts).toEqual({ count: 0 })
    await world.connector.last.end(KILLED)
    await settled()
    expect(Date.parse(world.session.state.record.attempts.nextAt ?? '') - world.clock.now()).toBe(500)
  })

  it('of a connection that opens while it is being ended does not take the next one for open', async () => {
    const world = await SessionWorld.connected()
    await world.connector.last.end(KILLED)
    await world.clock.advance(10_000)
    const resetting = world.session.resetAttempts()
    await new Promise((resolve) => setImmediate(resolve))
    await world.connector.last.opened()
    await resetting
    await settled()
    expect(world.session.status).toBe('reconnecting')
    await world.connector.last.opened()
    expect(world.session.status).toBe('connected')
    expect(world.connector.connections).toHaveLength(4)
  })

  it('leaves a connected session alone', async () => {
    const world = await SessionWorld.connected()
    await world.session.resetAttempts()
    await settled()
    expect(world.connector.connections).toHaveLength(2)
    expect(world.session.status).toBe('connected')
  })
})

describe('a health check', () => {
  it('measures the round trip of a connected session', async () => {
    const world = await SessionWorld.connected()
    world.connector.last.onProbe = async () => 42.4
    expect(await world.session.healthCheck()).toEqual({ at: '2026-01-01T00:00:00.000Z', ok: true, latencyMs: 42 })
    expect(world.heard('session.health')).toEqual([])
  })

  it('closes a connection that does not answer, tells the health, and connects again', async () => {
    const world = await SessionWorld.connected()
    world.connector.last.onProbe = () => Promise.reject(new Error('silence'))
    expect(await world.session.healthCheck()).toMatchObject({ ok: false, problem: expect.any(String) })
    expect(world.heard('session.health')).toMatchObject([{ health: 'degraded' }])
    await world.clock.advance(1_000)
    expect(world.connector.connections).toHaveLength(3)
    expect(world.session.state.record.errors).toMatchObject([{ code: 'CONNECTION_LOST' }])
  })

  it('of a connection that is gone by the time it fails says nothing about the next one', async () => {
    const world = await SessionWorld.connected()
    const probe = deferred<number>()
    world.connector.last.onProbe = () => probe.promise
    const checking = world.session.healthCheck()
    await world.connector.last.end(KILLED)
    await world.clock.advance(1_000)
    await world.connector.last.opened()
    probe.reject(new Error('silence'))
    expect(await checking).toMatchObject({ ok: false })
    await settled()
    expect(world.session.status).toBe('connected')
    expect(world.session.state.record.healthCheck).toBeUndefined()
  })

  it.each([
    ['stopped', true],
    ['reconnecting', false],
  ] as const)('of a session that is %s asks nobody', async (status, ok) => {
    const world = await SessionWorld.connected()
    if (status === 'stopped') await world.session.stop({ desired: 'stopped' })
    else await world.connector.last.end(KILLED)
    await settled()
    expect(await world.session.healthCheck()).toMatchObject({ ok })
  })
})
