import type { AuthBatch, AuthStore } from '@trunkline/core/store'
import { expect } from 'vitest'
import { hex, hexById, rejection, times } from '../expectations.js'
import { noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const FIRST = { epoch: 1 }
const put = (type: string, id: string, seed = 1) => ({ type, id, value: noise(32, seed) })

export const batchCases: Case<'auth'>[] = [
  ...promise<'auth'>('batches', [
    {
      name: 'takes the 812 pre-keys and the credentials of a pairing at once',
      async run({ open }) {
        const { auth } = await open()
        await auth.commit(
          's',
          { creds: noise(4_000), puts: times(812).map((id) => put('pre-key', `${id + 1}`, id)) },
          FIRST,
        )
        expect(hex(await auth.readCreds('s'))).toBe(hex(noise(4_000)))
        expect(await auth.listKeyIds('s', 'pre-key')).toHaveLength(812)
        expect(hexById(await auth.readKeys('s', 'pre-key', ['812']))).toEqual({ 812: hex(noise(32, 811)) })
      },
    },
    {
      name: 'takes and reads the 4,000 LID mappings of a history sync at once',
      timeoutMs: 60_000,
      async run({ open }) {
        const { auth } = await open()
        const ids = times(4_000).map(String)
        await auth.commit('s', { puts: ids.map((id) => ({ type: 'lid-mapping', id, value: Buffer.from(id) })) }, FIRST)
        const found = await auth.readKeys('s', 'lid-mapping', [...ids, 'missing'])
        expect(found.size).toBe(4_000)
        expect(Buffer.from(found.get('3999') ?? []).toString()).toBe('3999')
      },
    },
    {
      name: 'puts and deletes in one batch, and takes an empty one',
      async run({ open }) {
        const { auth } = await open()
        await auth.commit('s', { puts: [put('pre-key', '1'), put('pre-key', '2')] }, FIRST)
        await auth.commit('s', { puts: [put('session', '1')], deletes: [{ type: 'pre-key', id: '1' }] }, FIRST)
        await auth.commit('s', {}, FIRST)
        expect(await auth.listKeyIds('s', 'pre-key')).toEqual(['2'])
        expect(await auth.listKeyIds('s', 'session')).toEqual(['1'])
      },
    },
    {
      name: 'keeps the commits of many sessions apart while they run at once',
      async run({ open }) {
        const { auth } = await open()
        const sessions = times(20).map((number) => `s${number}`)
        await Promise.all(
          sessions.flatMap((id, number) => [
            auth.commit(id, { creds: noise(10, number) }, FIRST),
            auth.commit(id, { puts: times(10).map((key) => put('pre-key', `${key}`, number)) }, FIRST),
          ]),
        )
        for (const [number, id] of sessions.entries()) {
          expect(hex(await auth.readCreds(id))).toBe(hex(noise(10, number)))
          expect(hexById(await auth.readKeys(id, 'pre-key', ['9']))).toEqual({ 9: hex(noise(32, number)) })
        }
      },
    },
  ]),
  ...promise<'auth'>('isolation between sessions', [
    {
      name: 'keeps sessions with ids that look alike apart, a purge too',
      async run({ open }) {
        const { auth } = await open()
        const ids = ['a', 'A', 'a-', 'a_', 'a-b', 'aa', '_a']
        for (const [seed, id] of ids.entries()) {
          await auth.commit(id, { creds: noise(9, seed), puts: [put('session', '1', seed)] }, FIRST)
        }
        await auth.purge('a')
        expect(await auth.readCreds('a')).toBeUndefined()
        expect(await auth.listKeyIds('a', 'session')).toEqual([])
        for (const [seed, id] of ids.entries()) {
          if (id === 'a') continue
          expect(hex(await auth.readCreds(id))).toBe(hex(noise(9, seed)))
          expect(hexById(await auth.readKeys(id, 'session', ['1']))).toEqual({ 1: hex(noise(32, seed)) })
        }
      },
    },
  ]),
  ...promise<'auth'>('durability', [
    {
      name: 'finds credentials, keys and archives after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.auth.commit('old', { creds: noise(5, 2), puts: [put('session', '2')] }, FIRST)
        const archive = await before.auth.archive('old', { epoch: 1, reason: 'logout', at: '2026-01-01T00:00:00.000Z' })
        await before.auth.commit('s', { creds: noise(5), puts: [put('session', '1')] }, FIRST)

        const { auth } = await reopen()
        expect(hex(await auth.readCreds('s'))).toBe(hex(noise(5)))
        expect(hexById(await auth.readKeys('s', 'session', ['1']))).toEqual({ 1: hex(noise(32)) })
        expect(await auth.readCreds('old')).toBeUndefined()
        expect(await auth.listArchives('old')).toEqual([archive])
      },
    },
  ]),
]

