import { describe, expect, it } from 'vitest'
import type { Message, Session } from '../types.js'
import { changeSession } from './session-changes.js'

const session: Session = {
  id: 'shop',
  metadata: {},
  status: 'connecting',
  health: 'ok',
  desired: 'running',
  settings: {},
  counters: { sent: 1, received: 2, failed: 0, chats: 1 },
  attempts: { count: 0 },
  createdAt: '2026-11-29T10:00:00.000Z',
  updatedAt: '2026-11-29T10:00:00.000Z',
}
const envelope = { sessionId: 'shop', at: '2026-11-29T12:00:00.000Z', seq: 7, metadata: {} }
const message = { status: 'sent' } as Message

describe('an event of a session', () => {
  it('changes its status, and takes the reason of the one before away', () => {
    const failed = changeSession(session, {
      kind: 'status',
      event: {
        ...envelope,
        status: 'failed',
        previousStatus: 'connecting',
        reason: { code: 'LOGIN_REFUSED', message: 'No', action: 'Look' },
      },
    })
    expect(failed).toMatchObject({ status: 'failed', health: 'unhealthy', statusReason: { code: 'LOGIN_REFUSED' } })
    const back = changeSession(failed, {
      kind: 'status',
      event: { ...envelope, status: 'connected', previousStatus: 'failed' },
    })
    expect(back).toMatchObject({
      status: 'connected',
      health: 'ok',
      lastConnectedAt: envelope.at,
      updatedAt: envelope.at,
    })
    expect(back).not.toHaveProperty('statusReason')
  })

  it('counts a message that came, one that went and one that did not', () => {
    const received = changeSession(session, { kind: 'received', event: { ...envelope, message } })
    const sent = changeSession(received, { kind: 'sent', event: { ...envelope, message } })
    const failed = changeSession(sent, {
      kind: 'sent',
      event: { ...envelope, message: { ...message, status: 'failed' } },
    })
    expect(failed.counters).toEqual({ sent: 2, received: 3, failed: 1, chats: 1 })
    expect(failed.lastActivityAt).toBe(envelope.at)
  })

  it('that changes nothing gives the same session, so that its row is not drawn again', () => {
    expect(changeSession(session, { kind: 'health', event: { ...envelope, health: 'ok' } })).toBe(session)
  })
})
