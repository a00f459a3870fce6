import { expect, it } from 'vitest'
import type { Message } from '../types.js'
import { rulesOf } from './message-rules.js'

const sentAt = Date.parse('2026-11-29T12:00:00.000Z')
const message = (rest: Partial<Message>): Message => ({
  id: '1',
  sessionId: 'shop',
  chatId: 'a@lid',
  senderId: 'me@lid',
  fromMe: true,
  timestamp: new Date(sentAt).toISOString(),
  type: 'text',
  text: 'Hello',
  reactions: [],
  status: 'delivered',
  source: 'api',
  ...rest,
})
const allowed = (rest: Partial<Message>, { minutes = 1, isGroup = false } = {}) =>
  Object.entries(rulesOf(message(rest), { now: sentAt + minutes * 60_000, isGroup }))
    .filter(([, may]) => may)
    .map(([name]) => name)
    .join(' ')

it.each([
  [{}, {}, 'react forward edit deleteForEveryone'],
  [{}, { minutes: 16 }, 'react forward deleteForEveryone'],
  [{}, { minutes: 61 * 60 }, 'react forward'],
  [{ fromMe: false }, {}, 'react forward'],
  [{ fromMe: false }, { isGroup: true }, 'react forward deleteForEveryone'],
  [{ status: 'pending' as const }, {}, ''],
  [{ deletedAt: '2026-11-29T12:00:01.000Z' }, {}, ''],
  [{ type: 'poll' as const }, {}, 'react deleteForEveryone'],
])('of %j, %j can be done: %s', (rest, when, names) => expect(allowed(rest, when)).toBe(names))
