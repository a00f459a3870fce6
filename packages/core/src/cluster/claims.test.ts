import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { ConnectThrottle } from '../manager/connect-throttle.js'
import { LeaseKeeper } from '../manager/lease-keeper.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { Claims, mayClaim, mayHaveFreed, type Share } from './claims.js'

const share = (changes: Partial<Share>): Share => ({ own: 0, wanted: 9, nodes: 3, draining: false, ...changes })

describe('whether a node takes one session more', () => {
  it.each<[string, Share, number, boolean]>([
    ['has less than its share', share({ own: 2 }), 0, true],
    ['has its share', share({ own: 3 }), 0, false],
    ['has its share of what cannot be shared evenly', share({ own: 3, wanted: 10 }), 0, true],
    ['has its share, and nobody else has come for two seconds', share({ own: 3 }), 2_000, true],
    ['is full', share({ own: 1, capacity: 1 }), 10_000, false],
    ['gives its own away', share({ draining: true }), 10_000, false],
    ['is alone', share({ own: 8, nodes: 1 }), 0, true],
    ['knows of no node yet, not even itself', share({ own: 8, nodes: 0 }), 0, true],
  ])('a node that %s', (_is, given, freeForMs, expected) => {
    expect(mayClaim(given, freeForMs)).toBe(expected)
  })
})

describe('whether sessions of others may have become free', () => {
  const node = (id: string, sessions: number, draining = false) => ({ id, sessions, draining })
  const both = [node('a', 4), node('b', 3)]
  it.each<[string, Parameters<typeof mayHaveFreed>[1], boolean]>([
    ['all are as they were', both, false],
    ['one has more', [node('a', 5), node('b', 3)], false],
    ['one has come', [...both, node('c', 0)], false],
    ['one has fewer', [node('a', 4), node('b', 2)], true],
    ['one has none left', [node('a', 0), node('b', 3)], true],
    ['one is gone', [node('a', 4)], true],
    ['one is gone and another has come', [node('a', 4), node('c', 3)], true],
    ['one gives its own away', [node('a', 4), node('b', 3, true)], true],
  ])('when %s', (_when, now, expected) => {
    expect(mayHaveFreed(both, now)).toBe(expected)
  })

  it('when one that had none is gone', () => {
    expect(mayHaveFreed([node('a', 0)], [])).toBe(true)
  })
})

