import { pino } from 'pino'
import { createFileAuthStore, createMemoryStore, MultiSessionManager } from '../../src/index.js'

/**
 * A process of its own, to be killed: links one account, whose keys lie in files, logs all there is to standard output, and
 * answers every message with `re: …`. It tells its parent its QRs and when it is connected.
 */
const [folder = '', webSocketUrl = '', rootPublicKey = ''] = process.argv.slice(2)

const manager = new MultiSessionManager({
  store: { ...createMemoryStore(), auth: createFileAuthStore({ folder }) },
  webSocketUrl,
  certPublicKey: Buffer.from(rootPublicKey, 'hex'),
  logger: pino({ level: 'trace' }),
})
manager.on('qr', ({ qr }) => process.send?.({ qr }))
manager.on('connected', ({ status }) => process.send?.({ status }))
manager.on('message', ({ message }) => {
  manager.send('ana', { to: message.chatId, text: `re: ${message.text}` }).catch(() => undefined)
})
await manager.create({ id: 'ana' })
