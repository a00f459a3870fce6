// What a message of each kind costs, and one to a group of 200: bare Baileys and Trunkline side by side against one simulator; see
// README.md. PAIRS, COUNT, GROUP_ACCOUNTS, GROUP_COUNT, MEMBERS, ROUNDS: how many. STORE: memory or sqlite. ONLY: kinds, and `group`, with commas between.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleChild } from './end-to-end/bundle.js'
import { type Child, nodeCommand, startChild } from './end-to-end/child-process.js'
import type { SimulatorCalls } from './end-to-end/simulator-child.js'
import { median } from './end-to-end/statistics.js'
import type { Measured } from './messages/exchange.js'
import type { MessagesCalls } from './messages/messages-child.js'
import { ABOUT_KINDS, MEASURED, type MeasuredName, NEW_KINDS } from './messages/side.js'

const number = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const PAIRS = number('PAIRS', 2)
const COUNT = number('COUNT', 25)
/** The members of the group that each side has in its process. */
const GROUP_ACCOUNTS = number('GROUP_ACCOUNTS', 30)
const GROUP_COUNT = number('GROUP_COUNT', 30)
const MEMBERS = number('MEMBERS', 200)
const ROUNDS = number('ROUNDS', 4)
const only = process.env.ONLY?.split(',')
const store = process.env.STORE === 'sqlite' ? 'sqlite' : 'memory'

const KIND_LIMIT = 1.1
const GROUP_LIMIT = 0.2
const PREFIX: Record<MeasuredName, string> = { bare: '15551', trunkline: '15552' }

interface Side {
  name: MeasuredName
  child: Child<MessagesCalls>
  accounts: string[]
  group: string
}

interface Row {
  name: string
  title: string
  limit: number
  measure(side: Side): Promise<Measured>
}

const pairsOf = ({ accounts }: Side) =>
  Array.from({ length: PAIRS }, (_, pair) => accounts.slice(pair * 2, pair * 2 + 2) as [string, string])

const ROWS: readonly Row[] = [
  ...[...NEW_KINDS, ...ABOUT_KINDS].map((kind) => ({
    name: kind,
    title: kind,
    limit: KIND_LIMIT,
    measure: (side: Side) => side.child.call('talk', { kind, pairs: pairsOf(side), count: COUNT }),
  })),
  {
    name: 'group',
    title: `text to a group of ${MEMBERS}, read by ${GROUP_ACCOUNTS - 1} accounts`,
    limit: GROUP_LIMIT,
    measure: ({ child, group, accounts: members }) => child.call('group', { group, members, count: GROUP_COUNT }),
  },
]

const numbers = (prefix: string, length: number) =>
  Array.from({ length }, (_, index) => `${prefix}${String(index).padStart(6, '0')}`)

const node = process.execPath
const [childFile, simulatorFile] = [
  await bundleChild('messages/messages-child'),
  await bundleChild('end-to-end/simulator-child'),
]
const folder = await mkdtemp(join(tmpdir(), 'trunkline-messages-'))
const simulator = startChild<SimulatorCalls>(nodeCommand(node, simulatorFile), { name: 'The simulator' })
const sides: Side[] = []

try {
  const { url, rootPublicKey, mediaCertificate } = await simulator.call('start', { seed: 'messages' })
  // Both sides trust the simulator's media hosts by what Node.js trusts.
  const certificate = join(folder, 'media.pem')
  await writeFile(certificate, mediaCertificate)
  const others = numbers('15553', MEMBERS - GROUP_ACCOUNTS)
  await simulator.call('addPhones', { numbers: others })
  let version = ''
  for (const name of MEASURED) {
    const accounts = numbers(PREFIX[name], GROUP_ACCOUNTS)
    await simulator.call('addPhones', { numbers: accounts })
    const [group = ''] = await simulator.call('createGroups', { groups: [[...accounts, ...others]] })
    const local = { scanQr: (argument: { number: string; qr: string }) => simulator.call('scanQr', argument) }
    const env = { NODE_EXTRA_CA_CERTS: certificate }
    const child = startChild<MessagesCalls>(nodeCommand(node, childFile), { name, local, env })
    sides.push({ name, child, accounts, group })
    version = await child.call('start', { name, options: { url, rootPublicKey, connectsPerSecond: 20, store } })
    await child.call('link', { numbers: accounts })
  }

  const lines: string[] = []
  const results = []
  for (const { title, limit, measure } of ROWS.filter(({ name }) => only?.includes(name) ?? true)) {
    // The first round makes Signal sessions and compiles; a group's hands the keys of its writers out to all members.
    const first: Partial<Record<MeasuredName, Measured>> = {}
    for (const side of sides) first[side.name] = await measure(side)
    const rounds: Record<MeasuredName, Measured[]> = { bare: [], trunkline: [] }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) rounds[side.name].push(await measure(side))
    }
    const cpu = (name: MeasuredName) => median(rounds[name].map(({ cpuMsEach }) => cpuMsEach))
    const wall = (name: MeasuredName) => median(rounds[name].map(({ wallMsEach }) => wallMsEach)).toFixed(1)
    const [bare, ours] = [cpu('bare'), cpu('trunkline')]
    const ratio = ours / bare
    const verdict = `${limit}, ${ratio <= limit ? 'met' : 'not met'}`
    const times = `${bare.toFixed(2)} → ${ours.toFixed(2)} | ${ratio.toFixed(2)} | ${verdict}`
    lines.push(`| ${title} | ${times} | ${wall('bare')} → ${wall('trunkline')} |`)
    results.push({ title, limit, first, rounds, ratio })
    console.error(lines.at(-1))
  }
  console.log(`${PAIRS} pairs · ${ROUNDS} rounds of ${COUNT * PAIRS * 2} · store: ${store} · Node.js ${version}\n`)
  console.log('| | CPU ms each, bare → Trunkline | ratio | at most | ms until it was there |\n|---|--:|--:|--:|--:|')
  console.log(lines.join('\n'))
  const out = fileURLToPath(new URL('../results', import.meta.url))
  await mkdir(out, { recursive: true })
  await writeFile(join(out, `messages-${store}.json`), `${JSON.stringify(results, undefined, 2)}\n`)
  for (const { child } of sides) await child.call('close', undefined)
  const { unhandled, violations } = await simulator.call('faultsFound', undefined)
  if (unhandled.length + violations.length > 0) console.log(`\nNot known there: ${[...unhandled, ...violations]}`)
} finally {
  await Promise.all([...sides.map(({ child }) => child.end()), simulator.end()])
  await rm(folder, { recursive: true })
}
