import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../errors/codes.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { ConnectionClose } from '../ports/connector.js'
import { type CloseVerdict, classifyClose } from './reconnect-policy.js'

type Row = [name: string, close: ConnectionClose, action: CloseVerdict['action'], code: ErrorCode]

/** What Baileys 7.0.0-rc14 says for each cause, and what has to follow for a linked account. */
const rows: Row[] = [
  [
    'stream error 515',
    { statusCode: 515, message: 'Stream Errored (restart required)' },
    'restart',
    'RESTART_REQUIRED',
  ],
  ['a TCP kill', { statusCode: 428, message: 'Connection Terminated' }, 'retry', 'CONNECTION_LOST'],
  [
    'the end of the stream',
    { statusCode: 428, message: 'Connection Terminated by Server' },
    'retry',
    'CONNECTION_LOST',
  ],
  ['silence', { statusCode: 408, message: 'Connection was lost' }, 'retry', 'CONNECTION_LOST'],
  [
    'a refused TCP connection',
    { statusCode: 408, message: 'WebSocket Error (connect ECONNREFUSED)' },
    'retry',
    'CONNECTION_LOST',
  ],
  ['an upgrade that hangs', { message: 'The connection did not open in time' }, 'retry', 'CONNECTION_TIMEOUT'],
  ['a refused upgrade', { message: 'The server refused the connection (HTTP 503)' }, 'retry', 'CONNECTION_LOST'],
  ['stream error 500', { statusCode: 500, message: 'Stream Errored (unknown)' }, 'retry', 'SERVICE_UNAVAILABLE'],
  ['failure 501', { statusCode: 501, message: 'Connection Failure' }, 'retry', 'SERVICE_UNAVAILABLE'],
  ['failure 503', { statusCode: 503, message: 'Connection Failure' }, 'retry', 'SERVICE_UNAVAILABLE'],
  ['stream error 516', { statusCode: 516, message: 'Stream Errored (unknown)' }, 'retry', 'SERVICE_UNAVAILABLE'],
  ['a number nobody knows', { statusCode: 599, message: 'Stream Errored (unknown)' }, 'retry', 'CONNECTION_LOST'],
  ['nothing at all', { message: 'The connection was closed' }, 'retry', 'CONNECTION_LOST'],
  [
    'a second connection',
    { statusCode: 440, message: 'Stream Errored (conflict)', attributes: { type: 'replaced' } },
    'replaced',
    'CONNECTION_REPLACED',
  ],
  ['440 without a word', { statusCode: 440, message: 'Stream Errored (conflict)' }, 'replaced', 'CONNECTION_REPLACED'],
  [
    'removed on the phone',
    { statusCode: 401, message: 'Stream Errored (conflict)', attributes: { type: 'device_removed' } },
    'logged-out',
    'LOGGED_OUT',
  ],
  [
    'removed, told as 440',
    { statusCode: 440, message: 'Stream Errored (conflict)', attributes: { type: 'device_removed' } },
    'logged-out',
    'LOGGED_OUT',
  ],
  [
    'a login refused with 401',
    { statusCode: 401, message: 'Connection Failure', attributes: { reason: '401' } },
    'logged-out',
    'LOGGED_OUT',
  ],
  ['our own logout', { statusCode: 401, message: 'Intentional Logout' }, 'logged-out', 'LOGGED_OUT'],
  [
    'a bare stream error 401, which proves nothing',
    { statusCode: 401, message: 'Stream Errored (unknown)' },
    'retry',
    'CONNECTION_LOST',
  ],
  [
    'a temporary ban',
    { statusCode: 402, message: 'Connection Failure', attributes: { code: '101', expire: '60' } },
    'banned',
    'ACCOUNT_BANNED',
  ],
  ['a ban', { statusCode: 406, message: 'Connection Failure' }, 'banned', 'ACCOUNT_BANNED'],
  ['a locked account', { statusCode: 403, message: 'Connection Failure' }, 'failed', 'ACCOUNT_LOCKED'],
  ['an outdated client', { statusCode: 405, message: 'Connection Failure' }, 'outdated', 'CLIENT_OUTDATED'],
  ['a bad user agent', { statusCode: 409, message: 'Connection Failure' }, 'failed', 'LOGIN_REFUSED'],
  ['413', { statusCode: 413, message: 'Connection Failure' }, 'failed', 'LOGIN_REFUSED'],
  ['414', { statusCode: 414, message: 'Connection Failure' }, 'failed', 'LOGIN_REFUSED'],
  ['415', { statusCode: 415, message: 'Connection Failure' }, 'failed', 'LOGIN_REFUSED'],
  ['418', { statusCode: 418, message: 'Connection Failure' }, 'failed', 'LOGIN_REFUSED'],
  ['419', { statusCode: 419, message: 'Connection Failure' }, 'failed', 'LOGIN_REFUSED'],
  [
    'no linked devices',
    { statusCode: 411, message: 'Multi-device beta not joined' },
    'failed',
    'MULTI_DEVICE_REQUIRED',
  ],
  [
    'a bad certificate chain',
    { statusCode: 400, message: 'noise intermediate certificate signature invalid' },
    'failed',
    'SERVER_NOT_TRUSTED',
  ],
  [
    'an untrusted TLS certificate',
    { statusCode: 500, message: 'WebSocket Error (self-signed certificate)' },
    'failed',
    'SERVER_NOT_TRUSTED',
  ],
  ['a bad HMAC at linking', { statusCode: 500, message: 'Invalid account signature' }, 'failed', 'PAIRING_REJECTED'],
  [
    'a bad account signature',
    { statusCode: 500, message: 'Failed to verify account signature' },
    'failed',
    'PAIRING_REJECTED',
  ],
  ['no QR scanned', { statusCode: 408, message: 'QR refs attempts ended' }, 'qr-expired', 'QR_EXPIRED'],
]

