// Every route, by every role and several keys of each, about an own, a foreign and a missing session: what has to come of it is
// worked out from the tables of the contract alone. A new route is in here by itself.
import { errorCodesOf, namesSession, ROUTES, type Route, type RouteName } from '@trunkline/contract'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { createPasswordHasher } from '../src/auth/passwords.js'
import { type Api, createApi } from '../src/index.js'
import { type Answer, exampleOf, problemOf, send, silent } from './harness.js'
import { type Caller, everybody, SECRET, sees } from './people.js'

const routes = Object.entries(ROUTES) as [RouteName, Route][]
/** What their handlers refuse besides: a key is no person. */
const FOR_PEOPLE: readonly RouteName[] = ['changePassword', 'createKey']

let passwordHash: string
beforeAll(async () => {
  passwordHash = await (await createPasswordHasher()).hash('correct horse')
})

async function inFreshWorld(use: (api: Api, callers: Caller[]) => Promise<void>): Promise<void> {
  const store = createMemoryStore()
  const manager = new MultiSessionManager({ store, logger: silent })
  for (const id of ['own', 'foreign']) await manager.create({ id, start: false })
  const callers = await everybody(store, passwordHash)
  try {
    await use(createApi(manager, { jwtSecret: SECRET, logger: silent }), callers)
  } finally {
    await manager.close()
  }
}

const CALLERS = await (async () => {
  const names: string[] = []
  await inFreshWorld(async (_, callers) => void names.push(...callers.map(({ name }) => name)))
  return names
})()

/** The one code that has to come, or `undefined` where the caller has to be let in. */
function refusal(name: RouteName, route: Route, caller: Caller, sessionId: string | undefined) {
  if (route.access === 'public') return undefined
  if (sessionId !== undefined && !sees(caller, sessionId)) return 'SESSION_NOT_FOUND'
  if (route.access !== 'signed-in' && !caller.permissions.includes(route.access)) return 'FORBIDDEN'
  if (route.access.startsWith('system:') && caller.sessionIds !== '*') return 'FORBIDDEN'
  // The one of the example, `own`, is theirs to make, or to read, or nobody's.
  if (['createSession', 'createWebhook'].includes(name) && !sees(caller, 'own')) return 'FORBIDDEN'
  return caller.isKey && FOR_PEOPLE.includes(name) ? 'FORBIDDEN' : undefined
}

const codeOf = (answer: Answer) => (answer.status >= 400 ? problemOf(answer).code : undefined)

describe.each(routes)('%s', (name, route) => {
  const sessions = namesSession(route) ? ['missing', 'foreign', 'own'] : [undefined]

  it('asks for nothing, for a login, or for a permission that there is, and declares what follows', () => {
    const codes = errorCodesOf(route)
    for (const code of ['UNAUTHENTICATED', 'FORBIDDEN'] as const) {
      if (route.access !== 'public') expect(codes).toContain(code)
    }
    if (namesSession(route)) expect(codes).toContain('SESSION_NOT_FOUND')
  })

  it.each(CALLERS)('is for %s what the tables say', async (callerName) => {
    await inFreshWorld(async (api, callers) => {
      const caller = callers.find((one) => one.name === callerName)
      if (!caller) throw new Error('Nobody is called that')
      const told: Record<string, string> = {}
      for (const sessionId of sessions) {
        const { target, body } = exampleOf(name, sessionId ?? 'own')
        const answer = await send(api, route.method, target, { body, headers: caller.headers })
        const expected = refusal(name, route, caller, sessionId)
        const code = codeOf(answer)
        if (expected) expect([sessionId, code]).toEqual([sessionId, expected])
        else {
          expect(['UNAUTHENTICATED', 'FORBIDDEN']).not.toContain(route.access === 'public' ? undefined : code)
          // What was done to a session outlives it.
          const isGone = sessionId === 'missing' && name !== 'listAudit'
          if (sessionId) expect([sessionId, code === 'SESSION_NOT_FOUND']).toEqual([sessionId, isGone])
        }
        if (sessionId) told[sessionId] = JSON.stringify(answer).replaceAll(sessionId, 'X')
      }
      if (!sees(caller, 'foreign')) expect(told.foreign).toBe(told.missing)
    })
  })

  it('is for nobody without a proof, with somebody else’s, and with two that contradict', async () => {
    if (route.access === 'public') return
    await inFreshWorld(async (api, callers) => {
      const key = callers.find(({ isKey }) => isKey)?.headers ?? {}
      const { target, body } = exampleOf(name, 'own')
      const proofs: Record<string, string>[] = [
        {},
        { authorization: 'Bearer x' },
        { 'x-api-key': 'x' },
        { authorization: 'Bearer x', ...key },
      ]
      for (const headers of proofs) {
        expect(codeOf(await send(api, route.method, target, { body, headers }))).toBe('UNAUTHENTICATED')
      }
    })
  })
})
