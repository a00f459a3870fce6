import { type Client, createClient } from '@trunkline/client'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { declaredFetchOf } from '../../api/test/support/declared.js'
import { type RunningServer, startServer } from '../src/index.js'

// Against the whole server and a phone: the way of the README.

const CREDENTIALS = { email: 'ada@example.org', password: 'correct horse battery' }
const ANA = '15550000001'
const BEN = '15550000002'

let simulator: Simulator
let ana: Phone
let ben: Phone
let server: RunningServer
let client: Client

beforeAll(async () => {
  simulator = await startSimulator({ seed: 'client' })
  ana = await simulator.createPhone({ number: ANA, name: 'Ana' })
  ben = await simulator.createPhone({ number: BEN, name: 'Ben' })
  server = await startServer({
    STORE: 'memory',
    PORT: '0',
    LOG_LEVEL: 'silent',
    JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!',
    ADMIN_EMAIL: CREDENTIALS.email,
    ADMIN_PASSWORD: CREDENTIALS.password,
    WA_WEB_SOCKET_URL: simulator.url,
    WA_CERT_PUBLIC_KEY: simulator.rootPublicKey.toString('hex'),
  })
  const baseUrl = `${server.url}/api`
  client = createClient({ baseUrl, live: { io }, fetch: declaredFetchOf(baseUrl) })
  await client.signIn(CREDENTIALS)
})
afterAll(async () => {
  client?.close()
  await server?.close()
  await simulator?.close()
})

it('links an account, sends, and hears what comes', async () => {
  const qr = new Promise<string>((resolve) => client.events.on('qr', (event) => resolve(event.qr)))
  const connected = new Promise<void>((resolve) => {
    client.events.on('connected', ({ status }) => {
      if (status === 'connected') resolve()
    })
  })
  const texts: (string | undefined)[] = []
  const answered = new Promise<void>((resolve) => {
    client.events.on('message', ({ message }) => {
      texts.push(message.text)
      resolve()
    })
  })
  await new Promise<void>((resolve) => client.events.onState(({ status }) => status === 'open' && resolve()))
  expect(await client.sessions.create({ id: 'ana', label: 'Ana' })).toMatchObject({ id: 'ana', label: 'Ana' })
  await ana.scanQr(await qr)
  await connected

  const sent = await client.messages.send('ana', { to: BEN, text: 'hello' }, { idempotencyKey: 'order-1' })
  expect(await ben.waitForMessage('hello')).toMatchObject({ id: sent.id })
  const again = await client.messages.send('ana', { to: BEN, text: 'hello' }, { idempotencyKey: 'order-1' })
  expect(again.id).toBe(sent.id)

  await ben.sendText(ANA, 'hello Ana')
  await answered
  expect(texts).toEqual(['hello Ana'])
  const found: (string | undefined)[] = []
  for await (const { text } of client.messages.list('ana', { chatId: BEN, limit: 1 })) found.push(text)
  expect(found).toEqual(['hello Ana', 'hello'])
  expect((await client.chats.list('ana')).items).toMatchObject([{ phone: BEN }])
})

it('shows the QR as a picture', async () => {
  const qr = new Promise((resolve) => client.events.on('qr', resolve))
  await client.sessions.create({ id: 'second' })
  await qr
  const png = await client.sessions.getQr('second', { accept: 'image/png' })
  expect(png.headers.get('content-type')).toBe('image/png')
  expect((await png.arrayBuffer()).byteLength).toBeGreaterThan(100)
  expect(await client.sessions.getQr('second')).toMatchObject({ sessionId: 'second', attempt: 1 })
})

it('fails as the server says', async () => {
  await expect(client.sessions.get('nobody')).rejects.toMatchObject({
    code: 'SESSION_NOT_FOUND',
    status: 404,
    details: { sessionId: 'nobody' },
  })
  await expect(client.messages.send('ana', { to: '19990000000', text: 'hello?' })).rejects.toMatchObject({
    code: 'RECIPIENT_NOT_ON_WHATSAPP',
  })
})
