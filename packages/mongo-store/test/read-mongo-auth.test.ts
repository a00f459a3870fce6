import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readMongoAuth } from '../src/index.js'
import { describeServers } from './test-server.js'

const NOISE_KEY = Buffer.from('noise')

describeServers('the accounts of other programs in a MongoDB', (server) => {
  let client: MongoClient
  let uri: string

  beforeEach(async () => {
    const url = new URL(server.uri)
    url.pathname = `/stock-${randomUUID()}`
    uri = url.toString()
    client = await MongoClient.connect(uri)
  })
  afterEach(async () => {
    await client.db().dropDatabase()
    await client.close()
  })

  it('are read from the collections that are named, with bytes as bytes', async () => {
    const database = client.db()
    for (const name of ['wa_a', 'wa_b', 'other']) {
      const collection = database.collection<{ _id: string; noiseKey?: Buffer; value?: string }>(name)
      await collection.insertMany([
        { _id: 'creds', noiseKey: NOISE_KEY },
        { _id: 'lid-mapping-1', value: '200' },
      ])
    }
    const accounts = await readMongoAuth({ uri, collections: ['wa_*'] })
    expect(accounts.map(({ name }) => name)).toEqual(['wa_a', 'wa_b'])
    for (const { creds, keys } of accounts) {
      expect(creds).toEqual({ noiseKey: NOISE_KEY })
      expect(keys).toEqual([{ name: 'lid-mapping-1', value: '200' }])
    }
    expect(await database.collection('wa_a').countDocuments()).toBe(2)
  })

  it('are missed with a word on what there is', async () => {
    await client.db().collection('messages').insertOne({ text: 'hello' })
    await expect(readMongoAuth({ uri, collections: ['auth'] })).rejects.toMatchObject({
      code: 'IMPORT_FAILED',
      message: expect.stringContaining('messages'),
    })
    await expect(readMongoAuth({ uri, collections: ['messages'] })).rejects.toMatchObject({ code: 'IMPORT_FAILED' })
  })
})
