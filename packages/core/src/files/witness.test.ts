import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authStoreSuite } from '@trunkline/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { AuthBatch, AuthStore } from '../ports/auth-store.js'
import { createWitness } from './witness.js'

/** Credentials of the form `device:nextPreKeyId`; others are of no linked device. */
function describeText(creds: Uint8Array) {
  const [, id, nextPreKeyId] = /^(\w+):(\d+)$/.exec(Buffer.from(creds).toString()) ?? []
  return id ? { id, nextPreKeyId: Number(nextPreKeyId) } : undefined
}

const creds = (text: string) => ({ creds: Buffer.from(text) })
const talk: AuthBatch = { puts: [{ type: 'session', id: '1.0', value: Buffer.from('ratchet') }] }

let folder: string
let nowMs: number
let warnings: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-witness-'))
  nowMs = 0
  warnings = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** As another process opens it. */
function open(auth: AuthStore): AuthStore {
  const logger = { warn: (_fields: object, message: string) => void warnings.push(message) }
  return createWitness(auth, {
    folder: join(folder, 'witness'),
    clock: { monotonic: () => nowMs },
    logger,
    describe: describeText,
  })
}

/** The session in a store of its own, as a copy of a backup is. */
async function copyOf(auth: AuthStore): Promise<AuthStore> {
  const copy = createMemoryStore().auth
  const stored = await auth.readCreds('s')
  const puts: { type: string; id: string; value: Uint8Array }[] = []
  for (const type of ['session', 'pre-key', 'witness']) {
    const keys = await auth.readKeys('s', type, await auth.listKeyIds('s', type))
    for (const [id, value] of keys) puts.push({ type, id, value })
  }
  await copy.commit('s', { ...(stored ? { creds: stored } : {}), puts }, { epoch: 1 })
  return copy
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.catch((reason: unknown) => reason)
  return TrunklineError.is(error) ? error.code : undefined
}

authStoreSuite({
  name: 'witnessed',
  backend: async () => ({
    auth: createMemoryStore().auth,
    folder: await mkdtemp(join(tmpdir(), 'trunkline-witness-')),
  }),
  open: async ({ auth, folder: own }) => {
    const options = { folder: own, clock: { monotonic: () => 0 }, logger: { warn: () => {} } }
    const witnessed = createWitness(auth, { ...options, describe: describeText })
    return { auth: witnessed, setup: async () => {}, close: async () => {} }
  },
  destroy: ({ folder: own }) => rm(own, { recursive: true, force: true }),
})

