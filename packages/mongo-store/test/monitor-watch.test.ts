import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@trunkline/core'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createMongoStore } from '../src/index.js'
import { describeServers } from './test-server.js'

const ROUNDS = 2
/** Shorter than the pause between two heartbeats: the next one begins because what was asked has failed. */
const SILENT_MS = 300
const PATIENCE = { timeout: 20_000, interval: 50 }

describeServers('a way to MongoDB that is silent and then breaks', (server) => {
  const databaseName = `trunkline-test-${randomUUID()}`
  const links = new Set<[Socket, Socket]>()
  let isSilent = false
  let proxy: Server
  let store: Store
  beforeAll(async () => {
    const target = new URL(server.uri)
    proxy = createServer((client) => {
      const link: [Socket, Socket] = [client, connect(Number(target.port), target.hostname)]
      links.add(link)
      for (const socket of link) socket.on('error', () => undefined)
      if (!isSilent) client.pipe(link[1]).pipe(client)
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const uri = new URL(server.uri)
    uri.port = `${(proxy.address() as AddressInfo).port}`
    uri.pathname = `/${databaseName}`
    const parameters = { directConnection: 'true', connectTimeoutMS: '300', heartbeatFrequencyMS: '4000' }
    for (const [name, value] of Object.entries({ ...parameters, serverSelectionTimeoutMS: '500' }))
      uri.searchParams.set(name, value)
    store = createMongoStore({ uri: uri.href })
    await store.setup()
  })
  afterAll(async () => {
    await store.close()
    for (const link of links) for (const socket of link) socket.destroy()
    proxy.close()
    const direct = new MongoClient(server.uri)
    await direct.db(databaseName).dropDatabase()
    await direct.close()
  })

  it('is found again by a store, however its connections broke', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      isSilent = true
      for (const [client, upstream] of links) {
        client.unpipe(upstream)
        upstream.unpipe(client)
      }
      // Of which some may never be answered: the driver waits with them.
      for (let n = 0; n < 5; n += 1) void store.sessions.list({ limit: 1 }).catch(() => undefined)
      await sleep(SILENT_MS)
      for (const link of links) for (const socket of link) socket.destroy()
      links.clear()
      isSilent = false
      await vi.waitFor(async () => expect((await store.sessions.list({ limit: 1 })).items).toEqual([]), PATIENCE)
    }
  }, 90_000)
})
