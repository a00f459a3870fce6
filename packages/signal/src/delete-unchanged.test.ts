import { describe, expect, it } from 'vitest'
import { deleteUnchanged } from './delete-unchanged.js'
import type { KeyChanges, KeyValues } from './key-storage.js'
import { accountOf, createSignalKeys } from './signal-keys.js'

const bytes = (...values: number[]) => Uint8Array.from(values)

function setUp() {
  const stored: Record<string, KeyValues> = {
    session: { 'a.1': bytes(1), 'b.1': bytes(2), 'stock.1': { _sessions: {} } },
    'sender-key': { 'g@g.us::a::0': bytes(3) },
  }
  const commits: KeyChanges[] = []
  const storage = {
    get: async (type: string, ids: string[]) =>
      Object.fromEntries(ids.flatMap((id) => (stored[type]?.[id] ? [[id, stored[type][id]]] : []))),
    set: async (changes: KeyChanges) => void commits.push(changes),
  }
  const keys = createSignalKeys(storage)
  return { keys: keys as unknown as Parameters<typeof accountOf>[0], commits }
}

describe('deleting what was judged to be of no more use', () => {
  it('takes what is as it was, with what goes alongside, in one commit', async () => {
    const { keys, commits } = setUp()
    const judged = { session: { 'a.1': bytes(1) }, 'sender-key': { 'g@g.us::a::0': bytes(3) } }
    await deleteUnchanged(keys, judged, ({ session }) => ({ 'identity-key': { [session[0] ?? '']: null } }))
    expect(commits).toEqual([
      { session: { 'a.1': null }, 'sender-key': { 'g@g.us::a::0': null }, 'identity-key': { 'a.1': null } },
    ])
  })

  it('leaves what changed, what is gone and what is not made of bytes', async () => {
    const { keys, commits } = setUp()
    const judged = { session: { 'a.1': bytes(9), 'gone.1': bytes(1), 'stock.1': { _sessions: {} } } }
    await deleteUnchanged(keys, judged, (deleted) => ({ ledger: { current: deleted.session.length } }))
    expect(commits).toEqual([{ ledger: { current: 0 } }])
  })

  it('waits for an operation that holds the record, and sees what that wrote', async () => {
    const { keys, commits } = setUp()
    const account = accountOf(keys)
    const order: string[] = []
    const operation = account.locks.hold(['session:a.1'], async () => {
      await new Promise((resolve) => setImmediate(resolve))
      await account.commit({ session: { 'a.1': bytes(7) } })
      order.push('message')
    })
    await deleteUnchanged(keys, { session: { 'a.1': bytes(1) } }).then(() => order.push('collector'))
    await operation
    expect(order).toEqual(['message', 'collector'])
    expect(commits).toEqual([{ session: { 'a.1': bytes(7) } }])
  })
})
