import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { deferred } from './deferred.js'
import { sleep, within } from './sleep.js'

describe('sleep', () => {
  it('takes its time and says that all of it passed', async () => {
    const clock = new ManualClock()
    let whole: boolean | undefined
    void sleep(clock, 100).then((passed) => {
      whole = passed
    })
    await clock.advance(99)
    expect(whole).toBeUndefined()
    await clock.advance(1)
    expect([whole, clock.pending]).toEqual([true, 0])
  })

  it('ends at once when aborted, before or in the middle, and leaves no timer and no listener', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const listeners = new Set<unknown>()
    const { signal } = controller
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (type: string, listener: unknown) => {
      listeners.add(listener)
      add(type, listener as Parameters<typeof add>[1])
    }
    signal.removeEventListener = (type: string, listener: unknown) => {
      listeners.delete(listener)
      remove(type, listener as Parameters<typeof remove>[1])
    }
    const over = sleep(clock, 10, signal)
    await clock.advance(10)
    expect(await over).toBe(true)
    expect(listeners.size).toBe(0)
    const sleeping = sleep(clock, 100, signal)
    controller.abort()
    expect(await sleeping).toBe(false)
    expect([clock.pending, listeners.size]).toEqual([0, 0])
    expect(await sleep(clock, 100, signal)).toBe(false)
    expect(clock.pending).toBe(0)
  })
})

describe('within', () => {
  it('gives what comes in time, and leaves no timer', async () => {
    const clock = new ManualClock()
    expect(await within(clock, 100, Promise.resolve('value'))).toBe('value')
    await expect(within(clock, 100, Promise.reject(new Error('no')))).rejects.toThrow('no')
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it("gives up after its time; what comes later, a failure too, is nobody's", async () => {
    const clock = new ManualClock()
    const late = deferred<string>()
    const waiting = within(clock, 100, late.promise)
    await clock.advance(100)
    expect(await waiting).toBeUndefined()
    late.reject(new Error('late'))
    await clock.advance(0)
  })
})
