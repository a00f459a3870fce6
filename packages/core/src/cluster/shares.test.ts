import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, movesFor, nextToMove, type Shares } from './shares.js'

const CALM = { calmMs: 30_000 }
const NOW = 100_000

/** Nodes `a`, `b`, `c` … that hold so many sessions each. */
function shares(counts: readonly number[], changes: Partial<Shares> = {}): Shares {
  const members = counts.map((_, n) => ({ id: String.fromCharCode(97 + n), draining: false }))
  return { members, held: new Map(members.map(({ id }, n) => [id, counts[n] ?? 0])), calmSince: 0, ...changes }
}

/** `from>to`, separated by spaces. */
const moves = (given: Shares, now = NOW) =>
  movesFor(given, now, CALM)
    .map(({ from, to }) => `${from}>${to}`)
    .join(' ')

describe('what evens out the shares of nodes', () => {
  it.each<[string, Shares, string]>([
    ['one has joined that has nothing', shares([5, 4, 0]), 'a>c'],
    ['two have joined: one session each', shares([9, 0, 0]), 'a>b a>c'],
    ['one lacks two', shares([4, 4, 1]), 'a>c'],
    ['one lacks one', shares([4, 3, 2]), 'a>c'],
    ['they are even', shares([3, 3, 3]), ''],
    ['they are as even as can be', shares([4, 3, 3]), ''],
    ['two have two, and one has one', shares([2, 2, 1]), ''],
    ['one session on two nodes', shares([1, 0]), ''],
    ['two sessions on two nodes', shares([2, 0]), 'a>b'],
    ['a tenth is missing', shares([110, 110, 90]), 'a>c'],
    ['less than a tenth is missing', shares([105, 103, 95]), ''],
    ['a node is alone', shares([9]), ''],
    ['nobody is there', shares([]), ''],
    ['it was calm not long enough', shares([9, 0], { calmSince: NOW - 29_999 }), ''],
    ['it was calm just long enough', shares([9, 0], { calmSince: NOW - 30_000 }), 'a>b'],
    ['it never was calm', shares([9, 0], { calmSince: Number.POSITIVE_INFINITY }), ''],
  ])('%s', (_when, given, expected) => {
    expect(moves(given)).toBe(expected)
  })

  it('leaves out who gives its own away, and who is full', () => {
    const [a, b, c] = [9, 0, 0].map((_, n) => ({ id: String.fromCharCode(97 + n), draining: false }))
    const held = new Map([['a', 9]])
    if (!a || !b || !c) throw new Error('There are three')
    const given = (members: Shares['members']) => ({ members, held, calmSince: 0 })
    expect(moves(given([a, { ...b, draining: true }, c]))).toBe('a>c')
    expect(moves(given([{ ...a, draining: true }, b, c]))).toBe('')
    expect(moves(given([a, { ...b, capacity: 0 }, { ...c, capacity: 3 }]))).toBe('a>c')
  })

  it('comes to an end, near the share of everybody, and no node loses what it has just got', () => {
    const counts = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(counts, (start) => {
        const now = [...start]
        const got = new Set<number>()
        const given = new Set<number>()
        for (let steps = 0; ; steps += 1) {
          const [move] = movesFor(shares(now), NOW, CALM)
          if (!move) break
          const [from, to] = [move.from.charCodeAt(0) - 97, move.to.charCodeAt(0) - 97]
          now[from] = (now[from] ?? 0) - 1
          now[to] = (now[to] ?? 0) + 1
          given.add(from)
          got.add(to)
          expect(steps).toBeLessThan(400)
        }
        const share = now.reduce((sum, count) => sum + count, 0) / now.length
        expect(Math.min(...now)).toBeGreaterThan(share - Math.max(1, share / 10) - Number.EPSILON)
        expect([...got].filter((node) => given.has(node))).toEqual([])
      }),
    )
  })
})

describe('which session is moved', () => {
  const REST = { restMs: 600_000 }
  const at = (ms: number) => new Date(ms).toISOString()
  const now = Date.parse('2026-01-01T12:00:00.000Z')
  const ago = (ms: number) => at(now - ms)
  const candidate = (id: string, changes: Partial<Candidate> = {}): Candidate => ({
    id,
    status: 'connected',
    isLinked: true,
    isBusy: false,
    lastConnectedAt: ago(3_600_000),
    lastActivityAt: ago(60_000),
    ...changes,
  })

  it.each<[string, Candidate[], string | undefined]>([
    ['the one that was idle for longer', [candidate('a'), candidate('b', { lastActivityAt: ago(70_000) })], 'b'],
    ['the one that never did anything', [candidate('a'), candidate('b', { lastActivityAt: at(0) })], 'b'],
    ['one that talks, when all do', [candidate('a', { lastActivityAt: ago(10) })], 'a'],
    ['none that links', [candidate('a', { status: 'awaiting_scan', isLinked: false })], undefined],
    ['none that is on its way', [candidate('a', { status: 'connecting' })], undefined],
    ['none that has lost its connection', [candidate('a', { status: 'reconnecting' })], undefined],
    ['none that has just come', [candidate('a', { lastConnectedAt: ago(599_999) })], undefined],
    ['one that has been here for long enough', [candidate('a', { lastConnectedAt: ago(600_000) })], 'a'],
    ['none of which something is asked', [candidate('a', { isBusy: true }), candidate('b')], 'b'],
    ['none of none', [], undefined],
  ])('%s', (_which, candidates, expected) => {
    expect(nextToMove(candidates, now, REST)).toBe(expected)
  })
})
