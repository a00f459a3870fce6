import { describe, expect, it } from 'vitest'
import { sessionRecord } from '../../test/support/session-world.js'
import { toDetails, toSession } from './session-view.js'

const moment = { now: Date.parse('2026-01-01T01:00:00.000Z'), storeAnswers: true }

describe('a record as callers see it', () => {
  it("leaves out what is missing, and everything that is the store's own", () => {
    expect(toSession(sessionRecord(), moment)).toEqual({
      id: 's',
      metadata: {},
      status: 'stopped',
      health: 'ok',
      desired: 'stopped',
      settings: {},
      counters: { sent: 0, received: 0, failed: 0, chats: 0 },
      attempts: { count: 0 },
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
    })
  })

  it('has everything that is known, and the newest error', () => {
    const known = {
      label: 'Sales',
      status: 'reconnecting' as const,
      statusReason: { code: 'CONNECTION_LOST' as const, message: 'x', action: 'y' },
      account: { jid: '15550000001@s.whatsapp.net', phone: '15550000001' },
      lastConnectedAt: '2026-01-01T00:00:00.000Z',
      lastActivityAt: '2026-01-01T00:00:00.000Z',
    }
    const errors = ['first', 'last'].map((message) => ({
      at: known.lastActivityAt,
      code: 'INTERNAL' as const,
      message,
    }))
    const session = toSession(sessionRecord({ ...known, errors }), moment)
    expect(session).toMatchObject({ ...known, health: 'unhealthy', lastError: errors[1] })
    for (const field of ['errors', 'revision', 'statusSince', 'attemptsLog']) expect(session).not.toHaveProperty(field)
  })

  it('adds what is counted and not stored yet', () => {
    const record = sessionRecord({
      counters: { sent: 1, received: 2, failed: 3, chats: 4 },
      lastActivityAt: '2026-01-01T00:00:00.000Z',
    })
    const unstored = { counters: { sent: 10, chats: 1 }, lastActivityAt: '2026-01-01T00:30:00.000Z' }
    const session = toSession(record, moment, unstored)
    expect(session.counters).toEqual({ sent: 11, received: 2, failed: 3, chats: 5 })
    expect(session.lastActivityAt).toBe('2026-01-01T00:30:00.000Z')
    expect(record.counters.sent).toBe(1)
  })
})

it('details add device, history and advice', () => {
  const healthCheck = { at: '2026-01-01T00:00:00.000Z', ok: true, latencyMs: 1 }
  const record = sessionRecord({
    status: 'failed',
    statusReason: { code: 'ACCOUNT_LOCKED', message: 'x', action: 'y' },
    device: { id: 3 },
    healthCheck,
  })
  expect(toDetails(record, toSession(record, moment), 1_000)).toMatchObject({
    id: 's',
    device: { id: 3 },
    errors: [],
    attemptsLog: [],
    healthCheck,
    memoryBytes: 1_000,
    advice: expect.stringContaining('account is locked'),
  })
})
