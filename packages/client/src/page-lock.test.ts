import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lockedByName } from './page-lock.js'

beforeEach(() => {
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('indexedDB', new IDBFactory())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('pages of an origin without Web Locks', () => {
  it('do what is to be done by one at a time one after the other, also when it fails', async () => {
    const pages = Array.from({ length: 5 }, () => lockedByName('a'))
    let [busy, most] = [0, 0]
    const work = async () => {
      busy += 1
      most = Math.max(most, busy)
      await new Promise((resolve) => setImmediate(resolve))
      busy -= 1
      throw new Error('lost')
    }
    const outcomes = await Promise.allSettled(pages.flatMap((page) => [page(work), page(work)]))
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
    expect(most).toBe(1)
  })

  it('do not wait for other work', async () => {
    const name = lockedByName('a')
    const answer = await name(() => lockedByName('b')(async () => 'done'))
    expect(answer).toBe('done')
  })

  it('go on after a page that was closed in the middle, and not before its time', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    const closed = new Promise<never>(() => {})
    await new Promise<void>((begun) => {
      void lockedByName('a')(async () => {
        begun()
        return await closed
      })
    })
    let begunAt: number | undefined
    const next = lockedByName('a')(async () => {
      begunAt = Date.now()
    })
    // Another lock is taken and given back meanwhile, by the same database.
    await lockedByName('b')(async () => {})
    vi.setSystemTime(40_001)
    await next
    expect(begunAt).toBe(40_001)
  })

  it('work alone where the browser keeps no database either', async () => {
    vi.stubGlobal('indexedDB', undefined)
    expect(await lockedByName('a')(async () => 'done')).toBe('done')
  })
})
