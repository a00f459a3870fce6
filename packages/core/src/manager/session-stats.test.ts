import { expect, it } from 'vitest'
import { sessionRecord } from '../../test/support/session-world.js'
import { collectStats } from './session-stats.js'

const now = Date.parse('2026-01-01T01:00:00.000Z')
const context = {
  now,
  pending: [],
  memory: { rss: 3, heapUsed: 2, perSession: 1 },
  uptimeSeconds: 60,
}

it('sums over all sessions, with what they counted and have not stored', () => {
  const counters = { sent: 1, received: 2, failed: 3, chats: 4 }
  const nothing = { sent: 0, received: 0, failed: 0, chats: 0 }
  const others = [
    sessionRecord({ status: 'connected', desired: 'running', counters }),
    sessionRecord({ status: 'connected', desired: 'running', healthCheck: { at: 'x', ok: false } }),
    sessionRecord({ status: 'reconnecting', desired: 'running', statusSince: '2026-01-01T00:59:00.000Z' }),
    sessionRecord({ status: 'reconnecting', desired: 'running' }),
  ]
  const resting = [
    { status: 'banned', desired: 'stopped', count: 2, counters },
    { status: 'stopped', desired: 'running', code: 'LEASE_LOST', count: 3, counters: nothing },
    { status: 'stopped', desired: 'stopped', count: 5, counters: nothing },
  ] as const
  expect(collectStats({ resting, others }, { ...context, pending: [{ sent: 1 }, { sent: 5, chats: 1 }, {}] })).toEqual({
    total: 14,
    active: 7,
    connected: 2,
    problematic: 7,
    byStatus: {
      stopped: 8,
      connecting: 0,
      awaiting_scan: 0,
      awaiting_code: 0,
      passkey_required: 0,
      connected: 2,
      reconnecting: 2,
      logged_out: 0,
      banned: 2,
      failed: 0,
    },
    messages: { sent: 8, received: 4, failed: 6 },
    chats: 9,
    memory: { rss: 3, heapUsed: 2, perSession: 1 },
    uptimeSeconds: 60,
  })
})

it('is all zero without sessions', () => {
  expect(collectStats({ resting: [], others: [] }, context)).toMatchObject({
    total: 0,
    active: 0,
    connected: 0,
    problematic: 0,
    chats: 0,
  })
})
