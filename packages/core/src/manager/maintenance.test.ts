import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import { deferred } from '../util/deferred.js'
import { sleep } from '../util/sleep.js'
import { judgeInactive } from './inactive-cleanup.js'
import { Maintenance } from './maintenance.js'

describe('maintenance', () => {
  it('runs a task again and again, also after it failed, until it is stopped', async () => {
    const clock = new ManualClock()
    const logger = recordingLogger()
    const maintenance = new Maintenance({ clock, logger })
    let runs = 0
    const run = async () => {
      runs += 1
      if (runs === 1) throw new Error('once')
    }
    maintenance.schedule({ name: 'task', intervalMs: 1_000, run })
    await clock.advance(3_500)
    expect(runs).toBe(3)
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { task: 'task', err: new Error('once') } }])
    maintenance.stop()
    await clock.advance(10_000)
    expect([runs, clock.pending]).toEqual([3, 0])
  })

  it('runs a task once however often it is asked for, and again when it is asked for again', async () => {
    const clock = new ManualClock()
    const logger = recordingLogger()
    const maintenance = new Maintenance({ clock, logger })
    const ranAt: number[] = []
    const task = {
      name: 'task',
      intervalMs: 1_000,
      run: async () => {
        ranAt.push(clock.monotonic())
        throw new Error('no')
      },
    }
    const startedAt = clock.monotonic()
    maintenance.runOnce(task)
    await clock.advance(500)
    maintenance.runOnce(task)
    await clock.advance(5_000)
    expect([ranAt.map((at) => at - startedAt), clock.pending]).toEqual([[1_000], 0])
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { task: 'task' } }])
    maintenance.runOnce(task)
    await clock.advance(1_000)
    expect(ranAt).toHaveLength(2)
    maintenance.runOnce(task)
    maintenance.stop()
    maintenance.runOnce(task)
    await clock.advance(5_000)
    expect([ranAt.length, clock.pending]).toEqual([2, 0])
  })

  it('never runs a task twice at once, and not again when it was stopped meanwhile', async () => {
    const clock = new ManualClock()
    const maintenance = new Maintenance({ clock, logger: recordingLogger() })
    const slow = deferred()
    let runs = 0
    const run = () => {
      runs += 1
      return slow.promise
    }
    maintenance.schedule({ name: 'task', intervalMs: 1_000, run })
    await clock.advance(10_000)
    expect(runs).toBe(1)
    maintenance.stop()
    slow.resolve()
    await clock.advance(10_000)
    maintenance.schedule({ name: 'other', intervalMs: 1_000, run })
    expect([runs, clock.pending]).toEqual([1, 0])
  })

  it('plans a task anew when it gets another interval, counted from its last run', async () => {
    const clock = new ManualClock()
    const maintenance = new Maintenance({ clock, logger: recordingLogger() })
    const ranAt: number[] = []
    const beganAt = clock.monotonic()
    const signals: boolean[] = []
    const run = async (signal: AbortSignal) => {
      ranAt.push(clock.monotonic() - beganAt)
      signals.push(signal.aborted)
    }
    maintenance.schedule({ name: 'health', intervalMs: 10_000, run })
    await clock.advance(4_000)
    maintenance.replan({ name: 'health', intervalMs: 5_000, run })
    await clock.advance(1_000)
    expect(ranAt).toEqual([5_000])
    expect(signals).toEqual([false])
    maintenance.replan({ name: 'health', intervalMs: Number.POSITIVE_INFINITY, run })
    await clock.advance(60_000)
    expect([ranAt.length, clock.pending, maintenance.step('health')?.nextAt]).toEqual([1, 0, undefined])
    // It was due long ago by then.
    maintenance.replan({ name: 'health', intervalMs: 20_000, run })
    await clock.advance(0)
    await clock.advance(20_000)
    expect(ranAt).toEqual([5_000, 65_000, 85_000])
    // The same times are no change.
    await clock.advance(19_000)
    maintenance.replan({ name: 'health', intervalMs: 20_000, run })
    await clock.advance(1_000)
    expect(ranAt).toHaveLength(4)
    maintenance.replan({ name: 'nobody', intervalMs: 1, run })
    maintenance.stop()
    maintenance.replan({ name: 'health', intervalMs: 1, run })
    await clock.advance(60_000)
    expect([ranAt.length, clock.pending]).toEqual([4, 0])
  })

  it('cuts a run short that is spread over the old times, and never runs it beside the new one', async () => {
    const clock = new ManualClock()
    const maintenance = new Maintenance({ clock, logger: recordingLogger() })
    let running = 0
    const most: number[] = []
    const spreadOver = (spreadMs: number) => ({
      name: 'health',
      intervalMs: 1_000,
      spreadMs,
      run: async (signal: AbortSignal) => {
        running += 1
        most.push(running)
        await sleep(clock, spreadMs, signal)
        running -= 1
        return { checked: signal.aborted ? 0 : 1 }
      },
    })
    maintenance.schedule(spreadOver(3_600_000))
    await clock.advance(1_500)
    expect(running).toBe(1)
    maintenance.replan(spreadOver(2_000))
    await clock.advance(0)
    expect([running, maintenance.step('health')?.lastRun?.did]).toEqual([0, { checked: 0 }])
    await clock.advance(3_000)
    expect(maintenance.step('health')).toMatchObject({ intervalSeconds: 3, lastRun: { did: { checked: 1 } } })
    expect(most.every((count) => count === 1)).toBe(true)
    maintenance.stop()
  })

  const day = 86_400_000
  const now = Date.parse('2026-06-01T00:00:00.000Z')
  const ago = (days: number) => new Date(now - days * day).toISOString()
  const account = { jid: '15550000001@s.whatsapp.net', phone: '15550000001' }

  it.each([
    ['active lately', { account, desired: 'running', lastActivityAt: ago(1), createdAt: ago(90) }, 'keep'],
    ['linked and quiet', { account, desired: 'running', lastActivityAt: ago(31), createdAt: ago(90) }, 'stop'],
    ['linked, quiet and stopped', { account, desired: 'stopped', lastActivityAt: ago(31), createdAt: ago(90) }, 'keep'],
    [
      'linked, connected once and silent since',
      { account, desired: 'running', lastConnectedAt: ago(31), createdAt: ago(90) },
      'stop',
    ],
    [
      'linked and exactly at the limit',
      { account, desired: 'running', lastActivityAt: ago(30), createdAt: ago(90) },
      'stop',
    ],
    ['never linked, old and showing a QR', { desired: 'running', createdAt: ago(31) }, 'remove'],
    ['never linked and old', { desired: 'stopped', createdAt: ago(31) }, 'remove'],
    ['never linked and new', { desired: 'stopped', createdAt: ago(2) }, 'keep'],
    ['linked once, logged out since', { desired: 'stopped', lastConnectedAt: ago(40), createdAt: ago(90) }, 'keep'],
  ] as const)('a session that is %s', (_name, record, verdict) => {
    const judged = judgeInactive(record as unknown as Parameters<typeof judgeInactive>[0], {
      now,
      inactiveAfterMs: 30 * day,
    })
    expect(judged).toBe(verdict)
  })
})
