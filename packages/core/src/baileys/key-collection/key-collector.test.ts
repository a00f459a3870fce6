import { describe, expect, it } from 'vitest'
import { trunklineSignal } from '../../compose/trunkline-signal.js'
import { createAuthHandle } from '../../manager/auth-handle.js'
import { createMemoryStore } from '../../memory/memory-store.js'
import type { AuthBatch } from '../../ports/auth-store.js'
import { systemClock } from '../../util/system-clock.js'
import { loadAuthState } from '../credentials/auth-state.js'
import { KeyCollector } from './key-collector.js'
import type { ServerInventory } from './server-inventory.js'

const DAY = 86_400_000
const GROUP = '120363000000000001@g.us'
const bytes = (...values: number[]) => Uint8Array.from(values)

async function setUp() {
  const { auth: store } = createMemoryStore()
  const batches: AuthBatch[] = []
  const { commit } = store
  store.commit = (sessionId, batch, options) => {
    batches.push(batch)
    return commit(sessionId, batch, options)
  }
  const auth = createAuthHandle({
    auth: store,
    sessionId: 's',
    epoch: 1,
    lost: new AbortController().signal,
    clock: systemClock,
  })
  const state = await loadAuthState(auth, () => {})
  const { creds, keys } = state
  Object.assign(creds, { nextPreKeyId: 10, firstUnuploadedPreKeyId: 10, me: { id: '15550009999:1@s.whatsapp.net' } })
  const signal = trunklineSignal.open(keys)
  const pair = { private: Buffer.alloc(32, 1), public: Buffer.alloc(32, 2) }
  await keys.set({
    'pre-key': Object.fromEntries(['1', '2', '3', '9'].map((id) => [id, pair])),
    session: { 'ana_1.0': bytes(1), 'ana_1.5': bytes(2), '15550009999.7': bytes(3), 'ben_1.4': bytes(4) },
    'identity-key': { 'ana_1.0': bytes(1), 'ana_1.5': bytes(2) },
    'device-list': { '15550000001': ['0', '2'], '15550009999': ['1'] },
    'lid-mapping': { ana_reverse: '15550000001' },
    'sender-key': { [`${GROUP}::ana_1::0`]: bytes(5), 'status@broadcast::ana_1::0': bytes(6) },
    'sender-key-memory': { [GROUP]: { 'ana@lid': true } },
  })
  batches.length = 0
  const server: ServerInventory = { preKeyIds: async () => new Set([1]), groups: async () => new Set() }
  let now = 20_000 * DAY
  const patience = { waitMs: 10 * DAY, minRuns: 3 }
  const collector = new KeyCollector({ auth, keys, signal, creds, server, now: () => now, patience })
  const run = async (times: number) => {
    const collected = []
    for (let time = 0; time < times; time += 1) {
      collected.push(await collector.run())
      now += DAY
    }
    return collected.at(-1)
  }
  const ids = async (type: string) => (await store.listKeyIds('s', type)).sort()
  return { run, ids, server, signal, batches, store }
}

const NOTHING = { preKeys: 0, sessions: 0, senderKeys: 0 }

describe('collecting keys', () => {
  it('removes what looked useless for the whole wait, with what belongs to it, and nothing before', async () => {
    const { run, ids, batches } = await setUp()
    expect(await run(10)).toEqual(NOTHING)
    expect(await ids('pre-key')).toEqual(['1', '2', '3', '9'])
    batches.length = 0
    expect(await run(1)).toEqual({ preKeys: 2, sessions: 1, senderKeys: 1 })
    expect(await ids('pre-key')).toEqual(['1', '9'])
    expect(await ids('session')).toEqual(['15550009999.7', 'ana_1.0', 'ben_1.4'])
    expect(await ids('identity-key')).toEqual(['ana_1.0'])
    expect(await ids('sender-key')).toEqual(['status@broadcast::ana_1::0'])
    expect(await ids('sender-key-memory')).toEqual([])
    // One commit, which has no credentials in it.
    expect(batches).toHaveLength(1)
    expect(batches[0]).not.toHaveProperty('creds')
    expect(await run(1)).toEqual(NOTHING)
  })

  it('removes nothing on the word of a server that does not answer, and lets the waits go on', async () => {
    const { run, ids, server } = await setUp()
    const { preKeyIds, groups } = server
    await run(5)
    Object.assign(server, { preKeyIds: async () => undefined, groups: async () => undefined })
    expect(await run(10)).toMatchObject({ preKeys: 0, senderKeys: 0 })
    expect([await ids('pre-key'), (await ids('sender-key')).length]).toEqual([['1', '2', '3', '9'], 2])
    Object.assign(server, { preKeyIds, groups })
    expect(await run(1)).toMatchObject({ preKeys: 2, senderKeys: 1 })
  })

  it('leaves a record that changed: it is in use, whatever the lists say', async () => {
    const { run, ids, signal } = await setUp()
    await run(9)
    await signal.keys.set({ session: { 'ana_1.5': bytes(7) } })
    expect(await run(5)).toEqual(NOTHING)
    expect(await ids('session')).toContain('ana_1.5')
  })

  it('begins the wait of a pre-key anew when the server has it after all', async () => {
    const { run, ids, server } = await setUp()
    await run(9)
    const { preKeyIds } = server
    Object.assign(server, { preKeyIds: async () => new Set([1, 2]) })
    await run(1)
    Object.assign(server, { preKeyIds })
    await run(5)
    expect(await ids('pre-key')).toEqual(['1', '2', '9'])
  })

  it('changes nothing when the store refuses', async () => {
    const { run, ids, store } = await setUp()
    await run(10)
    const { commit } = store
    store.commit = () => Promise.reject(new Error('away'))
    await expect(run(1)).rejects.toThrow()
    store.commit = commit
    expect(await ids('pre-key')).toEqual(['1', '2', '3', '9'])
    expect(await run(1)).toEqual({ preKeys: 2, sessions: 1, senderKeys: 1 })
  })
})
