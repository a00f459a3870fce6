import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { deferred } from '../util/deferred.js'
import { CallsUnderWay } from './calls-under-way.js'

describe('calls under way', () => {
  it('are waited for until the last of them has ended, well or not', async () => {
    const calls = new CallsUnderWay()
    await calls.none()
    const [one, other] = [deferred(), deferred()]
    void calls.run(() => one.promise)
    const failing = calls.run(() => other.promise)
    let isNone = false
    const none = calls.none().then(() => {
      isNone = true
    })
    one.resolve()
    await settled()
    expect([isNone, calls.isAny]).toEqual([false, true])
    other.reject(new Error('a test'))
    await expect(failing).rejects.toThrow('a test')
    await none
    expect(calls.isAny).toBe(false)
  })

  it('begin when the session has left, or could not, also when it leaves twice at once', async () => {
    const calls = new CallsUnderWay()
    const [one, other] = [deferred(), deferred()]
    const leaving = [calls.waitDuring(() => one.promise), calls.waitDuring(() => other.promise)]
    let isDone = false
    const call = calls.run(async () => {
      isDone = true
    })
    one.resolve()
    await settled()
    expect([isDone, calls.isAny]).toEqual([false, false])
    other.reject(new Error('it could not'))
    await call
    expect(isDone).toBe(true)
    expect((await Promise.allSettled(leaving)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('wait no longer than their callers do', async () => {
    const calls = new CallsUnderWay()
    const left = deferred()
    const leaving = calls.waitDuring(() => left.promise)
    const caller = new AbortController()
    const call = calls.run(async () => 'done', caller.signal)
    caller.abort()
    await expect(call).rejects.toMatchObject({ code: 'OPERATION_ABORTED' })
    left.resolve()
    await leaving
    expect(await calls.run(async () => 'done')).toBe('done')
  })
})
