import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authStoreSuite } from '@trunkline/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TrunklineError } from '../errors/trunkline-error.js'
import { createSealedAuthStore } from '../sealed/sealed-auth-store.js'
import { type DurableFiles, durableFiles } from './durable-files.js'
import { createFileAuthStore, createFileAuthStoreOn } from './file-auth-store.js'

const newFolder = () => mkdtemp(join(tmpdir(), 'trunkline-files-'))
const life = { setup: async () => {}, close: async () => {} }

authStoreSuite({
  name: 'files',
  backend: newFolder,
  open: async (folder) => ({ auth: createFileAuthStore({ folder: join(folder, 'auth') }), ...life }),
  destroy: (folder) => rm(folder, { recursive: true, force: true }),
  openFailing: async (folder, { writes }) => {
    return { auth: createFileAuthStoreOn(failingFiles(writes), { folder: join(folder, 'auth') }), ...life }
  },
  lacks: { shared: 'one process owns the folder' },
})

/** A disk that carries out `writes` more writes, one file each, and is then gone. */
function failingFiles(writes: number): DurableFiles {
  let left = writes
  const check = (wanted = 0) => {
    if (left <= 0 || left < wanted) throw Object.assign(new Error('i/o error'), { code: 'EIO' })
    left -= wanted
  }
  /** As many of the items as the disk still takes. */
  const some = async <Item>(items: readonly Item[], write: (items: readonly Item[]) => Promise<void>) => {
    const taken = items.slice(0, Math.max(left, 0))
    left -= taken.length
    await write(taken)
    if (taken.length < items.length) check(1)
  }
  return {
    async read(path) {
      check()
      return durableFiles.read(path)
    },
    async list(folder) {
      check()
      return durableFiles.list(folder)
    },
    async rename(from, to) {
      check(1)
      await durableFiles.rename(from, to)
    },
    write: (folder, contents) => some(contents, (taken) => durableFiles.write(folder, taken)),
    remove: (folder, names) => some(names, (taken) => durableFiles.remove(folder, taken)),
  }
}

