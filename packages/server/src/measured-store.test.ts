import { createMemoryStore } from '@trunkline/core'
import { expect, it } from 'vitest'
import { measuredStore } from './measured-store.js'

it('times the calls of every port that a store has, and tells those that failed', async () => {
  const seen: string[] = []
  const broken = { ...createMemoryStore(), jobs: { count: async () => Promise.reject(new Error('away')) } as never }
  const store = measuredStore(broken, ({ operation, failed }) => seen.push(failed ? `${operation} failed` : operation))
  await store.setup()
  await store.sessions.list({ limit: 1 })
  await store.apiKeys?.list({ limit: 1 })
  await store.audit?.list({ limit: 1 })
  await expect(store.jobs?.count({})).rejects.toThrow('away')
  expect(seen).toEqual(['sessions.list', 'apiKeys.list', 'audit.list', 'jobs.count failed'])
})
