import { randomBytes } from 'node:crypto'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFileAuthStore, readSealingKeyIds, sealingKeyFrom, TrunklineError } from '@trunkline/core'
import { createSqliteStore } from '@trunkline/sqlite-store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { filesWith, privateKeysOf, StorageWorld } from './support/storage-world.js'

const KEY = randomBytes(32).toString('hex')
const NEW_KEY = randomBytes(32).toString('base64')
const SEALED = 'Auth data was sealed with the first key'

// Each starts a server several times.
vi.setConfig({ testTimeout: 60_000 })

let world: StorageWorld

beforeEach(async () => {
  world = await StorageWorld.start('storage')
})
afterEach(() => world[Symbol.asyncDispose]())

async function refusal(env: Record<string, string>): Promise<TrunklineError> {
  const error = await world.serve(env).catch((reason: unknown) => reason)
  if (!TrunklineError.is(error)) throw new Error('The server started')
  return error
}

describe('AUTH_STORAGE=file', () => {
  it('keeps every key in the folder and none in the database, and comes back without a scan', async () => {
    const env = { STORE: 'sqlite', AUTH_STORAGE: 'file' }
    await world.serve(env)
    await world.link('shop')
    await world.talk('shop', 'hello')
    const keys = await privateKeysOf(world.manager.store.auth, 'shop')
    expect(keys.length).toBeGreaterThan(800)
    expect(await world.manager.store.health()).toMatchObject({
      capabilities: { authStorage: 'file', authEncrypted: false },
    })
    await world.stop()
    const found = filesWith(keys, await world.files())
    expect(found.length).toBeGreaterThan(800)
    expect(found.filter((path) => !path.startsWith(join(world.folder, 'auth')))).toEqual([])

    await world.serve(env)
    await world.status('shop', 'connected')
    await world.talk('shop', 'hello again')
    expect(world.showedQr).toBe(false)
    expect((await world.manager.messages('shop')).items).toHaveLength(4)
  })

  it.each(['memory', 'sqlite'])(
    'links again without a scan when the store (%s) was lost and the folder was not',
    async (STORE) => {
      const env = { STORE, AUTH_STORAGE: 'file' }
      await world.serve(env)
      await world.link('shop')
      for (let restarts = 0; restarts < 3; restarts++) await world.manager.restartSession('shop')
      await world.status('shop', 'connected')
      await world.stop()
      for (const name of ['trunkline.db', 'trunkline.db-wal', 'trunkline.db-shm', 'trunkline.db-lock'])
        await rm(join(world.folder, name), { force: true })

      await world.serve(env)
      await world.manager.create({ id: 'shop' })
      await world.status('shop', 'connected')
      await world.talk('shop', 'still here')
      expect(world.showedQr).toBe(false)
      const { errors } = await world.manager.details('shop')
      expect(errors.map(({ code }) => code)).not.toContain('LEASE_LOST')
    },
  )
})

