import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { startTestMongo } from './test-mongo.mjs'

describe('startTestMongo', () => {
  it('takes the server of MONGODB_URI and leaves it alone', async () => {
    const mongo = await startTestMongo({ MONGODB_URI: 'mongodb://127.0.0.1:1/x' })
    expect(mongo).toMatchObject({ uri: 'mongodb://127.0.0.1:1/x', kind: 'external' })
    await mongo.stop()
  })

  // npm test has tried it already; starting a second one here shows that it ends when it is told to.
  it.skipIf(process.env.TEST_MONGODB_KIND !== 'java-server' && process.env.TEST_MONGODB_KIND !== 'mongod')(
    'starts a server on loopback, the replica set beside it too, and ends them',
    async () => {
      const mongo = await startTestMongo({ PATH: process.env.PATH })
      const { hostname, port } = new URL(mongo.uri)
      expect(hostname).toBe('127.0.0.1')
      await expect(connects(Number(port))).resolves.toBe(true)
      const replicaSetPort = mongo.replicaSetUri && Number(new URL(mongo.replicaSetUri).port)
      if (replicaSetPort) await expect(connects(replicaSetPort)).resolves.toBe(true)
      await mongo.stop()
      await expect(connects(Number(port))).resolves.toBe(false)
      if (replicaSetPort) await expect(connects(replicaSetPort)).resolves.toBe(false)
    },
    60_000,
  )
})

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
