import { randomBytes } from 'node:crypto'
import { settled } from '@trunkline/conformance/testing'
import { type AuthenticationCreds, Curve, initAuthCreds, proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { createAuthHandle } from '../../manager/auth-handle.js'
import { createMemoryStore } from '../../memory/memory-store.js'
import type { AuthBatch, AuthStore } from '../../ports/auth-store.js'
import type { AuthHandle } from '../../ports/connector.js'
import { deferred } from '../../util/deferred.js'
import { systemClock } from '../../util/system-clock.js'
import { decodeAuthValue, encodeAuthValue } from './auth-codec.js'
import { loadAuthState } from './auth-state.js'

function handleOver(auth: AuthStore): AuthHandle {
  const { signal: lost } = new AbortController()
  return createAuthHandle({ auth, sessionId: 's', epoch: 1, lost, clock: systemClock })
}

function setUp() {
  const { auth } = createMemoryStore()
  const handle = handleOver(auth)
  const batches: AuthBatch[] = []
  const order: string[] = []
  const recorded: AuthHandle = {
    ...handle,
    commit: (batch) => {
      batches.push(batch)
      return handle.commit(batch)
    },
  }
  const load = (with_: AuthHandle = recorded) => loadAuthState(with_, () => order.push('told'))
  const stored = async () => decodeAuthValue((await auth.readCreds('s'))!) as AuthenticationCreds
  return { auth, batches, order, recorded, load, stored }
}

const me = { id: '15550000001:3@s.whatsapp.net', lid: '200000000000001:3@lid', name: 'Ana' }

describe('the auth state of a session', () => {
  it('makes credentials and stores them before anybody uses them', async () => {
    const { load, stored, batches } = setUp()
    const state = await load()
    expect(state.linked).toBe(false)
    expect(batches).toHaveLength(1)
    expect((await stored()).noiseKey).toEqual(state.creds.noiseKey)
    const again = await load()
    expect(again.creds).toEqual(state.creds)
    expect(batches).toHaveLength(1)
  })

  it('makes none, and stores nothing, when they cannot be read', async () => {
    const { recorded, batches } = setUp()
    const away = { ...recorded, readCreds: () => Promise.reject(new Error('away')) }
    await expect(loadAuthState(away, () => undefined)).rejects.toThrow('away')
    expect(batches).toEqual([])
  })

  it('makes none in the place of some that are corrupt', async () => {
    const { auth, load, batches } = setUp()
    await auth.commit('s', { creds: Buffer.from('garbage') }, { epoch: 1 })
    await expect(load()).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    expect(batches).toEqual([])
  })

  it('knows a linked account by its account, not by `registered`, which stays false after a QR', async () => {
    const { auth, load } = setUp()
    const creds = { ...initAuthCreds(), me, account: { details: randomBytes(8) }, registered: false }
    await auth.commit('s', { creds: encodeAuthValue(creds) }, { epoch: 1 })
    const state = await load()
    expect(state.linked).toBe(true)
    expect(state.creds.me).toEqual(me)
  })

  it('forgets the number of a pairing code that nobody typed: the next connection links instead of logging in', async () => {
    const { auth, load } = setUp()
    const creds = { ...initAuthCreds(), me: { id: me.id }, pairingCode: 'ABCD1234' }
    await auth.commit('s', { creds: encodeAuthValue(creds) }, { epoch: 1 })
    const state = await load()
    expect(state.linked).toBe(false)
    expect(state.creds.me).toBeUndefined()
    expect(state.creds.pairingCode).toBeUndefined()
    expect(state.creds.noiseKey).toEqual(creds.noiseKey)
  })

  it('writes the credentials as they are when the turn ends, once for all calls of a turn', async () => {
    const { load, stored, batches } = setUp()
    const state = await load()
    const saving = [state.saveCreds(), state.saveCreds()]
    state.creds.nextPreKeyId = 7
    saving.push(state.saveCreds())
    state.creds.nextPreKeyId = 8
    await Promise.all(saving)
    expect(batches).toHaveLength(2)
    expect((await stored()).nextPreKeyId).toBe(8)
    state.creds.nextPreKeyId = 9
    await state.saveCreds()
    expect((await stored()).nextPreKeyId).toBe(9)
  })

  it('does not write credentials that are stored as they are, and writes them after whatever came in between', async () => {
    const { auth, load, stored, batches } = setUp()
    await auth.commit('s', { creds: encodeAuthValue({ ...initAuthCreds(), nextPreKeyId: 1 }) }, { epoch: 1 })
    const state = await load()
    await state.saveCreds()
    expect(batches).toHaveLength(0)
    state.creds.nextPreKeyId = 7
    const first = state.saveCreds()
    await Promise.resolve()
    // The other ones are on their way: what was stored before is not any more.
    state.creds.nextPreKeyId = 1
    await Promise.all([first, state.saveCreds()])
    expect((await stored()).nextPreKeyId).toBe(1)
    expect(batches).toHaveLength(2)
    await state.saveCreds()
    expect(batches).toHaveLength(2)
    state.creds.nextPreKeyId = 3
    await state.keys.set({ 'pre-key': { 2: Curve.generateKeyPair() } })
    await state.saveCreds()
    expect(batches).toHaveLength(3)
    expect((await stored()).nextPreKeyId).toBe(3)
  })

  it('writes credentials again when it is not known whether they were stored', async () => {
    const { recorded, stored } = setUp()
    const { commit } = recorded
    const state = await loadAuthState(recorded, () => undefined)
    state.creds.nextPreKeyId = 7
    recorded.commit = () => Promise.reject(new Error('away'))
    await expect(state.saveCreds()).rejects.toThrow('away')
    recorded.commit = commit
    await state.saveCreds()
    expect((await stored()).nextPreKeyId).toBe(7)
  })

  it('does not write the devices of somebody again when they are the same', async () => {
    const { auth, load } = setUp()
    await (await load()).keys.set({ 'device-list': { '15550000001': ['0'], '15550000002': ['0'] } })
    const written: AuthBatch[] = []
    const counted: AuthStore = {
      ...auth,
      commit(sessionId, batch, options) {
        if (batch.puts) written.push(batch)
        return auth.commit(sessionId, batch, options)
      },
    }
    const { keys } = await load(handleOver(counted))
    await keys.set({ 'device-list': { '15550000001': ['0'] } })
    expect(written).toEqual([])
    await keys.set({ 'device-list': { '15550000001': ['0', '7'], '15550000002': ['0'] } })
    expect(written.map(({ puts = [] }) => puts.map(({ id }) => id))).toEqual([['15550000001']])
    expect(await keys.get('device-list', ['15550000001', '15550000002'])).toEqual({
      '15550000001': ['0', '7'],
      '15550000002': ['0'],
    })
  })

  it('knows an account that WhatsApp has let in by the pre-keys that were uploaded, not by those that were made', async () => {
    const { auth, load } = setUp()
    const creds = { ...initAuthCreds(), me, account: { details: randomBytes(8) }, nextPreKeyId: 813 }
    await auth.commit('s', { creds: encodeAuthValue(creds) }, { epoch: 1 })
    expect((await load()).loggedIn).toBe(false)
    await auth.commit('s', { creds: encodeAuthValue({ ...creds, firstUnuploadedPreKeyId: 813 }) }, { epoch: 1 })
    expect((await load()).loggedIn).toBe(true)
  })

  it('writes pre-keys and the counter of their ids in one batch', async () => {
    const { load, stored, batches, auth } = setUp()
    const state = await load()
    state.creds.nextPreKeyId = 3
    await state.keys.set({ 'pre-key': { 1: Curve.generateKeyPair(), 2: Curve.generateKeyPair() } })
    expect(batches).toHaveLength(2)
    expect((await stored()).nextPreKeyId).toBe(3)
    expect((await auth.listKeyIds('s', 'pre-key')).sort()).toEqual(['1', '2'])
    await state.keys.set({ 'device-list': { '15550000001': ['0'] } })
    expect(batches.at(-1)).not.toHaveProperty('creds')
  })

  it('gives back every key type of Baileys 7 as it was at run time, deletes what is null, and leaves out what is absent', async () => {
    const { load } = setUp()
    const { keys } = await load()
    const values = {
      'pre-key': { '1': { private: randomBytes(32), public: randomBytes(32) } },
      // A plain object, although the types say bytes.
      session: { '200000000000003_1.0': { _sessions: { 'AB+/=': { registrationId: 1, chains: [] } }, version: 'v1' } },
      'identity-key': { '200000000000003_1.0': new Uint8Array(randomBytes(33)) },
      'sender-key': { '120363000000000001@g.us::200000000000003_1::0': Buffer.from('[{"senderKeyId":1}]') },
      // Map keys with dots.
      'sender-key-memory': { '120363000000000001@g.us': { '15550000003.0:1@s.whatsapp.net': true } },
      'app-state-sync-version': {
        regular: { version: 3, hash: randomBytes(128), indexValueMap: { 'a/b+c=': { valueMac: randomBytes(32) } } },
      },
      'lid-mapping': { '15550000003': '200000000000003', '200000000000003_reverse': '15550000003' },
      'device-list': { '15550000003': ['0', '12'] },
      tctoken: { '200000000000003@lid': { token: randomBytes(16), timestamp: '1764000000', senderTimestamp: 1 } },
      'not-made-yet': { 'any/id+=.:': { deep: [randomBytes(2), null, true, 'text'] } },
    }
    await keys.set(values)
    for (const [type, byId] of Object.entries(values)) {
      const ids = Object.keys(byId)
      const read = await keys.get(type, [...ids, 'absent'])
      expect(Object.keys(read)).toEqual(ids)
      for (const id of ids) {
        const value = (byId as Record<string, unknown>)[id]
        // Bytes come back as Buffers, which are Uint8Arrays with more methods.
        const expected = value instanceof Uint8Array ? Buffer.from(value) : value
        expect(read[id], `${type} ${id}`).toEqual(expected)
      }
      await keys.set({ [type]: Object.fromEntries(ids.map((id) => [id, null])) })
      expect(await keys.get(type, ids)).toEqual({})
    }
  })

  it('gives app-state keys back as the protobuf class that Baileys needs', async () => {
    const { load } = setUp()
    const { keys } = await load()
    const key = proto.Message.AppStateSyncKeyData.fromObject({
      keyData: randomBytes(32),
      fingerprint: { rawId: 7, currentIndex: 1, deviceIndexes: [0, 1] },
      timestamp: 1_764_000_000_000,
    })
    await keys.set({ 'app-state-sync-key': { 'AAA/+=': key } })
    const { 'AAA/+=': read } = await keys.get('app-state-sync-key', ['AAA/+='])
    expect(read).toBeInstanceOf(proto.Message.AppStateSyncKeyData)
    const { encode } = proto.Message.AppStateSyncKeyData
    expect(Buffer.from(encode(read as proto.Message.AppStateSyncKeyData).finish())).toEqual(
      Buffer.from(encode(key).finish()),
    )
  })

  it('tells of a write that failed before the write rejects, so that nothing more leaves', async () => {
    const { recorded, order } = setUp()
    const state = await loadAuthState(recorded, () => order.push('told'))
    recorded.commit = () => Promise.reject(new Error('away'))
    await state.keys.set({ session: { a: { version: 'v1' } } }).catch(() => order.push('rejected'))
    await state.saveCreds().catch(() => order.push('rejected'))
    expect(order).toEqual(['told', 'rejected', 'told', 'rejected'])
    await settled()
  })

  it('tells of a read that failed before the read rejects: the message that needed the key waits at the server', async () => {
    const { recorded, order } = setUp()
    const state = await loadAuthState(recorded, () => order.push('told'))
    recorded.readKeys = () => Promise.reject(new Error('away'))
    for (const type of ['session', 'pre-key', 'identity-key', 'sender-key', 'lid-mapping', 'device-list', 'inbox'])
      await state.keys.get(type, ['a']).catch(() => order.push('rejected'))
    expect(order).toEqual(Array.from({ length: 7 }, () => ['told', 'rejected']).flat())
  })

  it('tells of a record that cannot be decoded before the read rejects', async () => {
    const { auth, recorded, load, order } = setUp()
    const state = await load()
    await recorded.commit({ puts: [{ type: 'session', id: 'a', value: Buffer.from('garbage') }] })
    expect(await auth.listKeyIds('s', 'session')).toEqual(['a'])
    const codes: unknown[] = []
    await state.keys.get('session', ['a']).catch((error: unknown) => {
      order.push('rejected')
      codes.push(error)
    })
    expect(order).toEqual(['told', 'rejected'])
    expect(codes).toEqual([expect.objectContaining({ code: 'STORE_CORRUPT' })])
  })

  it('is sealed when its connection ends: what is on its way is waited for, what comes later is refused', async () => {
    const { recorded, order } = setUp()
    const state = await loadAuthState(recorded, () => order.push('told'))
    const stored = deferred()
    recorded.commit = () => stored.promise
    const write = state.keys.set({ session: { a: { version: 'v1' } } })
    const sealed = state.seal().then(() => order.push('sealed'))
    await expect(state.saveCreds()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(state.keys.set({ session: { a: null } })).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(order).toEqual([])
    stored.resolve()
    await Promise.all([write, sealed])
    expect(order).toEqual(['sealed'])
  })

  it('does not keep a corrupt key from being noticed', async () => {
    const { auth, load } = setUp()
    const { keys } = await load()
    await auth.commit('s', { puts: [{ type: 'session', id: 'a', value: Buffer.from([9, 9, 9]) }] }, { epoch: 1 })
    await expect(keys.get('session', ['a'])).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  })
})
