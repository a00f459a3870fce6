import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TrunklineError } from '@trunkline/core'
import type { TappedStanza } from '@trunkline/simulator'
import { useMultiFileAuthState } from '@whiskeysockets/baileys'
import { MongoClient } from 'mongodb'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { importAccounts, listArchives, restore } from '../src/index.js'
import { shapes, useMongoAuthState } from './support/baileys-mongo.js'
import { runPlainBaileys } from './support/plain-baileys.js'
import { StorageWorld } from './support/storage-world.js'

vi.setConfig({ testTimeout: 90_000 })

const logger = pino({ level: 'silent' })
const mongoUri = process.env.TEST_MONGODB_URI

let world: StorageWorld

beforeEach(async () => {
  world = await StorageWorld.start('import')
})
afterEach(() => world[Symbol.asyncDispose]())

const people = () => ({ phone: world.phones.ana, customer: world.phones.carol })

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.catch((reason: unknown) => reason)
  return TrunklineError.is(error) ? error.code : undefined
}

/** The server connects the imported session by itself, without a scan, and messages go both ways at once. */
async function goesOn(sessionId: string, env: Record<string, string>): Promise<TappedStanza[]> {
  const wire: TappedStanza[] = []
  const untap = world.simulator.tap((stanza) => void wire.push(stanza))
  await world.serve(env)
  await world.status(sessionId, 'connected')
  await world.talk(sessionId, 'moved in')
  untap()
  expect(world.showedQr).toBe(false)
  expect(world.phones.ana.devices).toHaveLength(1)
  expect(wire.filter(({ node }) => node.tag === 'receipt' && node.attrs.type === 'retry')).toEqual([])
  expect(world.simulator.violations).toEqual([])
  expect(world.simulator.unhandled).toEqual([])
  return wire
}

/**
 * The conversation with the customer goes on in the ratchet of the other program: `pkmsg` would begin a new one. What the own
 * phone still has for its device (keys, a history that was not acknowledged in time) says nothing about it.
 */
function expectNoNewConversation(wire: readonly TappedStanza[]): void {
  const { ana, carol } = world.phones
  const withCustomer = ({ attrs: { from, to } }: TappedStanza['node']) =>
    [from, to].some((jid) => jid === carol.jid || jid === carol.lid)
  const ofDevice = wire.filter(({ number, device, node }) => number === ana.number && device && withCustomer(node))
  // The own phone gets a copy of what is sent; it has not answered any, so its copies stay `pkmsg`.
  const types = ofDevice.flatMap(({ direction, node }) =>
    encryptionsIn(node, ana.lid).map((type) => `${direction} ${type}`),
  )
  expect(new Set(types)).toEqual(new Set(['in msg', 'out msg']))
}

function encryptionsIn({ tag, attrs, content }: TappedStanza['node'], except: string): (string | undefined)[] {
  if (tag === 'to' && attrs.jid === except) return []
  if (tag === 'enc') return [attrs.type]
  return Array.isArray(content) ? content.flatMap((inner) => encryptionsIn(inner, except)) : []
}

