import { startSimulator } from '@trunkline/simulator'

const CHATS = 30

/** A phone with a long history, in a process of its own: it scans what it is sent. */
const simulator = await startSimulator({ seed: 'history' })
const messages = Number(process.argv[2])
const history = Array.from({ length: CHATS }, (_, chat) => ({
  with: `1555${1_000_000 + chat}`,
  messages: Array.from({ length: Math.ceil(messages / CHATS) }, (__, place) => ({
    text: `message ${place} of chat ${chat}, as long as people write`,
    fromMe: place % 2 === 0,
    at: new Date(Date.UTC(2026, 0, 1) + place * 60_000).toISOString(),
  })),
}))
const phone = await simulator.createPhone({ number: '15550000001', name: 'Ana', history })
process.on('message', ({ qr }: { qr: string }) => void phone.scanQr(qr).catch(() => undefined))
process.send?.({ url: simulator.url, rootPublicKey: Buffer.from(simulator.rootPublicKey).toString('base64') })
