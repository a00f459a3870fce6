import { chatKindOf, createMemoryStore, MultiSessionManager } from '@trunkline/core'
import qrcode from 'qrcode-terminal'

// Real WhatsApp: `npm start`. A simulated one: `npm start -- --simulated`, which also scans the QR and writes a message.
const simulated = process.argv.includes('--simulated') ? await import('./simulated.js') : undefined
const whatsapp = await simulated?.startWhatsapp()

const manager = new MultiSessionManager({ store: createMemoryStore(), ...whatsapp?.options })

manager.on('qr', ({ sessionId, qr }) => {
  console.log(`Scan this with the phone of "${sessionId}": WhatsApp, Linked devices, Link a device`)
  qrcode.generate(qr, { small: true })
  void whatsapp?.scan(qr)
})
manager.on('connected', ({ sessionId, status }) => {
  console.log(`${sessionId}: ${status}`)
  if (status === 'connected') void whatsapp?.sayHello()
})
manager.on('message', async ({ sessionId, message }) => {
  console.log(`${sessionId} got a message`)
  // People only: a status, a group or a channel is a message too.
  if (chatKindOf(message.chatId) !== 'individual') return
  await manager.send(sessionId, { to: message.chatId, text: `You said: ${message.text ?? message.type}` })
})

await manager.start()
await manager.create({ id: 'quick-start' })

process.once('SIGINT', async () => {
  await manager.close()
  await whatsapp?.close()
  // Baileys leaves a timer of 30 s behind when it has uploaded pre-keys.
  process.exit()
})
