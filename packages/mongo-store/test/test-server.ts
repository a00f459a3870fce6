import { MongoClient } from 'mongodb'
import { describe, it } from 'vitest'

/** A server that the tests were given, and what it lacks. */
export interface TestServer {
  name: string
  uri: string
  transactions: boolean
  explain: boolean
}

const NO_SERVER = 'TEST_MONGODB_URI names no server; run `npm test`'

/** Registers tests for each server there is; without one they are skipped aloud. */
export function describeServers(what: string, tests: (server: TestServer) => void): void {
  if (servers.length === 0) it.skip(`${what} (skipped: ${NO_SERVER})`, () => {})
  for (const server of servers) describe(`${what}, ${server.name}`, () => tests(server))
}

const servers = await findTestServers()

/**
 * `npm test` starts servers and names them in the environment; without one there is nothing to test against. Beside the
 * in-memory server there is one whose transactions are emulated (`scripts/mongo-java-server`).
 */
async function findTestServers(): Promise<TestServer[]> {
  const { TEST_MONGODB_URI, TEST_MONGODB_REPLICA_SET_URI, REQUIRE_MONGO } = process.env
  if (!TEST_MONGODB_URI) {
    if (REQUIRE_MONGO === '1') throw new Error('REQUIRE_MONGO=1, but TEST_MONGODB_URI names no server')
    return []
  }
  const servers = [await describeServer('mongo', TEST_MONGODB_URI)]
  if (TEST_MONGODB_REPLICA_SET_URI)
    servers.push(await describeServer('mongo as a replica set', TEST_MONGODB_REPLICA_SET_URI))
  return servers
}

async function describeServer(name: string, uri: string): Promise<TestServer> {
  const client = new MongoClient(uri)
  try {
    const admin = client.db().admin()
    const hello = await admin.command({ hello: 1 }).catch(() => ({}) as { setName?: string; msg?: string })
    return {
      name,
      uri,
      transactions: hello.setName !== undefined || hello.msg === 'isdbgrid',
      explain: process.env.TEST_MONGODB_KIND !== 'java-server',
    }
  } finally {
    await client.close()
  }
}
