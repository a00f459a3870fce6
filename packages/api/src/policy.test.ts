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
    ['viewer', undefined, own, 'unauthenticated'],
    ['viewer', principal('viewer', ['own']), own, 'allowed'],
    ['viewer', principal('viewer', ['own']), foreign, 'session-not-found'],
    ['viewer', principal('viewer', []), undefined, 'allowed'],
    ['operator', principal('viewer', ['own']), own, 'forbidden'],
    ['operator', principal('viewer', ['own']), foreign, 'session-not-found'],
    ['operator', principal('operator', ['own']), own, 'allowed'],
    ['operator', principal('operator', ['own']), foreign, 'session-not-found'],
    ['operator', principal('viewer', '*'), undefined, 'forbidden'],
    ['admin', principal('operator', '*'), own, 'forbidden'],
    ['admin', principal('admin', '*'), foreign, 'allowed'],
    ['admin', principal('admin', ['own']), foreign, 'session-not-found'],
  ] as const)('%s route, caller %j, session %j: %s', (access, caller, session, decision) => {
    expect(decide(access, caller, session)).toBe(decision)
  })

  it('allows nothing to a role that does not exist', () => {
    const caller = { userId: 'u', role: 'root' as 'admin', sessionIds: '*' as const }
    expect(decide('viewer', caller, own)).toBe('forbidden')
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
