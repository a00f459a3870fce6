import { ManualClock, settled } from '@trunkline/conformance/testing'
import { createMemoryStore, MultiSessionManager } from '@trunkline/core'
import type { Store } from '@trunkline/core/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi } from '../src/index.js'
import { type Answer, CALLERS, call, problemOf, silent } from './harness.js'

/** A store that is asked and does not answer until it goes on, as one behind a broken network. */
class Halting {
  readonly store: Store
  questions = 0
  #halt = Promise.resolve()
  #goOn: () => void = () => {}
  /** It has so much to do that only the smallest question is answered. */
  isOnlySlow = false

  constructor(store: Store) {
    const waits = (target: object): object =>
      new Proxy(target, {
        get: (_, name) => {
          const value: unknown = Reflect.get(target, name)
          if (typeof value === 'object' && value !== null) return waits(value)
          if (typeof value !== 'function') return value
          return async (...given: unknown[]) => {
            if (name === 'health') this.questions += 1
            if (!(this.isOnlySlow && name === 'health')) await this.#halt
            return value.apply(target, given)
          }
        },
      })
    this.store = waits(store) as Store
  }

  halt(): void {
    this.#halt = new Promise((resolve) => {
      this.#goOn = resolve
    })
  }

  goOn(): void {
    this.#goOn()
    this.#halt = Promise.resolve()
  }
}

const NEW = { as: 'admin', body: { id: 'new', start: false } }

describe('while the store is silent', () => {
  let halting: Halting
  let manager: MultiSessionManager
  let clock: ManualClock
  let api: Api

  beforeEach(async () => {
    halting = new Halting(createMemoryStore())
    manager = new MultiSessionManager({ store: halting.store, logger: silent })
    await manager.create({ id: 'own', start: false })
    clock = new ManualClock()
    const authenticator = {
      authenticate: async ({ headers }: { headers: Record<string, unknown> }) =>
        CALLERS[String(headers.authorization).replace('Bearer ', '')],
    }
    api = createApi(manager, { authenticator, logger: silent, clock })
    halting.halt()
  })
  afterEach(async () => {
    halting.goOn()
    await manager.close()
  })

  /** What has come of it after so long. */
  async function after(ms: number, asking: Promise<Answer>): Promise<Answer | undefined> {
    let answer: Answer | undefined
    void asking.then((given) => {
      answer = given
    })
    await clock.advance(ms)
    return answer
  }

  it('a request that reads is refused after eight seconds, and not before', async () => {
    const asking = call(api, 'getSession', '/sessions/own', { as: 'admin' })
    expect(await after(7_500, asking)).toBeUndefined()
    await clock.advance(500)
    const answer = await asking
    expect(problemOf(answer)).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 })
    expect(problemOf(answer).details).toBeUndefined()
  })

  it('one that writes is refused too and told that it may be done, and it is when the store is back', async () => {
    const answer = await after(8_000, call(api, 'createSession', '/sessions', NEW))
    expect(answer && problemOf(answer)).toMatchObject({ code: 'STORE_UNAVAILABLE', details: { outcome: 'unknown' } })
    halting.goOn()
    await settled()
    expect(await call(api, 'getSession', '/sessions/new', { as: 'admin' })).toMatchObject({ status: 200 })
  })

  it('those that come later are refused sooner, and one question is asked of it for all', async () => {
    const first = call(api, 'getSession', '/sessions/own', { as: 'admin' })
    expect(await after(8_000, first)).toMatchObject({ status: 503 })
    const others = [1, 2, 3].map(() => call(api, 'getSession', '/sessions/own', { as: 'admin' }))
    expect(
      await after(
        3_000,
        Promise.all(others).then(([answer]) => answer as Answer),
      ),
    ).toMatchObject({ status: 503 })
    expect(halting.questions).toBe(1)
  })

  it('nobody is refused any more from when it answers again', async () => {
    expect(await after(8_000, call(api, 'getSession', '/sessions/own', { as: 'admin' }))).toMatchObject({ status: 503 })
    const asking = call(api, 'getSession', '/sessions/own', { as: 'admin' })
    await clock.advance(2_000)
    halting.goOn()
    expect(await asking).toMatchObject({ status: 200 })
    expect(clock.pending).toBe(1)
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  it('a request waits for a store that is slow and alive, however long it takes', async () => {
    halting.isOnlySlow = true
    const asking = call(api, 'createSession', '/sessions', NEW)
    expect(await after(120_000, asking)).toBeUndefined()
    halting.goOn()
    expect(await asking).toMatchObject({ status: 201 })
    expect(halting.questions).toBeLessThanOrEqual(40)
  })
})