describe('a witness', () => {
  it('lets the live state through, however often it is opened', async () => {
    const { auth } = createMemoryStore()
    await open(auth).commit('s', creds('d:1'), { epoch: 1 })
    for (let epoch = 2; epoch < 6; epoch++) {
      const witnessed = open(auth)
      expect(Buffer.from((await witnessed.readCreds('s')) ?? []).toString()).toBe('d:1')
      await witnessed.commit('s', talk, { epoch })
    }
  })

  it('refuses a copy from before the account was in use again', async () => {
    const { auth } = createMemoryStore()
    await open(auth).commit('s', creds('d:1'), { epoch: 1 })
    const copy = await copyOf(auth)
    const witnessed = open(auth)
    await witnessed.readCreds('s')
    await witnessed.commit('s', talk, { epoch: 2 })
    expect(await codeOf(open(copy).readCreds('s'))).toBe('BACKUP_TOO_OLD')
    expect(await codeOf(open(copy).readCreds('s'))).toBe('BACKUP_TOO_OLD')
    expect(await codeOf(open(auth).readCreds('s'))).toBeUndefined()
  })

  it('refuses a copy from the middle of a long connection', async () => {
    const { auth } = createMemoryStore()
    const witnessed = open(auth)
    await witnessed.commit('s', creds('d:1'), { epoch: 1 })
    const copy = await copyOf(auth)
    nowMs += 10_000
    await witnessed.commit('s', talk, { epoch: 1 })
    expect(await codeOf(open(copy).readCreds('s'))).toBe('BACKUP_TOO_OLD')
  })

  it('refuses credentials whose pre-keys were made anew since, though they carry no mark', async () => {
    const { auth } = createMemoryStore()
    await open(auth).commit('s', creds('d:813'), { epoch: 1 })
    await open(auth).commit('s', creds('d:818'), { epoch: 1 })
    const stock = createMemoryStore().auth
    expect(await codeOf(open(stock).commit('other', creds('d:813'), { epoch: 1 }))).toBe('BACKUP_TOO_OLD')
    expect(await stock.readCreds('other')).toBeUndefined()
  })

  it('refuses an import of what has been in use here since, and takes one that has not', async () => {
    const { auth } = createMemoryStore()
    const witnessed = open(auth)
    await witnessed.commit('s', creds('d:1'), { epoch: 1 })
    expect(await codeOf(open(createMemoryStore().auth).commit('s', creds('d:1'), { epoch: 1 }))).toBeUndefined()
    await witnessed.readCreds('s')
    await witnessed.commit('s', talk, { epoch: 2 })
    expect(await codeOf(open(createMemoryStore().auth).commit('s', creds('d:1'), { epoch: 1 }))).toBe('BACKUP_TOO_OLD')
  })

  it('has nothing against another device under the same session', async () => {
    const { auth } = createMemoryStore()
    const witnessed = open(auth)
    await witnessed.commit('s', creds('d:900'), { epoch: 1 })
    await witnessed.commit('s', talk, { epoch: 2 })
    await witnessed.purge('s')
    await witnessed.commit('s', creds('not linked'), { epoch: 3 })
    await witnessed.commit('s', creds('e:1'), { epoch: 3 })
    expect(await codeOf(open(auth).readCreds('s'))).toBeUndefined()
  })

  it('knows the mark of an archive', async () => {
    const { auth } = createMemoryStore()
    const witnessed = open(auth)
    await witnessed.commit('s', creds('d:1'), { epoch: 1 })
    await witnessed.commit('s', talk, { epoch: 2 })
    const archive = await witnessed.archive('s', { epoch: 2, reason: 'logout', at: '2026-01-01T00:00:00.000Z' })
    await witnessed.restore('s', archive?.id ?? '', { epoch: 3 })
    expect(await codeOf(witnessed.readCreds('s'))).toBeUndefined()
  })

  it('never runs ahead of a store that fails', async () => {
    const { auth } = createMemoryStore()
    await open(auth).commit('s', creds('d:1'), { epoch: 1 })
    const failing = { ...auth, commit: () => Promise.reject(new TrunklineError('STORE_UNAVAILABLE')) }
    const witnessed = open(failing)
    await witnessed.readCreds('s')
    expect(await codeOf(witnessed.commit('s', talk, { epoch: 2 }))).toBe('STORE_UNAVAILABLE')
    expect(await codeOf(open(auth).readCreds('s'))).toBeUndefined()
  })

  it('costs no mark while the last one is young, and nothing secret is in its file', async () => {
    const { auth } = createMemoryStore()
    const witnessed = open(auth)
    await witnessed.commit('s', creds('d:1'), { epoch: 1 })
    for (nowMs = 1_000; nowMs < 10_000; nowMs += 1_000) await witnessed.commit('s', talk, { epoch: 1 })
    expect(await readdir(join(folder, 'witness'))).toEqual(['d.json'])
    expect(JSON.parse(await readFile(join(folder, 'witness', 'd.json'), 'utf8'))).toEqual({ count: 0, nextPreKeyId: 1 })
  })

  it('that is damaged or gone accuses nobody, and says so', async () => {
    const { auth } = createMemoryStore()
    const witnessed = open(auth)
    await witnessed.commit('s', creds('d:1'), { epoch: 1 })
    const copy = await copyOf(auth)
    await witnessed.commit('s', talk, { epoch: 2 })
    await writeFile(join(folder, 'witness', 'd.json'), '')
    expect(await codeOf(open(copy).readCreds('s'))).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('cannot be read')])
    await rm(join(folder, 'witness'), { recursive: true })
    await writeFile(join(folder, 'witness'), 'a file in its way')
    await witnessed.commit('s', talk, { epoch: 3 })
    expect(warnings).toContainEqual(expect.stringContaining('cannot be written'))
  })
})
