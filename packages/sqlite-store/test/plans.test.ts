import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arrivalText, type MessageQuery } from '@trunkline/core/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditPageStatement } from '../src/audit-store.js'
import { chatPageStatement } from '../src/chat-store.js'
import { numberPageStatement } from '../src/contact-rows.js'
import { type Engine, openEngine, type Parameter } from '../src/engine.js'
import { LOGS_TO_PRUNE } from '../src/event-log.js'
import { pageStatement, SESSIONS_WITH_MESSAGES_BEFORE } from '../src/message-store.js'
import { migrate } from '../src/migrations.js'
import { sessionPageStatement, tallyStatements } from '../src/session-store.js'

// A page stays as fast as it is when SQLite walks an index from the cursor on, and neither scans nor sorts.

let folder: string
let engine: Engine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
  engine = await openEngine(join(folder, 'file.db'))
  migrate(engine)
})
afterAll(async () => {
  engine.close()
  await rm(folder, { recursive: true, force: true })
})

function planOf({ sql, parameters }: { sql: string; parameters: Parameter[] }): string {
  return engine
    .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...parameters)
    .map(({ detail }) => detail)
    .join('\n')
}

const time = '2026-01-01T00:00:00.000Z'
const filters: Partial<MessageQuery>[] = [{}, { type: 'text' }, { fromMe: true }, { text: 'hello' }]
const bounds: Partial<MessageQuery>[] = [{}, { before: time }, { after: time }, { before: time, after: time }]

describe('the plan of a page', () => {
  it.each(bounds.flatMap((bound) => filters.map((filter) => ({ ...bound, ...filter }))))(
    'of messages walks the index by time: %j',
    (query) => {
      const plan = planOf(pageStatement('s', { limit: 50, ...query }))
      expect(plan).toContain('SEARCH messages USING INDEX messages_by_time (session_id=?')
      if (query.before ?? query.after)
        expect(plan).toMatch(/timestamp[<>]\?|\(timestamp,arrival,id,chat_id,sender_id\)[<>]/)
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
    },
  )

  it.each(bounds.flatMap((bound) => filters.map((filter) => ({ ...bound, ...filter }))))(
    'of messages of a chat walks the index by chat: %j',
    (query) => {
      const plan = planOf(pageStatement('s', { limit: 50, chatId: 'c', ...query }))
      expect(plan).toContain('SEARCH messages USING INDEX messages_by_chat (session_id=? AND chat_id=?')
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
    },
  )

  it('of contacts whose number begins with some digits reads ranges, however many contacts there are', () => {
    const plan = planOf(numberPageStatement('s', { after: '1', limit: 50, beginning: '1555000' }))
    expect(plan).toContain('SEARCH contacts USING PRIMARY KEY (session_id=? AND id>? AND id<?)')
    expect(plan).toContain('SEARCH known USING PRIMARY KEY (session_id=? AND phone>? AND phone<?)')
    expect(plan).toContain('SEARCH current USING PRIMARY KEY (session_id=? AND lid=?)')
    expect(plan).toMatch(/SEARCH contacts USING PRIMARY KEY \(session_id=\? AND id=\?\)/)
    expect(plan).not.toMatch(/SCAN|USE TEMP B-TREE/)
  })

  it.each([
    [{}, 'audit_by_time'],
    [{ userId: 'u' }, 'audit_by_user (user_id=?'],
    [{ keyId: 'k' }, 'audit_by_key (key_id=?'],
    [{ sessionId: 's' }, 'audit_by_session (session_id=?'],
    [{ targetId: 't' }, 'audit_by_target (target_id=?'],
    [{ action: 'login' }, 'audit_by_action (action=?'],
    [{ outcome: 'refused' as const }, 'audit_by_outcome (outcome=?'],
  ])('of the audit walks an index: %j', (query, index) => {
    const cursor = Buffer.from(JSON.stringify([time, 'x'])).toString('base64url')
    for (const bound of [{}, { cursor }, { from: time, to: time }]) {
      const plan = planOf(auditPageStatement({ limit: 50, ...query, ...bound }))
      expect(plan).toContain(`USING INDEX ${index}`)
      expect(plan).not.toMatch(/TEMP B-TREE/)
    }
  })

  it.each([{}, { kind: 'group' as const }, { archived: false }])('of chats walks the index by place: %j', (query) => {
    const cursor = Buffer.from(JSON.stringify(['1', time, arrivalText(1), 'x'])).toString('base64url')
    for (const page of [{}, { cursor }]) {
      const plan = planOf(chatPageStatement('s', { limit: 50, ...page, ...query }))
      expect(plan).toContain('SEARCH chats USING INDEX chats_by_position (session_id=?')
      expect(plan).toContain(
        'SEARCH messages USING INDEX messages_by_id (session_id=? AND id=? AND chat_id=? AND sender_id=?)',
      )
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
    }
  })
})

