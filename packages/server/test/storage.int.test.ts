import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readSealingKeyIds, sealingKeyFrom, TrunklineError } from '@trunkline/core'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readEnvironment } from '../src/environment.js'
import { type OpenStore, openStore } from '../src/open-store.js'
import { placesOf, privateKeysOf, StorageWorld } from './support/storage-world.js'
import { type Storage, storages } from './support/storages.js'

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
    const found = placesOf(keys, await world.files())
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

describe.each(storages)('over $name', ({ open }) => {
  let storage: Storage
  let env: Record<string, string>

  beforeEach(async ({ skip }) => {
    const opened = await open(world)
    if (!opened) return skip('TEST_MONGODB_URI names no server; run `npm test`')
    storage = opened
    env = opened.env
  })
  afterEach(async () => {
    await world.stop()
    await storage?.close()
  })

  /** The store as the server opens it, while that is down. */
  async function withStore<Result>(
    keys: Record<string, string>,
    work: (opened: OpenStore) => Promise<Result>,
  ): Promise<Result> {
    const configuration = readEnvironment(world.environment({ ...env, ...keys }))
    const opened = await openStore(configuration, pino({ level: 'silent' }))
    try {
      await opened.store.setup()
      return await work(opened)
    } finally {
      await opened.store.close()
    }
  }

  /** Which keys the stored data needs. */
  const neededKeys = () => withStore({}, ({ storedAuth }) => readSealingKeyIds(storedAuth, 'shop'))

  const placesWith = async (keys: readonly Buffer[]) => placesOf(keys, await storage.contents())

  describe('AUTH_ENCRYPTION_KEY', () => {
    it('leaves no private key anywhere, archives included; the same search finds them without it', async () => {
      await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
      await world.link('shop')
      await world.talk('shop', 'hello')
      const keys = await privateKeysOf(world.manager.store.auth, 'shop')
      expect(keys.length).toBeGreaterThan(800)
      expect(await placesWith(keys)).toEqual([])
      await world.stop()
      expect(await placesWith(keys)).toEqual([])
      expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])

      await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
      await world.status('shop', 'connected')
      await world.manager.logoutSession('shop')
      expect(await world.manager.store.auth.listArchives('shop')).toHaveLength(1)
      await world.stop()
      expect(await placesWith(keys)).toEqual([])
    })

    it('seals what was stored before there was a key, while the session runs', async () => {
      await world.serve(env)
      await world.link('shop')
      const keys = await privateKeysOf(world.manager.store.auth, 'shop')
      await world.stop()
      expect(await placesWith(keys)).not.toEqual([])

      await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
      await world.status('shop', 'connected')
      await world.talk('shop', 'sealed now')
      await world.logged(SEALED)
      await world.stop()
      expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])
      if (storage.credentials) expect(await placesWith(keys)).toEqual([])
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

    it('changes to a new key under a stream of commits: none is lost, and none needs the old key', async () => {
      const first = { epoch: 1 }
      const preKey = (id: number, text: string) => ({ type: 'pre-key', id: String(id), value: Buffer.from(text) })
      const puts = Array.from({ length: 250 }, (_, id) => preKey(id, 'older'))
      await withStore({ AUTH_ENCRYPTION_KEY: KEY }, ({ store }) =>
        store.auth.commit('shop', { creds: Buffer.from('credentials'), puts }, first),
      )
      const written = await withStore(
        { AUTH_ENCRYPTION_KEY: `${NEW_KEY},${KEY}` },
        async ({ store: { auth }, sealedAuth }) => {
          let count = 0
          do await auth.commit('shop', { puts: [preKey(count++ % 250, 'newer')] }, first)
          while (!(await sealedAuth?.isCurrent('shop')))
          return Math.min(count, 250)
        },
      )
      expect(written).toBeGreaterThan(1)
      const texts = await withStore({ AUTH_ENCRYPTION_KEY: NEW_KEY }, async ({ store: { auth } }) => {
        const keys = await auth.readKeys('shop', 'pre-key', await auth.listKeyIds('shop', 'pre-key'))
        return Array.from({ length: 250 }, (_, id) => Buffer.from(keys.get(String(id)) ?? []).toString())
      })
      expect(texts).toEqual([...Array(written).fill('newer'), ...Array(250 - written).fill('older')])
    })

    it.each<[string, Record<string, string>, string]>([
      ['another key', { AUTH_ENCRYPTION_KEY: NEW_KEY }, 'is not the one that was used'],
      ['no key', {}, 'is not set'],
    ])('does not start with %s, names the variable, and changes nothing', async (_name, wrong, reason) => {
      await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
      await world.link('shop')
      await world.stop()
      const before = await storage.credentials?.()
      const error = await refusal({ ...env, ...wrong })
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { errors: [{ field: 'AUTH_ENCRYPTION_KEY' }] } })
      expect(error.message).toContain(`AUTH_ENCRYPTION_KEY ${reason}`)
      expect(error.message).toContain(sealingKeyFrom(KEY).id)
      expect(error.message).not.toContain(KEY)
      expect((await storage.credentials?.()) ?? before).toEqual(before)
      expect(await neededKeys()).toEqual([sealingKeyFrom(KEY).id])
      expect(world.phones.ana.devices).toHaveLength(1)

      await world.serve({ ...env, AUTH_ENCRYPTION_KEY: KEY })
      await world.status('shop', 'connected')
      await world.talk('shop', 'nothing lost')
      expect(world.showedQr).toBe(false)
    })
  })

  describe('a backup that is put back', () => {
    it('is refused when the account was in use since, and the newer one connects again', async () => {
      await world.serve(env)
      await world.link('shop')
      await world.stop()
      const putOlderBack = await storage.copy()

      await world.serve(env)
      await world.status('shop', 'connected')
      await world.talk('shop', 'after the copy')
      await world.stop()
      const putNewestBack = await storage.copy()
      await putOlderBack()

      await world.serve(env)
      await world.status('shop', 'failed')
      expect(await world.manager.get('shop')).toMatchObject({
        statusReason: { code: 'BACKUP_TOO_OLD', action: expect.stringContaining('newest copy') },
      })
      expect(world.showedQr).toBe(false)
      expect(world.simulator.connections).toEqual([])
      await world.stop()

      await putNewestBack()
      await world.serve(env)
      // It waits for a person: where the record was not in the copy, it is still the one of the failure.
      await world.manager.startSession('shop')
      await world.status('shop', 'connected')
      await world.talk('shop', 'back again')
    })

    it('is taken when nothing happened since', async () => {
      await world.serve(env)
      await world.link('shop')
      await world.stop()
      const putBack = await storage.copy()
      await putBack()
      await world.serve(env)
      await world.status('shop', 'connected')
      await world.talk('shop', 'the same')
    })
  })
})
