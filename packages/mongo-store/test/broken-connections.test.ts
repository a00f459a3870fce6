import { randomUUID } from 'node:crypto'
import { message, noise } from '@trunkline/conformance/fixtures'
import type { Store } from '@trunkline/core'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createMongoStore } from '../src/index.js'
import { type BreakingProxy, startBreakingProxy } from './breaking-proxy.js'
import { describeServers } from './test-server.js'

const ROUNDS = 2

/** What many sessions do at the same moment, and a text that stands in each of its commands. */
const WORK: { name: string; text: string; run(store: Store, session: string, round: number): Promise<unknown> }[] = [
  {
    name: 'commits of credentials and keys',
    text: 'authkeys',
    run: ({ auth }, session, round) => {
      const puts = [{ type: 'session', id: `${round}`, value: noise(300) }]
      return auth.commit(session, { creds: noise(1_000, round), puts }, { epoch: 1 })
    },
  },
  {
    name: 'commits that put and delete',
    text: 'authkeys',
    run: ({ auth }, session, round) => {
      const puts = [{ type: 'session', id: `${round}`, value: noise(300) }]
      return auth.commit(session, { puts, deletes: [{ type: 'pre-key', id: `${round}` }] }, { epoch: 1 })
    },
  },
  {
    name: 'messages',
    text: 'messages',
    run: ({ messages }, session, round) => messages.upsert(session, [message({ id: `M${round}` })]),
  },
  {
    name: 'leases',
    text: 'leases',
    run: ({ leases }, session) => leases.acquire(session, { owner: 'a', ttlMs: 1_000 }),
  },
  {
    name: 'removals',
    text: 'events',
    run: ({ events }, session) => events.removeAll(session),
  },
]

describeServers('a broken connection to MongoDB', (server) => {
  const direct = new MongoClient(server.uri)
  let proxy: BreakingProxy
  let databaseName: string
  let client: MongoClient
  let store: Store
  beforeAll(async () => {
    proxy = await startBreakingProxy(server.uri)
  })
  beforeEach(async () => {
    databaseName = `trunkline-test-${randomUUID()}`
    client = new MongoClient(proxy.uri)
    store = createMongoStore({ client, databaseName })
    await store.setup()
  })
  afterEach(async () => {
    await client.close()
    await direct.db(databaseName).dropDatabase()
  })
  afterAll(async () => {
    await proxy.close()
    await direct.close()
  })

  for (const sessions of [20, 60]) {
    it.each(WORK)(
      `fails the work of nobody else while ${sessions} sessions do theirs: $name`,
      async ({ run, text }) => {
        const before = proxy.broken
        const failed = []
        for (let round = 1; round <= ROUNDS; round++) {
          proxy.breakAt(text)
          const work = Array.from({ length: sessions }, (_, number) => run(store, `s${number}`, round))
          failed.push(...(await Promise.allSettled(work)).filter(({ status }) => status === 'rejected'))
        }
        const broken = proxy.broken - before
        expect(broken).toBe(ROUNDS)
        // Whose own connection broke cannot know whether the server did it; the driver asks again where that is harmless.
        expect(failed.length).toBeLessThanOrEqual(broken)
      },
    )
  }

  it('leaves the keys of every commit that was acknowledged', async () => {
    proxy.breakAt('authkeys')
    const sessions = Array.from({ length: 60 }, (_, number) => `s${number}`)
    const key = { type: 'session', id: '1', value: noise(300) }
    const commits = sessions.map((session) =>
      store.auth.commit(session, { creds: noise(50), puts: [key] }, { epoch: 1 }).then(
        () => [session],
        () => [],
      ),
    )
    const acknowledged = (await Promise.all(commits)).flat()
    expect(acknowledged.length).toBeGreaterThanOrEqual(59)
    const found = acknowledged.map(async (session) => {
      const [creds, keys] = await Promise.all([
        store.auth.readCreds(session),
        store.auth.readKeys(session, 'session', ['1']),
      ])
      return creds?.length === 50 && keys.get('1')?.length === 300
    })
    expect(await Promise.all(found)).toEqual(acknowledged.map(() => true))
  })
})
