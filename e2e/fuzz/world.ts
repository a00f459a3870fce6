// What `npm run fuzz` asks: a server with the memory store, a linked account and a phone, all on loopback. Prints where, and ends
// when its standard input does.
import { createClient } from '@trunkline/client'
import { startServer } from '@trunkline/server'
import { startSimulator } from '@trunkline/simulator'
import { io } from 'socket.io-client'

const CREDENTIALS = { email: 'ada@example.org', password: 'the password of the fuzz' }

const simulator = await startSimulator({ seed: 'fuzz' })
const ana = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
const ben = await simulator.createPhone({ number: '15550000002', name: 'Ben' })
const server = await startServer({
  STORE: 'memory',
  // Who asks this much is turned away by the server, in front of the interface and its document.
  RATE_LIMIT: 'off',
  RATE_LIMIT_ADDRESS: 'off',
  PORT: '0',
  LOG_LEVEL: process.env.FUZZ_LOG_LEVEL ?? 'silent',
  // Each one that is made connects, and a machine has better things to do than to hold hundreds of them.
  MAX_SESSIONS: '10',
  JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
  ADMIN_EMAIL: CREDENTIALS.email,
  ADMIN_PASSWORD: CREDENTIALS.password,
  WA_WEB_SOCKET_URL: simulator.url,
  WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
})
const client = createClient({ baseUrl: `${server.url}/api`, live: { io } })
const { accessToken } = await client.signIn(CREDENTIALS)

// The ids that the examples of the document name are there.
const connected = new Promise<void>((resolve) => {
  client.events.on('connected', ({ status }) => status === 'connected' && resolve())
})
client.events.on('qr', ({ sessionId, qr }) => void (sessionId === 'shop' && ana.scanQr(qr)))
await new Promise<void>((resolve) => client.events.onState(({ status }) => status === 'open' && resolve()))
await client.sessions.create({ id: 'shop' })
await connected
await ben.sendText(ana.number, 'Hello')
client.close()

process.stdout.write(`${JSON.stringify({ url: server.url, accessToken })}\n`)

process.stdin.resume().once('end', async () => {
  await server.close()
  await simulator.close()
})
