import { describe, expect, it } from 'vitest'
import type { Session, SessionStatus } from '../../react/types.js'
import { countsOf, viewOf } from './session-view.js'

function session(id: string, status: SessionStatus, more: Partial<Session> = {}): Session {
  const at = '2026-11-29T10:00:00.000Z'
  return {
    id,
    status,
    metadata: {},
    health: 'ok',
    desired: 'running',
    settings: {},
    counters: { sent: 0, received: 0, failed: 0, chats: 0 },
    attempts: { count: 0 },
    createdAt: at,
    updatedAt: at,
    ...more,
  }
}

const lima = session('shop-2', 'connected', {
  label: 'Tienda Lima',
  account: { jid: '51987654321@s.whatsapp.net', phone: '51987654321', pushName: 'Doña Rosa' },
  lastActivityAt: '2026-11-29T11:00:00.000Z',
})
const all = [
  lima,
  session('shop-10', 'stopped'),
  session('help', 'banned', { createdAt: '2026-11-29T12:00:00.000Z' }),
  session('cusco', 'reconnecting'),
  session('new', 'awaiting_scan'),
]
const ids = (sessions: Session[]) => sessions.map(({ id }) => id)
const view = { search: '', filter: 'all', sort: 'name' } as const

describe('the list of sessions', () => {
  it('is sorted by what needs attention, by name with its numbers, by activity and by age', () => {
    expect(ids(viewOf(all, { ...view, sort: 'attention' }))).toEqual(['help', 'cusco', 'new', 'shop-2', 'shop-10'])
    expect(ids(viewOf(all, view))).toEqual(['cusco', 'help', 'new', 'shop-10', 'shop-2'])
    expect(ids(viewOf(all, { ...view, sort: 'activity' }))[0]).toBe('shop-2')
    expect(ids(viewOf(all, { ...view, sort: 'created' }))[0]).toBe('help')
  })

  it.each(['lima', 'SHOP-2', 'rosa', '+51 987', '987 654'])('is found by %s', (search) => {
    expect(ids(viewOf(all, { ...view, search }))).toEqual(['shop-2'])
  })

  it('takes every session into one filter beside all', () => {
    expect(countsOf(all)).toEqual({ all: 5, connected: 1, linking: 1, problems: 2, stopped: 1 })
    expect(ids(viewOf(all, { ...view, filter: 'problems' }))).toEqual(['cusco', 'help'])
  })
})
