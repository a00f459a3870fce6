import { describe, expect, it } from 'vitest'
import type { PairingCode, QrEvent, SessionStatus, StatusReason } from '../types.js'
import { type LinkFacts, linkView } from './link-view.js'

const NOW = Date.parse('2026-11-29T12:00:00.000Z')
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()
const qr: QrEvent = { qr: '2@text', attempt: 2, maxAttempts: 6, issuedAt: at(-5), expiresAt: at(15) }
const code: PairingCode = { sessionId: 'shop', phone: '15550000001', code: 'ABCD2345', expiresAt: at(120) }
const reason = (code: StatusReason['code']): StatusReason => ({ code, message: 'Why', action: 'What to do' })

const facts = (status: SessionStatus, more: Partial<LinkFacts> & { reason?: StatusReason } = {}): LinkFacts => ({
  session: { status, ...(more.reason ? { statusReason: more.reason } : {}) },
  qr: more.qr,
  code: more.code,
  now: NOW,
})

const first = { wasShown: false }
const later = { wasShown: true }

describe('what a person sees while an account is linked', () => {
  it.each<[string, LinkFacts, { wasShown: boolean }, object]>([
    ['that it starts', facts('connecting'), first, { kind: 'starting' }],
    ['the QR with what is left of it', facts('awaiting_scan', { qr }), first, { kind: 'qr', qr, leftMs: 15_000 }],
    [
      'that the next QR comes, after one has ended',
      facts('awaiting_scan', { qr: { ...qr, expiresAt: at(-1) } }),
      first,
      { kind: 'renewing' },
    ],
    ['that the QR comes, before the first one is known', facts('awaiting_scan'), first, { kind: 'renewing' }],
    [
      'the code with what is left of it',
      facts('awaiting_code', { code }),
      first,
      { kind: 'code', code, leftMs: 120_000 },
    ],
    [
      'that the code has ended',
      facts('awaiting_code', { code: { ...code, expiresAt: at(0) } }),
      first,
      { kind: 'code-ended' },
    ],
    [
      'the QR, where the code was asked for elsewhere',
      facts('awaiting_code', { qr }),
      first,
      { kind: 'qr', qr, leftMs: 15_000 },
    ],
    ['that the phone has scanned', facts('connecting', { qr }), later, { kind: 'linking' }],
    ['the passkey', facts('passkey_required'), later, { kind: 'passkey' }],
    ['that it is connected', facts('connected'), later, { kind: 'connected', account: undefined }],
    ['that nobody scanned', facts('stopped', { reason: reason('QR_EXPIRED') }), first, { kind: 'expired' }],
    ['that it is stopped', facts('stopped'), first, { kind: 'stopped' }],
    [
      'that the connection was lost',
      facts('reconnecting', { reason: reason('CONNECTION_LOST') }),
      later,
      { kind: 'reconnecting', reason: reason('CONNECTION_LOST') },
    ],
    [
      'why it failed',
      facts('failed', { reason: reason('PAIRING_REJECTED') }),
      later,
      { kind: 'failed', status: 'failed', reason: reason('PAIRING_REJECTED') },
    ],
    ['that the account is banned', facts('banned'), first, { kind: 'failed', status: 'banned', reason: undefined }],
    [
      'that the phone unlinked it',
      facts('logged_out'),
      first,
      { kind: 'failed', status: 'logged_out', reason: undefined },
    ],
    [
      'that the session is gone',
      { session: undefined, qr: undefined, code: undefined, now: NOW },
      later,
      { kind: 'deleted' },
    ],
  ])('is %s', (_, known, seen, view) => {
    expect(linkView(known, seen)).toEqual(view)
  })
})
