import type { StoreHealth } from '@trunkline/core'
import { afterEach, expect, it, vi } from 'vitest'
import { readiness } from './health.js'

const HEALTH: StoreHealth = { kind: 'memory', durable: false, capabilities: {} }
const NOT_READY = { status: 503, body: { status: 'not_ready', reason: 'The store does not answer' } }

afterEach(() => void vi.useRealTimers())

it('is ready with what the store says of itself', async () => {
  expect(await readiness({ health: async () => HEALTH })).toEqual({
    status: 200,
    body: { status: 'ready', store: HEALTH },
  })
})

it('is not ready when the store fails, and does not say why to whoever asks', async () => {
  expect(await readiness({ health: () => Promise.reject(new Error('password of the database')) })).toEqual(NOT_READY)
})

it('is not ready within two seconds when the store is silent, as one that is stopped is', async () => {
  vi.useFakeTimers()
  const answer = readiness({ health: () => new Promise(() => {}) })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await answer).toEqual(NOT_READY)
  expect(vi.getTimerCount()).toBe(0)
})
