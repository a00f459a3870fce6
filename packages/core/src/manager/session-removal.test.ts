import { ManualClock } from '@trunkline/conformance/testing'
import { expect, it } from 'vitest'
import { sessionRecord } from '../../test/support/session-world.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { Ownership } from '../session/services.js'
import { SessionRemoval } from './session-removal.js'

const quiet = { emit: () => {}, clock: new ManualClock() }
const DELETED = '2026-01-01T00:00:00.000Z'

function setUp() {
  const store = createMemoryStore()
  let released = 0
  const owned = async (sessionId: string): Promise<Ownership> => ({
    epoch: 2,
    record: await store.sessions.get(sessionId),
    auth: { commit: (batch) => store.auth.commit(sessionId, batch, { epoch: 2 }) } as Ownership['auth'],
    lost: new AbortController().signal,
    doubt: () => undefined,
    refused: () => {},
    release: async () => {
      released += 1
    },
  })
  return { store, owned, released: () => released }
}

it('touches nothing of a session that is not deleted, or not for long enough', async () => {
  const { store, owned } = setUp()
  await store.sessions.insert(sessionRecord({ id: 'alive' }))
  await store.sessions.insert(sessionRecord({ id: 'young', deletedAt: DELETED }))
  for (const id of ['alive', 'young']) await store.auth.commit(id, { creds: Buffer.from('creds') }, { epoch: 1 })
  const removal = new SessionRemoval({ store, acquire: owned, ...quiet })
  const outcomes = [
    await removal.remove('alive'),
    await removal.remove('young', { deletedBefore: DELETED }),
    await removal.remove('nobody'),
  ]
  expect(outcomes).toEqual([false, false, false])
  for (const id of ['alive', 'young']) expect(await store.auth.readCreds(id)).toBeDefined()
})

it('never takes the credentials of a new session for those of the deleted one of the same name', async () => {
  const { store, owned, released } = setUp()
  await store.sessions.insert(sessionRecord({ id: 's', deletedAt: DELETED }))
  // While this node waits for the lease, another one removes the session, and somebody links a new one under its id.
  const acquire = async () => {
    await store.sessions.remove('s')
    await store.sessions.insert(sessionRecord({ id: 's' }))
    await store.auth.commit('s', { creds: Buffer.from('new') }, { epoch: 5 })
    return owned('s')
  }
  expect(await new SessionRemoval({ store, acquire, ...quiet }).remove('s')).toBe(false)
  expect(await store.auth.readCreds('s')).toEqual(Uint8Array.from(Buffer.from('new')))
  expect(released()).toBe(1)
})

it('keeps the record until everything else is gone, so that a removal that failed is found again', async () => {
  const { store, owned, released } = setUp()
  await store.sessions.insert(sessionRecord({ id: 's', deletedAt: DELETED }))
  const removal = new SessionRemoval({ store, acquire: owned, ...quiet })
  const { removeAll } = store.events
  store.events.removeAll = () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
  await expect(removal.remove('s')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect((await store.sessions.get('s'))?.deletedAt).toBe(DELETED)
  store.events.removeAll = removeAll
  expect(await removal.remove('s')).toBe(true)
  expect([await store.sessions.get('s'), released()]).toEqual([undefined, 2])
})

it('says who has it when another node holds the lease', async () => {
  const { store } = setUp()
  await store.sessions.insert(sessionRecord({ id: 's', deletedAt: DELETED }))
  const removal = new SessionRemoval({ store, acquire: async () => undefined, ...quiet })
  await expect(removal.remove('s')).rejects.toMatchObject({ code: 'LEASE_HELD', details: { sessionId: 's' } })
})
