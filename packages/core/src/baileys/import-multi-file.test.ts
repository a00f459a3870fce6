import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Curve, type SignalDataSet, useMultiFileAuthState } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import { decodeAuthValue } from './auth-codec.js'
import { importMultiFileAuth } from './import-multi-file.js'

const FIRST = { sessionId: 's', epoch: 1 }
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

describe("the import of Baileys' multi-file state", () => {
  it('takes over credentials and every type of key under its own id', async () => {
    await writeWithBaileys()
    const { auth } = createMemoryStore()
    const imported = await importMultiFileAuth({ folder, auth, ...FIRST })
    expect(imported).toEqual({ jid: ME, keys: 14, damaged: [], ignored: [] })

    const { state } = await useMultiFileAuthState(folder)
    expect(decodeAuthValue((await auth.readCreds('s')) as Uint8Array)).toEqual(state.creds)
    for (const [type, values] of Object.entries(KEYS)) {
      const ids = Object.keys(values)
      expect((await auth.listKeyIds('s', type)).sort()).toEqual([...ids].sort())
      const stored = [...(await auth.readKeys('s', type, ids))].map(([id, bytes]) => [id, decodeAuthValue(bytes, type)])
      expect(Object.fromEntries(stored)).toEqual(await state.keys.get(type as keyof SignalDataSet, ids))
    }
  })

  it('names files that are damaged or not of Baileys, and takes the rest', async () => {
    await writeWithBaileys()
    await writeFile(join(folder, 'session-15550000002.0.json'), '{"version":')
    await writeFile(join(folder, 'notes.txt'), 'mine')
    await writeFile(join(folder, 'session-1.0.txt'), '{}')
    const { auth } = createMemoryStore()
    const imported = await importMultiFileAuth({ folder, auth, ...FIRST })
    expect(imported).toMatchObject({
      keys: 13,
      damaged: ['session-15550000002.0.json'],
      ignored: ['notes.txt', 'session-1.0.txt'],
    })
  })

  it('leaves the folder as it is', async () => {
    await writeWithBaileys()
    const before = await readdir(folder)
    await importMultiFileAuth({ folder, auth: createMemoryStore().auth, ...FIRST })
    expect(await readdir(folder)).toEqual(before)
  })

  it('refuses a folder without a linked account, and writes nothing', async () => {
    const { auth } = createMemoryStore()
    expect(await codeOf(importMultiFileAuth({ folder: join(folder, 'none'), auth, ...FIRST }))).toBe('IMPORT_FAILED')
    expect(await codeOf(importMultiFileAuth({ folder, auth, ...FIRST }))).toBe('IMPORT_FAILED')
    await (await useMultiFileAuthState(folder)).saveCreds()
    expect(await codeOf(importMultiFileAuth({ folder, auth, ...FIRST }))).toBe('IMPORT_FAILED')
    await writeFile(join(folder, 'creds.json'), '{"noiseKey"')
    expect(await codeOf(importMultiFileAuth({ folder, auth, ...FIRST }))).toBe('IMPORT_FAILED')
    expect(await auth.readCreds('s')).toBeUndefined()
  })

  it('refuses a session that is linked already, and a former owner', async () => {
    await writeWithBaileys()
    const { auth } = createMemoryStore()
    await auth.commit('s', { creds: Buffer.from('linked') }, { epoch: 2 })
    expect(await codeOf(importMultiFileAuth({ folder, auth, ...FIRST }))).toBe('SESSION_ALREADY_LINKED')
    await auth.commit('t', {}, { epoch: 2 })
    expect(await codeOf(importMultiFileAuth({ folder, auth, sessionId: 't', epoch: 1 }))).toBe('LEASE_LOST')
  })
})
