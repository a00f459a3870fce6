import { expect, it } from 'vitest'
import { sessionRecord } from '../../test/support/session-world.js'
import type { SessionRecord } from '../ports/session-store.js'
import { collectStats } from './session-stats.js'

const now = Date.parse('2026-01-01T01:00:00.000Z')
const context = {
  now,
  pending: () => ({ sent: 1 }),
  memory: { rss: 3, heapUsed: 2, perSession: 1 },
  uptimeSeconds: 60,
}

async function* of(...records: SessionRecord[]): AsyncGenerator<SessionRecord> {
  yield* records
}

it('sums over all sessions, with what they counted and have not stored', async () => {
  const counters = { sent: 1, received: 2, failed: 3, chats: 4 }
  const stats = await collectStats(
    of(
      sessionRecord({ status: 'connected', desired: 'running', counters }),
      sessionRecord({ status: 'connected', desired: 'running', healthCheck: { at: 'x', ok: false } }),
      sessionRecord({ status: 'reconnecting', desired: 'running', statusSince: '2026-01-01T00:59:00.000Z' }),
      sessionRecord({ status: 'reconnecting', desired: 'running' }),
      sessionRecord({ status: 'banned', counters }),
      sessionRecord(),
    ),
    context,
  )
  expect(stats).toEqual({
    total: 6,
    active: 4,
    connected: 2,
    problematic: 3,
    byStatus: {
      stopped: 1,
      connecting: 0,
      awaiting_scan: 0,
      awaiting_code: 0,
      passkey_required: 0,
      connected: 2,
      reconnecting: 2,
      logged_out: 0,
      banned: 1,
      failed: 0,
    },
    messages: { sent: 8, received: 4, failed: 6 },
    chats: 8,
    memory: { rss: 3, heapUsed: 2, perSession: 1 },
    uptimeSeconds: 60,
  })
})

it('is all zero without sessions', async () => {
  expect(await collectStats(of(), context)).toMatchObject({
    total: 0,
    active: 0,
    connected: 0,
    problematic: 0,
    chats: 0,
  })
})