const LINKED = { linked: true, loggedIn: true }

describe('classifyClose', () => {
  it.each(rows)('%s', (_name, close, action, code) => {
    expect(classifyClose(close, LINKED)).toMatchObject({ action, code, message: expect.any(String) })
  })

  it('takes credentials out of use for nothing but a confirmed logout', () => {
    const loggedOut = rows.filter(([, close]) => classifyClose(close, LINKED).action === 'logged-out')
    expect(loggedOut.map(([name]) => name)).toEqual([
      'removed on the phone',
      'removed, told as 440',
      'a login refused with 401',
      'our own logout',
    ])
  })

  it('a 401 before the account was linked only means: link again', () => {
    const close = { statusCode: 401, message: 'Connection Failure' }
    expect(classifyClose(close, { linked: false, loggedIn: false })).toMatchObject({ action: 'pair-again' })
  })

  it('a 401 at the first login of a link means that WhatsApp never got it: link again', () => {
    const first = { linked: true, loggedIn: false }
    expect(classifyClose({ statusCode: 401, message: 'Connection Failure' }, first)).toMatchObject({
      action: 'pair-again',
    })
    const others = rows.filter(([name]) => name !== 'a login refused with 401')
    for (const [, close, action] of others) expect(classifyClose(close, first)).toMatchObject({ action })
  })

  it('names the version that WhatsApp refuses', () => {
    const close = { statusCode: 405, message: 'Connection Failure' }
    expect(classifyClose(close, { ...LINKED, version: '2.3000.1' }).message).toContain('2.3000.1')
  })

  it('says how long a temporary ban lasts, and why', () => {
    const close = { statusCode: 402, message: 'Connection Failure', attributes: { code: '104', expire: '7200' } }
    expect(classifyClose(close, LINKED).message).toBe('WhatsApp banned this account for 7200 seconds (reason 104)')
  })

  const causes: [name: string, cause: unknown, action: CloseVerdict['action'], code: ErrorCode][] = [
    ['an engine that is away', new Error('connect ECONNREFUSED'), 'retry', 'STORE_UNAVAILABLE'],
    ['a store that says so itself', new TrunklineError('STORE_UNAVAILABLE'), 'retry', 'STORE_UNAVAILABLE'],
    [
      'a lease that is held elsewhere',
      new TrunklineError('LEASE_HELD', { details: { sessionId: 's' } }),
      'retry',
      'LEASE_HELD',
    ],
    ['a lease that was lost', new TrunklineError('LEASE_LOST', { details: { sessionId: 's' } }), 'retry', 'LEASE_LOST'],
    ['a full disk', new TrunklineError('STORE_FULL'), 'retry', 'STORE_FULL'],
    ['a wrong key', new TrunklineError('ENCRYPTION_KEY_WRONG', { details: {} }), 'failed', 'ENCRYPTION_KEY_WRONG'],
    ['a corrupt record', new TrunklineError('STORE_CORRUPT'), 'failed', 'STORE_CORRUPT'],
  ]

  it.each(causes)('of our own side: %s', (_name, cause, action, code) => {
    // Whatever the number says: a failure of our own side is not WhatsApp's word.
    expect(classifyClose({ statusCode: 401, message: 'Connection Failure', cause }, LINKED)).toMatchObject({
      action,
      code,
    })
  })
})
