import { randomUUID } from 'node:crypto'
import { storeSuite } from '@trunkline/conformance'
import { MongoClient } from 'mongodb'
import { afterAll, expect, it } from 'vitest'
import { createMongoStore } from '../src/index.js'

const uri = process.env.TEST_MONGODB_URI
const kind = process.env.TEST_MONGODB_KIND ?? 'external'

if (!uri) {
  it('has a MongoDB to run against where REQUIRE_MONGO is set', () => {
    expect(process.env.REQUIRE_MONGO).toBeUndefined()
  })
  it.skip('mongo keeps the promises of a store (skipped: there is no TEST_MONGODB_URI)', () => {})
} else {
  const client = new MongoClient(uri)
  afterAll(() => client.close())
  storeSuite({
    name: `mongo on ${kind}`,
    backend: async () => `trunkline_test_${randomUUID().slice(0, 8)}`,
    open: async (databaseName, { clock }) => createMongoStore({ client, databaseName, clock }),
    destroy: async (databaseName) => void (await client.db(databaseName).dropDatabase()),
  })
}
