import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it, vi } from 'vitest'
import { sessionRecord } from '../../test/support/session-world.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { Ownership } from '../session/services.js'
import { LeaseKeeper } from './lease-keeper.js'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

const identity = (name: string) => ({ id: `${name}#1`, name, version: '1.0.0', startedAt: '2026-01-01T00:00:00.000Z' })

function nodes() {
  const clock = new ManualClock()
  const store = createMemoryStore({ clock })
  const node = (name: string, options: { stays?: boolean } = {}) =>
    new LeaseKeeper({ store, node: identity(name), ttlMs: 15_000, clock, logger: silent, ...options })
  return { clock, store, node }
}

describe('the keeper of leases', () => {
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

  it('is unsure, before another node may take its sessions, when it cannot renew, and goes on as before when it can again', async () => {
    const { clock, store, node } = nodes()
    const one = node('one')
    const owned = await one.acquire('s')
    const { renew } = store.leases
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(9_999)
    expect(owned?.doubt()).toBeUndefined()
    one.verify('s')
    // Two thirds of the lifetime: nobody else may have it before the rest has passed.
    await clock.advance(1)
    const known = vi.fn()
    void owned?.doubt()?.then(known)
    expect(() => one.verify('s')).toThrow(expect.objectContaining({ code: 'LEASE_UNSURE' }))
    one.verify('of somebody else')
    const commit = owned?.auth.commit({ creds: Buffer.from('x') })
    await clock.advance(20_000)
    expect(known).not.toHaveBeenCalled()
    expect(await store.auth.readCreds('s')).toBeUndefined()
    store.leases.renew = renew
    await clock.advance(1_000)
    expect([known.mock.calls.length, owned?.lost.aborted, owned?.doubt()]).toEqual([1, false, undefined])
    one.verify('s')
    await commit
    expect(await store.leases.held(['s'])).toMatchObject([{ epoch: 1 }])
  })

  it('finds out that another node has taken its sessions while it was unsure, and what waited is refused', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    const { renew } = store.leases
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(16_000)
    const commit = owned?.auth.commit({ creds: Buffer.from('x') })
    const refused = expect(commit).rejects.toMatchObject({ code: 'LEASE_LOST' })
    const other = node('other')
    store.leases.renew = (id, ...more) =>
      id === 'one#1' ? Promise.reject(new Error('away')) : renew.call(store.leases, id, ...more)
    expect((await other.acquire('s'))?.auth.epoch).toBe(2)
    store.leases.renew = renew
    await clock.advance(1_000)
    expect(owned?.lost.aborted).toBe(true)
    await refused
  })

  it('gives its sessions up when it was unsure for a minute', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(69_000)
    expect(owned?.lost.aborted).toBe(false)
    await clock.advance(2_000)
    expect(owned?.lost.aborted).toBe(true)
    expect(clock.pending).toBe(0)
    expect((await node('other').acquire('s'))?.auth.epoch).toBe(2)
  })

  it('leaves nothing waiting for a session that is given back while it is unsure', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    store.leases.renew = () => new Promise(() => {})
    await clock.advance(10_000)
    const refused = expect(owned?.auth.readCreds()).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await owned?.release()
    await refused
  })

  it('is unsure when its machine was suspended, and its monotonic clock stood still, until it has asked', async () => {
    const { clock, node } = nodes()
    const [one, other] = [node('one'), node('other')]
    const owned = await one.acquire('s')
    clock.jump(60_000)
    expect((await other.acquire('s'))?.auth.epoch).toBe(2)
    expect(() => one.verify('s')).toThrow(expect.objectContaining({ code: 'LEASE_UNSURE' }))
    expect(owned?.lost.aborted).toBe(false)
    await clock.advance(0)
    expect(owned?.lost.aborted).toBe(true)
  })

  it.each([3_600_000, -3_600_000])('keeps its sessions when somebody sets its clock by %i ms', async (byMs) => {
    const { clock, node } = nodes()
    const one = node('one')
    const owned = await one.acquire('s')
    clock.jump(byMs)
    void owned?.doubt()
    await clock.advance(0)
    one.verify('s')
    await clock.advance(60_000)
    one.verify('s')
    expect([owned?.doubt(), owned?.lost.aborted]).toEqual([undefined, false])
  })

  it('does not keep its sessions from others by renewals whose answers are lost', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    const { renew, members } = store.leases
    const lost = () => new Promise<never>(() => {})
    store.leases.renew = (id, ...more) => renew.call(store.leases, id, ...more).then(id === 'one#1' ? lost : (is) => is)
    store.leases.members = lost
    await clock.advance(19_999)
    const other = node('other')
    expect(await other.acquire('s')).toBeUndefined()
    await clock.advance(1)
    expect((await other.acquire('s'))?.auth.epoch).toBe(2)
    expect(owned?.doubt()).toBeDefined()
    Object.assign(store.leases, { renew, members })
    await clock.advance(5_000)
    expect(owned?.lost.aborted).toBe(true)
  })

  it('notices that time ran out also when the renewal hangs', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    store.leases.renew = () => new Promise(() => {})
    await clock.advance(10_000)
    expect(owned?.doubt()).toBeDefined()
    await clock.advance(65_000)
    expect(owned?.lost.aborted).toBe(true)
  })

  it('lets all go when it learns that it was taken for dead, and is a member again before it takes anything', async () => {
    const { clock, store, node } = nodes()
    const one = node('one', { stays: true })
    const owned = [await one.acquire('a'), await one.acquire('b')]
    await store.leases.leave('one#1')
    await clock.advance(5_000)
    expect(owned.map((each) => each?.lost.aborted)).toEqual([true, true])
    expect(await store.leases.members()).toMatchObject([{ id: 'one#1', sessions: 0 }])
    expect((await one.acquire('a'))?.epoch).toBe(2)
  })

  it('renews itself, and not each session, each third of the lifetime, and not while it has none', async () => {
    const { clock, store, node } = nodes()
    const one = node('one')
    const told: number[] = []
    const { renew } = store.leases
    store.leases.renew = (id, report, options) => {
      told.push(report.sessions)
      return renew.call(store.leases, id, report, options)
    }
    const owned = [await one.acquire('a'), await one.acquire('b')]
    await clock.advance(10_000)
    expect(told).toEqual([2, 2])
    await owned[0]?.release()
    await clock.advance(5_000)
    expect(told.at(-1)).toBe(1)
    await owned[1]?.release()
    expect(clock.pending).toBe(0)
  })

  it('is a member while it runs nothing, where it is one of several, until it is closed', async () => {
    const { clock, store, node } = nodes()
    const one = node('one', { stays: true })
    await one.join()
    await (await one.acquire('a'))?.release()
    await clock.advance(60_000)
    expect(await store.leases.members()).toMatchObject([{ name: 'one', sessions: 0, draining: false }])
    await one.drain()
    expect(await store.leases.members()).toMatchObject([{ draining: true }])
    await one.close()
    expect([await store.leases.members(), clock.pending]).toEqual([[], 0])
  })

  it('makes sure of its membership before it takes anything, when that is in doubt', async () => {
    const { clock, store, node } = nodes()
    const one = node('one', { stays: true })
    const before = await one.acquire('a')
    const { renew } = store.leases
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(10_000)
    expect(before?.doubt()).toBeDefined()
    await clock.advance(10_000)
    store.leases.renew = renew
    const after = await one.acquire('b')
    expect(await store.leases.members()).toMatchObject([{ id: 'one#1' }])
    await clock.advance(60_000)
    expect([before?.lost.aborted, after?.lost.aborted]).toEqual([false, false])
  })

  it('goes on renewing while one session is given back as another is taken', async () => {
    const { clock, store, node } = nodes()
    const one = node('one')
    const given = await one.acquire('a')
    const { acquire } = store.leases
    let letThrough = () => {}
    store.leases.acquire = async (...call) => {
      await new Promise<void>((resolve) => {
        letThrough = resolve
      })
      return acquire.apply(store.leases, call)
    }
    const taking = one.acquire('b')
    await clock.advance(0)
    await given?.release()
    letThrough()
    const taken = await taking
    await clock.advance(60_000)
    expect(taken?.lost.aborted).toBe(false)
    expect(await store.leases.held(['b'])).toHaveLength(1)
  })

  it('recovers from a renewal that failed once', async () => {
    const { clock, store, node } = nodes()
    const owned = await node('one').acquire('s')
    const { renew } = store.leases
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(5_000)
    store.leases.renew = renew
    await clock.advance(60_000)
    expect(owned?.lost.aborted).toBe(false)
  })

  it('takes its own session again with a higher epoch, and the handle of before is dead', async () => {
    const { node } = nodes()
    const one = node('one')
    const before = await one.acquire('s')
    const after = await one.acquire('s')
    expect([before?.auth.epoch, after?.auth.epoch]).toEqual([1, 2])
    expect([before?.lost.aborted, after?.lost.aborted]).toEqual([true, false])
    await expect(before?.auth.commit({ creds: Buffer.from('x') })).rejects.toMatchObject({ code: 'LEASE_LOST' })
    // Giving back what is not ours any more takes nothing away.
    await before?.release()
    expect(after?.lost.aborted).toBe(false)
    await after?.auth.commit({ creds: Buffer.from('y') })
  })

  it('is refused by the store what it writes after another node took over, even if it does not know yet', async () => {
    const { store, node } = nodes()
    const owned = await node('one').acquire('s')
    await store.leases.leave('one#1')
    const other = await node('other').acquire('s')
    await other?.auth.commit({ creds: Buffer.from('theirs') })
    await expect(owned?.auth.commit({ creds: Buffer.from('ours') })).rejects.toMatchObject({ code: 'LEASE_LOST' })
    expect(Buffer.from((await store.auth.readCreds('s')) ?? []).toString()).toBe('theirs')
  })

  it('shuts out what an owner of before still has on its way, before it reads anything itself', async () => {
    const { clock, store, node } = nodes()
    await node('one').acquire('s')
    await store.auth.commit('s', { creds: Buffer.from('read') }, { epoch: 1 })
    clock.jump(60_000)
    const other = await node('other').acquire('s')
    expect(Buffer.from((await other?.auth.readCreds()) ?? []).toString()).toBe('read')
    const late = store.auth.commit('s', { creds: Buffer.from('late') }, { epoch: 1 })
    await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('shuts an owner of before out of the record, and reads what it left, in one step', async () => {
    const { clock, store, node } = nodes()
    await store.sessions.insert(sessionRecord({ id: 's' }))
    await node('one').acquire('s')
    await store.sessions.report('s', { status: 'connected' }, { epoch: 1 })
    clock.jump(60_000)
    expect((await node('other').acquire('s'))?.record).toMatchObject({ status: 'connected' })
    const late = store.sessions.report('s', { status: 'reconnecting' }, { epoch: 1 })
    await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('says why a lease is gone: taken over, refused by the store, not renewed in time, or given back', async () => {
    const { clock, store, node } = nodes()
    const reason = (owned: Ownership | undefined): unknown => owned?.lost.reason
    const one = node('one')
    const [taken, refused, given] = [await one.acquire('a'), await one.acquire('b'), await one.acquire('c')]
    clock.jump(60_000)
    await node('other').acquire('a')
    refused?.refused()
    await given?.release()
    await clock.advance(5_000)
    const code = 'LEASE_LOST'
    for (const owned of [taken, refused])
      expect(reason(owned)).toMatchObject({ code, message: 'Another node took the session over' })
    expect(reason(given)).toMatchObject({ code, message: 'It was given back' })
    const asleep = await one.acquire('d')
    store.leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(75_000)
    expect(reason(asleep)).toMatchObject({ code, message: expect.stringMatching(/^The lease was not renewed in time/) })
  })

  it('takes a session whose leases began anew beside a record that has seen higher epochs', async () => {
    const { store, node } = nodes()
    await store.sessions.insert(sessionRecord({ id: 's' }))
    await store.sessions.report('s', {}, { epoch: 60 })
    const owned = await node('one').acquire('s')
    expect(owned?.epoch).toBe(60)
    expect(owned?.lost.aborted).toBe(false)
    expect(await store.leases.held(['s'])).toMatchObject([{ owner: 'one#1', epoch: 60 }])
  })

  it('holds nothing when the store cannot be told of the new epoch', async () => {
    const { clock, store, node } = nodes()
    const { report } = store.sessions
    store.sessions.report = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    await expect(node('one').acquire('s')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(clock.pending).toBe(0)
    store.sessions.report = report
    expect((await node('other').acquire('s'))?.auth.epoch).toBe(2)
  })

  it('says so when the store fails, and goes on when a lease cannot be given back', async () => {
    const { clock, store, node } = nodes()
    const one = node('one')
    const owned = await one.acquire('s')
    store.leases.release = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    await owned?.release()
    expect([owned?.lost.aborted, clock.pending]).toEqual([true, 0])
    store.leases.acquire = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    await expect(one.acquire('s')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('is not led astray by a wall clock that jumps', async () => {
    const { clock, node } = nodes()
    const owned = await node('one').acquire('s')
    clock.jump(86_400_000)
    await clock.advance(5_000)
    expect(owned?.lost.aborted).toBe(false)
  })
})
