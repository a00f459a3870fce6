import { ROUTES } from '@trunkline/contract'
import { describe, expect, it } from 'vitest'
import { pathPattern } from './path-pattern.js'

describe('the path in the log', () => {
  it.each(Object.values(ROUTES).map(({ path }) => path))('of %s is its pattern, whatever is in it', (path) => {
    const filled = `/api${path.replace(/:[A-Za-z]+/g, '15551001001')}`
    const { path: logged } = pathPattern(filled)
    expect(logged).toBe(`/api${path}`)
    expect(logged).not.toContain('15551001001')
  })

  it('comes with the session that it is about', () => {
    expect(pathPattern('/api/sessions/shop/chats/15551001001@s.whatsapp.net/messages')).toEqual({
      path: '/api/sessions/:sessionId/chats/:chatId/messages',
      sessionId: 'shop',
    })
    expect(pathPattern('/api/sessions/active')).toEqual({ path: '/api/sessions/active' })
  })

  it.each([
    ['/', '/'],
    ['/healthz', '/healthz'],
    ['/admin/', '/admin'],
    ['/admin/sessions/shop', '/admin/sessions/:unknown'],
    ['/api/sessions/', '/api/sessions'],
    ['/api/session/s1/chats/15551001001', '/api/:unknown/:unknown/chats/:unknown'],
    ['/15551001001', '/:unknown'],
    ['/api/sessions/s1/messages/3EB0ABC/15551001001/x', '/api/sessions/:unknown/messages/:unknown/:unknown/:unknown'],
    ['//api//15551001001', '/:unknown/api/:unknown/:unknown'],
  ])('of %s is %s', (path, logged) => {
    expect(pathPattern(path).path).toBe(logged)
  })
})
