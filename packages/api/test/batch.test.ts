import type { Problem } from '@trunkline/contract'
import type { Message, MultiSessionManager } from '@trunkline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../src/index.js'
import { call, createManager, hostApi, problemOf } from './harness.js'

const TARGET = '/sessions/own/messages/batch'
const to = '15550000002'
let manager: MultiSessionManager
let api: Api

beforeAll(async () => {
  manager = await createManager()
  api = hostApi(manager)
  const account = { jid: '15550000001@s.whatsapp.net', phone: '15550000001' }
  await manager.store.sessions.report('own', { account, messagesOf: account }, { epoch: 1 })
})
afterAll(() => manager.close())

type Item = { index: number; message?: Message; error?: Problem }

async function batch(messages: unknown[]): Promise<Item[]> {
  const answer = await call(api, 'sendBatch', TARGET, { as: 'admin', body: { messages } })
  expect(answer.status).toBe(202)
  return (answer.body as { items: Item[] }).items
}

describe('a batch over REST', () => {
  it.each<[string, unknown, string, string]>([
    ['has a field that nobody knows', { to, text: 'x', colour: 'red' }, 'VALIDATION_FAILED', 'colour'],
    ['lacks its text', { to }, 'VALIDATION_FAILED', 'text'],
    ['is of no type', { to, type: 'song', text: 'x' }, 'VALIDATION_FAILED', 'type'],
    ['is a number', 7, 'VALIDATION_FAILED', 'message'],
    ['is nothing', null, 'VALIDATION_FAILED', 'message'],
    ['is a list', [], 'VALIDATION_FAILED', 'message'],
    ['ends in half an emoji', { to, text: 'x\ud83d' }, 'VALIDATION_FAILED', 'text'],
    ['is to nobody', { to: 'nobody', text: 'x' }, 'RECIPIENT_INVALID', 'to'],
    [
      'contradicts itself',
      { to, text: 'x', queue: false, sendAt: '2030-01-01T00:00:00Z' },
      'VALIDATION_FAILED',
      'queue',
    ],
    ['has passed', { to, text: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 'VALIDATION_FAILED', 'expiresAt'],
  ])(
    'queues the others when one of them %s, and says which field is wrong in its place',
    async (_how, bad, code, field) => {
      const items = await batch([{ to, text: 'before' }, bad, { to, text: 'after' }])
      expect(items.map(({ index }) => index)).toEqual([0, 1, 2])
      expect(items.map(({ message }) => message?.text)).toEqual(['before', undefined, 'after'])
      expect(items[1]?.error?.code).toBe(code)
      expect(items[1]?.error?.errors?.map((error) => error.field)).toContain(field)
      for (const { message } of items)
        if (message) expect((await manager.message('own', { id: message.id })).status).toBe('queued')
    },
  )

  it('answers for each when all of them are wrong, unless there is no such session', async () => {
    expect((await batch([1, 2])).map(({ error }) => error?.code)).toEqual(['VALIDATION_FAILED', 'VALIDATION_FAILED'])
    const nowhere = { as: 'admin', body: { messages: [1] } }
    const answer = await call(api, 'sendBatch', '/sessions/none/messages/batch', nowhere)
    expect(problemOf(answer).code).toBe('SESSION_NOT_FOUND')
  })

  it.each([
    ['is empty', { messages: [] }],
    ['has too many', { messages: Array.from({ length: 1_001 }, () => ({ to, text: 'x' })) }],
    ['is no list', { messages: 'x' }],
    ['has a field that nobody knows', { messages: [{ to, text: 'x' }], colour: 'red' }],
  ])('is refused as a whole when the list %s', async (_how, body) => {
    const answer = await call(api, 'sendBatch', TARGET, { as: 'admin', body })
    expect(problemOf(answer).code).toBe('VALIDATION_FAILED')
  })
})
