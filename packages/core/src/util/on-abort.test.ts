import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { deferred } from './deferred.js'
import { onAbort } from './on-abort.js'
import { sleep, within } from './sleep.js'
import { unlessAborted } from './unless-aborted.js'

const never = { setTimeout: () => () => {} }

it('calls everybody who waits back once, and nobody who has gone', () => {
  const controller = new AbortController()
  const called: string[] = []
  onAbort(controller.signal, () => called.push('first'))
  const leave = onAbort(controller.signal, () => called.push('gone'))
  onAbort(controller.signal, () => called.push('second'))
  leave()
  leave()
  controller.abort()
  expect(called).toEqual(['first', 'second'])
})

it('calls back at once when the signal was aborted before', () => {
  const called: string[] = []
  onAbort(AbortSignal.abort(), () => called.push('late'))
  expect(called).toEqual(['late'])
})

it('takes two calls of one function for two', () => {
  const controller = new AbortController()
  let calls = 0
  const count = () => {
    calls += 1
  }
  const leave = onAbort(controller.signal, count)
  onAbort(controller.signal, count)
  leave()
  controller.abort()
  expect(calls).toBe(1)
})

it('gives a signal one listener, however many wait for it, and takes that away when nobody does', async () => {
  const controller = new AbortController()
  const { signal } = controller
  const done = deferred<void>()
  const because = () => new Error('given up')
  const waits = Array.from({ length: 15 }, () => [
    unlessAborted(done.promise, { signal, because }),
    within(never, 1_000, done.promise, signal),
  ]).flat()
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  done.resolve()
  await Promise.all(waits)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const sleeping = Array.from({ length: 15 }, () => sleep(never, 1_000, signal))
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  controller.abort()
  expect(new Set(await Promise.all(sleeping))).toEqual(new Set([false]))
})
