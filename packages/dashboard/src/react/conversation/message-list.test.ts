import { describe, expect, it } from 'vitest'
import type { Message } from '../types.js'
import { withNews, withPage } from './message-list.js'

const message = (id: string, second: number, more: Partial<Message> = {}): Message => ({
  id,
  sessionId: 'shop',
  chatId: 'carol@lid',
  senderId: 'carol@lid',
  fromMe: false,
  timestamp: `2026-11-29T12:00:${String(second).padStart(2, '0')}.000Z`,
  type: 'text',
  reactions: [],
  status: 'delivered',
  source: 'live',
  ...more,
})
const ids = (messages: readonly Message[]) => messages.map(({ id }) => id)

describe('the messages of a chat', () => {
  const known = [message('b', 2), message('d', 4)]

  it('take in an older page, newest first, and each message once', () => {
    expect(ids(withPage(known, [message('b', 2), message('a', 1)]))).toEqual(['a', 'b', 'd'])
  })

  it('keep the order of a page where their times are the same second', () => {
    expect(ids(withPage([], [message('third', 1), message('second', 1), message('first', 1)]))).toEqual([
      'first',
      'second',
      'third',
    ])
  })

  it('take in a new message at their end, and a late one at its place', () => {
    expect(ids(withNews(known, { kind: 'message', message: message('e', 5) }))).toEqual(['b', 'd', 'e'])
    expect(ids(withNews(known, { kind: 'message', message: message('c', 3) }))).toEqual(['b', 'c', 'd'])
    expect(ids(withNews(known, { kind: 'message', message: message('a', 1) }))).toEqual(['a', 'b', 'd'])
  })

  it('have a message that was changed as it is now', () => {
    const changed = withNews(known, { kind: 'message', message: message('b', 2, { text: 'New' }) })
    expect(changed).toHaveLength(2)
    expect(changed[0]?.text).toBe('New')
  })

  it('never take a tick back, whichever of its news is slower', () => {
    const own = [message('o', 1, { fromMe: true, status: 'read' })]
    const late = message('o', 1, { fromMe: true, status: 'sent' })
    expect(withNews(own, { kind: 'message', message: late })[0]?.status).toBe('read')
    expect(withNews(own, { kind: 'status', messageId: 'o', status: 'delivered' })).toBe(own)
    const waiting = [message('o', 1, { fromMe: true, status: 'pending' })]
    expect(withNews(waiting, { kind: 'status', messageId: 'o', status: 'failed' })[0]?.status).toBe('failed')
  })

  it('take two messages of one id by different senders for two', () => {
    expect(withNews(known, { kind: 'message', message: message('b', 3, { senderId: 'ben@lid' }) })).toHaveLength(3)
  })

  it('move the tick of an own message, and are the same list where nothing moved', () => {
    const own = [message('o', 1, { fromMe: true, status: 'sent' })]
    const read = withNews(own, { kind: 'status', messageId: 'o', status: 'read' })
    expect(read[0]?.status).toBe('read')
    expect(withNews(read, { kind: 'status', messageId: 'o', status: 'read' })).toBe(read)
    expect(withNews(known, { kind: 'status', messageId: 'other', status: 'read' })).toBe(known)
  })
})
