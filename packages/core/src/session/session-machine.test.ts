import { describe, expect, it } from 'vitest'
import { SESSION_STATUSES, type SessionStatus } from '../types/session.js'
import { isRunning, nextStatus, type StatusEvent } from './session-machine.js'

/** docs/architecture.md, "Status transitions", spelled out: every pair that is not here is refused. */
const allowed: Record<StatusEvent, Partial<Record<SessionStatus, SessionStatus>>> = {
  start: { stopped: 'connecting', logged_out: 'connecting', banned: 'connecting', failed: 'connecting' },
  qr: {
    connecting: 'awaiting_scan',
    reconnecting: 'awaiting_scan',
    awaiting_scan: 'awaiting_scan',
    awaiting_code: 'awaiting_code',
    passkey_required: 'passkey_required',
  },
  'code-requested': { awaiting_scan: 'awaiting_code', awaiting_code: 'awaiting_code' },
  'passkey-asked': {
    awaiting_scan: 'passkey_required',
    awaiting_code: 'passkey_required',
    passkey_required: 'passkey_required',
    connecting: 'passkey_required',
    reconnecting: 'passkey_required',
  },
  paired: {
    awaiting_scan: 'connecting',
    awaiting_code: 'connecting',
    passkey_required: 'connecting',
    connecting: 'connecting',
    reconnecting: 'connecting',
  },
  open: { connecting: 'connected', reconnecting: 'connected' },
  'qr-expired': {
    awaiting_scan: 'stopped',
    awaiting_code: 'stopped',
    passkey_required: 'stopped',
    connecting: 'stopped',
    reconnecting: 'stopped',
  },
  'retryable-close': {
    awaiting_scan: 'reconnecting',
    awaiting_code: 'reconnecting',
    passkey_required: 'reconnecting',
    connecting: 'reconnecting',
    reconnecting: 'reconnecting',
    connected: 'reconnecting',
  },
  stop: Object.fromEntries(SESSION_STATUSES.map((status) => [status, 'stopped'])),
  'logged-out': Object.fromEntries(SESSION_STATUSES.map((status) => [status, 'logged_out'])),
  banned: running('banned'),
  failed: running('failed'),
}

function running(to: SessionStatus): Partial<Record<SessionStatus, SessionStatus>> {
  const statuses: SessionStatus[] = [
    'awaiting_scan',
    'awaiting_code',
    'passkey_required',
    'connecting',
    'reconnecting',
    'connected',
  ]
  return Object.fromEntries(statuses.map((status) => [status, to]))
}

describe('nextStatus', () => {
  const pairs = (Object.keys(allowed) as StatusEvent[]).flatMap((event) =>
    SESSION_STATUSES.map((status) => ({ event, status })),
  )

  it.each(pairs)('$event while $status', ({ event, status }) => {
    expect(nextStatus(status, event)).toBe(allowed[event][status])
  })

  it('leaves every status by a call of the owner', () => {
    for (const status of SESSION_STATUSES) {
      const stopped = nextStatus(status, 'stop')
      expect(stopped && nextStatus(stopped, 'start')).toBe('connecting')
    }
  })
})

it('isRunning is true for the statuses with a connection, or on the way to one', () => {
  expect(SESSION_STATUSES.filter(isRunning)).toEqual([
    'connecting',
    'awaiting_scan',
    'awaiting_code',
    'passkey_required',
    'connected',
    'reconnecting',
  ])
})