describe('the plan of a list of sessions', () => {
  const orders = [
    ['id', 'sessions_by_id', 'id>?'],
    ['createdAt', 'sessions_by_created_at', '(created_at,id)>(?,?)'],
    ['label', 'sessions_by_label', '(label_key,id)>(?,?)'],
    ['status', 'sessions_by_status', '(status,id)>(?,?)'],
    ['lastActivityAt', 'sessions_by_activity', '(activity,id)>(?,?)'],
  ] as const
  const cursorOf = (...position: string[]) => Buffer.from(JSON.stringify(position)).toString('base64url')

  it.each(orders)('walks the index of its order from the cursor on, from either end: %s', (sort, index, range) => {
    const cursor = sort === 'id' ? cursorOf('x') : cursorOf(sort, 'x', 'x')
    const ascending = planOf(sessionPageStatement({ limit: 50, sort, cursor }))
    expect(ascending).toContain(`SEARCH sessions USING INDEX ${index} (deleted_at=? AND ${range})`)
    const backwards = planOf(
      sessionPageStatement({ limit: 50, sort: `-${sort}`, cursor: cursorOf(`-${sort}`, 'x', 'x') }),
    )
    expect(backwards).toContain(`SEARCH sessions USING INDEX ${index} (deleted_at=? AND ${range.replace('>', '<')})`)
    for (const plan of [ascending, backwards, planOf(sessionPageStatement({ limit: 50, sort }))])
      expect(plan).not.toMatch(/TEMP B-TREE/)
  })

  it('finds a status, and the rest of its page, in the index of statuses', () => {
    const cursor = cursorOf('x')
    const plan = planOf(sessionPageStatement({ limit: 50, status: 'failed', cursor }))
    expect(plan).toBe('SEARCH sessions USING INDEX sessions_by_status (deleted_at=? AND status=? AND id>?)')
  })

  it('finds metadata in the table of it, and texts in the index that has all of them; no record is read for that', () => {
    const metadata = planOf(sessionPageStatement({ limit: 50, metadata: { team: 'sales', city: 'Lima' } }))
    expect(metadata.match(/SEARCH session_metadata USING PRIMARY KEY \(name=\? AND value=\?\)/g)).toHaveLength(2)
    const text = planOf(sessionPageStatement({ limit: 50, text: 'shop' }))
    expect(text).toContain('SEARCH sessions USING COVERING INDEX sessions_by_search (deleted_at=?)')
    for (const plan of [metadata, text])
      expect(plan).toContain('sessions USING INDEX sessions_by_id (deleted_at=? AND id=?)')
  })
})

describe('the plan of counting sessions', () => {
  it.each([{}, { ids: ['a'] }, { except: ['a'] }, { ids: ['a'], except: ['b'] }])(
    'reads the index alone where they rest, and the records of the running ones only: %j',
    (options) => {
      const { resting, running, parameters } = tallyStatements(options)
      expect(planOf({ sql: resting, parameters })).toContain(
        'SEARCH sessions USING COVERING INDEX sessions_tally (deleted_at=? AND status=?',
      )
      expect(planOf({ sql: resting, parameters })).not.toMatch(/SCAN sessions|TEMP B-TREE FOR GROUP/)
      expect(planOf({ sql: running, parameters })).not.toMatch(/SCAN sessions/)
    },
  )
})

describe('the plan of finding what retention removes', () => {
  it('goes from session to session by the index of the messages', () => {
    const plan = planOf({ sql: SESSIONS_WITH_MESSAGES_BEFORE, parameters: [time] })
    expect(plan).toContain('SEARCH messages USING COVERING INDEX messages_by_time (session_id=?')
    expect(plan).not.toMatch(/SCAN messages|TEMP B-TREE/)
  })

  it('looks at one event of each log', () => {
    const plan = planOf({ sql: LOGS_TO_PRUNE, parameters: [time, 10] })
    expect(plan).toMatch(/SEARCH oldest USING INDEX \S+ \(session_id=\? AND seq=\?\)/)
    expect(plan).not.toMatch(/SCAN (oldest|events)|TEMP B-TREE/)
  })
})
