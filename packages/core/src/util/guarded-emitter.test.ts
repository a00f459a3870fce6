import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { GuardedEmitter } from './guarded-emitter.js'

interface Events {
  news: string
  other: number
}

function setUp() {
  const errors: string[] = []
  const emitter = new GuardedEmitter<Events>((error, name) => errors.push(`${name}: ${(error as Error).message}`))
  return { emitter, errors }
}

describe('GuardedEmitter', () => {
  it('calls every listener in order, also after one that throws, and reports what was thrown', () => {
    const { emitter, errors } = setUp()
    const heard: string[] = []
    emitter.on('news', (news) => heard.push(`first ${news}`))
    emitter.on('news', () => {
      throw new Error('a mistake')
    })
    emitter.on('news', (news) => heard.push(`last ${news}`))
    emitter.emit('news', 'x')
    expect(heard).toEqual(['first x', 'last x'])
    expect(errors).toEqual(['news: a mistake'])
  })

  it('reports what a listener rejects with later', async () => {
    const { emitter, errors } = setUp()
    emitter.on('other', async () => {
      await Promise.resolve()
      throw new Error('later')
    })
    emitter.emit('other', 1)
    await settled()
    expect(errors).toEqual(['other: later'])
  })

  it('calls a listener of `once` once, guarded as well', () => {
    const { emitter, errors } = setUp()
    let calls = 0
    emitter.once('news', () => {
      calls += 1
      throw new Error('once')
    })
    emitter.emit('news', 'x')
    emitter.emit('news', 'x')
    expect([calls, errors]).toEqual([1, ['news: once']])
  })

  it('takes a listener off, wherever it was put on, and minds no stranger', () => {
    const { emitter } = setUp()
    const heard: unknown[] = []
    const listener = (payload: unknown) => heard.push(payload)
    emitter.on('news', listener)
    emitter.on('other', listener)
    emitter.off('news', listener)
    emitter.off('news', () => undefined)
    emitter.emit('news', 'x')
    emitter.emit('other', 1)
    expect(heard).toEqual([1])
  })

  it('names the event in the report where one listener hears several', () => {
    const { emitter, errors } = setUp()
    const listener = () => {
      throw new Error('a mistake')
    }
    emitter.on('news', listener)
    emitter.on('other', listener)
    emitter.emit('other', 1)
    expect(errors).toEqual(['other: a mistake'])
  })

  it('calls nobody after all were taken off', () => {
    const { emitter } = setUp()
    let calls = 0
    emitter.on('news', () => {
      calls += 1
    })
    emitter.removeAllListeners()
    emitter.emit('news', 'x')
    expect(calls).toBe(0)
  })
})
