import { randomUUID } from 'node:crypto'
import { storeSuite } from '@trunkline/conformance'
import { MongoClient } from 'mongodb'
import { afterAll } from 'vitest'
import { createMongoStore } from '../src/index.js'
import { createFailingClient } from './failing-client.js'
import { describeServers } from './test-server.js'

describeServers('a MongoDB store keeps the promises of a store', ({ name, uri, transactions }) => {
  const client = new MongoClient(uri)
  const failing = createFailingClient(uri)
  afterAll(async () => {
    await client.close()
    await failing.client.close()
  })

  storeSuite({
    name,
    backend: async () => `trunkline-test-${randomUUID()}`,
    open: async (databaseName, { clock }) => createMongoStore({ client, databaseName, clock }),
    destroy: async (databaseName) => {
      await client.db(databaseName).dropDatabase()
    },
    async openFailing(databaseName, { writes, clock }) {
      failing.arm(Number.POSITIVE_INFINITY)
      const store = createMongoStore({ client: failing.client, databaseName, clock })
      await store.setup()
      failing.arm(writes)
      return store
    },
    ...(transactions ? {} : { lacks: { atomicBatch: 'this server has no transactions; a replica set has them' } }),
  })
})
