import { ROUTES, type RouteName } from '@trunkline/contract'
import { TrunklineError } from '@trunkline/core'
import { expect, it } from 'vitest'
import { auditEntry, type Deed } from './audit-entry.js'

const ANN = { userId: 'ann', role: 'admin', sessionIds: '*' } as const
const of = (name: RouteName, deed: Partial<Deed> = {}): Deed => ({
  route: { name, route: ROUTES[name] },
  principal: ANN,
  ...deed,
})
const done = { outcome: 'done', status: 200, userId: 'ann' }

it.each([
  ['a session', of('stopSession', { params: { sessionId: 's' }, sessionId: 's' }), { sessionId: 's' }],
  ['a user', of('updateUser', { params: { userId: 'ben' } }), { targetId: 'ben' }],
  ['a key', of('deleteKey', { params: { keyId: 'k' } }), { targetId: 'k' }],
  ['a session that was made', of('createSession', { createdId: 's' }), { sessionId: 's' }],
  ['a user who was made', of('createUser', { createdId: 'ben' }), { targetId: 'ben' }],
  [
    'a message that was sent',
    of('sendMessage', { sessionId: 's', createdId: 'M1' }),
    { sessionId: 's', targetId: 'M1' },
  ],
  ['who is written to, never', of('sendMessage', { params: { sessionId: 's', chatId: '15550000001' } }), {}],
  ['a key that stands for somebody', of('stopSession', { principal: { ...ANN, keyId: 'k' } }), { keyId: 'k' }],
])('names %s', (_, deed, facts) => {
  const action = deed.route?.name
  expect(auditEntry(deed, { status: 200 })).toEqual({ action, ...done, ...facts })
})

it.each([
  ['what only reads', of('listSessions')],
  ['who stays signed in', of('refresh')],
  ['a route that is not there', { principal: ANN }],
  ['somebody whom nobody knows', { route: { name: 'stopSession', route: ROUTES.stopSession } }],
])('is not written for %s', (_, deed: Deed) => {
  expect(auditEntry(deed, { status: 200 })).toBeUndefined()
})

it.each([
  [204, undefined, { outcome: 'done', status: 204 }],
  [403, new TrunklineError('FORBIDDEN'), { outcome: 'refused', status: 403, code: 'FORBIDDEN' }],
  [503, new TrunklineError('STORE_UNAVAILABLE'), { outcome: 'failed', status: 503, code: 'STORE_UNAVAILABLE' }],
  [500, new Error('a mistake that nobody has a code for'), { outcome: 'failed', status: 500, code: 'INTERNAL' }],
])('tells by the answer %s how it ended', (status, error, told) => {
  expect(auditEntry(of('stopSession'), { status, error })).toEqual({ action: 'stopSession', userId: 'ann', ...told })
})

it('is written for a sign-in of somebody who is not known yet, with what the login found out', () => {
  const login = { route: { name: 'login', route: ROUTES.login } }
  expect(auditEntry({ ...login, noted: {} }, { status: 401 })).toEqual({
    action: 'login',
    outcome: 'refused',
    status: 401,
  })
  expect(auditEntry({ ...login, noted: { userId: 'ann', targetId: 'ann' } }, { status: 200 })).toEqual({
    action: 'login',
    ...done,
    targetId: 'ann',
  })
})
