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

/** Answers how to take the replacement away again. */
function replaceExport(descriptor: PropertyDescriptor): () => void {
  const original = Object.getOwnPropertyDescriptor(hooks, 'AsyncLocalStorage') ?? {}
  const put = (next: PropertyDescriptor) => {
    Object.defineProperty(hooks, 'AsyncLocalStorage', next)
    syncBuiltinESMExports()
  }
  put({ enumerable: true, configurable: true, ...descriptor })
  return () => put(original)
}

const make = () => new hooks.AsyncLocalStorage()

describe('inAsyncStorageWindow', () => {
  it('gives stores that keep apart, also across awaits and in one another', async () => {
    const [one, other] = inAsyncStorageWindow(() => [make(), make()] as const)
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
    const Original = hooks.AsyncLocalStorage
    class Counted extends Original {
      constructor() {
        super()
        made += 1
      }
    }
    const putBack = replaceExport({ value: Counted, writable: true })
    try {
      vi.resetModules()
      const fresh = await import('./async-storage-window.js')
      expect(made).toBe(0)
      const accounts = Array.from({ length: 30 }, () => {
        const stored = new Map<string, unknown>()
        const keys = fresh.inAsyncStorageWindow(() => transactional(stored))
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
      putBack()
    }
  })

  it('takes the place of a getter, which it is from Node.js 24 on, and of a value, which it is before', () => {
    const Original = hooks.AsyncLocalStorage
    for (const descriptor of [{ get: () => Original }, { value: Original, writable: true }]) {
      const putBack = replaceExport(descriptor)
      try {
        expect(inAsyncStorageWindow(make)).not.toBeInstanceOf(Original)
        expect(Object.getOwnPropertyDescriptor(hooks, 'AsyncLocalStorage')).toMatchObject(descriptor)
        expect(make()).toBeInstanceOf(Original)
      } finally {
        putBack()
      }
    }
  })

  it('puts what it replaced back, also when construction fails', () => {
    const before = hooks.AsyncLocalStorage
    const store = inAsyncStorageWindow(make)
    expect(store).not.toBeInstanceOf(AsyncLocalStorage)
    expect(() =>
      inAsyncStorageWindow(() => {
        throw new Error('no socket')
      }),
    ).toThrow('no socket')
    expect(hooks.AsyncLocalStorage).toBe(before)
    expect(make()).toBeInstanceOf(AsyncLocalStorage)
  })

  it('keeps what Baileys writes after its transaction was committed', async () => {
    const stored = new Map<string, unknown>()
    const keys = inAsyncStorageWindow(() => transactional(stored))
    let late: Promise<void> | undefined
    await keys.transaction(async () => {
      await keys.set({ 'device-list': { early: ['1'] } })
      // As `relayMessage` does with privacy tokens: begun in the transaction, not waited for.
      late = new Promise((resolve) => setImmediate(resolve)).then(async () => {
        expect(keys.isInTransaction()).toBe(false)
        await keys.set({ 'device-list': { late: ['1'] } })
      })
    }, 'lock')
    await late
    expect([...stored.keys()]).toEqual(['early', 'late'])
  })

  it('ends a store also when its run fails, and gives work that outlives it the one around it', async () => {
    const store = inAsyncStorageWindow(make)
    let late: Promise<unknown> | undefined
    await store.run('outer', async () => {
      const inner = store.run('inner', async () => {
        late = new Promise((resolve) => setImmediate(resolve)).then(() => store.getStore())
        throw new Error('rolled back')
      })
      await expect(inner).rejects.toThrow('rolled back')
      expect(await late).toBe('outer')
    })
    expect(store.getStore()).toBeUndefined()
  })
})
