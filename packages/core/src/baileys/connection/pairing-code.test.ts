import { describe, expect, it } from 'vitest'
import { pairingFailure } from './pairing-code.js'

const now = Date.parse('2026-01-01T00:00:00.000Z')
const error = (attrs: Record<string, string>) => ({
  tag: 'iq',
  attrs: { type: 'error' },
  content: [{ tag: 'error', attrs }],
})

describe('the answer to a request for a pairing code', () => {
  it('is no failure when WhatsApp took it', () => {
    expect(pairingFailure({ tag: 'iq', attrs: { type: 'result' } }, now)).toBeUndefined()
  })

  it.each([
    ['400', error({ code: '400', text: 'bad-request' }), { statusCode: 400, reason: 'bad-request' }],
    ['403 without a text', error({ code: '403' }), { statusCode: 403, reason: 'refused' }],
    [
      '429',
      error({ code: '429', text: 'rate-overlimit' }),
      { statusCode: 429, reason: 'rate-overlimit', retryAt: '2026-01-01T00:01:00.000Z' },
    ],
    [
      '429 with a time',
      error({ code: '429', text: 'rate-overlimit', backoff: '3600' }),
      { statusCode: 429, reason: 'rate-overlimit', retryAt: '2026-01-01T01:00:00.000Z' },
    ],
    ['an error that says nothing', { tag: 'iq', attrs: { type: 'error' } }, { reason: 'refused' }],
    ['silence', undefined, { reason: 'no-answer' }],
  ])('is a failure that says why: %s', (_name, answer, details) => {
    expect(pairingFailure(answer, now)).toMatchObject({ code: 'PAIRING_CODE_FAILED', details })
  })
})
