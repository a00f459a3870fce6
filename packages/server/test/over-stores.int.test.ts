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
})
