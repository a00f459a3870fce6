import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { expect, it } from 'vitest'
import { createApi, ensureAdmin } from '../src/index.js'
import { silent } from './harness.js'

const ADA = { email: 'ada@example.org', password: 'correct horse' }
const GUESSES = 200

// How late the event loop is meanwhile, `npm run sign-in` of the benchmarks measures: a busy machine is late without any guesses.
it('of many wrong logins at once few are hashed or wait for it, the others are refused, and who has a token goes on', async () => {
  const manager = new MultiSessionManager({ store: createMemoryStore(), logger: silent })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
  const api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent })
  const signIn = (password: string, ip: string) =>
    api.handle({
      method: 'POST',
      path: '/auth/login',
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ADA, password }),
      ip,
    })
  const { accessToken } = JSON.parse(String((await signIn(ADA.password, '10.1.0.1')).body)) as { accessToken: string }
  let answered = 0
  const guesses = Array.from({ length: GUESSES }, async (_, n) => {
    const { status, headers } = await signIn('a guess', `10.0.0.${n}`)
    answered += 1
    return { status, waits: headers['retry-after'] !== undefined }
  })
  const me = await api.handle({
    method: 'GET',
    path: '/auth/me',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${accessToken}` },
  })
  const answeredBefore = answered
  const outcomes = await Promise.all(guesses)
  await manager.close()
  expect(me.status).toBe(200)
  expect(answeredBefore).toBeLessThan(GUESSES)
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([401, 429]))
  for (const { status, waits } of outcomes) expect(waits).toBe(status === 429)
})
