import { describe, expect, it } from 'vitest'
import { SessionMetrics } from './metrics.js'

const EARLY = '2026-01-01T00:00:00.000Z'
const LATE = '2026-01-01T00:00:01.000Z'

describe('the metrics of a session', () => {
  it('add up many counts into one increment', () => {
    const metrics = new SessionMetrics('s')
    metrics.count('received')
    metrics.count('received', 3)
    metrics.count('chats', 2)
    metrics.active(EARLY)
    metrics.active(LATE)
    expect(metrics.take()).toEqual({ sessionId: 's', counters: { received: 4, chats: 2 }, lastActivityAt: LATE })
  })

  it('have nothing to store when nothing happened, and nothing twice', () => {
    const metrics = new SessionMetrics('s')
    metrics.count('sent', 0)
    expect(metrics.take()).toBeUndefined()
    metrics.count('sent')
    expect(metrics.take()).toBeDefined()
    expect(metrics.take()).toBeUndefined()
    expect(metrics.pending).toEqual({ counters: {} })
  })

  it('say once that there is something to store, and again when that was taken or could not be stored', () => {
    let told = 0
    const metrics = new SessionMetrics('s', () => {
      told += 1
    })
    metrics.count('sent', 0)
    expect(told).toBe(0)
    metrics.count('sent')
    metrics.active(EARLY)
    metrics.count('sent')
    expect(told).toBe(1)
    const taken = metrics.take()!
    metrics.restore(taken)
    expect(told).toBe(2)
    metrics.take()
    metrics.active(LATE)
    expect(told).toBe(3)
  })

  it('take back what could not be stored, together with what was counted since', () => {
    const metrics = new SessionMetrics('s')
    metrics.count('sent', 2)
    metrics.active(EARLY)
    const taken = metrics.take()!
    metrics.count('sent')
    metrics.count('failed')
    metrics.active(LATE)
    metrics.restore(taken)
    expect(metrics.take()).toEqual({ sessionId: 's', counters: { sent: 3, failed: 1 }, lastActivityAt: LATE })
    metrics.restore(taken)
    expect(metrics.take()).toEqual(taken)
  })
})
