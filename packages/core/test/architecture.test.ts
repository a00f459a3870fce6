import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { classifyClose } from '../src/session/reconnect-policy.js'
import { isRunning, nextStatus, STATUS_EVENTS, type StatusEvent } from '../src/session/session-machine.js'
import { SESSION_STATUSES, type SessionStatus } from '../src/types/session.js'

const document = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8')

/** The rows of the first table under a heading, without the two lines of its head. */
function tableUnder(heading: string): string[][] {
  const section = document.slice(document.indexOf(`\n## ${heading}\n`))
  const lines = /(?:^\|.*\|\n)+/m.exec(section)?.[0].trim().split('\n') ?? []
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const ticked = (text = '') => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word as string)

describe('"Status of a session" in docs/architecture.md', () => {
  const written = new Map<string, string>()
  for (const [from = '', event, to] of tableUnder('Status of a session')) {
    const statuses: readonly string[] =
      from === 'any' ? SESSION_STATUSES : /every running/.test(from) ? SESSION_STATUSES.filter(isRunning) : ticked(from)
    for (const status of statuses) written.set(`${status} ${ticked(event)[0]}`, ticked(to)[0] as string)
  }

  it.each(STATUS_EVENTS)('says where %s leads to, from every status', (event) => {
    const rows = SESSION_STATUSES.map((status) => [status, written.get(`${status} ${event}`)])
    expect(rows).toEqual(SESSION_STATUSES.map((status) => [status, nextStatus(status, event)]))
  })

  it('names no other status and no other event', () => {
    for (const [key, to] of written) {
      const [from, event] = key.split(' ') as [SessionStatus, StatusEvent]
      expect(SESSION_STATUSES).toContain(from)
      expect(SESSION_STATUSES).toContain(to)
      expect(STATUS_EVENTS).toContain(event)
    }
  })
})

describe('"Reconnecting" in docs/architecture.md', () => {
  const rows = tableUnder('Reconnecting').flatMap(([close = '', verdict, code]) => {
    const message = /"([^"]+)"/.exec(close)?.[1] ?? 'closed'
    const context = {
      linked: !close.includes('never linked'),
      loggedIn: !close.includes('never linked') && !close.includes('never let in'),
    }
    const attributes = close.includes('device_removed') ? { type: 'device_removed' } : undefined
    const numbers = [...close.matchAll(/\b[45]\d\d\b/g)].map(([number]) => Number(number))
    const expected = { action: ticked(verdict)[0], code: ticked(code)[0] }
    return (numbers.length > 0 ? numbers : [undefined]).map((statusCode) => ({
      name: `${statusCode ?? ''} ${close}`.trim(),
      statusCode,
      close: { message, ...(statusCode ? { statusCode } : {}), ...(attributes ? { attributes } : {}) },
      context,
      expected,
    }))
  })

  it.each(rows)('says what $name means', ({ close, context, expected }) => {
    expect(classifyClose(close, context)).toMatchObject(expected)
  })

  it('names every number that means something else than a lost connection', () => {
    const named = new Set(rows.map(({ statusCode }) => statusCode))
    const context = { linked: true, loggedIn: true }
    for (let statusCode = 400; statusCode < 600; statusCode++) {
      const { code } = classifyClose({ statusCode, message: 'closed' }, context)
      expect([statusCode, named.has(statusCode) || code === 'CONNECTION_LOST']).toEqual([statusCode, true])
    }
  })
})
