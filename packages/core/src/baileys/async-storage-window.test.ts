import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { inAsyncStorageWindow } from './async-storage-window.js'

const hooks = process.getBuiltinModule('node:async_hooks') as { AsyncLocalStorage: new () => AsyncLocalStorage<string> }
const make = () => new hooks.AsyncLocalStorage()

describe('inAsyncStorageWindow', () => {
  it('gives stores that keep apart, also across awaits and in one another', async () => {
    const [one, other] = inAsyncStorageWindow(() => [make(), make()] as const, '20.20.0')
    expect(one.getStore()).toBeUndefined()
    await one.run('a', async () => {
      await new Promise((resolve) => setImmediate(resolve))
      expect([one.getStore(), other.getStore()]).toEqual(['a', undefined])
      await other.run('b', async () => {
        await Promise.resolve()
        expect([one.getStore(), other.getStore()]).toEqual(['a', 'b'])
        one.run('c', () => expect([one.getStore(), other.getStore()]).toEqual(['c', 'b']))
        expect(one.getStore()).toBe('a')
      })
      expect(other.getStore()).toBeUndefined()
    })
    expect(one.getStore()).toBeUndefined()
  })

  it('puts what it replaced back, also when construction fails', () => {
    const before = hooks.AsyncLocalStorage
    const store = inAsyncStorageWindow(make, '22.1.0')
    expect(store).not.toBeInstanceOf(AsyncLocalStorage)
    expect(() =>
      inAsyncStorageWindow(() => {
        throw new Error('no socket')
      }, '20.20.0'),
    ).toThrow('no socket')
    expect(hooks.AsyncLocalStorage).toBe(before)
    expect(make()).toBeInstanceOf(AsyncLocalStorage)
  })

  it('replaces nothing from Node 24 on', () => {
    expect(inAsyncStorageWindow(make, '24.0.0')).toBeInstanceOf(AsyncLocalStorage)
  })
})
