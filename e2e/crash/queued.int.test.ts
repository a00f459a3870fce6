import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Death } from './bot/deadly-store.js'
import type { StoreChoice } from './bot/open-store.js'
import { BotDied, BotProcess } from './bot-process.js'
import { bundleChild } from './bundle.js'
import { eventually } from './eventually.js'

const { TEST_MONGODB_URI } = process.env
const TEXTS = ['one', 'two', 'three']
/** How many calls to the store lie between two that are killed at. */
const STRIDE = process.env.CRASH === 'all' ? 1 : 30
const TIMEOUT_MS = 600_000

let folder: string
let file: string
let simulator: Simulator
let lastNumber = 15_550_000_000

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-queued-'))
  file = await bundleChild('bot/bot-child.ts')
  simulator = await startSimulator({ seed: 'queued' })
}, TIMEOUT_MS)

afterAll(async () => {
  await simulator.close()
  for (const path of [folder, file]) await rm(path, { recursive: true, force: true })
})

async function phone(name: string): Promise<Phone> {
  lastNumber += 1
  return simulator.createPhone({ number: String(lastNumber), name })
}

async function started(store: StoreChoice, account: Phone, death?: Death): Promise<BotProcess> {
  const bot = new BotProcess(file)
  const certPublicKey = simulator.rootPublicKey.toString('hex')
  const options = { store, webSocketUrl: simulator.url, certPublicKey, ...(death ? { death } : {}) }
  await bot.untilDeath(bot.call('start', options))
  if (account.devices.length === 0) {
    const qr = await bot.said(({ word }) => word === 'qr')
    if (qr.word === 'qr') await account.scanQr(qr.qr)
  }
  await bot.said((word) => word.word === 'status' && word.status === 'connected')
  return bot
}

/** Each under an id of its own: told again in the next life, it is the same request. */
async function queueAll(bot: BotProcess, to: string): Promise<void> {
  for (const text of TEXTS) {
    const request = { to, text, queue: true, clientMessageId: text }
    await bot.untilDeath(bot.call('send', request))
  }
}

async function settled(bot: BotProcess): Promise<Map<string, string>> {
  let statuses = new Map<string, string>()
  await eventually(async () => {
    const { messages } = await bot.call('inventory', undefined)
    statuses = new Map(messages.filter(({ fromMe }) => fromMe).map(({ text = '', status }) => [text, status]))
    return [...statuses.values()].every((status) => status !== 'queued' && status !== 'pending')
  })
  return statuses
}

/** A session that is linked, and whose process was killed after that. */
async function linked(store: StoreChoice): Promise<Phone> {
  const account = await phone('Bot')
  const bot = await started(store, account)
  bot.kill()
  await bot.ended
  return account
}

/** Which calls to the store are those of the queue, in a life without a death. */
async function callsOfALife(store: StoreChoice): Promise<{ begins: number; ends: number }> {
  const bot = await started(store, await linked(store))
  const begins = (await bot.call('calls', undefined)).length
  await queueAll(bot, (await phone('Customer')).number)
  await settled(bot)
  const ends = (await bot.call('calls', undefined)).length
  await bot.end()
  return { begins, ends }
}

/** What is wrong after a life that ends by this death, and one that does not. */
async function livesWith(death: Death, store: StoreChoice): Promise<unknown[]> {
  const [account, customer] = [await linked(store), await phone('Customer')]
  try {
    const first = await started(store, account, death)
    await queueAll(first, customer.number)
    await settled(first)
    first.kill()
    await first.ended
  } catch (error) {
    if (!(error instanceof BotDied)) throw error
  }
  const second = await started(store, account)
  await queueAll(second, customer.number)
  const statuses = await settled(second)
  await simulator.idle()
  await second.end()
  return TEXTS.flatMap((text) => {
    const held = customer.messages.filter((message) => message.text === text && !message.fromMe).length
    const status = statuses.get(text) ?? 'missing'
    const agrees = status === 'unknown' ? held <= 1 : held === 1 && status !== 'missing'
    return agrees ? [] : [{ ...death, text, status, held }]
  })
}

const stores: [string, (name: string) => StoreChoice][] = [
  ['SQLite', (name) => ({ kind: 'sqlite', folder: join(folder, name) })],
  ...(TEST_MONGODB_URI
    ? [
        ['MongoDB', (name) => ({ kind: 'mongo', uri: TEST_MONGODB_URI, databaseName: `queued-${name}` })] as [
          string,
          (name: string) => StoreChoice,
        ],
      ]
    : []),
]

it.each(stores)(
  'what is queued on %s comes to the phone once or is unknown, wherever SIGKILL ends its sender',
  async (name, storeOf) => {
    const failed: unknown[] = []
    const { begins, ends } = await callsOfALife(storeOf(`${name}-whole`))
    for (let call = begins + 1; call <= ends; call += STRIDE) {
      for (const moment of ['before', 'after'] as const) {
        const problems = await livesWith({ call, moment }, storeOf(`${name}-${call}-${moment}`))
        failed.push(...problems)
      }
    }
    expect(failed).toEqual([])
  },
  TIMEOUT_MS,
)