const BEFORE: AuthBatch = {
  creds: noise(20, 1),
  puts: [put('session', 'old'), put('pre-key', '1'), put('pre-key', '2')],
}

/** One of each kind, so that every cut between two of them shows. */
const BATCH: AuthBatch = {
  creds: noise(20, 2),
  puts: [put('pre-key', '3'), put('session', 'new'), put('identity-key', 'new'), put('inbox', 'new')],
  deletes: [
    { type: 'pre-key', id: '1' },
    { type: 'pre-key', id: '2' },
  ],
}

/** What of the batch is there, in the order in which it may arrive. */
async function arrived(auth: AuthStore) {
  const has = async (type: string, id: string) => (await auth.readKeys('s', type, [id])).has(id)
  const credsArrived = hex(await auth.readCreds('s')) === hex(BATCH.creds)
  const [firstKept, secondKept] = [await has('pre-key', '1'), await has('pre-key', '2')]
  return {
    inbox: await has('inbox', 'new'),
    identity: await has('identity-key', 'new'),
    session: await has('session', 'new'),
    credsOrPreKey: credsArrived || (await has('pre-key', '3')),
    credsAndPreKey: credsArrived && (await has('pre-key', '3')),
    anyDelete: !firstKept || !secondKept,
    allDeletes: !firstKept && !secondKept,
  }
}

/** Runs the batch on an engine that fails after 0, 1, 2 … writes, until one is enough; looks at what is left each time. */
async function cutEverywhere(
  bench: Parameters<Case<'auth'>['run']>[0],
  look: (left: boolean[]) => void,
): Promise<void> {
  const MANY = 40
  for (let writes = 0; writes < MANY; writes++) {
    const fresh = await bench.reopen()
    await fresh.auth.purge('s')
    await fresh.auth.commit('s', BEFORE, { epoch: writes * 2 + 1 })

    const failing = await bench.openFailing(writes)
    const error = await failing.auth.commit('s', BATCH, { epoch: writes * 2 + 2 }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const { auth } = await bench.reopen()
    if (!error) {
      expect(Object.values(await arrived(auth))).toEqual([true, true, true, true, true, true, true])
      expect(writes).toBeGreaterThan(0)
      return
    }
    await rejection(Promise.reject(error), 'STORE_UNAVAILABLE')
    look(Object.values(await arrived(auth)))
    await auth.commit('s', BATCH, { epoch: writes * 2 + 2 })
    expect(Object.values(await arrived(auth))).not.toContain(false)
  }
  throw new Error(`The batch did not succeed within ${MANY} writes`)
}

export const outageCases: Case<'auth'>[] = promise<'auth'>('outage', [
  {
    name: 'rejects a read that fails and never takes it for "none"',
    needs: ['outage'],
    async run(bench) {
      const { auth: before } = await bench.open()
      await before.commit('s', BEFORE, FIRST)
      const { auth } = await bench.openFailing(0)
      await rejection(auth.readCreds('s'), 'STORE_UNAVAILABLE')
      await rejection(auth.readKeys('s', 'session', ['old']), 'STORE_UNAVAILABLE')
      await rejection(auth.listKeyIds('s', 'session'), 'STORE_UNAVAILABLE')
      await rejection(auth.listArchives('s'), 'STORE_UNAVAILABLE')
    },
  },
  {
    name: 'leaves all or nothing of a batch in whose middle the engine fails, and takes it when it is back',
    needs: ['outage', 'durable', 'atomicBatch'],
    run: (bench) => cutEverywhere(bench, (left) => expect(new Set(left).size).toBe(1)),
  },
  {
    name: 'writes inbox, identities, sessions, credentials with other keys, deletes: in this order, or all at once',
    needs: ['outage', 'durable'],
    run: (bench) =>
      cutEverywhere(bench, (left) => expect(left).toEqual([...left].sort((a, b) => Number(b) - Number(a)))),
  },
])
