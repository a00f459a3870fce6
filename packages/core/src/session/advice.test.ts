import { describe, expect, it } from 'vitest'
import { SESSION_STATUSES } from '../types/session.js'
import { adviceFor } from './advice.js'
import { healthOf, isProblematic } from './health.js'

describe('adviceFor', () => {
  it.each(SESSION_STATUSES)('says what to do while %s', (status) => {
    expect(adviceFor(status)).toMatch(/^[A-Z].{15,}\.$/)
  })

  it('goes by the reason where there is one', () => {
    expect(adviceFor('failed', 'CONNECTION_REPLACED')).toContain('Another program uses the same credentials')
  })
})

describe('health', () => {
  const now = Date.parse('2026-11-24T12:00:00.000Z')
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
  const check = (ok: boolean) => ({ at: ago(1), ok })

  it.each([
    ['connected', ago(60), undefined, 'ok', false],
    ['connected', ago(60), check(true), 'ok', false],
    ['connected', ago(60), check(false), 'degraded', true],
    ['reconnecting', ago(4), undefined, 'degraded', false],
    ['reconnecting', ago(6), undefined, 'unhealthy', true],
    ['failed', ago(0), undefined, 'unhealthy', true],
    ['banned', ago(0), undefined, 'unhealthy', true],
    ['logged_out', ago(0), undefined, 'unhealthy', true],
    ['stopped', ago(600), check(false), 'ok', false],
    ['awaiting_scan', ago(1), undefined, 'ok', false],
  ] as const)('%s since %s with the check %o is %s', (status, statusSince, healthCheck, health, problematic) => {
    const session = { status, statusSince, ...(healthCheck ? { healthCheck } : {}) }
    expect(healthOf(session, { now, storeAnswers: true })).toBe(health)
    expect(isProblematic(session, now)).toBe(problematic)
  })

  it.each([
    ['connected', 'degraded'],
    ['awaiting_scan', 'degraded'],
    ['stopped', 'ok'],
    ['banned', 'unhealthy'],
  ] as const)('%s while the store does not answer is %s, and no problem of its own', (status, health) => {
    const session = { status, statusSince: ago(1) }
    expect(healthOf(session, { now, storeAnswers: false })).toBe(health)
    expect(isProblematic(session, now)).toBe(status === 'banned')
  })
})
