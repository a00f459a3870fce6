import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { AuthBatch, AuthStore } from '../ports/auth-store.js'
import { deferred } from '../util/deferred.js'
import { createAuthHandle, mergeBatches } from './auth-handle.js'

const bytes = (text: string) => Buffer.from(text)
const put = (id: string, text: string, type = 'device-list') => ({ type, id, value: bytes(text) })

function handleOver(auth: AuthStore) {
  const controller = new AbortController()
  const clock = new ManualClock()
  const handle = createAuthHandle({ auth, sessionId: 's', epoch: 1, lost: controller.signal, clock })
  return { handle, controller, clock }
}

/** The store, with its commits held until they are let go, and its reads counted. */
function slowStore() {
  const { auth } = createMemoryStore()
  const commits: { batch: AuthBatch; go: (error?: Error) => void }[] = []
  let reads = 0
  const slow: AuthStore = {
    ...auth,
    readKeys: (...args) => {
      reads += 1
      return auth.readKeys(...args)
    },
    commit: async (sessionId, batch, options) => {
      // What shuts the owner before out.
      if (Object.keys(batch).length === 0) return auth.commit(sessionId, batch, options)
      const gate = deferred()
      commits.push({ batch, go: (error) => (error ? gate.reject(error) : gate.resolve()) })
      await gate.promise
      await auth.commit(sessionId, batch, options)
    },
  }
  return { auth: slow, commits, reads: () => reads }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('an auth handle', () => {
  it('writes together what one turn of the event loop commits to a store that has shown to be slow', async () => {
    const { auth, commits } = slowStore()
    const { handle, clock } = handleOver(auth)
    const first = handle.commit({ puts: [put('a', '0')] })
    await clock.advance(3)
    commits[0]?.go()
    await first
    const writes = [handle.commit({ puts: [put('a', '1')] })]
    await Promise.resolve()
    writes.push(handle.commit({ puts: [put('b', '1')] }))
    await turn()
    expect(commits.slice(1).map(({ batch }) => batch.puts)).toEqual([[put('a', '1'), put('b', '1')]])
    commits[1]?.go()
    await Promise.all(writes)
    expect((await handle.readKeys('device-list', ['a', 'b'])).size).toBe(2)
  })

  it('writes commits that wait for a slow store together, in their order', async () => {
    const { auth, commits } = slowStore()
    const { handle } = handleOver(auth)
    const writes = [handle.commit({ puts: [put('a', '1')] })]
    await turn()
    expect(commits).toHaveLength(1)
    writes.push(
      handle.commit({ puts: [put('a', '2')], creds: bytes('old') }),
      handle.commit({ puts: [put('a', '3'), put('b', '1')], creds: bytes('new') }),
      handle.commit({ deletes: [{ type: 'device-list', id: 'b' }] }),
    )
    await turn()
    expect(commits).toHaveLength(1)
    commits[0]?.go()
    await turn()
    expect(commits).toHaveLength(2)
    expect(commits[1]?.batch).toEqual({
      creds: bytes('new'),
      puts: [put('a', '3')],
      deletes: [{ type: 'device-list', id: 'b' }],
    })
    commits[1]?.go()
    await Promise.all(writes)
    expect(await handle.readKeys('device-list', ['a', 'b'])).toEqual(new Map([['a', bytes('3')]]))
  })

  it('does not write again what the store is known to hold, and writes all else', async () => {
    const { auth } = createMemoryStore()
    const written: AuthBatch[] = []
    let failure: Error | undefined
    const { handle } = handleOver({
      ...auth,
      commit: async (sessionId, batch, options) => {
        if (Object.keys(batch).length > 0) written.push(batch)
        if (failure) throw failure
        await auth.commit(sessionId, batch, options)
      },
    })
    const commit = (batch: AuthBatch) => handle.commit(batch)
    // Nothing is known yet of what is stored.
    await commit({ puts: [put('a', '1'), put('b', '1')] })
    await commit({ puts: [put('a', '1')] })
    await commit({ puts: [put('a', '2'), put('b', '1')] })
    await commit({ puts: [put('a', '2')], creds: bytes('creds') })
    await commit({ puts: [put('b', '1')], deletes: [{ type: 'device-list', id: 'a' }] })
    await commit({ puts: [put('a', '2')] })
    await commit({ puts: [put('a', '')] })
    // What is read once is not kept in memory.
    await commit({ puts: [put('1', 'k', 'pre-key')] })
    await commit({ puts: [put('1', 'k', 'pre-key')] })
    failure = new Error('away')
    await expect(commit({ puts: [put('b', '2')] })).rejects.toThrow()
    failure = undefined
    await commit({ puts: [put('b', '1')] })
    expect(written).toEqual([
      { puts: [put('a', '1'), put('b', '1')] },
      { puts: [put('a', '2')] },
      { puts: [], creds: bytes('creds') },
      { puts: [], deletes: [{ type: 'device-list', id: 'a' }] },
      { puts: [put('a', '2')] },
      { puts: [put('a', '')] },
      { puts: [put('1', 'k', 'pre-key')] },
      { puts: [put('1', 'k', 'pre-key')] },
      { puts: [put('b', '2')] },
      { puts: [put('b', '1')] },
    ])
    const stored = await auth.readKeys('s', 'device-list', ['a', 'b'])
    expect([...stored].map(([id, value]) => `${id}:${Buffer.from(value)}`)).toEqual(['a:', 'b:1'])
  })

  it('refuses what the store holds already once its lease is lost', async () => {
    const { auth } = createMemoryStore()
    const { handle, controller } = handleOver(auth)
    await handle.commit({ puts: [put('a', '1')] })
    controller.abort()
    await expect(handle.commit({ puts: [put('a', '1')] })).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('rejects every commit of a write that failed, as STORE_UNAVAILABLE, and goes on', async () => {
    const { auth, commits } = slowStore()
    const { handle } = handleOver(auth)
    const first = handle.commit({ puts: [put('a', '1')] })
    await turn()
    const others = [handle.commit({ puts: [put('b', '1')] }), handle.commit({ puts: [put('c', '1')] })]
    commits[0]?.go()
    await first
    commits[1]?.go(new TrunklineError('STORE_UNAVAILABLE'))
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const last = handle.commit({ puts: [put('d', '1')] })
    await turn()
    commits[2]?.go()
    await last
    expect([...(await handle.readKeys('device-list', ['a', 'b', 'c', 'd'])).keys()]).toEqual(['a', 'd'])
  })

  it('asks the store again for what a failed commit may have written', async () => {
    const { auth } = createMemoryStore()
    let answers = true
    const unsure: AuthStore = {
      ...auth,
      commit: async (...args) => {
        await auth.commit(...args)
        if (!answers) throw new TrunklineError('STORE_UNAVAILABLE')
      },
    }
    const { handle } = handleOver(unsure)
    await handle.commit({ puts: [put('a', '1'), put('b', '1')] })
    expect(await handle.readKeys('device-list', ['c'])).toEqual(new Map())
    answers = false
    const change = { puts: [put('a', '2'), put('c', '2')], deletes: [{ type: 'device-list', id: 'b' }] }
    await expect(handle.commit(change)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const held = await handle.readKeys('device-list', ['a', 'b', 'c'])
    expect([...held].map(([id, value]) => [id, Buffer.from(value).toString()])).toEqual([
      ['a', '2'],
      ['c', '2'],
    ])
  })

  it('reads a key, or that there is none, from the store once', async () => {
    const { auth, reads } = slowStore()
    const { handle } = handleOver(auth)
    for (let times = 0; times < 3; times += 1)
      expect(await handle.readKeys('device-list', ['nobody'])).toEqual(new Map())
    expect(reads()).toBe(1)
  })

  it('does not keep a read that a commit has overtaken', async () => {
    const { auth } = createMemoryStore()
    const gate = deferred()
    const { handle } = handleOver({
      ...auth,
      readKeys: async (...args) => {
        const found = await auth.readKeys(...args)
        await gate.promise
        return found
      },
    })
    const reading = handle.readKeys('device-list', ['a'])
    await handle.commit({ puts: [put('a', 'new')] })
    gate.resolve()
    await reading
    expect(await handle.readKeys('device-list', ['a'])).toEqual(new Map([['a', bytes('new')]]))
  })

  it('takes what it wrote from memory, what it deleted too, and pre-keys and the journal from the store', async () => {
    const { auth, commits, reads } = slowStore()
    const { handle } = handleOver(auth)
    const writing = handle.commit({
      puts: [put('a', '1'), put('1', 'x', 'pre-key'), put('j', 'x', 'inbox')],
      deletes: [{ type: 'device-list', id: 'b' }],
    })
    await turn()
    commits[0]?.go()
    await writing
    expect([...(await handle.readKeys('device-list', ['a', 'b'])).keys()]).toEqual(['a'])
    expect(reads()).toBe(0)
    for (const [type, id] of [
      ['pre-key', '1'],
      ['inbox', 'j'],
    ] as const) {
      for (let times = 0; times < 2; times += 1) expect([...(await handle.readKeys(type, [id])).keys()]).toEqual([id])
    }
    expect(reads()).toBe(4)
  })

  it('shows nothing of a commit that is still on its way, or failed', async () => {
    const { auth, commits } = slowStore()
    const { handle } = handleOver(auth)
    const writing = handle.commit({ puts: [put('a', 'new')] })
    await turn()
    expect(await handle.readKeys('device-list', ['a'])).toEqual(new Map())
    commits[0]?.go(new TrunklineError('STORE_UNAVAILABLE'))
    await expect(writing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await handle.readKeys('device-list', ['a'])).toEqual(new Map())
  })

  it('forgets what was used longest ago, and reads it again', async () => {
    const { auth, reads } = slowStore()
    const { handle } = handleOver(auth)
    const ids = Array.from({ length: 600 }, (_, n) => `${n}`)
    for (const id of ids) await handle.readKeys('session', [id])
    await handle.readKeys('session', ['599'])
    expect(reads()).toBe(600)
    await handle.readKeys('session', ['0'])
    expect(reads()).toBe(601)
  })

  it('rejects what is on its way when the lease is lost, and writes nothing that waits behind it', async () => {
    const { auth, commits } = slowStore()
    const { handle, controller } = handleOver(auth)
    const writes = [handle.commit({ puts: [put('a', '1')] }), handle.commit({ puts: [put('b', '1')] })]
    const outcomes = Promise.allSettled(writes)
    await turn()
    controller.abort()
    commits[0]?.go()
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LEASE_LOST' } })
    }
    expect(commits).toHaveLength(1)
  })

  it('hands the refusal of the store on as it is', async () => {
    const { auth } = createMemoryStore()
    await auth.commit('s', {}, { epoch: 2 })
    const { handle } = handleOver(auth)
    await expect(handle.commit({ creds: bytes('x') })).rejects.toMatchObject({ code: 'LEASE_LOST' })
  })

  it('is dead once the lease is lost', async () => {
    const { handle, controller } = handleOver(createMemoryStore().auth)
    await handle.commit({ creds: bytes('x') })
    controller.abort()
    const lost = { code: 'LEASE_LOST' }
    await expect(handle.commit({ creds: bytes('y') })).rejects.toMatchObject(lost)
    await expect(handle.readCreds()).rejects.toMatchObject(lost)
    await expect(handle.readKeys('session', ['a'])).rejects.toMatchObject(lost)
    await expect(handle.listKeyIds('session')).rejects.toMatchObject(lost)
  })

  it('never takes a failed read for "no credentials"', async () => {
    const { handle } = handleOver({
      ...createMemoryStore().auth,
      readCreds: () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE')),
    })
    await expect(handle.readCreds()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('mergeBatches', () => {
  it('has the effect of the batches in a row', () => {
    const deleteA = { deletes: [{ type: 'session', id: 'a' }] }
    const putA = { puts: [put('a', '1', 'session')] }
    expect(mergeBatches([putA, deleteA])).toEqual({ puts: [], deletes: deleteA.deletes })
    expect(mergeBatches([deleteA, putA])).toEqual({ puts: putA.puts, deletes: [] })
    expect(mergeBatches([putA])).toBe(putA)
  })
})
