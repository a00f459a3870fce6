import { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import { addTransactionCapability, type SignalKeyStore } from '@whiskeysockets/baileys'
import { describe, expect, it, vi } from 'vitest'
import { inAsyncStorageWindow } from './async-storage-window.js'

const hooks = process.getBuiltinModule('node:async_hooks') as { AsyncLocalStorage: new () => AsyncLocalStorage<string> }
const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

/** A key store as each Baileys socket makes one, over a map. */
function transactional(stored: Map<string, unknown>) {
  const store = {
    get: async (_type: string, ids: string[]) => Object.fromEntries(ids.map((id) => [id, stored.get(id)])),
    set: async (changes: Record<string, Record<string, unknown>>) => {
      for (const values of Object.values(changes))
        for (const [id, value] of Object.entries(values)) stored.set(id, value)
    },
  }
  const options = { maxCommitRetries: 1, delayBetweenTriesMs: 0 }
  return addTransactionCapability(store as unknown as SignalKeyStore, quiet, options)
}

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

  it('makes one real store for any number of Baileys key stores, whose transactions keep apart', async () => {
    let made = 0
    const original = hooks.AsyncLocalStorage
    hooks.AsyncLocalStorage = class extends original {
      constructor() {
        super()
        made += 1
      }
    }
    syncBuiltinESMExports()
    try {
      vi.resetModules()
      const fresh = await import('./async-storage-window.js')
      expect(made).toBe(0)
      const accounts = Array.from({ length: 30 }, () => {
        const stored = new Map<string, unknown>()
        const keys = fresh.inAsyncStorageWindow(() => transactional(stored), '20.20.0')
        return { stored, keys }
      })
      await Promise.all(
        accounts.map(({ keys }, n) =>
          keys.transaction(async () => {
            expect(keys.isInTransaction()).toBe(true)
            await keys.set({ 'device-list': { a: [`${n}`] } })
            await new Promise((resolve) => setImmediate(resolve))
            // Within the transaction of another account, as when one account's message is handled by another's.
            const other = accounts[(n + 1) % accounts.length]!.keys
            await other.transaction(async () => other.set({ 'device-list': { [`by ${n}`]: [`${n}`] } }), 'lock')
            expect(await keys.get('device-list', ['a'])).toEqual({ a: [`${n}`] })
          }, `own ${n}`),
        ),
      )
      expect(made).toBe(1)
      for (const [n, { stored, keys }] of accounts.entries()) {
        expect(keys.isInTransaction()).toBe(false)
        const before = (n + accounts.length - 1) % accounts.length
        expect(Object.fromEntries(stored)).toEqual({ a: [`${n}`], [`by ${before}`]: [`${before}`] })
      }
      // What the window saves: outside of it, every store is one.
      for (let n = 0; n < 5; n += 1) transactional(new Map())
      expect(made).toBe(6)
    } finally {
      hooks.AsyncLocalStorage = original
      syncBuiltinESMExports()
    }
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
