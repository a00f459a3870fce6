import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../test/support/fake-clock.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { ConnectThrottle } from './connect-throttle.js'
import { judgeInactive, Maintenance } from './maintenance.js'
import { Ownership } from './ownership.js'

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

function nodes() {
  const clock = new FakeClock()
  const store = createMemoryStore({ clock })
  const node = (owner: string) =>
    new Ownership({ leases: store.leases, auth: store.auth, owner, ttlMs: 15_000, clock, logger: silent })
  return { clock, store, node }
}

describe('ownership', () => {
  it('lets one node run a session, renews it, and hands it on when it is released', async () => {
    const { clock, node } = nodes()
    const [one, other] = [node('one'), node('other')]
    const owned = await one.acquire('s')
    expect(await other.acquire('s')).toBeUndefined()
    await clock.advance(60_000)
    expect(await other.acquire('s')).toBeUndefined()
    expect(owned?.lost.aborted).toBe(false)
    await owned?.release()
    expect(owned?.lost.aborted).toBe(true)
    expect((await other.acquire('s'))?.auth.epoch).toBe(2)
  })

  it('gives its sessions up, before another node may take them, when it cannot renew', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(9_000)
    expect(owned?.lost.aborted).toBe(false)
    await clock.advance(6_000)
    expect(owned?.lost.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('notices that time ran out also when the renewal hangs', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    store.leases.renew = () => new Promise(() => {})
    await clock.advance(15_000)
    expect(owned?.lost.aborted).toBe(true)
  })

  it('learns that a session was taken over', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    const { renew } = store.leases
    store.leases.renew = async (leases, options) => {
      await renew.call(store.leases, leases, options)
      return leases.map(({ sessionId }) => sessionId)
    }
    await clock.advance(5_000)
    expect(owned?.lost.aborted).toBe(true)
  })

  it('is not led astray by a wall clock that jumps', async () => {
    const { clock, node } = nodes()
    const owned = await node('one').acquire('s')
    clock.jump(86_400_000)
    await clock.advance(5_000)
    expect(owned?.lost.aborted).toBe(false)
  })
})

describe('ConnectThrottle', () => {
  it('lets the first connection begin at once and the others one after the other', async () => {
    const clock = new FakeClock()
    const throttle = new ConnectThrottle({ clock, connectsPerSecond: 10 })
    const begun: number[] = []
    const { signal } = new AbortController()
    for (let index = 0; index < 5; index += 1) void throttle.turn(signal).then(() => begun.push(clock.monotonic()))
    await clock.advance(1_000)
    expect(begun).toEqual([0, 100, 200, 300, 400])
    await throttle.turn(signal)
    expect(clock.monotonic()).toBe(1_000)
  })

  it('answers false to whoever was stopped while waiting', async () => {
    const clock = new FakeClock()
    const throttle = new ConnectThrottle({ clock, connectsPerSecond: 1 })
    const controller = new AbortController()
    await throttle.turn(controller.signal)
    const waiting = throttle.turn(controller.signal)
    controller.abort()
    expect(await waiting).toBe(false)
    expect(clock.pending).toBe(0)
  })
})

describe('maintenance', () => {
  it('runs a task again and again, also after it failed, until it is stopped', async () => {
    const clock = new FakeClock()
    const maintenance = new Maintenance({ clock, logger: silent })
    let runs = 0
    const run = async () => {
      runs += 1
      if (runs === 1) throw new Error('once')
    }
    maintenance.schedule({ name: 'task', intervalMs: 1_000, run })
    await clock.advance(3_500)
    expect(runs).toBe(3)
    maintenance.stop()
    await clock.advance(10_000)
    expect([runs, clock.pending]).toEqual([3, 0])
  })

  const day = 86_400_000
  const now = Date.parse('2026-06-01T00:00:00.000Z')
  const ago = (days: number) => new Date(now - days * day).toISOString()
  const account = { jid: '15550000001@s.whatsapp.net', phone: '15550000001' }

  it.each([
    ['active lately', { account, desired: 'running', lastActivityAt: ago(1), createdAt: ago(90) }, 'keep'],
    ['linked and quiet', { account, desired: 'running', lastActivityAt: ago(31), createdAt: ago(90) }, 'stop'],
    ['linked, quiet and stopped', { account, desired: 'stopped', lastActivityAt: ago(31), createdAt: ago(90) }, 'keep'],
    ['never linked and old', { desired: 'stopped', createdAt: ago(31) }, 'remove'],
    ['never linked and new', { desired: 'stopped', createdAt: ago(2) }, 'keep'],
    ['linked once, logged out since', { desired: 'stopped', lastConnectedAt: ago(40), createdAt: ago(90) }, 'keep'],
  ] as const)('a session that is %s', (_name, record, verdict) => {
    const judged = judgeInactive(record as unknown as Parameters<typeof judgeInactive>[0], {
      now,
      inactiveAfterMs: 30 * day,
    })
    expect(judged).toBe(verdict)
  })
})
