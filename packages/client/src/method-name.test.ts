import { AREAS } from '@trunkline/contract'
import { expect, expectTypeOf, it } from 'vitest'
import { type MethodName, methodName } from './method-name.js'

it.each([
  ['sessions', 'createSession', 'create'],
  ['sessions', 'listSessions', 'list'],
  ['sessions', 'cleanupInactiveSessions', 'cleanupInactive'],
  ['sessions', 'getSessionDetails', 'getDetails'],
  ['sessions', 'sessionStats', 'stats'],
  ['sessions', 'getQr', 'getQr'],
  ['chats', 'listChatMessages', 'listMessages'],
  ['auth', 'signOut', 'signOut'],
  ['audit', 'listAudit', 'list'],
  ['queue', 'getQueue', 'get'],
  ['queue', 'listQueuedMessages', 'listQueuedMessages'],
])('in %s, %s is called %s', (area, name, method) => expect(methodName(area, name)).toBe(method))

it('calls methods the same in types', () => {
  expectTypeOf<MethodName<'sessions', 'createSession'>>().toEqualTypeOf<'create'>()
  expectTypeOf<MethodName<'sessions', 'listSessions'>>().toEqualTypeOf<'list'>()
  expectTypeOf<MethodName<'sessions', 'getSessionDetails'>>().toEqualTypeOf<'getDetails'>()
  expectTypeOf<MethodName<'sessions', 'sessionStats'>>().toEqualTypeOf<'stats'>()
  expectTypeOf<MethodName<'sessions', 'getQr'>>().toEqualTypeOf<'getQr'>()
  expectTypeOf<MethodName<'chats', 'listChatMessages'>>().toEqualTypeOf<'listMessages'>()
  expectTypeOf<MethodName<'audit', 'listAudit'>>().toEqualTypeOf<'list'>()
  expectTypeOf<MethodName<'queue', 'getQueue'>>().toEqualTypeOf<'get'>()
  expectTypeOf<MethodName<'queue', 'listQueuedMessages'>>().toEqualTypeOf<'listQueuedMessages'>()
})

it('gives no two routes of an area one name', () => {
  for (const [area, { routes }] of Object.entries(AREAS)) {
    const names = Object.keys(routes).map((name) => methodName(area, name))
    expect([...new Set(names)]).toEqual(names)
  }
})
