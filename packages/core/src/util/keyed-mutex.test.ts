import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { deferred } from './deferred.js'
import { KeyedMutex } from './keyed-mutex.js'

describe('KeyedMutex', () => {
  it('runs the work of one key one at a time, in the order of the calls', async () => {
    const mutex = new KeyedMutex()
    const gates = [deferred(), deferred(), deferred()]
    const steps: string[] = []
    const works = gates.map((gate, n) =>
      mutex.run('key', async () => {
        steps.push(`begin ${n}`)
        await gate.promise
        steps.push(`end ${n}`)
        return n
      }),
    )
    gates[2]?.resolve()
    gates[1]?.resolve()
    await settled()
    expect(steps).toEqual(['begin 0'])
    gates[0]?.resolve()
    expect(await Promise.all(works)).toEqual([0, 1, 2])
    expect(steps).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  it('lets no key wait for another', async () => {
    const mutex = new KeyedMutex()
    void mutex.run('stuck', () => new Promise(() => {}))
    expect(await mutex.run('free', async () => 'done')).toBe('done')
  })

  it('goes on after work that fails, at once or later, and gives the failure to its caller alone', async () => {
    const mutex = new KeyedMutex()
    const works = [
      mutex.run('key', () => {
        throw new Error('at once')
      }),
      mutex.run('key', () => Promise.reject(new Error('later'))),
      mutex.run('key', async () => 'fine'),
    ]
    const outcomes = await Promise.allSettled(works)
    expect(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
    ).toEqual(['at once', 'later', 'fine'])
  })
})