describe.each<{ name: string; env: Record<string, string> }>([
  { name: 'SQLite', env: { STORE: 'sqlite' } },
  { name: 'a folder', env: { STORE: 'sqlite', AUTH_STORAGE: 'file' } },
])('AUTH_ENCRYPTION_KEY over $name', ({ env }) => {
  /** Which keys the stored data needs, read while the server is down. */
  async function neededKeys(): Promise<string[]> {
    if ('AUTH_STORAGE' in env)
      return readSealingKeyIds(createFileAuthStore({ folder: join(world.folder, 'auth') }), 'shop')
    const store = createSqliteStore({ path: join(world.folder, 'trunkline.db') })
    await store.setup()
    return readSealingKeyIds(store.auth, 'shop').finally(() => store.close())
  }

  it('leaves no private key in any file; the same search finds them where there is no encryption', async () => {
    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
    await world.link('shop')
    await world.talk('shop', 'hello')
    const keys = await privateKeysOf(world.manager.store.auth, 'shop')
    expect(keys.length).toBeGreaterThan(800)
    expect(filesWith(keys, await world.files())).toEqual([])
    await world.stop()
    expect(filesWith(keys, await world.files())).toEqual([])
    expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])
  })

  it('seals what was stored before there was a key, while the session runs', async () => {
    await world.serve(env)
    await world.link('shop')
    const keys = await privateKeysOf(world.manager.store.auth, 'shop')
    await world.stop()
    expect(filesWith(keys, await world.files())).not.toEqual([])

    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
    await world.status('shop', 'connected')
    await world.talk('shop', 'sealed now')
    await world.logged(SEALED)
    await world.stop()
    expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])
    if ('AUTH_STORAGE' in env) expect(filesWith(keys, await world.files())).toEqual([])
  })

  it('changes to a new key, running or at rest, after which the old one is not needed', async () => {
    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
    await world.link('shop')
    await world.stop()

    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: `${NEW_KEY},${KEY}` })
    await world.status('shop', 'connected')
    await world.talk('shop', 'both keys')
    await world.logged(SEALED)
    await world.manager.stopSession('shop')
    await world.stop()
    expect(await neededKeys()).toEqual([sealingKeyFrom(NEW_KEY).id])

    // Back again, and this time the session stays at rest.
    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: `${KEY},${NEW_KEY}` })
    await world.logged(SEALED)
    await world.stop()
    expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])
    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
    await world.manager.startSession('shop')
    await world.status('shop', 'connected')
    await world.talk('shop', 'one key')
    expect(world.showedQr).toBe(false)
  })

  it.each<[string, Record<string, string>, string]>([
    ['another key', { AUTH_ENCRYPTION_KEY: NEW_KEY }, 'is not the one that was used'],
    ['no key', {}, 'is not set'],
  ])('does not start with %s, names the variable, and changes nothing', async (_name, wrong, reason) => {
    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
    await world.link('shop')
    await world.stop()
    const before = await world.digests()
    const error = await refusal({ ...env, ...wrong })
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { errors: [{ field: 'AUTH_ENCRYPTION_KEY' }] } })
    expect(error.message).toContain(`AUTH_ENCRYPTION_KEY ${reason}`)
    expect(error.message).toContain(sealingKeyFrom(KEY).id)
    expect(error.message).not.toContain(KEY)
    // SQLite writes into its own log whenever it is opened.
    if ('AUTH_STORAGE' in env) expect(await world.digests()).toEqual(before)
    expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])
    expect(world.phones.ana.devices).toHaveLength(1)

    await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
    await world.status('shop', 'connected')
    await world.talk('shop', 'nothing lost')
    expect(world.showedQr).toBe(false)
  })
})

describe('a backup that is put back', () => {
  const database = () => join(world.folder, 'trunkline.db')
  const copy = () => join(world.folder, 'copy.db')

  it('is refused when the account was in use since, and the newer one connects again', async () => {
    await world.serve({ STORE: 'sqlite' })
    await world.link('shop')
    await world.stop()
    await copyFile(database(), copy())

    await world.serve({ STORE: 'sqlite' })
    await world.status('shop', 'connected')
    await world.talk('shop', 'after the copy')
    await world.stop()
    const newest = await readFile(database())
    await copyFile(copy(), database())

    await world.serve({ STORE: 'sqlite' })
    await world.status('shop', 'failed')
    expect(await world.manager.get('shop')).toMatchObject({
      statusReason: { code: 'BACKUP_TOO_OLD', action: expect.stringContaining('newest copy') },
    })
    expect(world.showedQr).toBe(false)
    expect(world.simulator.connections).toEqual([])
    await world.stop()

    await writeFile(database(), newest)
    await world.serve({ STORE: 'sqlite' })
    await world.status('shop', 'connected')
    await world.talk('shop', 'back again')
  })

  it('is taken when nothing happened since', async () => {
    await world.serve({ STORE: 'sqlite' })
    await world.link('shop')
    await world.stop()
    await copyFile(database(), copy())
    await copyFile(copy(), database())
    await world.serve({ STORE: 'sqlite' })
    await world.status('shop', 'connected')
    await world.talk('shop', 'the same')
  })
})
