import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type ClientSession, MongoClient } from 'mongodb'
import { expect, it } from 'vitest'
import { describeServers } from './test-server.js'

/** Long enough to be encoded while another command runs, on a server that lets one. */
const PADDING = 'x'.repeat(1_000_000)

describeServers('the server under test', (server) => {
  // Every compare-and-set of the store stands on this: what was read is one state of the document.
  it('shows no reader a document that is changed by half', async () => {
    const client = new MongoClient(server.uri)
    const database = client.db(`trunkline-test-${randomUUID()}`)
    const documents = database.collection<{ _id: string; first: number; last: number }>('documents')
    try {
      await documents.insertOne({ _id: 'x', first: 0, ...{ padding: PADDING }, last: 0 })
      const read: (readonly [first: number | undefined, last: number | undefined])[] = []
      for (let number = 1; number <= 100; number++) {
        const reads = Array.from({ length: 6 }, async () => {
          const found = await documents.findOne({ _id: 'x' })
          read.push([found?.first, found?.last])
        })
        await Promise.all([documents.updateOne({ _id: 'x' }, { $set: { first: number, last: number } }), ...reads])
      }
      expect(read.filter(([first, last]) => first !== last)).toEqual([])
      expect(new Set(read.map(([first]) => first)).size).toBeGreaterThan(50)
    } finally {
      await database.dropDatabase()
      await client.close()
    }
  })

  // What one account writes beside a transaction waits for it, or goes first; MongoDB refuses neither.
  it('lets both through when somebody writes what a transaction has written', async () => {
    const client = new MongoClient(server.uri)
    const database = client.db(`trunkline-test-${randomUUID()}`)
    const documents = database.collection<{ _id: string; names: string[] }>('documents')
    try {
      await documents.insertOne({ _id: 'x', names: [] })
      const adds = (name: string, session?: ClientSession) =>
        documents.updateOne({ _id: 'x' }, { $push: { names: name } }, session ? { session } : {})
      let beside: Promise<unknown> | undefined
      const inside = async (session?: ClientSession) => {
        await adds('inside', session)
        beside ??= adds('beside')
        // A server that keeps the other waiting answers it only when the transaction has ended.
        await Promise.race([beside, setTimeout(200)])
      }
      if (server.transactions) await client.withSession((session) => session.withTransaction(() => inside(session)))
      else await inside()
      await beside
      const { names } = (await documents.findOne({ _id: 'x' }))!
      expect(names.sort()).toEqual(['beside', 'inside'])
    } finally {
      await database.dropDatabase()
      await client.close()
    }
  })
})
