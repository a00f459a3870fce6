import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newSessionRecord } from '../src/manager/new-session-record.js'
import { createMemoryStore } from '../src/memory/memory-store.js'
import { MultiSessionManager } from '../src/multi-session-manager.js'
import { LIMITS } from '../src/types/limits.js'
import type { CreateSessionOptions } from '../src/types/session.js'

let manager: MultiSessionManager
beforeEach(() => {
  manager = new MultiSessionManager({ store: createMemoryStore() })
})
afterEach(() => manager.close())

/** What was taken by versions that checked less. */
const EARLIER: CreateSessionOptions[] = [
  ...LIMITS.sessionId.reserved.map((id) => ({ id })),
  { id: 'a', label: 'x'.repeat(150) },
  { id: 'a', label: '' },
  { id: 'a', metadata: { 'a b/c': 'v', ['k'.repeat(99)]: '' } },
  { id: 'a', metadata: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, 'v'])) },
  { id: 'a', settings: { markOnline: 'yes', unknown: 1 } as never },
  { id: 'a', settings: { proxyUrl: 42 } as never },
]

describe('a session that could not be made any more', () => {
  it.each(EARLIER.map((options) => [JSON.stringify(options).slice(0, 60), options] as const))(
    'is read, changed and removed as ever: %s',
    async (_, options) => {
      await expect(manager.create({ ...options, start: false })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
      const id = String(options.id)
      await manager.store.sessions.insert(newSessionRecord(options, 0))

      expect(await manager.get(id)).toMatchObject({ id })
      expect((await manager.list()).items).toMatchObject([{ id }])
      expect(await manager.details(id)).toMatchObject({ id, ...(options.label ? { label: options.label } : {}) })
      expect(await manager.update(id, { settings: { rejectCalls: true } })).toMatchObject({
        id,
        metadata: options.metadata ?? {},
      })
      expect(await manager.messages(id)).toEqual({ items: [] })

      await manager.delete(id)
      expect((await manager.list()).items).toEqual([])
      await manager.cleanup(id)
      expect(await manager.store.sessions.get(id)).toBeUndefined()
    },
  )
})

const WRONG_CALLS: [string, (manager: MultiSessionManager) => Promise<unknown>, string][] = [
  ['create(null)', (manager) => manager.create(null as never), 'options'],
  ['create(5)', (manager) => manager.create(5 as never), 'options'],
  ['create of a date', (manager) => manager.create(new Date(0) as never), 'options'],
  ['create with a typo', (manager) => manager.create({ id: 'b', labe: 'x' } as never), 'labe'],
  [
    'create with a setting that is none',
    (manager) => manager.create({ settings: { color: 1 } } as never),
    'settings.color',
  ],
  ['create with a number for an id', (manager) => manager.create({ id: 42 } as never), 'id'],
  ['create with a list for an id', (manager) => manager.create({ id: ['arr'] } as never), 'id'],
  ["update('ok')", (manager) => manager.update('own', 'ok' as never), 'options'],
  ["send('ok')", (manager) => manager.send('own', 'ok' as never), 'options'],
  ['send to a number', (manager) => manager.send('own', { to: 15550000001, text: 'x' } as never), 'to'],
  [
    'send with a signal that is none',
    (manager) => manager.send('own', { to: '1', text: 'x', signal: {} } as never),
    'signal',
  ],
  ['messages(null)', (manager) => manager.messages('own', null as never), 'options'],
  ['messages with an operator', (manager) => manager.messages('own', { chatId: { $gt: '' } } as never), 'chatId'],
  ['messages of a type that is none', (manager) => manager.messages('own', { type: 'fax' } as never), 'type'],
  ['message of an operator', (manager) => manager.message('own', { id: { $gt: '' } } as never), 'id'],
  ['message without a ref', (manager) => manager.message('own', undefined as never), 'options'],
  ['chats archived by a word', (manager) => manager.chats('own', { archived: 'yes' } as never), 'archived'],
  ['chat of a list', (manager) => manager.chat('own', ['15550000001'] as never), 'chatId'],
  ['events after a text', (manager) => manager.events('own', { after: '0' } as never), 'after'],
  ['events before the first', (manager) => manager.events('own', { after: -1 }), 'after'],
  ['list of ids that are numbers', (manager) => manager.list({ ids: [42] } as never), 'ids.0'],
  ['list by a filter that is none', (manager) => manager.list({ filter: 'broken' } as never), 'filter'],
  ['stats of one id', (manager) => manager.stats({ ids: 'own' } as never), 'ids'],
  ['cleanupInactive(null)', (manager) => manager.cleanupInactive(null as never), 'options'],
  [
    'health check without end',
    (manager) => manager.healthCheck('own', { timeoutMs: Number.POSITIVE_INFINITY }),
    'timeoutMs',
  ],
  ['pairing without a phone', (manager) => manager.requestPairingCode('own', undefined as never), 'options'],
]

it.each(WRONG_CALLS)('%s is refused by the name of what is wrong', async (_, call, field) => {
  await manager.create({ id: 'own', start: false })
  const refusal = { code: 'VALIDATION_FAILED', details: { errors: [{ field }] } }
  await expect(call(manager)).rejects.toMatchObject(refusal)
  expect((await manager.list()).items).toMatchObject([{ id: 'own' }])
})
