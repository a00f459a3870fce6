import { describe, expect, it } from 'vitest'
import { TestStore } from '../test/parties.js'
import { AccountKeys, accountOf, createSignalKeys } from './signal-keys.js'

const cached = (store: TestStore) => new AccountKeys(store, { cacheEntries: 100, cacheSessions: true })

function heldWrite(store: TestStore): () => void {
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  store.beforeSet = () => held
  return release
}

describe('the keys of an account', () => {
  it('read a value from the store once, and a missing one too', async () => {
    const store = new TestStore()
    const keys = cached(store)
    await store.set({ 'lid-mapping': { a: 'b' } })
    expect(await keys.read('lid-mapping', ['a', 'c'])).toEqual({ a: 'b' })
    expect(await keys.read('lid-mapping', ['a', 'c'])).toEqual({ a: 'b' })
    expect(await keys.readOne('lid-mapping', 'c')).toBeUndefined()
    expect(store.gets).toBe(1)
  })

  it('give the new value as soon as it is written, and after a deletion nothing', async () => {
    const store = new TestStore()
    const keys = cached(store)
    await keys.commit({ session: { a: 1 } })
    expect(await keys.readOne('session', 'a')).toBe(1)
    await keys.commit({ session: { a: null } })
    expect(await keys.readOne('session', 'a')).toBeUndefined()
    expect(store.gets).toBe(0)
  })

  it('give the stored value after a write that failed', async () => {
    const store = new TestStore()
    const keys = cached(store)
    await keys.commit({ session: { a: 1 } })
    store.beforeSet = () => {
      throw new Error('full')
    }
    await expect(keys.commit({ session: { a: 2 } })).rejects.toThrow('full')
    expect(await keys.readOne('session', 'a')).toBe(1)
  })

  it('do not keep what was read while a write was on its way', async () => {
    const store = new TestStore()
    const keys = cached(store)
    await store.set({ session: { a: 'old' } })
    const release = heldWrite(store)
    const write = keys.commit({ session: { a: 'new' } })
    expect(await keys.readOne('session', 'a')).toBe('old')
    release()
    await write
    expect(await keys.readOne('session', 'a')).toBe('new')
  })

  it('do not keep what a slow read brings after a write', async () => {
    const store = new TestStore()
    const keys = cached(store)
    await store.set({ session: { a: 'old' } })
    const stale = store.get.bind(store)
    let answer: () => void = () => {}
    store.get = async (type, ids) => {
      const values = await stale(type, ids)
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return values
    }
    const read = keys.readOne('session', 'a')
    await new Promise((resolve) => setImmediate(resolve))
    await keys.commit({ session: { a: 'new' } })
    answer()
    await read
    store.get = stale
    expect(await keys.readOne('session', 'a')).toBe('new')
  })

  it('ask the store which of two overlapping writes came last', async () => {
    const store = new TestStore()
    const keys = cached(store)
    await Promise.all([keys.commit({ session: { a: 1 } }), keys.commit({ session: { a: 2 } })])
    expect(await keys.readOne('session', 'a')).toBe(store.values.get('session|a'))
    expect(store.gets).toBe(1)
  })

  it('never keep values that Baileys changes in place', async () => {
    const store = new TestStore()
    const keys = createSignalKeys(store)
    await keys.set({ 'sender-key-memory': { group: { 'a.b': true } }, 'device-list': { user: ['0'] } })
    const { group } = await keys.get('sender-key-memory', ['group'])
    if (group) group.changed = true
    expect(await keys.get('sender-key-memory', ['group'])).toEqual({ group: { 'a.b': true } })
  })

  it('make a write of Baileys wait for the session it touches', async () => {
    const store = new TestStore()
    const keys = createSignalKeys(store)
    const account = accountOf(keys as never)
    const log: string[] = []
    const operation = account.locks.hold(['session:1.0'], async () => {
      await new Promise((resolve) => setImmediate(resolve))
      await account.commit({ session: { '1.0': 'ratchet' } })
      log.push('operation')
    })
    const removal = Promise.resolve(keys.set({ session: { '1.0': null } })).then(() => log.push('removal'))
    await Promise.all([operation, removal])
    expect(log).toEqual(['operation', 'removal'])
    expect(store.values.has('session|1.0')).toBe(false)
  })

  it('forget everything when cleared', async () => {
    const store = new TestStore()
    const keys = createSignalKeys(store)
    await keys.set({ session: { a: new Uint8Array(1) } })
    await keys.clear?.()
    expect(await keys.get('session', ['a'])).toEqual({})
  })

  it('keep no session in front of a plain store, where Baileys writes past them', async () => {
    const store = new TestStore()
    const account = accountOf(store)
    await account.commit({ session: { a: 1 } })
    await store.set({ session: { a: null } })
    expect(await account.readOne('session', 'a')).toBeUndefined()
    expect(accountOf(store)).toBe(account)
  })
})
