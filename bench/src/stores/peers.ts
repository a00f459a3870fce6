import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { MongoClient } from 'mongodb'
import { type BaileysAuth, baileysAuth } from './baileys-auth.js'
import { documentBytes, type Subject } from './subjects.js'

/** In memory: its SQLite adapter would have to be compiled. */
export async function openKeyv(peers: string): Promise<Subject> {
  const require = createRequire(join(peers, 'package.json'))
  const { makeKeyvAuthState, Keyv } = require('@rodrigogs/baileys-store') as {
    makeKeyvAuthState(store: object, session: string): Promise<BaileysAuth>
    Keyv: new (options: { store: Map<string, unknown> }) => object
  }
  const values = new Map<string, unknown>()
  const keyv = new Keyv({ store: values })
  return {
    name: '@rodrigogs/baileys-store (in memory)',
    durable: false,
    auth: baileysAuth((session) => makeKeyvAuthState(keyv, session)),
    bytes: async () => [...values].reduce((sum, [key, value]) => sum + key.length + String(value).length, 0),
    close: async () => undefined,
  }
}

export async function openMongoBaileys(peers: string, { uri, kind }: { uri: string; kind: string }): Promise<Subject> {
  const require = createRequire(join(peers, 'package.json'))
  const { useMongoDBAuthState } = require('mongo-baileys') as {
    useMongoDBAuthState(collection: object): Promise<BaileysAuth>
  }
  // Its own driver, whose types it recognizes values by.
  const driver = require('mongodb') as { MongoClient: typeof MongoClient }
  const client = new driver.MongoClient(uri, { monitorCommands: true })
  let commands = 0
  client.on('commandStarted', () => {
    commands += 1
  })
  const database = client.db(`trunkline-bench-peer-${process.pid}`)
  const durable = kind !== 'java-server'
  return {
    name: `mongo-baileys (${durable ? kind : 'in-memory server'})`,
    durable,
    auth: baileysAuth((session) => useMongoDBAuthState(database.collection(session))),
    roundTrips: () => commands,
    bytes: () => documentBytes(database),
    async close() {
      await database.dropDatabase()
      await client.close()
    },
  }
}
