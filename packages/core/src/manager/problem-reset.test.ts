import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { sessionRecord } from '../../test/support/session-world.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionRecord } from '../ports/session-store.js'
import { judgeProblem, resetProblems } from './problem-reset.js'

const now = Date.parse('2026-06-01T00:00:00.000Z')
const LONG_AGO = '2026-05-31T00:00:00.000Z'
const reason = (code: NonNullable<SessionRecord['statusReason']>['code']) => ({
  statusReason: { code, message: 'why', action: 'what' },
})
const record = (changes: Partial<SessionRecord>) =>
  sessionRecord({ desired: 'running', statusSince: LONG_AGO, ...changes })

describe('the reset of problematic sessions', () => {
  it.each<[string, Partial<SessionRecord>, string]>([
    ['connected', { status: 'connected' }, 'keep'],
    ['reconnecting for a day', { status: 'reconnecting', ...reason('CONNECTION_LOST') }, 'reconnect'],
    [
      'reconnecting for a minute',
      { status: 'reconnecting', statusSince: new Date(now - 60_000).toISOString() },
      'keep',
    ],
    ['fighting with another connection', { status: 'reconnecting', ...reason('CONNECTION_REPLACED') }, 'keep'],
    ['left behind by a process', { status: 'stopped', ...reason('LEASE_LOST') }, 'start'],
    ['left behind, and stopped since', { status: 'stopped', desired: 'stopped', ...reason('LEASE_LOST') }, 'keep'],
    ['failed by a fault of ours', { status: 'failed', ...reason('INTERNAL') }, 'start'],
    ['locked', { status: 'failed', ...reason('ACCOUNT_LOCKED') }, 'keep'],
    ['banned', { status: 'banned', ...reason('ACCOUNT_BANNED') }, 'keep'],
    ['logged out', { status: 'logged_out', ...reason('LOGGED_OUT') }, 'keep'],
    ['showing a QR', { status: 'awaiting_scan' }, 'keep'],
  ])('a session that is %s', (_what, changes, verdict) => {
    expect(judgeProblem(record(changes), { now })).toBe(verdict)
  })

  it('goes on with the others when one of them belongs to another node, or fails', async () => {
    const asked: string[] = []
    async function* records() {
      for (const id of ['a', 'b', 'c']) yield { ...record({ status: 'reconnecting' }), id }
    }
    const logger = recordingLogger()
    const did = await resetProblems(
      {
        records,
        async reconnect(id) {
          asked.push(id)
          if (id === 'a') throw new TrunklineError('LEASE_HELD', { details: { sessionId: id } })
          if (id === 'b') throw new TrunklineError('STORE_UNAVAILABLE')
        },
        start: async () => {},
        now: () => now,
        logger,
      },
      new AbortController().signal,
    )
    expect([asked, did]).toEqual([['a', 'b', 'c'], { reconnected: 1, started: 0 }])
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { sessionId: 'b' } }])
  })
})
