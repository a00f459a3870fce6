import { ROUTES } from '@trunkline/contract'
import { describe, expect, it } from 'vitest'
import { createRouter } from './router.js'

const router = createRouter(ROUTES)

describe('the router', () => {
  it.each([
    ['GET', '/sessions', 'listSessions', {}],
    ['GET', '/sessions/', 'listSessions', {}],
    ['HEAD', '/sessions', 'listSessions', {}],
    ['GET', '/sessions/stats', 'sessionStats', {}],
    ['GET', '/sessions/shop', 'getSession', { sessionId: 'shop' }],
    ['POST', '/sessions/cleanup-inactive', 'cleanupInactiveSessions', {}],
    ['DELETE', '/sessions/shop/cleanup', 'cleanupSession', { sessionId: 'shop' }],
    [
      'GET',
      '/sessions/shop/chats/15550000001%40s.whatsapp.net/messages',
      'listChatMessages',
      { sessionId: 'shop', chatId: '15550000001@s.whatsapp.net' },
    ],
    ['GET', '/sessions/a%2Fb', 'getSession', { sessionId: 'a/b' }],
  ])('%s %s is %s', (method, path, name, params) => {
    expect(router(method, path)).toEqual({ kind: 'route', name, params })
  })

  it.each(['/', '', '/session', '/sessions//details', '/sessions/a/b/c/d', '/SESSIONS', '/../sessions'])(
    '%j is no route',
    (path) => {
      expect(router('GET', path)).toEqual({ kind: 'unknown' })
    },
  )

  it('says which methods a path takes', () => {
    expect(router('PUT', '/sessions')).toEqual({ kind: 'wrong-method', allow: ['GET', 'HEAD', 'POST'] })
    expect(router('GET', '/auth/login')).toEqual({ kind: 'wrong-method', allow: ['POST'] })
    expect(router('DELETE', '/sessions/stats')).toEqual({ kind: 'wrong-method', allow: ['GET', 'HEAD'] })
    expect(router('GET', '/sessions/cleanup-inactive')).toEqual({ kind: 'wrong-method', allow: ['POST'] })
  })

  it('refuses a parameter that is not percent-encoded UTF-8, by its name', () => {
    expect(() => router('GET', '/sessions/%E0%A4%A')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        details: { errors: [{ field: 'sessionId', message: 'is not percent-encoded UTF-8' }] },
      }),
    )
  })
})
