import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { recordingLogger } from '../../test/support/recording-logger.js'
import type { StoreHealth } from '../ports/store.js'
import { deferred } from '../util/deferred.js'
import { StoreWatch } from './store-watch.js'

const HEALTH: StoreHealth = { kind: 'memory', durable: false, capabilities: {} }

function setUp() {
  const store = { health: async () => HEALTH }
  const changes: boolean[] = []
  const logger = recordingLogger()
  const watch = new StoreWatch({ store, logger, onChange: (answers) => void changes.push(answers) })
  const check = async () => {
    await watch.check()
    await settled()
  }
  return { store, changes, logger, watch, check }
}

describe('the watch over the store', () => {
  it('takes a store for answering until it does not, and tells each change once', async () => {
    const { store, changes, watch, logger, check } = setUp()
    expect(watch.answers).toBe(true)
    await check()
    store.health = () => Promise.reject(new Error('away'))
    await check()
    await check()
    expect([watch.answers, changes]).toEqual([false, [false]])
    store.health = async () => HEALTH
    await check()
    expect([watch.answers, changes]).toEqual([true, [false, true]])
    expect(logger.lines.map(({ level }) => level)).toEqual(['error', 'warn'])
  })

  it('takes silence for no answer when the next question is due, and asks no second one meanwhile', async () => {
    const { store, changes, watch, check } = setUp()
    const answer = deferred<StoreHealth>()
    let asked = 0
    store.health = () => {
      asked += 1
      return answer.promise
    }
    await check()
    expect(watch.answers).toBe(true)
    await check()
    await check()
    expect([watch.answers, asked]).toEqual([false, 1])
    // It was only stopped: the old question is answered the moment it goes on.
    answer.resolve(HEALTH)
    await settled()
    expect([watch.answers, changes]).toEqual([true, [false, true]])
  })
})
