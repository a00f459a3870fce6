import { Webhook as Verifier } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import type { WebhookRecord } from '../records/webhook.js'
import type { LoggedEvent } from '../types/events.js'
import { attemptOf, type PostOutcome, verdictOf } from './attempt.js'
import { healthAfter } from './endpoint-health.js'
import { wantsEvent } from './filter.js'
import { messageOf } from './message.js'
import { RETRY_DELAYS_MS, retryDelayMs } from './schedule.js'
import { newSecret, signatures } from './signature.js'

const AT = '2026-01-01T00:00:00.000Z'

const logged = (changes: object = {}): LoggedEvent => ({
  name: 'chat.deleted',
  event: { sessionId: 's', at: AT, seq: 7, chatId: '1@g.us', ...changes },
})

describe('the schedule', () => {
  it.each([
    [1, 5_000],
    [2, 30_000],
    [3, 120_000],
    [4, 600_000],
    [5, 3_600_000],
    [6, 10_800_000],
    [7, 21_600_000],
    [8, 43_200_000],
    [9, 86_400_000],
    [10, 86_400_000],
    [11, undefined],
  ])('has after failure %i a pause of at most %s ms', (failures, longest) => {
    expect(retryDelayMs(failures, () => 0)).toBe(longest)
    expect(retryDelayMs(failures, () => 0.999)).toBe(longest && Math.round(longest * (1 - 0.2 * 0.999)))
  })

  it('is over within 72 hours', () => {
    expect(RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(72 * 3_600_000)
  })
})

describe('a signature', () => {
  it('is accepted by the reference library, by each of two secrets, and by no third', () => {
    const secrets = [newSecret(), newSecret()]
    const timestamp = Math.floor(Date.now() / 1000)
    const { id, body } = messageOf('w', logged({ chatId: 'ü 😀' }))
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': signatures({ id, timestamp, body }, secrets),
    }
    for (const secret of secrets) expect(new Verifier(secret).verify(body, headers)).toEqual(JSON.parse(body))
    expect(() => new Verifier(newSecret()).verify(body, headers)).toThrow()
    expect(() => new Verifier(secrets[0] ?? '').verify(body.replace('7', '8'), headers)).toThrow()
  })
})

describe('the id of a message', () => {
  it('is the same for the same event at the same webhook, and another for any other', () => {
    const id = messageOf('w', logged()).id
    expect(messageOf('w', logged()).id).toBe(id)
    const others = [
      messageOf('v', logged()),
      messageOf('w', logged({ seq: 8 })),
      messageOf('w', logged({ sessionId: 't' })),
      messageOf('w', logged({ at: '2026-01-02T00:00:00.000Z' })),
      messageOf('w', { ...logged(), name: 'chat.updated' } as LoggedEvent),
    ].map((other) => other.id)
    expect(new Set([id, ...others]).size).toBe(6)
  })

  it('stands before a body that says what happened, when, and to whom', () => {
    const { name, event } = logged()
    expect(JSON.parse(messageOf('w', logged()).body)).toEqual({ type: name, timestamp: AT, data: event })
  })
})

describe('a filter', () => {
  const event = { sessionId: 's', metadata: { team: 'sales', shift: 'day' } }
  it.each<[string, Partial<WebhookRecord>, boolean]>([
    ['everything', {}, true],
    ['the event', { events: ['message'] }, true],
    ['another event', { events: ['chat.updated'] }, false],
    ['the session', { sessionIds: ['t', 's'] }, true],
    ['another session', { sessionIds: ['t'] }, false],
    ['no session', { sessionIds: [] }, false],
    ['its metadata', { metadata: { team: 'sales' } }, true],
    ['all of its metadata', { metadata: { team: 'sales', shift: 'day' } }, true],
    ['other metadata', { metadata: { team: 'support' } }, false],
    ['metadata that it has not', { metadata: { toString: 'x' } }, false],
  ])('of %s decides', (_name, changes, wanted) => {
    expect(wantsEvent({ events: '*', sessionIds: '*', ...changes }, 'message', event)).toBe(wanted)
  })

  it('of everything takes no event that is never logged; one that names it does', () => {
    for (const name of ['qr', 'pairing-code', 'presence', 'history.progress'] as const) {
      expect(wantsEvent({ events: '*', sessionIds: '*' }, name, event)).toBe(false)
      expect(wantsEvent({ events: [name], sessionIds: '*' }, name, event)).toBe(true)
    }
  })
})

describe('an attempt', () => {
  const answered = (status: number): PostOutcome => ({ status, answer: 'ok' })
  it.each<[PostOutcome, string, string | undefined]>([
    [answered(200), 'delivered', undefined],
    [answered(204), 'delivered', undefined],
    [answered(299), 'delivered', undefined],
    [answered(301), 'failed', 'HTTP 301: redirects are not followed'],
    [answered(308), 'failed', 'HTTP 308: redirects are not followed'],
    [answered(400), 'failed', 'HTTP 400'],
    [answered(410), 'gone', 'HTTP 410'],
    [answered(500), 'failed', 'HTTP 500'],
    [{ error: 'No answer in time' }, 'failed', 'No answer in time'],
  ])('with %j', (outcome, verdict, error) => {
    expect(verdictOf(outcome)).toBe(verdict)
    expect(attemptOf(outcome, { at: AT, durationMs: 12.6 })).toEqual({
      at: AT,
      durationMs: 13,
      ...('status' in outcome ? { status: outcome.status, answer: 'ok' } : {}),
      ...(error ? { error } : {}),
    })
  })
})

describe('the health of a webhook', () => {
  const day = 86_400_000
  const now = Date.parse(AT)
  const failing = { state: 'failing', stateReason: 'HTTP 500', failingSince: AT } as const
  const failed = { verdict: 'failed', reason: 'HTTP 503' } as const

  it('begins to fail, goes on failing without a word, and is well again', () => {
    expect(healthAfter({ state: 'ok' }, { ...failed, now })).toEqual({
      state: 'failing',
      stateReason: 'HTTP 503',
      failingSince: AT,
    })
    expect(healthAfter(failing, { ...failed, now: now + 4.9 * day })).toBeUndefined()
    expect(healthAfter(failing, { verdict: 'delivered', reason: '', now })).toEqual({ state: 'ok' })
    expect(healthAfter({ state: 'ok' }, { verdict: 'delivered', reason: '', now })).toBeUndefined()
  })

  it('is given up after five days without a success, and at once by 410', () => {
    expect(healthAfter(failing, { ...failed, now: now + 5 * day })).toMatchObject({
      state: 'disabled',
      failingSince: AT,
    })
    expect(healthAfter({ state: 'ok' }, { verdict: 'gone', reason: '', now })).toMatchObject({ state: 'disabled' })
    expect(healthAfter({ state: 'disabled' }, { verdict: 'delivered', reason: '', now })).toBeUndefined()
  })
})
