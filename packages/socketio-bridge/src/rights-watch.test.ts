import type { Principal } from '@trunkline/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Member } from './member.js'
import { RightsWatch } from './rights-watch.js'

const BEN: Principal = { userId: 'ben', role: 'viewer', sessionIds: '*' }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A watch over so many sockets of one user; counts how often it was asked who they are. */
function watching(count: number) {
  const state = { principal: BEN as Principal | undefined, asked: 0, lost: 0 }
  const members = Array.from({ length: count }, () => ({
    principal: BEN,
    signal: new AbortController().signal,
    async ask() {
      state.asked += 1
      return state.principal
    },
  })) as unknown as Member[]
  const watch = new RightsWatch({
    members: () => members,
    intervalMs: 750,
    onLost: () => {
      state.lost += 1
    },
    onChanged: () => {},
  })
  return { state, watch }
}

describe('what watches over the rights of open sockets', () => {
  it('ends those of somebody whom another node has disabled, within a second', async () => {
    const { state, watch } = watching(100)
    await vi.advanceTimersByTimeAsync(10_000)
    state.principal = undefined
    expect(state.lost).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(state.lost).toBeGreaterThanOrEqual(100)
    watch.stop()
  })

  it('asks about no more than 200 in a second, however many there are', async () => {
    const { state, watch } = watching(5_000)
    await vi.advanceTimersByTimeAsync(100_000)
    expect(state.asked).toBeGreaterThan(0)
    expect(state.asked).toBeLessThanOrEqual(20_000)
    watch.stop()
  })
})
