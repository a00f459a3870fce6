import { describe, expect, it } from 'vitest'
import { decide, mayCreate, mayLink } from './policy.js'

const principal = (role: 'admin' | 'operator' | 'viewer', sessionIds: string[] | '*') => ({
  userId: 'u',
  role,
  sessionIds,
})

describe('decide', () => {
  const own = { id: 'own' }
  const foreign = { id: 'foreign' }

  it.each([
    ['public', undefined, undefined, 'allowed'],
    ['public', principal('viewer', []), foreign, 'allowed'],
    ['signed-in', undefined, undefined, 'unauthenticated'],
    ['signed-in', principal('viewer', []), undefined, 'allowed'],
    ['messages:read', undefined, own, 'unauthenticated'],
    ['messages:read', principal('viewer', ['own']), own, 'allowed'],
    ['messages:read', principal('viewer', ['own']), foreign, 'session-not-found'],
    ['sessions:read', principal('viewer', []), undefined, 'allowed'],
    ['messages:send', principal('viewer', ['own']), own, 'forbidden'],
    ['messages:send', principal('viewer', ['own']), foreign, 'session-not-found'],
    ['messages:send', principal('operator', ['own']), own, 'allowed'],
    ['sessions:manage', principal('operator', ['own']), foreign, 'session-not-found'],
    ['sessions:manage', principal('viewer', '*'), undefined, 'forbidden'],
    ['sessions:delete', principal('operator', '*'), own, 'forbidden'],
    ['sessions:delete', principal('admin', '*'), foreign, 'allowed'],
    ['sessions:delete', principal('admin', ['own']), foreign, 'session-not-found'],
  ] as const)('%s route, caller %j, session %j: %s', (access, caller, session, decision) => {
    expect(decide(access, caller, session)).toBe(decision)
  })

  it('allows nothing to a role that does not exist', () => {
    for (const role of ['root', '__proto__', 'toString'] as unknown as 'admin'[]) {
      expect(decide('sessions:read', { userId: 'u', role, sessionIds: '*' }, own)).toBe('forbidden')
    }
  })
})

describe('mayCreate', () => {
  it.each([
    ['*', undefined, true],
    ['*', 'new', true],
    [['given'], 'given', true],
    [['given'], 'new', false],
    [['given'], undefined, false],
  ] as const)('with %j and the id %s: %s', (sessionIds, id, allowed) => {
    expect(mayCreate({ userId: 'u', role: 'operator', sessionIds }, id)).toBe(allowed)
  })
})

describe('mayLink', () => {
  it('is for those who manage sessions', () => {
    expect([principal('viewer', '*'), principal('operator', []), principal('admin', [])].map(mayLink)).toEqual([
      false,
      true,
      true,
    ])
  })
})
