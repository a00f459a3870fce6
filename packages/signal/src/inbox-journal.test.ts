import { describe, expect, it } from 'vitest'
import { TestStore } from '../test/parties.js'
import { InboxJournal } from './inbox-journal.js'
import { AccountKeys } from './signal-keys.js'
import { UnitOfWork } from './unit-of-work.js'

function journalOn(store: TestStore, capacity = 4) {
  const keys = new AccountKeys(store, { cacheEntries: 100, cacheSessions: true })
  return { keys, journal: new InboxJournal(keys, { capacity, now: () => 1000 }) }
}

type Setup = ReturnType<typeof journalOn>

async function record({ keys, journal }: Setup, id: string): Promise<void> {
  await journal.recall(id, () => true)
  const work = new UnitOfWork(keys)
  const entry = { id, type: 'msg', sender: 'a@lid', plaintext: Buffer.from(`text of ${id}`) } as const
  await work.commit([await journal.record(work, entry)])
}

async function ids(journal: InboxJournal): Promise<string[]> {
  return (await journal.list()).map((entry) => entry.id)
}

const anybody = () => true

describe('the inbox journal', () => {
  it('lists what was recorded, oldest first, with the attributes that were announced', async () => {
    const setup = journalOn(new TestStore())
    setup.journal.expect('b', { id: 'STANZA', from: 'x' })
    for (const id of ['a', 'b', 'c']) await record(setup, id)
    expect(await setup.journal.list()).toEqual([
      { id: 'a', type: 'msg', sender: 'a@lid', plaintext: new Uint8Array(Buffer.from('text of a')), at: 1000 },
      {
        id: 'b',
        type: 'msg',
        sender: 'a@lid',
        plaintext: new Uint8Array(Buffer.from('text of b')),
        at: 1000,
        attributes: { id: 'STANZA', from: 'x' },
      },
      { id: 'c', type: 'msg', sender: 'a@lid', plaintext: new Uint8Array(Buffer.from('text of c')), at: 1000 },
    ])
  })

  it('is the same after a restart', async () => {
    const store = new TestStore()
    const before = journalOn(store)
    for (const id of ['a', 'b', 'c']) await record(before, id)
    const { journal } = journalOn(store)
    expect(await ids(journal)).toEqual(['a', 'b', 'c'])
    expect(await journal.recall('b', anybody)).toEqual(new Uint8Array(Buffer.from('text of b')))
  })

  it('answers a ciphertext only for the sender it came from', async () => {
    const setup = journalOn(new TestStore())
    await record(setup, 'a')
    expect(await setup.journal.recall('a', (entry) => entry.sender === 'somebody else')).toBeUndefined()
    expect(await setup.journal.recall('a', (entry) => entry.sender === 'a@lid')).toBeDefined()
    expect(await setup.journal.recall('never seen', anybody)).toBeUndefined()
  })

  it('forgets what is settled with the next entry, in the same commit', async () => {
    const store = new TestStore()
    const setup = journalOn(store)
    for (const id of ['a', 'b', 'c']) await record(setup, id)
    setup.journal.settle(['a', 'c', 'unknown'])
    expect(await ids(setup.journal)).toEqual(['b'])
    store.sets = []
    await record(setup, 'd')
    expect(store.sets).toHaveLength(1)
    expect(Object.values(store.sets[0]?.inbox ?? {}).filter((value) => value === null)).toHaveLength(1)
    expect(await ids(journalOn(store).journal)).toEqual(['b', 'd'])
  })

  it('forgets what is settled when told to flush, and writes nothing when there is nothing to forget', async () => {
    const store = new TestStore()
    const setup = journalOn(store)
    await record(setup, 'a')
    setup.journal.settle(['a'])
    await setup.journal.flush()
    expect(store.values.size).toBe(0)
    store.sets = []
    await setup.journal.flush()
    expect(store.sets).toEqual([])
  })

  it('never holds more than its capacity, and lets the oldest go', async () => {
    const store = new TestStore()
    const setup = journalOn(store, 4)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await record(setup, id)
    expect(store.values.size).toBe(4)
    expect(await ids(journalOn(store, 4).journal)).toEqual(['c', 'd', 'e', 'f'])
  })

  it('is as it was after a commit that failed', async () => {
    const store = new TestStore()
    const setup = journalOn(store, 2)
    for (const id of ['a', 'b']) await record(setup, id)
    setup.journal.settle(['b'])
    store.beforeSet = () => {
      throw new Error('down')
    }
    await expect(record(setup, 'c')).rejects.toThrow('down')
    await expect(setup.journal.flush()).rejects.toThrow('down')
    store.beforeSet = undefined
    expect(await ids(setup.journal)).toEqual(['a'])
    await record(setup, 'c')
    expect(await ids(setup.journal)).toEqual(['a', 'c'])
  })

  it('asks the store what it holds after a commit that was stored although it failed', async () => {
    const store = new TestStore()
    const setup = journalOn(store, 2)
    await record(setup, 'a')
    setup.journal.settle(['a'])
    store.afterSet = () => {
      throw new Error('no answer')
    }
    await expect(record(setup, 'b')).rejects.toThrow('no answer')
    store.afterSet = undefined
    expect(await setup.journal.recall('b', anybody)).toEqual(new Uint8Array(Buffer.from('text of b')))
    for (const id of ['c', 'd']) await record(setup, id)
    expect(await ids(setup.journal)).toEqual(['c', 'd'])
  })

  it('does not go beyond its capacity while all slots are being written: the next entry waits', async () => {
    const store = new TestStore()
    const setup = journalOn(store, 2)
    const release: Array<() => void> = []
    store.beforeSet = () => new Promise((resolve) => release.push(resolve))
    const first = [record(setup, 'a'), record(setup, 'b')]
    while (release.length < 2) await new Promise(setImmediate)
    const third = record(setup, 'c')
    await new Promise(setImmediate)
    expect(release).toHaveLength(2)
    store.beforeSet = undefined
    for (const proceed of release) proceed()
    await Promise.all([...first, third])
    expect(await ids(journalOn(store, 2).journal)).toHaveLength(2)
  })

  it('never lets the deletion of one entry overtake the next one in its slot', async () => {
    const store = new TestStore()
    const setup = journalOn(store, 8)
    await record(setup, 'a')
    setup.journal.settle(['a'])
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    store.beforeSet = (changes) => (changes.inbox?.['0'] === null ? held : undefined)
    const flushed = setup.journal.flush()
    await record(setup, 'b')
    release()
    await flushed
    expect(await ids(setup.journal)).toEqual(['b'])
    expect(await ids(journalOn(store, 8).journal)).toEqual(['b'])
  })

  it('reads its slots again after a read that failed', async () => {
    const store = new TestStore()
    await record(journalOn(store), 'a')
    const { journal } = journalOn(store)
    const { get } = store
    store.get = () => Promise.reject(new Error('away'))
    await expect(journal.list()).rejects.toThrow('away')
    store.get = get
    expect(await ids(journal)).toEqual(['a'])
  })
})