describe("an account of Baileys' multi-file state", () => {
  const env = { STORE: 'sqlite' }
  const authFolder = () => join(world.folder, 'stock', 'shop')

  async function runBaileys(): Promise<void> {
    await mkdir(authFolder(), { recursive: true })
    await runPlainBaileys(world.simulator, await useMultiFileAuthState(authFolder()), people())
  }

  it('goes on where the other program stopped, alone or among others', async () => {
    await runBaileys()
    const [outcome] = await importAccounts(world.environment(env), { from: join(world.folder, 'stock'), logger })
    expect(outcome).toMatchObject({ sessionId: 'shop', damaged: [], ignored: [] })
    expectNoNewConversation(await goesOn('shop', env))
    expect(await world.manager.get('shop')).toMatchObject({ account: { phone: world.phones.ana.number } })
  })

  it('is not put over a linked session, nor into a second one; what was in use since is not imported again', async () => {
    await runBaileys()
    const environment = world.environment(env)
    const from = authFolder()
    await importAccounts(environment, { from, sessionId: 'first', logger })
    for (const [sessionId, code] of [
      ['first', 'SESSION_ALREADY_LINKED'],
      ['second', 'SESSION_ALREADY_LINKED'],
    ] as const) {
      const [outcome] = await importAccounts(environment, { from, sessionId, logger })
      expect(outcome).toMatchObject({ sessionId, error: { code } })
    }
    await goesOn('first', env)
    await expect(world.manager.get('second')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    await world.stop()
    for (const name of ['trunkline.db', 'trunkline.db-wal', 'trunkline.db-shm'])
      await rm(join(world.folder, name), { force: true })
    const [again] = await importAccounts(environment, { from, sessionId: 'third', logger })
    expect(again).toMatchObject({ error: { code: 'BACKUP_TOO_OLD' } })
    await world.serve(env)
    await expect(world.manager.get('third')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })
})

describe('an archive', () => {
  const env = { STORE: 'sqlite' }

  it('is put back in use and connects without a scan, after a logout that WhatsApp has not heard of', async () => {
    await world.serve(env)
    await world.link('shop')
    await world.manager.stopSession('shop')
    await world.manager.logoutSession('shop')
    await world.stop()
    const environment = world.environment(env)
    const archives = await listArchives(environment, { sessionId: 'shop', logger })
    expect(archives).toHaveLength(1)
    expect(await codeOf(restore(environment, { sessionId: 'shop', archiveId: randomUUID(), logger }))).toBe(
      'ARCHIVE_NOT_FOUND',
    )
    expect(await codeOf(restore(environment, { sessionId: 'none', logger }))).toBe('SESSION_NOT_FOUND')

    const restored = await restore(environment, { sessionId: 'shop', logger })
    expect(restored).toMatchObject({ archive: archives[0], account: { phone: world.phones.ana.number } })
    await goesOn('shop', env)
    await world.stop()
    expect(await listArchives(environment, { sessionId: 'shop', logger })).toEqual([])
    expect(await codeOf(restore(environment, { sessionId: 'shop', logger }))).toBe('ARCHIVE_NOT_FOUND')
  })

  it('brings a deleted session back, and gives way to nothing that is linked', async () => {
    await world.serve(env)
    await world.link('shop')
    await world.manager.stopSession('shop')
    await world.manager.delete('shop')
    await world.stop()
    const environment = world.environment(env)
    await restore(environment, { sessionId: 'shop', logger })
    await goesOn('shop', env)
    const { store } = world.manager
    const lease = await store.leases.acquire('shop', { owner: 'somebody else', ttlMs: 1_000 })
    expect(lease).toBeUndefined()
  })
})

if (!mongoUri)
  process.stderr.write('Imports from MongoDB are skipped: TEST_MONGODB_URI names no server; run `npm test`\n')
describe.skipIf(!mongoUri)('an account in a MongoDB', () => {
  const env = { STORE: 'sqlite' }
  let client: MongoClient
  let uri: string

  beforeEach(async () => {
    const url = new URL(String(mongoUri))
    url.pathname = `/import-${randomUUID()}`
    uri = url.toString()
    client = await MongoClient.connect(uri)
  })
  afterEach(async () => {
    await client.db().dropDatabase()
    await client.close()
  })

  it.each(Object.entries(shapes))('goes on where the other program stopped: %s', async (_shape, shapeIn) => {
    await runPlainBaileys(world.simulator, await useMongoAuthState(shapeIn(client.db())), people())
    const [outcome] = await importAccounts(world.environment(env), { from: uri, collections: ['*'], logger })
    expect(outcome).toMatchObject({ sessionId: 'shop', damaged: [], ignored: [] })
    expectNoNewConversation(await goesOn('shop', env))
  })
})
