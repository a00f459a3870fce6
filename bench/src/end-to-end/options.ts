import { parseArgs } from 'node:util'
import { SIDE_NAMES, type SideName, STORE_NAMES, type StoreName } from './side.js'

export interface BenchOptions {
  accounts: number[]
  /** Per round. */
  messages: number
  /** Per round. */
  groupMessages: number
  rounds: number
  inFlight: number
  sides: SideName[]
  /** Of Trunkline and whatsmeow. */
  store: StoreName
  /** Major version of the Node.js that the sides run on. */
  node: string
  /** Of 30 s; the median counts. */
  idleWindows: number
  connectsPerSecond: number
  /** Where CPU profiles of the messages go. */
  profile?: string
}

export const USAGE = `npm run end-to-end -w bench -- [options]

  --accounts 2,30,100       how many accounts in a process; one series for each
  --messages 800            messages in each round
  --group-messages 200      messages to groups of five in each round
  --rounds 3                rounds of messages; the order of the sides alternates
  --in-flight 4             messages on their way at the same time in each pair and in each group
  --sides bare,trunkline    which are compared; whatsmeow is the third and needs Go
  --store memory            of Trunkline and whatsmeow: memory, or sqlite, which is durable, in a file of the temporary folder
  --node 24                 Node.js of the sides by major version, fetched from npm; the one that runs this unless given
  --idle-windows 3          windows of 30 s in which nothing happens; the median counts
  --connects-per-second 20  Trunkline's connect throttle (its default is 5)
  --profile DIR             writes CPU profiles of the idle windows and of the last round of messages`

/** @throws when an option is unknown or makes no sense */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      accounts: { type: 'string', default: '2,30,100' },
      messages: { type: 'string', default: '800' },
      'group-messages': { type: 'string', default: '200' },
      rounds: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '4' },
      sides: { type: 'string', default: 'bare,trunkline' },
      store: { type: 'string', default: 'memory' },
      node: { type: 'string', default: process.versions.node.split('.')[0]! },
      'idle-windows': { type: 'string', default: '3' },
      'connects-per-second': { type: 'string', default: '20' },
      profile: { type: 'string' },
    },
  })
  return {
    accounts: values.accounts.split(',').map((count) => positive(count, 'accounts')),
    messages: positive(values.messages, 'messages'),
    groupMessages: positive(values['group-messages'], 'group-messages'),
    rounds: positive(values.rounds, 'rounds'),
    inFlight: positive(values['in-flight'], 'in-flight'),
    sides: values.sides.split(',').map((name) => oneOf(SIDE_NAMES, name, 'sides')),
    store: oneOf(STORE_NAMES, values.store, 'store'),
    node: String(positive(values.node, 'node')),
    idleWindows: positive(values['idle-windows'], 'idle-windows'),
    connectsPerSecond: positive(values['connects-per-second'], 'connects-per-second'),
    ...(values.profile ? { profile: values.profile } : {}),
  }
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes whole numbers from 1, not ${text}`)
  return value
}

function oneOf<Name extends string>(names: readonly Name[], text: string, option: string): Name {
  const name = names.find((known) => known === text)
  if (!name) throw new Error(`--${option} takes ${names.join(' and ')}, not ${text}`)
  return name
}
