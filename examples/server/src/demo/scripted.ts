import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient } from './api-client.js'
import { type DemoWorld, type Person, startDemoWorld } from './demo-world.js'
import { Steps } from './steps.js'

const CLOSE_TIMEOUT_MS = 5_000

/**
 * The main job, by the outside of everything: REST and live events of the server on one side, what the simulated phones
 * really decrypted on the other. Answers the exit code. With a MongoDB, what the server keeps stays there: each run has sessions
 * of its own.
 */
export async function runScripted(
  start = startDemoWorld,
  { mongoUri }: { mongoUri?: string | undefined } = {},
): Promise<number> {
  const steps = new Steps()
  let folder: string | undefined
  let world: DemoWorld | undefined
  let client: ApiClient | undefined
  try {
    const started = await steps.run('server and simulator started', async () => {
      folder = await mkdtemp(join(tmpdir(), 'trunkline-demo-'))
      return start(folder, { port: 0, logLevel: 'warn', mongoUri })
    })
    world = started
    client = new ApiClient(started.server.url)
    const suffix = mongoUri ? `-${randomBytes(4).toString('hex')}` : ''
    await play(steps, started, { client, idOf: (name) => `${name}${suffix}` })
    client.close()
    world = undefined
    await steps.run('closed', () => started.close())
    process.stdout.write(`${steps.total}  in all: everything worked\n`)
    return 0
  } catch (error) {
    process.stderr.write(`Failed at: ${steps.current}\n${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    client?.close()
    // What hangs must not keep the answer back.
    await Promise.race([world?.close(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]).catch(() => undefined)
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

interface Player {
  client: ApiClient
  /** The session of this run that is called so. */
  idOf(name: string): string
}

async function play(steps: Steps, world: DemoWorld, player: Player): Promise<void> {
  const { phones, secrets, simulator } = world
  const { client, idOf } = player
  const [ana, ben] = [idOf('ana'), idOf('ben')]
  await steps.run('login', async () => {
    await client.login(secrets.adminEmail, secrets.adminPassword)
    await client.listen()
  })
  await link(steps, world, player, 'ana')
  await link(steps, world, player, 'ben')

  const first = await steps.run('message A→B', async () => {
    const sent = await send(client, ana, phones.ben.number, 'Hello Ben')
    await client.heard('message', ({ sessionId, message }) => sessionId === ben && message?.id === sent.id)
    await phones.ben.waitForMessage('Hello Ben')
    return sent
  })
  await steps.run('message B→A', async () => {
    const sent = await send(client, ben, phones.ana.number, 'Hello Ana')
    await client.heard('message', ({ sessionId, message }) => sessionId === ana && message?.id === sent.id)
    await phones.ana.waitForMessage('Hello Ana')
  })
  await steps.run('message customer→A', async () => {
    const { id } = await phones.carol.sendText(phones.ana.number, 'I would like to order')
    const { message } = await client.heard('message', (event) => event.sessionId === ana && event.message?.id === id)
    if (!message) throw new Error('The event has no message')
    await client.post(`/sessions/${ana}/messages`, { to: message.chatId, text: 'With pleasure' })
    await phones.carol.waitForMessage('With pleasure')
  })
  await steps.run('delivered', () => reached(client, first.id, 'delivered'))
  await steps.run('read', async () => {
    await phones.ben.markRead(first.id)
    await reached(client, first.id, 'read')
    const stored = await client.get<{ status: string }>(`/sessions/${ana}/messages/${first.id}`)
    if (stored.status !== 'read') throw new Error(`The stored message is ${stored.status}`)
  })
  await linkByCode(steps, world, player)
  if (simulator.unhandled.length > 0 || simulator.violations.length > 0)
    throw new Error('WhatsApp was asked something odd')
}

async function link(steps: Steps, { phones }: DemoWorld, { client, idOf }: Player, person: Person): Promise<void> {
  const sessionId = idOf(person)
  const ofSession = (event: { sessionId: string }) => event.sessionId === sessionId
  await steps.run(`session ${person} created`, () => client.post('/sessions', { id: sessionId, label: person }))
  const { qr } = await steps.run('QR received', () => client.heard('qr', ofSession))
  if (!qr) throw new Error('The event has no QR')
  await steps.run('scanned', () => phones[person].scanQr(qr))
  await steps.run('connected', () =>
    client.heard('connected', (event) => ofSession(event) && event.status === 'connected'),
  )
}

/** One more device of Ana's account, linked by the code that is typed on her phone. */
async function linkByCode(steps: Steps, { phones }: DemoWorld, { client, idOf }: Player): Promise<void> {
  const sessionId = idOf('ana-desk')
  await steps.run('session ana-desk created', () => client.post('/sessions', { id: sessionId, start: false }))
  const { code } = await steps.run('pairing code received', () =>
    client.post<{ code: string }>(`/sessions/${sessionId}/pairing-code`, { phone: phones.ana.number }),
  )
  await steps.run('code typed', () => phones.ana.enterPairingCode(code))
  await steps.run('connected', () =>
    client.heard('connected', (event) => event.sessionId === sessionId && event.status === 'connected'),
  )
}

function send(client: ApiClient, sessionId: string, to: string, text: string): Promise<{ id: string }> {
  return client.post(`/sessions/${sessionId}/messages`, { to, text })
}

async function reached(client: ApiClient, messageId: string, status: string): Promise<void> {
  await client.heard('message.status', (event) => event.messageId === messageId && event.status === status)
}