describe('the folder of the file auth store', () => {
  const FIRST = { epoch: 1 }
  let folder: string
  beforeEach(async () => {
    folder = await newFolder()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function codeOf(promise: Promise<unknown> | (() => Promise<unknown>)): Promise<string | undefined> {
    const error = await Promise.resolve(typeof promise === 'function' ? promise() : promise).catch(
      (reason: unknown) => reason,
    )
    return TrunklineError.is(error) ? error.code : undefined
  }

  async function allFiles(): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }

  it('is never left, whatever the session id', async () => {
    const auth = createFileAuthStore({ folder: join(folder, 'auth') })
    await writeFile(join(folder, 'creds'), 'not ours')
    for (const id of ['..', '.', '../x', 'a/b', 'a\\b', '', '/etc', 'a\0b', 'C:x', 'x'.repeat(65), 'ä']) {
      expect([id, await codeOf(async () => auth.commit(id, { creds: Buffer.from('x') }, FIRST))]).toEqual([
        id,
        'VALIDATION_FAILED',
      ])
      expect([id, await codeOf(async () => auth.readCreds(id))]).toEqual([id, 'VALIDATION_FAILED'])
      expect([id, await codeOf(async () => auth.purge(id))]).toEqual([id, 'VALIDATION_FAILED'])
    }
    await auth.commit('s', { creds: Buffer.from('x') }, FIRST)
    await auth.archive('s', { ...FIRST, reason: 'logout', at: '2026-01-01T00:00:00.000Z' })
    expect(await codeOf(auth.restore('s', '../../../creds', FIRST))).toBe('ARCHIVE_NOT_FOUND')
    expect(await readFile(join(folder, 'creds'), 'utf8')).toBe('not ours')
  })

  it('is for its user only, and so is every file in it', async () => {
    const auth = createFileAuthStore({ folder: join(folder, 'auth') })
    await auth.commit(
      's',
      { creds: Buffer.from('x'), puts: [{ type: 'session', id: '1.0', value: Buffer.from('y') }] },
      FIRST,
    )
    for (const path of await allFiles()) expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'auth'))).mode & 0o777).toBe(0o700)
  })

  it('keeps ids that are longer than a file name may be, and lists them', async () => {
    const auth = createFileAuthStore({ folder })
    const ids = ['x'.repeat(500), 'ÄÖÜ'.repeat(60), 'short']
    await auth.commit('s', { puts: ids.map((id) => ({ type: 'type'.repeat(99), id, value: Buffer.from(id) })) }, FIRST)
    expect((await auth.listKeyIds('s', 'type'.repeat(99))).sort()).toEqual([...ids].sort())
    const found = await auth.readKeys('s', 'type'.repeat(99), ids)
    for (const id of ids) expect(Buffer.from(found.get(id) ?? []).toString()).toBe(id)
  })

  it('takes a damaged or unreadable file for an error and not for "none"', async () => {
    const auth = createFileAuthStore({ folder })
    await auth.commit('s', { puts: [{ type: 'session', id: '1', value: Buffer.from('y') }] }, FIRST)
    await mkdir(join(folder, 's', 'current', 'creds'))
    expect(await codeOf(auth.readCreds('s'))).toBe('STORE_UNAVAILABLE')
    await writeFile(join(folder, 's', 'current', 'key~session~1'), '')
    expect(await codeOf(auth.readKeys('s', 'session', ['1']))).toBe('STORE_CORRUPT')
    await writeFile(join(folder, 's', 'current', 'batch'), '[{"na')
    expect(await codeOf(auth.listKeyIds('s', 'session'))).toBe('STORE_CORRUPT')
  })

  it('is quiet once the store is closed: what was going on is done, and nothing begins', async () => {
    const auth = createFileAuthStore({ folder })
    const puts = Array.from({ length: 200 }, (_, id) => ({ type: 'pre-key', id: String(id), value: Buffer.from('y') }))
    const going = auth.commit('s', { creds: Buffer.from('x'), puts }, FIRST)
    const late = auth.commit('s', { creds: Buffer.from('late') }, FIRST)
    const [, outcome] = await Promise.all([auth.close(), codeOf(late)])
    expect(outcome).toBe('STORE_UNAVAILABLE')
    expect(await codeOf(auth.readCreds('s'))).toBe('STORE_UNAVAILABLE')
    // It had not begun either.
    expect(await codeOf(going)).toBe('STORE_UNAVAILABLE')

    const next = createFileAuthStore({ folder })
    const begun = next.commit('s', { creds: Buffer.from('x'), puts }, FIRST)
    await new Promise((resolve) => setImmediate(resolve))
    await next.close()
    await begun
    const found = await createFileAuthStore({ folder }).listKeyIds('s', 'pre-key')
    expect(found).toHaveLength(200)
  })

  it('remembers the highest epoch beyond everything else', async () => {
    const auth = createFileAuthStore({ folder })
    expect(await auth.highestEpoch('s')).toBe(0)
    await auth.commit('s', { creds: Buffer.from('x') }, { epoch: 7 })
    await auth.purge('s')
    expect(await createFileAuthStore({ folder }).highestEpoch('s')).toBe(7)
  })

  it('holds no key material in any file when the store is sealed', async () => {
    const secret = Buffer.from('7365637265742d6b65792d6d6174657269616c2d30313233343536373839', 'hex')
    const sealed = createSealedAuthStore(createFileAuthStore({ folder }), {
      keys: [{ id: 'k', key: Buffer.alloc(32, 7) }],
    })
    const puts = Array.from({ length: 20 }, (_, id) => ({ type: 'pre-key', id: String(id), value: secret }))
    await sealed.commit('s', { creds: secret, puts }, FIRST)
    await sealed.archive('s', { ...FIRST, reason: 'logout', at: '2026-01-01T00:00:00.000Z' })
    await sealed.commit('s', { creds: secret, puts }, FIRST)
    const files = await allFiles()
    expect(files.length).toBeGreaterThan(40)
    const traces = [
      secret,
      ...(['hex', 'base64', 'latin1'] as const).map((encoding) => Buffer.from(secret.toString(encoding))),
    ]
    for (const path of files) {
      const content = await readFile(path)
      for (const trace of traces) expect(content.includes(trace.subarray(0, 12))).toBe(false)
    }
  })
})
