import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BufferJSON, Curve, initAuthCreds, type SignalDataSet, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeAuthValue, encodeAuthValue } from '../baileys/credentials/auth-codec.js'
import { convertBaileysAuth } from '../baileys/credentials/baileys-auth.js'
import { readMultiFileAuth } from '../baileys/credentials/read-multi-file.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { newSessionRecord } from '../manager/new-session-record.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { Store } from '../ports/store.js'
import { importSession } from './import-session.js'

const ME = '15550000001:7@s.whatsapp.net'

/** One key of every type, in the shape it has at run time. */
const KEYS = {
  'pre-key': { 1: Curve.generateKeyPair(), 812: Curve.generateKeyPair() },
  session: {
    '15550000002.0': { version: 'v1', _sessions: { 'BQ+/=': { a: 'AA==' } } },
    '200000000000001_1.33': { version: 'v1' },
  },
  'identity-key': { '15550000002.0': Buffer.alloc(33, 5) },
  'sender-key': {
    '120363000000000001@g.us::200000000000001_1::0': Buffer.from('[{}]'),
    '15550000001-1400000000@g.us::15550000002::33': Buffer.from('[{}]'),
  },
  'sender-key-memory': { '15550000001-1400000000@g.us': { '15550000002:3@s.whatsapp.net': true } },
  'app-state-sync-key': { 'AAAA/A+B/8==': { keyData: Buffer.alloc(32, 6), timestamp: '1767225600' } },
  'app-state-sync-version': { critical_unblock_low: { version: 3, hash: Buffer.alloc(128, 7), indexValueMap: {} } },
  'lid-mapping': { '15550000002': '200000000000001', '200000000000001_reverse': '15550000002' },
  'device-list': { '15550000002': ['0', '33'] },
  tctoken: { '15550000002@s.whatsapp.net': { token: Buffer.alloc(16, 8), timestamp: '1767225600' } },
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-import-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The folder as Baileys itself writes it. */
async function writeWithBaileys(): Promise<void> {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  state.creds.me = { id: ME, lid: '200000000000009:7@lid' }
  state.creds.account = { details: Buffer.alloc(20, 1), accountSignature: Buffer.alloc(64, 2) }
  await saveCreds()
  await state.keys.set(KEYS as unknown as SignalDataSet)
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.catch((reason: unknown) => reason)
  return TrunklineError.is(error) ? error.code : undefined
}

/** The import of the one account in the folder. */
async function importFolder(store: Store, sessionId = 's') {
  const [account] = await readMultiFileAuth(folder)
  if (!account) throw new Error('There is no account')
  return importSession(store, account, { sessionId })
}

describe("the import of Baileys' multi-file state", () => {
  it('takes over credentials and every type of key under its own id', async () => {
    await writeWithBaileys()
    const store = createMemoryStore()
    expect(await importFolder(store)).toEqual({ sessionId: 's', jid: ME, keys: 14, damaged: [], ignored: [] })

    const { state } = await useMultiFileAuthState(folder)
    const { auth } = store
    expect(decodeAuthValue((await auth.readCreds('s')) as Uint8Array)).toEqual(state.creds)
    for (const [type, values] of Object.entries(KEYS)) {
      const ids = Object.keys(values)
      expect((await auth.listKeyIds('s', type)).sort()).toEqual([...ids].sort())
      const stored = [...(await auth.readKeys('s', type, ids))].map(([id, bytes]) => [id, decodeAuthValue(bytes, type)])
      expect(Object.fromEntries(stored)).toEqual(await state.keys.get(type as keyof SignalDataSet, ids))
    }
  })

  it.each([
    ['texts in base64, as Baileys writes them', (bytes: Buffer) => bytes.toString('base64')],
    ['lists of numbers, as Node does', (bytes: Buffer) => [...bytes]],
  ])('takes bytes in JSON for the same bytes: %s', async (_name, written) => {
    await writeWithBaileys()
    const [account] = await readMultiFileAuth(folder)
    if (!account) throw new Error('There is no account')
    const inJson = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_key, inner) =>
        inner?.type === 'Buffer' ? { type: 'Buffer', data: written(Buffer.from(inner.data)) } : inner,
      )
    const keys = account.keys.map(({ name, value }) => ({ name, value: inJson(value) }))
    expect(convertBaileysAuth({ ...account, creds: inJson(account.creds), keys })).toEqual(convertBaileysAuth(account))
  })

  it('makes a session that the next start connects, and tells of it', async () => {
    await writeWithBaileys()
    const store = createMemoryStore()
    await importFolder(store)
    expect(await store.sessions.get('s')).toMatchObject({
      desired: 'running',
      status: 'stopped',
      account: { phone: '15550000001', lid: '200000000000009@lid' },
      device: { id: 7 },
    })
    const { events } = await store.events.read('s', { after: 0, limit: 10 })
    expect(events.map(({ name }) => name)).toEqual(['session.created'])
  })

  it('fills an existing session whose link never came about', async () => {
    await writeWithBaileys()
    const store = createMemoryStore()
    const [account] = await readMultiFileAuth(folder)
    if (!account) throw new Error('There is no account')
    await importSession(store, account, { sessionId: 's', label: 'Shop', desired: 'stopped' })
    await store.auth.purge('s')
    const unlinked = encodeAuthValue(initAuthCreds())
    const leftover = { type: 'pre-key', id: '99', value: encodeAuthValue(Curve.generateKeyPair()) }
    await store.auth.commit('s', { creds: unlinked, puts: [leftover] }, { epoch: 5 })
    for (let epoch = 1; epoch < 5; epoch++) await store.leases.acquire('s', { owner: 'before', ttlMs: 0 })
    await importFolder(store)
    expect((await store.auth.listKeyIds('s', 'pre-key')).sort()).toEqual(['1', '812'])
    expect(await store.sessions.get('s')).toMatchObject({ label: 'Shop', desired: 'running' })
  })

  it('names files that are damaged or not of Baileys, and takes the rest', async () => {
    await writeWithBaileys()
    await writeFile(join(folder, 'session-15550000002.0.json'), '{"version":')
    await writeFile(join(folder, 'notes.txt'), 'mine')
    await writeFile(join(folder, 'session-1.0.txt'), '{}')
    expect(await importFolder(createMemoryStore())).toMatchObject({
      keys: 13,
      damaged: ['session-15550000002.0.json'],
      ignored: ['notes.txt', 'session-1.0.txt'],
    })
  })

  it('finds every account in a folder of folders, and leaves them as they are', async () => {
    await writeWithBaileys()
    const before = await readdir(folder)
    const all = await mkdtemp(join(tmpdir(), 'trunkline-import-'))
    await mkdir(join(all, 'empty'))
    await cp(folder, join(all, 'b'), { recursive: true })
    await cp(folder, join(all, 'a'), { recursive: true })
    expect((await readMultiFileAuth(all)).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(await readdir(folder)).toEqual(before)
    await rm(all, { recursive: true })
  })

  it('refuses a folder without a linked account, and leaves nothing behind', async () => {
    const store = createMemoryStore()
    expect(await codeOf(readMultiFileAuth(join(folder, 'none')))).toBe('IMPORT_FAILED')
    expect(await codeOf(importFolder(store))).toBe('IMPORT_FAILED')
    await (await useMultiFileAuthState(folder)).saveCreds()
    expect(await codeOf(importFolder(store))).toBe('IMPORT_FAILED')
    await writeFile(join(folder, 'creds.json'), '{"noiseKey"')
    expect(await codeOf(importFolder(store))).toBe('IMPORT_FAILED')
    const cut = { ...initAuthCreds(), me: { id: ME }, account: {}, noiseKey: { private: 'cut', public: 'off' } }
    await writeFile(join(folder, 'creds.json'), JSON.stringify(cut, BufferJSON.replacer))
    expect(await codeOf(importFolder(store))).toBe('IMPORT_FAILED')
    expect(await store.auth.readCreds('s')).toBeUndefined()
    expect(await store.sessions.get('s')).toBeUndefined()
  })

  it('refuses a session that is linked, that runs, or that cannot be read, and a device that another session has', async () => {
    await writeWithBaileys()
    const store = createMemoryStore()
    await importFolder(store)
    expect(await codeOf(importFolder(store))).toBe('SESSION_ALREADY_LINKED')
    expect(await codeOf(importFolder(store, 't'))).toBe('SESSION_ALREADY_LINKED')
    const other = createMemoryStore()
    await other.leases.acquire('s', { owner: 'a server', ttlMs: 10_000 })
    expect(await codeOf(importFolder(other))).toBe('LEASE_HELD')
    await other.auth.commit('u', { creds: Buffer.from('not readable, perhaps linked') }, { epoch: 1 })
    expect(await codeOf(importFolder(other, 'u'))).toBe('STORE_CORRUPT')
    expect((await other.sessions.list({ limit: 10 })).items).toEqual([])
  })

  it('refuses an account whose messages the session has not, and changes nothing', async () => {
    await writeWithBaileys()
    const store = createMemoryStore()
    const messagesOf = { jid: '15550000009@s.whatsapp.net', phone: '15550000009' }
    const record = { ...newSessionRecord({ id: 's' }, 0), messagesOf }
    await store.sessions.insert(record)
    expect(await codeOf(importFolder(store))).toBe('ACCOUNT_CHANGED')
    expect(await store.sessions.get('s')).toEqual(record)
    expect(await store.auth.readCreds('s')).toBeUndefined()
  })

  it('leaves no session behind when the store fails in the middle', async () => {
    await writeWithBaileys()
    const store = createMemoryStore()
    const auth = { ...store.auth, commit: () => Promise.reject(new TrunklineError('STORE_FULL')) }
    expect(await codeOf(importFolder({ ...store, auth }))).toBe('STORE_FULL')
    expect(await store.sessions.get('s')).toBeUndefined()
    expect(await importFolder(store)).toMatchObject({ keys: 14 })
  })
})
