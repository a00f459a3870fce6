import { describe, expect, it } from 'vitest'
import { closingLine } from './test-report.mjs'

const report = ({ passed = 0, failed = 0, pending = 0, todo = 0, files = [] }) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: todo,
  testResults: files,
})

describe('closingLine', () => {
  it('counts what passed, failed and was skipped', () => {
    expect(closingLine(report({ passed: 3, failed: 1, pending: 1, todo: 1 }))).toEqual({
      line: '3 passed, 1 failed, 2 skipped',
      ok: false,
    })
  })

  it('is content when all tests that ran passed', () => {
    expect(closingLine(report({ passed: 3, pending: 1 }))).toEqual({ line: '3 passed, 0 failed, 1 skipped', ok: true })
  })

  it('counts a file that could not be loaded as a failure', () => {
    const files = [{ status: 'failed', assertionResults: [] }]
    expect(closingLine(report({ passed: 3, files }))).toEqual({ line: '3 passed, 1 failed, 0 skipped', ok: false })
  })

  it('does not count a failed test twice', () => {
    const files = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]
    expect(closingLine(report({ passed: 3, failed: 1, files })).line).toBe('3 passed, 1 failed, 0 skipped')
  })

  it('does not call a run good in which nothing passed', () => {
    expect(closingLine(report({ pending: 5 }))).toEqual({ line: '0 passed, 0 failed, 5 skipped', ok: false })
  })
})
