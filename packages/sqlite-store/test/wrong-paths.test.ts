import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrunklineError } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEngine } from '../src/engine.js'
import { atPath } from '../src/errors.js'
import { createSqliteStore } from '../src/index.js'
import { createStoreOn } from '../src/sqlite-store.js'

type Loose = (options?: unknown) => unknown

/** As hosts without types call it. */
const create = createSqliteStore as unknown as Loose

describe('options of the SQLite store that are wrong', () => {
  it.each<[unknown, string]>([
    [undefined, 'options'],
    ['data.db', 'options'],
    [{}, 'path'],
    [{ path: undefined }, 'path'],
    [{ path: null }, 'path'],
    [{ path: 42 }, 'path'],
    [{ path: '' }, 'path'],
    [{ path: '  ' }, 'path'],
    [{ path: ['data.db'] }, 'path'],
    [{ path: Buffer.from('data.db') }, 'path'],
    [{ path: new URL('file:///tmp/data.db') }, 'path'],
    [{ path: 'a\0b' }, 'path'],
    [{ path: 'x'.repeat(5_000) }, 'path'],
    [{ path: 'data.db', engine: 'sqlite3' }, 'engine'],
    [{ path: 'data.db', clock: {} }, 'clock'],
    [{ path: 'data.db', readonly: true }, 'readonly'],
  ])('are refused by name: %j', (options, field) => {
    expect(() => create(options)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(field),
        details: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
      }),
    )
  })
})

describe('a path that cannot be used', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trunkline-paths-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['is a folder', 'folder', 'EISDIR'],
    ['has a file in the place of its folder', 'file/data.db', 'ENOTDIR|EEXIST'],
    ['is below what is no folder', 'file/below/data.db', 'ENOTDIR|EEXIST'],
    ['has a name that no file system takes', 'n'.repeat(300), 'ENAMETOOLONG'],
    ['has a folder in the place of its lock', 'locked.db', 'EISDIR'],
  ])('is named with what the system said: one that %s', async (_, name, code) => {
    await mkdir(join(folder, 'folder'))
    await mkdir(join(folder, 'locked.db-lock'))
    await writeFile(join(folder, 'file'), '')
    const path = join(folder, name)
    const store = createSqliteStore({ path })
    const error = await store.setup().catch((reason: unknown) => reason)
    if (!TrunklineError.is(error, 'CONFIG_INVALID')) throw error
    expect(error.details?.errors[0]?.field).toBe('path')
    expect(error.message).toContain(path)
    expect(error.message).toMatch(new RegExp(code))
    await store.close()
  })

  it.each([
    ['EACCES', 'CONFIG_INVALID'],
    ['EPERM', 'CONFIG_INVALID'],
    ['EROFS', 'CONFIG_INVALID'],
    ['ENOSPC', 'STORE_FULL'],
    ['EDQUOT', 'STORE_FULL'],
    ['EIO', 'STORE_UNAVAILABLE'],
  ])('is named when the system says %s', (system, code) => {
    const cause = Object.assign(new Error(`${system}: something, open '/srv/data.db'`), { code: system })
    const error = atPath(cause, '/srv/data.db')
    expect(error).toMatchObject({ code, cause })
    expect(error.message).toContain('/srv/data.db')
    expect(error.message).toContain(`${system}: something`)
  })

  it.each<[string, object, string]>([
    ['a disk that is full, by number', { errcode: 13 }, 'STORE_FULL'],
    ['a disk that is full, by name', { code: 'SQLITE_FULL' }, 'STORE_FULL'],
    ['a file that cannot be written, by number', { errcode: 8 | (1 << 8) }, 'CONFIG_INVALID'],
    ['a file that cannot be written, by name', { code: 'SQLITE_READONLY' }, 'CONFIG_INVALID'],
    ['a file that cannot be opened', { code: 'SQLITE_CANTOPEN' }, 'CONFIG_INVALID'],
    ['another process', { errcode: 5 }, 'STORE_LOCKED'],
    ['damage', { code: 'SQLITE_CORRUPT' }, 'STORE_CORRUPT'],
  ])('is named when the engine says so at the start: %s', async (_, fields, code) => {
    const path = join(folder, 'data.db')
    const said = Object.assign(new Error('in the words of the engine'), fields)
    const failing = async (file: string) => {
      const engine = await openEngine(file)
      return file === path ? { ...engine, exec: () => raise(said) } : engine
    }
    const store = createStoreOn(failing, { path })
    const error = await store.setup().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, cause: said })
    expect((error as Error).message).toContain(path)
    expect((error as Error).message).toContain('in the words of the engine')
    await store.close()
  })
})

function raise(error: Error): never {
  throw error
}