describe('nodes that share sessions out', () => {
  const silent = recordingLogger()

  function world() {
    const clock = new ManualClock()
    const { leases, auth, sessions } = createMemoryStore({ clock })
    const store = { leases, auth, sessions }

    /** A node that takes what it is granted, and connects it at its turn. */
    async function node(name: string, options: { capacity?: number } = {}) {
      const identity = { id: `${name}.1`, name, version: '1.0.0', startedAt: '2026-01-01T00:00:00.000Z' }
      const rest = { ttlMs: 15_000, clock, logger: silent }
      const keeper = new LeaseKeeper({ store, node: identity, stays: true, ...rest, ...options })
      const throttle = new ConnectThrottle(clock)
      const claims = new Claims({
        leases,
        node: identity.id,
        keeper,
        connectsPerSecond: 20,
        calm: (signal) => throttle.calm(signal),
        clock,
        logger: silent,
        random: () => 0.5,
      })
      await keeper.join()
      const closing = new AbortController()
      const taken: { sessionId: string; at: number }[] = []
      const stand = (sessionId: string) =>
        void claims.turn(sessionId, closing.signal).then(async (isMine) => {
          if (!isMine) return
          if (!(await keeper.acquire(sessionId))) return stand(sessionId)
          taken.push({ sessionId, at: clock.monotonic() })
          await throttle.turn(closing.signal, 20)
        })
      return { keeper, taken, stand, closing, wake: () => claims.wake() }
    }
    return { clock, leases, node }
  }

  const ids = (count: number) => Array.from({ length: count }, (_, n) => `s${n}`)

  it('take each of nine once, three each, no two at one turn of a node', async () => {
    const { clock, leases, node } = world()
    const nodes = [await node('one'), await node('two'), await node('three')]
    for (const id of ids(9)) for (const each of nodes) each.stand(id)
    await clock.advance(1_000)
    expect(nodes.map(({ taken }) => taken.length)).toEqual([3, 3, 3])
    expect(await leases.held(ids(9))).toHaveLength(9)
    for (const { taken } of nodes) {
      const [first, second, third] = taken.map(({ at }) => at)
      expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)].every((ms) => ms >= 50)).toBe(true)
    }
    for (const { closing, keeper } of nodes) {
      closing.abort()
      await keeper.close()
    }
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('take what one leaves behind that is gone, when its lease has run out, and each its share', async () => {
    const { clock, leases, node } = world()
    const gone = await node('gone')
    for (const id of ids(6)) await gone.keeper.acquire(id)
    const others = [await node('one'), await node('two')]
    for (const id of ids(6)) for (const each of others) each.stand(id)
    await clock.advance(3_000)
    expect(others.map(({ taken }) => taken)).toEqual([[], []])
    await leases.leave('gone.1')
    await clock.advance(2_000)
    expect(others.map(({ taken }) => taken.length)).toEqual([3, 3])
  })

  it('take what is free at once when they are told, whatever they were about to do', async () => {
    const { clock, leases, node } = world()
    const gone = await node('gone')
    for (const id of ids(2)) await gone.keeper.acquire(id)
    const other = await node('other')
    for (const id of ids(2)) other.stand(id)
    await clock.advance(3_100)
    await leases.leave('gone.1')
    other.wake()
    other.wake()
    await clock.advance(50)
    expect(other.taken.map(({ at }) => at)).toEqual([3_100, 3_150])
    other.closing.abort()
    await other.keeper.close()
    await gone.keeper.close()
    await clock.advance(0)
    other.wake()
    expect(clock.pending).toBe(0)
  })

  it('leave what a living node gives back to whom it gives it to, and take it when that one has not come', async () => {
    const { clock, node } = world()
    const [giver, other] = [await node('giver'), await node('other')]
    const ownership = await giver.keeper.acquire('s0')
    other.stand('s0')
    await clock.advance(1_000)
    await ownership?.release()
    other.wake()
    await clock.advance(600)
    expect(other.taken).toEqual([])
    await clock.advance(1_500)
    expect(other.taken).toHaveLength(1)
  })

  it('ask each second of what may be free, and of what others have each five seconds', async () => {
    const { clock, leases, node } = world()
    const [owner, other] = [await node('owner'), await node('other')]
    for (const id of ids(50)) await owner.keeper.acquire(id)
    for (const id of ids(50)) other.stand(id)
    const asked: number[] = []
    const { held } = leases
    leases.held = (sessionIds) => {
      asked.push(sessionIds.length)
      return held.call(leases, sessionIds)
    }
    await clock.advance(20_000)
    expect(asked).toEqual([50, 50, 50, 50])
    other.stand('new')
    await owner.keeper.acquire('new')
    await clock.advance(1_000)
    expect(asked.slice(4)).toEqual([51])
    await clock.advance(1_000)
    expect([asked.length, other.taken]).toEqual([5, []])
  })

  it('find within six seconds what a living node has given back without a word', async () => {
    const { clock, node } = world()
    const [giver, other] = [await node('giver'), await node('other')]
    await giver.keeper.acquire('s1')
    const ownership = await giver.keeper.acquire('s0')
    for (const id of ids(2)) other.stand(id)
    await clock.advance(1_000)
    await ownership?.release()
    const releasedAt = clock.monotonic()
    await clock.advance(10_000)
    expect(other.taken.map(({ sessionId }) => sessionId)).toEqual(['s0'])
    expect((other.taken[0]?.at ?? 0) - releasedAt).toBeLessThanOrEqual(6_700)
  })

  it('leave nobody out whom the others have no room for', async () => {
    const { clock, node } = world()
    const [small, large] = [await node('small', { capacity: 1 }), await node('large')]
    for (const id of ids(8)) for (const each of [small, large]) each.stand(id)
    await clock.advance(1_000)
    expect([small.taken.length, large.taken.length]).toEqual([1, 4])
    await clock.advance(3_000)
    expect([small.taken.length, large.taken.length]).toEqual([1, 7])
  })

  it('take nothing of others just after their own lease was in doubt: the store was away for all of them', async () => {
    const { clock, leases, node } = world()
    const [one, other] = [await node('one'), await node('other')]
    for (const id of ids(4)) await other.keeper.acquire(id)
    for (const id of ids(4)) one.stand(id)
    const { renew } = leases
    leases.renew = () => Promise.reject(new Error('away'))
    await clock.advance(20_000)
    leases.renew = renew
    await clock.advance(5_000)
    expect(one.taken).toEqual([])
  })
})
