import { createHash } from 'node:crypto'
import { PERMISSIONS, type Permission, ROLES, type Role } from '@trunkline/contract'
import type { Store } from '@trunkline/core'
import { AccessTokens } from '../src/auth/access-tokens.js'

export const SECRET = 'a-secret-of-at-least-thirty-two-bytes!'

/** Somebody who calls, and what the table of roles says of them. */
export interface Caller {
  name: string
  headers: Record<string, string>
  isKey: boolean
  permissions: readonly Permission[]
  sessionIds: readonly string[] | '*'
}

const PEOPLE: { id: string; role: Role; sessionIds: string[] | '*' }[] = [
  { id: 'admin', role: 'admin', sessionIds: '*' },
  { id: 'tenant', role: 'admin', sessionIds: ['own'] },
  { id: 'operator', role: 'operator', sessionIds: ['own'] },
  { id: 'viewer', role: 'viewer', sessionIds: ['own'] },
  { id: 'newcomer', role: 'viewer', sessionIds: [] },
]

/** What keys are made with: their name, permissions and sessions. More than the maker has counts for nothing. */
const KEYS: [string, readonly Permission[], string[] | '*'][] = [
  ['every permission', PERMISSIONS, '*'],
  ['reading of all sessions', ROLES.viewer, '*'],
  ['sending by the foreign session', ['messages:send', 'sessions:manage'], ['foreign']],
]

const tokens = new AccessTokens({
  secret: new TextEncoder().encode(SECRET),
  issuer: 'trunkline',
  audience: 'trunkline',
  lifetimeSeconds: 600,
  now: Date.now,
})

/** Each role and, of each, several keys; all of them in the store. */
export async function everybody(
  { users, apiKeys }: Pick<Required<Store>, 'users' | 'apiKeys'>,
  passwordHash: string,
): Promise<Caller[]> {
  const callers: Caller[] = []
  const now = new Date().toISOString()
  for (const { id, role, sessionIds } of PEOPLE) {
    const known = { name: id, email: `${id}@example.org`, createdAt: now, disabled: false }
    await users.insert({ ...known, id, role, sessionIds, passwordHash, tokenEpoch: 0, revision: 1 })
    const { token } = await tokens.sign(id, 0)
    const headers = { authorization: `Bearer ${token}` }
    callers.push({ name: id, headers, isKey: false, permissions: ROLES[role], sessionIds })
    for (const [index, [name, permissions, given]] of KEYS.entries()) {
      const prefix = `trunkline_${id.padEnd(8, '-').slice(0, 7)}${index}`
      const key = `${prefix}_${'k'.repeat(43)}`
      const hash = createHash('sha256').update(key).digest('hex')
      const record = { id: `${id}-${index}`, userId: id, name, prefix, hash, createdAt: now }
      await apiKeys.insert({ ...record, permissions: [...permissions], sessionIds: given })
      callers.push({
        name: `a key of ${id} for ${name}`,
        headers: { 'x-api-key': key },
        isKey: true,
        permissions: permissions.filter((permission) => ROLES[role].includes(permission)),
        sessionIds:
          given === '*' ? sessionIds : given.filter((session) => sessionIds === '*' || sessionIds.includes(session)),
      })
    }
  }
  return callers
}

export function sees({ sessionIds }: Caller, sessionId: string): boolean {
  return sessionIds === '*' || sessionIds.includes(sessionId)
}
