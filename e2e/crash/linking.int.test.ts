import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Phone, type PhoneClient, type Simulator, startSimulator } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Word } from './bot/bot.js'
import { BotProcess } from './bot-process.js'
import { bundleChild } from './bundle.js'
import { eventually } from './eventually.js'
import { begins, type LinkingWay, PHASES } from './phases.js'
import { SimulatorProcess } from './simulator-process.js'

const TIMEOUT_MS = 240_000

let folder: string
let botFile: string
let simulatorFile: string
let nextNumber = 15_550_500_000

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-linking-'))
  botFile = await bundleChild('bot/bot-child.ts')
  simulatorFile = await bundleChild('simulator-child.ts')
}, TIMEOUT_MS)

afterAll(async () => {
  for (const path of [folder, botFile, simulatorFile]) await rm(path, { recursive: true, force: true })
})

const ways: LinkingWay[] = ['qr', 'code']
const phases = ways.flatMap((way) => PHASES[way].map((phase) => [way, phase] as const))

type Server = Pick<Simulator, 'url' | 'rootPublicKey'>
type AnyPhone = Pick<Phone | PhoneClient, 'number' | 'scanQr' | 'enterPairingCode' | 'sendText'>

/** A bot on a folder of its own. */
async function startBot(server: Server, name: string): Promise<BotProcess> {
  const bot = new BotProcess(botFile)
  const certPublicKey = Buffer.from(server.rootPublicKey).toString('hex')
  const store = { kind: 'sqlite', folder: join(folder, name) } as const
  await bot.untilDeath(bot.call('start', { store, webSocketUrl: server.url, certPublicKey }))
  return bot
}

/**
 * What a patient person does for as long as the bot lives: shows the phone what there is to be scanned, or types the code; asks
 * again when that came to nothing, and starts the session when it waits for that.
 */
async function attend(bot: BotProcess, phone: AnyPhone, way: LinkingWay): Promise<void> {
  for await (const word of bot.conversation()) {
    // The other side may be gone by now; then there is another word.
    if (word.word === 'qr') await link(bot, phone, word.qr, way).catch(() => undefined)
    const waits = word.word === 'status' && ['logged_out', 'stopped', 'failed'].includes(word.status)
    if (waits) await bot.call('startSession', undefined).catch(() => undefined)
  }
}

async function link(bot: BotProcess, phone: AnyPhone, qr: string, way: LinkingWay): Promise<void> {
  if (way === 'qr') return void (await phone.scanQr(qr))
  const { code } = await bot.call('requestPairingCode', phone.number)
  await phone.enterPairingCode(code)
}

const hears = (text: string) => (word: Word) => word.word === 'message' && word.text === text
const isQr = (word: Word) => word.word === 'qr'

describe('the server is killed', () => {
  let simulator: Simulator
  let customer: Phone

  beforeAll(async () => {
    simulator = await startSimulator({ seed: 'linking' })
    customer = await simulator.createPhone({ number: String(nextNumber++), name: 'Customer' })
  })

  afterAll(() => simulator.close())

  it.each(phases)(
    'linking by %s, once %s: the next start is linked, or links again',
    async (way, phase) => {
      const number = String(nextNumber++)
      const phone = await simulator.createPhone({ number, name: 'Bot' })
      const first = await startBot(simulator, number)
      const untap = simulator.tap((stanza) => begins(phase, stanza) && first.kill())
      const attended = attend(first, phone, way)
      await first.ended
      untap()
      await attended
      const wasLinked = phone.devices.length > 0

      const second = await startBot(simulator, number)
      void attend(second, phone, way)
      await second.said((word) => word.word === 'status' && word.status === 'connected')
      await customer.sendText(number, 'hello')
      await second.said(hears('hello'))
      expect(second.words.some(isQr)).toBe(!wasLinked)
      expect(phone.devices).toHaveLength(1)
      await second.end()
    },
    TIMEOUT_MS,
  )

  it('and asked for nothing that WhatsApp does not know', () => {
    expect(simulator.unhandled).toEqual([])
    expect(simulator.violations).toEqual([])
  })
})

describe('the simulator is killed', () => {
  const deaths = phases.flatMap(([way, phase]) => [
    [way, phase, 'remembers it'] as const,
    [way, phase, 'has not saved it'] as const,
  ])

  it.each(deaths)(
    'linking by %s, once %s, and %s: the session is linked after that, or links again',
    async (way, phase, memory) => {
      const number = String(nextNumber++)
      const snapshotFile = join(folder, `${number}.json`)
      const dying = await SimulatorProcess.start(simulatorFile, {
        port: 0,
        controlPort: 0,
        snapshotFile,
        death: { phase, saved: memory === 'remembers it' },
      })
      const phone = await dying.client.createPhone({ number, name: 'Bot' })
      const customer = await dying.client.createPhone({ number: String(nextNumber++), name: 'Customer' })
      const bot = await startBot(dying.client, number)
      void attend(bot, phone, way)
      await bot.untilDeath(dying.ended)

      const next = await SimulatorProcess.start(simulatorFile, { ...dying.ports, snapshotFile })
      await eventually(async () => (await phone.devices()).some(({ connected }) => connected))
      await customer.sendText(number, 'hello')
      await bot.said(hears('hello'))
      expect(await phone.devices()).toHaveLength(1)
      expect([await next.client.unhandled(), await next.client.violations()]).toEqual([[], []])
      await bot.end()
      await next.end()
    },
    TIMEOUT_MS,
  )
})
