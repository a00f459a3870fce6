import { busSuite } from '@trunkline/conformance'
import type { ClusterBus } from '@trunkline/core/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIpcBus } from '../src/workers/ipc-bus.js'
import { IpcHub } from '../src/workers/ipc-hub.js'
import { type EchoPipe, openEchoPipe } from './support/echo-pipe.js'

const PATIENT = { timeoutMs: 20_000 }
const bytes = (text: string) => new TextEncoder().encode(text)

/** Workers and their primary: what they say goes through real processes. */
class Family {
  readonly hub = new IpcHub()
  readonly pipes: EchoPipe[] = []
  readonly failures: unknown[] = []

  join(): { bus: ClusterBus; die(): Promise<void> } {
    const pipe = openEchoPipe()
    this.pipes.push(pipe)
    const remove = this.hub.add(`worker-${this.pipes.length}`, pipe.far)
    const logger = { error: (fields: object) => void this.failures.push(fields) }
    const die = async () => {
      await pipe.kill()
      remove()
    }
    return { bus: createIpcBus(pipe.near, { logger }), die }
  }

  async close(): Promise<void> {
    for (const pipe of this.pipes) await pipe.kill()
  }
}

busSuite({
  name: 'ipc',
  async network() {
    const family = new Family()
    return { join: async () => family.join().bus, close: () => family.close() }
  },
})

describe('the bus over the primary', () => {
  let family: Family
  beforeEach(() => {
    family = new Family()
  })
  afterEach(() => family.close())

  it('answers at once that nobody knows, when the worker that was asked dies', async () => {
    const [one, other] = [family.join(), family.join()]
    let begin = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    await one.bus.answer('node.one', () => {
      begin()
      return new Promise(() => {})
    })
    const asking = other.bus.ask('node.one', bytes('?'), { timeoutMs: 3_600_000 })
    await begun
    await one.die()
    expect(await asking).toEqual({ kind: 'timeout' })
    expect(await other.bus.ask('node.one', bytes('?'), PATIENT)).toEqual({ kind: 'nobody' })
  })

  it('is unreachable, and says so, when the primary is gone; what was asked is not known', async () => {
    const [one, other] = [family.join(), family.join()]
    let begin = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    await one.bus.answer('node.one', () => {
      begin()
      return new Promise(() => {})
    })
    const changes: boolean[] = []
    other.bus.onReachable((isReachable) => changes.push(isReachable))
    const asking = other.bus.ask('node.one', bytes('?'), { timeoutMs: 3_600_000 })
    await begun
    await other.die()
    expect(await asking).toEqual({ kind: 'timeout' })
    expect([other.bus.isReachable, changes]).toEqual([false, [false]])
    expect(await other.bus.ask('node.one', bytes('?'), PATIENT)).toEqual({ kind: 'unreachable' })
    const end = await other.bus.answer('node.two', async (data) => data)
    await end()
  })

  it('forgets what a bus has asked for when it is closed', async () => {
    const [one, other] = [family.join(), family.join()]
    await one.bus.answer('node.one', async (data) => data)
    expect((await other.bus.ask('node.one', bytes('?'), PATIENT)).kind).toBe('answer')
    await one.bus.close()
    await expect.poll(() => other.bus.ask('node.one', bytes('?'), { timeoutMs: 1_000 })).toEqual({ kind: 'nobody' })
  })

  it('writes down what a handler failed with, and tells nobody else', async () => {
    const [one, other] = [family.join(), family.join()]
    await one.bus.answer('node.one', () => Promise.reject(new Error('not for others')))
    expect(await other.bus.ask('node.one', bytes('?'), { timeoutMs: 200 })).toEqual({ kind: 'timeout' })
    expect(family.failures).toMatchObject([{ err: { message: 'not for others' } }])
  })
})
