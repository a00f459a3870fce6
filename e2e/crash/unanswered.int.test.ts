import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FaultAction, type Phone, type Simulator, type StanzaMatch, startSimulator } from '@trunkline/simulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BotOptions } from './bot/bot.js'
import { BotProcess } from './bot-process.js'
import { bundleChild } from './bundle.js'
import { eventually } from './eventually.js'

const TIMEOUT_MS = 240_000

let folder: string
let file: string
let simulator: Simulator
let customer: Phone

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-unanswered-'))
  file = await bundleChild('bot/bot-child.ts')
  simulator = await startSimulator({ seed: 'unanswered' })
  // A receipt would tell that the message has arrived.
  const silent = { autoDeliveredReceipts: false }
  customer = await simulator.createPhone({ number: '15550000009', name: 'Customer', ...silent })
}, TIMEOUT_MS)

afterAll(async () => {
  await simulator.close()
  for (const path of [folder, file]) await rm(path, { recursive: true, force: true })
})

async function connectedBot(options: BotOptions, phone: Phone): Promise<BotProcess> {
  const bot = new BotProcess(file)
  await bot.untilDeath(bot.call('start', options))
  const connected = bot.said((word) => word.word === 'status' && word.status === 'connected')
  if (phone.devices.length === 0) {
    const qr = await bot.said((word) => word.word === 'qr')
    if (qr.word === 'qr') await phone.scanQr(qr.qr)
  }
  await connected
  return bot
}

const ackOfMessage: StanzaMatch = { direction: 'out', tag: 'ack', where: ({ attrs }) => attrs.class === 'message' }
const cases: { name: string; number: string; match: StanzaMatch; held: number }[] = [
  { name: 'WhatsApp has it', number: '15550000001', match: ackOfMessage, held: 1 },
  { name: 'it never got there', number: '15550000002', match: { direction: 'in', tag: 'message' }, held: 0 },
]
const drop: FaultAction = { do: 'drop' }

it.each(cases)(
  'a message whose sender is killed before WhatsApp answers is unknown after that, and not sent again: $name',
  async ({ number, match, held }) => {
    const phone = await simulator.createPhone({ number, name: 'Bot' })
    const certPublicKey = simulator.rootPublicKey.toString('hex')
    const options: BotOptions = {
      store: { kind: 'sqlite', folder: join(folder, number) },
      webSocketUrl: simulator.url,
      certPublicKey,
    }
    const message = { to: customer.number, text: `from ${number}`, clientMessageId: 'the only one' }
    const first = await connectedBot(options, phone)
    const rule = simulator.faults.on({ number, ...match }, drop)
    void first.call('send', message).catch(() => undefined)
    await eventually(async () => rule.hits > 0)
    first.kill()
    await first.ended
    rule.remove()

    const second = await connectedBot(options, phone)
    expect(await second.call('send', message)).toMatchObject({ status: 'unknown', error: { code: 'CONNECTION_LOST' } })
    const { messages, pending } = await second.call('inventory', undefined)
    expect(messages).toMatchObject([{ text: message.text, status: 'unknown' }])
    expect(pending).toBe(0)
    await second.call('send', { to: customer.number, text: `after that, from ${number}` })
    await customer.waitForMessage(`after that, from ${number}`)
    expect(customer.messages.filter(({ text }) => text === message.text)).toHaveLength(held)
    await second.end()
  },
  TIMEOUT_MS,
)
