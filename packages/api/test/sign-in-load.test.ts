import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import { expect, it } from 'vitest'
import { createApi, ensureAdmin } from '../src/index.js'
import { silent } from './harness.js'

const ADA = { email: 'ada@example.org', password: 'correct horse' }
/** Fewer at once than are hashed and queued; 1,000 of them take a minute and say the same. */
const [WAVES, GUESSERS] = [5, 30]

it('150 wrong logins leave the event loop to others: 99 of 100 turns are late by less than 100 ms', async () => {
  const manager = new MultiSessionManager({ store: createMemoryStore(), logger: silent })
  await ensureAdmin(manager.store.users, { name: 'Ada', ...ADA })
  const api = createApi(manager, { jwtSecret: 'a-secret-of-at-least-thirty-two-bytes!', logger: silent })
  const guess = (network: number) =>
    api.handle({
      method: 'POST',
      path: '/auth/login',
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ADA, password: 'a guess' }),
      ip: `10.0.${network >> 8}.${network & 255}`,
    })
  await guess(0)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const statuses: number[] = []
  for (let wave = 0; wave < WAVES; wave += 1) {
    const answers = await Promise.all(Array.from({ length: GUESSERS }, (_, n) => guess(1 + wave * GUESSERS + n)))
    statuses.push(...answers.map(({ status }) => status))
  }
  delay.disable()
  await manager.close()
  expect(new Set(statuses)).toEqual(new Set([401]))
  expect(delay.percentile(99) / 1e6).toBeLessThan(100)
})
