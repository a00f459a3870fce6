import { createMemoryStore, MultiSessionManager } from '../../src/index.js'

/** A process of its own that links one account, closes everything when it is told to, and does nothing to end itself. */
const [webSocketUrl = '', rootPublicKey = ''] = process.argv.slice(2)

const store = createMemoryStore()
const manager = new MultiSessionManager({ store, webSocketUrl, certPublicKey: Buffer.from(rootPublicKey, 'hex') })
manager.on('qr', ({ qr }) => process.send?.({ qr }))
manager.on('connected', ({ status }) => process.send?.({ status }))
process.once('message', async () => {
  await manager.close()
  await store.close()
  process.send?.({ closed: true })
  process.disconnect()
})
await manager.create({ id: 'ana' })
