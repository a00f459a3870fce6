// The process of a bot: obeys its parent, and writes what it says and what it answers to its standard output, one JSON value
// a line. Written synchronously, so that nothing that was said is lost with the process.
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import type { SendOptions } from '@trunkline/core'
import { Bot, type BotOptions, type Word } from './bot.js'

export type Line =
  | { kind: 'word'; word: Word }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; message: string }

export type Orders = {
  start(options: BotOptions): Promise<void>
  startSession(nothing: undefined): Promise<unknown>
  send(options: SendOptions): Promise<Awaited<ReturnType<Bot['send']>>>
  requestPairingCode(phone: string): Promise<Awaited<ReturnType<Bot['requestPairingCode']>>>
  inventory(nothing: undefined): Promise<Awaited<ReturnType<Bot['inventory']>>>
  calls(nothing: undefined): Promise<string[]>
  stop(nothing: undefined): Promise<void>
}

let bot: Bot | undefined

function running(): Bot {
  if (!bot) throw new Error('The bot was not started')
  return bot
}

const orders: Orders = {
  async start(options) {
    bot = new Bot(options, (word) => print({ kind: 'word', word }))
    await bot.start()
  },
  startSession: () => running().startSession(),
  send: (options) => running().send(options),
  requestPairingCode: (phone) => running().requestPairingCode(phone),
  inventory: () => running().inventory(),
  calls: async () => running().calls,
  stop: () => running().stop(),
}

function print(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

process.on('message', async ({ id, name, argument }: { id: number; name: keyof Orders; argument: never }) => {
  try {
    print({ kind: 'answer', id, value: await orders[name](argument) })
  } catch (error) {
    print({ kind: 'failure', id, message: inspect(error) })
  }
})
process.on('disconnect', () => process.exit(0))
