import { type Client, createClient } from '@trunkline/client'
import { io } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { declaredFetchOf } from '../../api/test/support/declared.js'
import { eventually, StorageWorld } from './support/storage-world.js'
import { type Storage, storages } from './support/storages.js'

// What a colleague does with lists and live events comes out the same, whatever the server keeps its things in.

vi.setConfig({ testTimeout: 60_000 })

const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse battery' }

const memory: Storage = {
  env: { STORE: 'memory' },
  contents: async () => new Map(),
  copy: async () => async () => {},
  close: async () => {},
}
const databases = storages.filter(({ name }) => name !== 'a folder')

describe.each([{ name: 'memory', open: async () => memory }, ...databases])('over $name', ({ open }) => {
  let world: StorageWorld
  let storage: Storage
  let client: Client

  beforeEach(async ({ skip }) => {
    world = await StorageWorld.start('over-stores')
    const opened = await open(world)
    if (!opened) return skip('TEST_MONGODB_URI names no server; run `npm test`')
    storage = opened
    await world.serve({ ...storage.env, ADMIN_EMAIL: CREDENTIALS.email, ADMIN_PASSWORD: CREDENTIALS.password })
    const baseUrl = `${world.server?.url}/api`
    client = createClient({ baseUrl, live: { io }, fetch: declaredFetchOf(baseUrl) })
    await client.signIn(CREDENTIALS)
  })
  afterEach(async () => {
    client?.close()
    await world[Symbol.asyncDispose]()
    await storage?.close()
  })

  it('the metadata of a session comes with its events, over sockets and in the log', async () => {
    const heard: { name: string; metadata: unknown }[] = []
    for (const name of ['session.created', 'session.status', 'qr', 'session.deleted'] as const)
      client.events.on(name, ({ metadata }: { metadata?: object | undefined }) => void heard.push({ name, metadata }))
    const until = (name: string) =>
      eventually(
        () => heard.map((one) => one.name),
        (names) => names.includes(name),
      )
    await new Promise<void>((resolve) => client.events.onState(({ status }) => status === 'open' && resolve()))

    await client.sessions.create({ id: 'shop', metadata: { team: 'sales' } })
    await until('qr')
    await client.sessions.update('shop', { metadata: { team: 'support', tier: '1' } })
    await client.sessions.stop('shop')
    const { items } = await client.events.list({ sessionId: 'shop' })
    await client.sessions.delete('shop')
    await until('session.deleted')

    expect(heard.filter(({ name }) => name !== 'session.status')).toMatchObject([
      { name: 'session.created', metadata: { team: 'sales' } },
      { name: 'qr', metadata: { team: 'sales' } },
      { name: 'session.deleted', metadata: { team: 'support', tier: '1' } },
    ])
    expect(items.map(({ name }) => name)).toEqual([
      'session.created',
      'session.status',
      'session.status',
      'session.status',
    ])
    expect(items.at(0)?.event.metadata).toEqual({ team: 'sales' })
    expect(items.at(-1)?.event.metadata).toEqual({ team: 'support', tier: '1' })
  })

  describe('the list of sessions', () => {
    const all = async (query: Parameters<Client['sessions']['list']>[0]) => {
      const ids: string[] = []
      for await (const { id } of client.sessions.list({ limit: 2, ...query })) ids.push(id)
      return ids.join(' ')
    }

    beforeEach(async () => {
      const made = [
        { id: 'depot', label: 'Ärger am Tor', metadata: { team: 'stock', city: 'Lima' } },
        { id: 'shop-1', label: 'zebra', metadata: { team: 'sales' } },
        { id: 'shop-2', label: 'Apple', metadata: { team: 'sales', city: 'Lima' } },
        { id: 'bare' },
        { id: 'annex', label: 'apple SHOP' },
      ]
      for (const one of made) await client.sessions.create({ ...one, start: false })
      await client.sessions.start('shop-1')
    })

    it('is sorted from either end, page by page', async () => {
      expect(await all({})).toBe('annex bare depot shop-1 shop-2')
      expect(await all({ sort: '-id' })).toBe('shop-2 shop-1 depot bare annex')
      expect(await all({ sort: 'label' })).toBe('bare shop-2 annex shop-1 depot')
      expect(await all({ sort: '-label' })).toBe('depot shop-1 annex shop-2 bare')
      expect((await all({ sort: '-status' })).split(' ').at(-1)).toBe('shop-1')
      const made = (await client.sessions.list({ sort: '-createdAt' })).items.map(({ createdAt }) => createdAt)
      expect(made).toEqual(made.toSorted().reverse())
    })

    it('is narrowed by a text, a status and metadata, in any order', async () => {
      expect(await all({ q: 'SHOP', sort: '-id' })).toBe('shop-2 shop-1 annex')
      expect(await all({ q: 'ärger' })).toBe('depot')
      expect(await all({ status: 'stopped', sort: 'label' })).toBe('bare shop-2 annex depot')
      expect(await all({ metadata: 'team=sales', sort: '-label' })).toBe('shop-1 shop-2')
      expect(await all({ metadata: 'team=sales', status: 'stopped', q: 'app' })).toBe('shop-2')
      await client.sessions.update('bare', { metadata: { team: 'sales' }, label: 'Middle' })
      expect(await all({ metadata: 'team=sales', sort: 'label' })).toBe('shop-2 bare shop-1')
    })

    it('refuses an order that there is none of, and a cursor of another order', async () => {
      const { nextCursor } = await client.sessions.list({ limit: 1, sort: 'label' })
      if (nextCursor === undefined) throw new Error('There is more')
      await expect(client.sessions.list({ cursor: nextCursor })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ field: 'cursor' }],
      })
      await expect(client.sessions.list({ sort: 'colour' as 'id' })).rejects.toMatchObject({
        errors: [{ field: 'sort' }],
      })
    })
  })
})
