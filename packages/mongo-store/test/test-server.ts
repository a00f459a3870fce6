import { MongoClient } from 'mongodb'

/** The server that the tests were given, and what it lacks. */
export interface TestServer {
  uri: string
  transactions: boolean
  explain: boolean
}

/** `npm test` starts a server and names it in the environment; without one there is nothing to test against. */
export async function findTestServer(): Promise<TestServer | undefined> {
  const uri = process.env.TEST_MONGODB_URI
  if (!uri) {
    if (process.env.REQUIRE_MONGO === '1') throw new Error('REQUIRE_MONGO=1, but TEST_MONGODB_URI names no server')
    return undefined
  }
  const client = new MongoClient(uri)
  try {
    const admin = client.db().admin()
    const hello = await admin.command({ hello: 1 }).catch(() => ({}) as { setName?: string; msg?: string })
    return {
      uri,
      transactions: hello.setName !== undefined || hello.msg === 'isdbgrid',
      explain: process.env.TEST_MONGODB_KIND !== 'java-server',
    }
  } finally {
    await client.close()
  }
}

export const NO_SERVER = 'TEST_MONGODB_URI names no server; run `npm test`'
