import { describe, expect, it } from 'vitest'
import { type AfterClose, afterClose, type ClosedConnection, type CloseHistory, NO_HISTORY } from './after-close.js'
import type { CloseVerdict } from './reconnect-policy.js'
import { DEFAULT_TIMINGS } from './services.js'

const verdicts = {
  restart: { action: 'restart', code: 'RESTART_REQUIRED', message: 'again' },
  retry: { action: 'retry', code: 'CONNECTION_LOST', message: 'gone' },
  replaced: { action: 'replaced', code: 'CONNECTION_REPLACED', message: 'another' },
  'logged-out': { action: 'logged-out', code: 'LOGGED_OUT', message: 'unlinked' },
  'pair-again': { action: 'pair-again', code: 'LOGGED_OUT', message: 'unknown' },
  outdated: { action: 'outdated', code: 'CLIENT_OUTDATED', message: 'too old' },
  banned: { action: 'banned', code: 'ACCOUNT_BANNED', message: 'banned' },
  failed: { action: 'failed', code: 'ACCOUNT_LOCKED', message: 'locked' },
  'qr-expired': { action: 'qr-expired', code: 'QR_EXPIRED', message: 'no QR' },
} as const satisfies { [Action in CloseVerdict['action']]: Extract<CloseVerdict, { action: Action }> }

const HOUR = 3_600_000
const rules = { timings: DEFAULT_TIMINGS, random: () => 0.5 }

function closed(action: CloseVerdict['action'], changes: Partial<ClosedConnection> = {}): ClosedConnection {
  return {
    verdict: verdicts[action],
    status: 'connected',
    linked: true,
    newerVersion: false,
    openMs: 0,
    now: HOUR,
    ...changes,
  }
}

const after = (closing: ClosedConnection, history: Partial<CloseHistory> = {}): AfterClose =>
  afterClose(closing, { ...NO_HISTORY, ...history }, rules)

const end = { kind: 'end' } as const
const connect = (afterMs: number) => ({ kind: 'connect', afterMs }) as const
const unlinked = { desired: 'stopped', account: null, device: null } as const

interface Row {
  when: string
  closing: ClosedConnection
  history?: Partial<CloseHistory>
  follows: Partial<AfterClose>
}

// Half of a second, doubled with each failure: `random` is 0.5.
const TABLE: Row[] = [
  {
    when: 'a connection is lost',
    closing: closed('retry'),
    follows: { event: 'retryable-close', failed: true, next: connect(500), archive: false, changes: {} },
  },
  {
    when: 'the fourth in a row is lost',
    closing: closed('retry'),
    history: { failuresInARow: 3 },
    follows: { next: connect(4_000), history: { ...NO_HISTORY, failuresInARow: 4 } },
  },
  {
    when: 'many were lost',
    closing: closed('retry'),
    history: { failuresInARow: 40 },
    follows: { next: connect(60_000) },
  },
  {
    when: 'a stable connection is lost after many failures',
    closing: closed('retry', { openMs: 30_001 }),
    history: { failuresInARow: 9, restartsInARow: 2 },
    follows: { next: connect(500), history: { ...NO_HISTORY, failuresInARow: 1 } },
  },
  {
    when: 'one that was open too shortly is lost after many failures',
    closing: closed('retry', { openMs: 30_000 }),
    history: { failuresInARow: 3 },
    follows: { next: connect(4_000) },
  },
  {
    when: 'WhatsApp asks for a restart while linking',
    closing: closed('restart', { status: 'connecting' }),
    follows: { next: connect(0), failed: false, history: { ...NO_HISTORY, restartsInARow: 1 } },
  },
  {
    when: 'WhatsApp asks for a restart of an open connection',
    closing: closed('restart'),
    follows: { event: 'retryable-close', next: connect(0), failed: false },
  },
  {
    when: 'WhatsApp asks for the fourth restart in a row',
    closing: closed('restart', { status: 'connecting' }),
    history: { restartsInARow: 3 },
    follows: { event: 'retryable-close', failed: true, next: connect(500) },
  },
  {
    when: 'another connection opens the account',
    closing: closed('replaced'),
    follows: {
      event: 'retryable-close',
      next: connect(60_000),
      failed: true,
      history: { failuresInARow: 1, restartsInARow: 0, replacedAt: HOUR },
    },
  },
  {
    when: 'it does so again within ten minutes',
    closing: closed('replaced'),
    history: { replacedAt: HOUR - 599_999 },
    follows: { event: 'failed', next: end, failed: false, archive: false },
  },
  {
    when: 'it does so again after ten minutes',
    closing: closed('replaced'),
    history: { replacedAt: HOUR - 600_000 },
    follows: { next: connect(60_000) },
  },
  {
    when: 'the phone removes the device',
    closing: closed('logged-out'),
    follows: { archive: true, event: 'logged-out', changes: unlinked, next: end },
  },
  {
    when: 'WhatsApp does not know a registration that never was linked',
    closing: closed('pair-again', { linked: false, status: 'connecting' }),
    follows: { archive: false, event: 'retryable-close', changes: {}, next: connect(500) },
  },
  {
    when: 'WhatsApp never got the link',
    closing: closed('pair-again', { status: 'connecting' }),
    follows: {
      archive: true,
      event: 'retryable-close',
      changes: { account: null, device: null },
      next: connect(500),
      failed: true,
    },
  },
  {
    when: 'nobody scans the QR',
    closing: closed('qr-expired', { status: 'awaiting_scan', linked: false }),
    follows: { event: 'qr-expired', changes: { desired: 'stopped' }, next: end, archive: false },
  },
  {
    when: 'an open connection says so',
    closing: closed('qr-expired'),
    follows: { event: 'retryable-close', changes: {}, next: connect(500) },
  },
  {
    when: 'the version is refused and a newer one may be looked up',
    closing: closed('outdated', { newerVersion: true }),
    follows: { event: 'retryable-close', next: connect(0), failed: true, archive: false, changes: {} },
  },
  {
    when: 'the version is refused and nobody may look up another',
    closing: closed('outdated'),
    follows: { event: 'failed', next: end, archive: false, changes: {} },
  },
  { when: 'the account is banned', closing: closed('banned'), follows: { event: 'banned', next: end, archive: false } },
  { when: 'the login is refused', closing: closed('failed'), follows: { event: 'failed', next: end, archive: false } },
]

describe('what follows when', () => {
  it.each(TABLE)('$when', ({ closing, history, follows }) => {
    expect(after(closing, history)).toMatchObject(follows)
  })

  it('WhatsApp asks for a restart while linking leaves the status alone', () => {
    expect(after(closed('restart', { status: 'connecting' }))).not.toHaveProperty('event')
  })

  it('nothing but a logout, or a link that never was, takes credentials out of use', () => {
    const archiving = Object.keys(verdicts).filter((action) => after(closed(action as CloseVerdict['action'])).archive)
    expect(archiving).toEqual(['logged-out', 'pair-again'])
  })

  it('the pause after a replacement has a jitter of a quarter to both sides', () => {
    const pause = (random: number) =>
      afterClose(closed('replaced'), NO_HISTORY, { ...rules, random: () => random }).next
    expect([pause(0), pause(0.999_999)]).toEqual([connect(45_000), connect(expect.closeTo(75_000, 0))])
  })
})
