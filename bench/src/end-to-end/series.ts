import { join } from 'node:path'
import { type Child, nodeCommand, startChild } from './child-process.js'
import type { Circle, ConversationResult } from './conversation.js'
import type { Memory } from './measure.js'
import type { BenchOptions } from './options.js'
import type { SideName } from './side.js'
import type { IdleResult, LinkResult, SideCalls } from './side-child.js'
import type { OutsideMessage, SimulatorCalls } from './simulator-child.js'
import { median, percentile } from './statistics.js'
import type { StormResult } from './storm-watch.js'

/** What one side came to with one number of accounts. */
export interface SideResult {
  nodeVersion: string
  link: { wallMsEach: number; cpuMsEach: number }
  memory: { baseline: Memory; connected: Memory; afterMessages: Memory; perSession: Memory; perSessionAfter: Memory }
  idle: IdleResult & { cpuMsPerSessionMinute: number }
  /** Between two accounts. */
  messages: MessagesResult
  /** One is what a member writes and all the others read. */
  groupMessages: MessagesResult
  storm: StormResult & { replaced: number; cpuMsEach: number; accountBackMsP50: number }
}

export interface MessagesResult {
  delivered: number
  lost: number
  unsent: number
  doubled: number
  /** The median of the rounds. */
  cpuMs: number
  cpuMsRounds: number[]
  cpuMsP50: number
  cpuMsP95: number
  latencyMsP50: number
  latencyMsP95: number
  perSecond: number
}

export interface Series {
  accounts: number
  sides: Partial<Record<SideName, SideResult>>
  simulator: { cpuMs: number; rssBytes: number; unhandled: string[]; violations: string[] }
}

type Circles = Map<SideName, Circle[]>

interface Files {
  node: string
  sideChild: string
  simulatorChild: string
  /** The program of that side, where it is asked for. */
  whatsmeow?: string
}

interface Running {
  name: SideName
  child: Child<SideCalls>
  numbers: string[]
  nodeVersion: string
  baseline: Memory
}

const PREFIX: Record<SideName, string> = { bare: '15551', trunkline: '15552', whatsmeow: '15554' }
const OUTSIDERS = ['15553000001', '15553000002', '15553000003', '15553000004']
/** For each account, while it is away and comes back. */
const STORM_MESSAGES = 4
const GROUP_SIZE = 5
/** Baileys pings every 30 s: once for each connection in a window. */
const IDLE_WINDOW_MS = 30_000

/** All phases for one number of accounts: the sides are linked to one simulator and take turns. */
export async function runSeries(accounts: number, options: BenchOptions, files: Files): Promise<Series> {
  const simulator = startChild<SimulatorCalls>(nodeCommand(process.execPath, files.simulatorChild), {
    name: 'The simulator',
  })
  const { url, rootPublicKey } = await simulator.call('start', { seed: `bench ${accounts}` })
  await simulator.call('addPhones', { numbers: OUTSIDERS })
  const running: Running[] = []
  const profiled = (name: SideName, phase: string) => {
    const file = `${phase}-${name}-${accounts}-node${options.node}.cpuprofile`
    return options.profile ? { profile: join(options.profile, file) } : {}
  }
  /** All rounds of one kind of messages, after a first one that counts for nothing. */
  const talk = async (phase: string, { circles, messages }: { circles: Circles; messages: number }) => {
    const call = { messages, inFlight: options.inFlight }
    const rounds = new Map<SideName, ConversationResult[]>(running.map(({ name }) => [name, []]))
    progress(accounts, 'all', `${phase}: warming up`)
    for (const { name, child } of running) {
      const warming = { ...call, circles: circles.get(name)!, messages: Math.max(messages, accounts * 4) }
      await child.call('talk', warming)
    }
    for (let round = 0; round < options.rounds; round += 1) {
      const last = round === options.rounds - 1
      for (const { name, child } of inTurn(running, round)) {
        progress(accounts, name, `${phase}: round ${round + 1}`)
        const profile = last ? profiled(name, phase) : {}
        rounds.get(name)!.push(await child.call('talk', { ...call, circles: circles.get(name)!, ...profile }))
      }
    }
    return rounds
  }
  try {
    const sides: Series['sides'] = {}
    const scanQr = (argument: { number: string; qr: string }) => simulator.call('scanQr', argument)
    const links = new Map<SideName, LinkResult & { connected: Memory }>()
    for (const name of options.sides) {
      const child = startChild<SideCalls>(commandOf(name, files), { name, local: { scanQr } })
      const { connectsPerSecond, store } = options
      const start = { name, options: { url, rootPublicKey, connectsPerSecond, store } }
      const { node: nodeVersion, memory: baseline } = await child.call('start', start)
      const numbers = Array.from({ length: accounts }, (_, index) => `${PREFIX[name]}${String(index).padStart(6, '0')}`)
      await simulator.call('addPhones', { numbers })
      running.push({ name, child, numbers, nodeVersion, baseline })
      progress(accounts, name, 'linking')
      const link = await child.call('link', { numbers })
      links.set(name, { ...link, connected: await child.call('memory', undefined) })
    }

    progress(accounts, 'all', `idle for ${options.idleWindows} windows`)
    // Nothing happens, so they can do it at the same time.
    const idle = await Promise.all(
      running.map(({ name, child }) =>
        child.call('idle', { windows: options.idleWindows, windowMs: IDLE_WINDOW_MS, ...profiled(name, 'idle') }),
      ),
    )

    const pairs = await circlesOf(running, async ({ numbers }) => chunks(numbers, 2).map((members) => ({ members })))
    const rounds = await talk('messages', { circles: pairs, messages: options.messages })
    const groups = await circlesOf(running, async ({ numbers }) => {
      const members = chunks(numbers, GROUP_SIZE)
      const ids = await simulator.call('createGroups', { groups: members })
      return ids.map((group, index) => ({ group, members: members[index]! }))
    })
    const groupRounds = await talk('group-messages', { circles: groups, messages: options.groupMessages })
    const after = new Map<SideName, Memory>()
    for (const { name, child } of running) after.set(name, await child.call('memory', undefined))

    for (const [index, side] of running.entries()) {
      const { name, child, nodeVersion, baseline } = side
      progress(accounts, name, 'storm')
      const link = links.get(name)!
      const afterMessages = after.get(name)!
      const storm = await runStorm(simulator, side)
      sides[name] = {
        nodeVersion,
        link: { wallMsEach: link.wallMs / accounts, cpuMsEach: link.cpuMs / accounts },
        memory: {
          baseline,
          connected: link.connected,
          afterMessages,
          perSession: share(link.connected, baseline, accounts),
          perSessionAfter: share(afterMessages, baseline, accounts),
        },
        idle: idleResult(idle[index]!, accounts),
        messages: summary(rounds.get(name)!),
        groupMessages: summary(groupRounds.get(name)!),
        storm,
      }
      await child.call('close', undefined)
    }
    const usage = await simulator.call('usage', undefined)
    return { accounts, sides, simulator: { ...usage, ...(await simulator.call('faultsFound', undefined)) } }
  } finally {
    await Promise.all([...running.map(({ child }) => child.end()), simulator.end()])
  }
}

function commandOf(name: SideName, { node, sideChild, whatsmeow }: Files): string[] {
  if (name !== 'whatsmeow') return nodeCommand(node, sideChild)
  if (!whatsmeow) throw new Error('The program of whatsmeow was not built')
  return [whatsmeow]
}

async function runStorm(simulator: Child<SimulatorCalls>, { child, numbers }: Running): Promise<SideResult['storm']> {
  const messages: OutsideMessage[] = Array.from({ length: STORM_MESSAGES }, (_, index) =>
    numbers.map((to, account) => ({ from: OUTSIDERS[account % OUTSIDERS.length]!, to, text: `storm ${index} ${to}` })),
  ).flat()
  await child.call('watchStorm', undefined)
  await simulator.call('storm', { numbers, messages, spreadMs: 3_000 })
  const expected = messages.map(({ to, text }) => ({ to, text }))
  const result = await child.call('stormResult', { expected })
  const replaced = await simulator.call('replacements', undefined)
  return {
    ...result,
    replaced,
    cpuMsEach: result.cpuMs / numbers.length,
    accountBackMsP50: median(result.accountsBackMs),
  }
}

/** The median window: now and then one has a full collection of the heap in it, many times the rest of the window. */
function idleResult(idle: IdleResult, accounts: number): SideResult['idle'] {
  const cpuMs = median(idle.windowsCpuMs) + idle.recurringCpuMs
  return { ...idle, cpuMsPerSessionMinute: (cpuMs / accounts) * (60_000 / IDLE_WINDOW_MS) }
}

function summary(rounds: readonly ConversationResult[]): SideResult['messages'] {
  const sum = (of: (round: ConversationResult) => number) => rounds.reduce((total, round) => total + of(round), 0)
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs)
  const slices = rounds.flatMap(({ slicesCpuMs }) => slicesCpuMs)
  const cpuMsRounds = rounds.map(({ cpuMs, delivered }) => cpuMs / Math.max(1, delivered))
  return {
    delivered: sum(({ delivered }) => delivered),
    lost: sum(({ lost }) => lost),
    unsent: sum(({ unsent }) => unsent),
    doubled: sum(({ doubled }) => doubled),
    cpuMs: median(cpuMsRounds),
    cpuMsRounds,
    cpuMsP50: percentile(slices, 0.5),
    cpuMsP95: percentile(slices, 0.95),
    latencyMsP50: percentile(latencies, 0.5),
    latencyMsP95: percentile(latencies, 0.95),
    perSecond: median(rounds.map(({ delivered, wallMs }) => (delivered * 1000) / wallMs)),
  }
}

async function circlesOf(running: readonly Running[], make: (side: Running) => Promise<Circle[]>): Promise<Circles> {
  const circles: Circles = new Map()
  for (const side of running) circles.set(side.name, await make(side))
  return circles
}

/** Without a last one that is alone. */
function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const all = Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
  return all.filter(({ length }) => length > 1)
}

function share(used: Memory, baseline: Memory, accounts: number): Memory {
  return {
    rssBytes: (used.rssBytes - baseline.rssBytes) / accounts,
    liveBytes: (used.liveBytes - baseline.liveBytes) / accounts,
  }
}

function inTurn<Item>(items: readonly Item[], round: number): Item[] {
  return round % 2 === 0 ? [...items] : [...items].reverse()
}

function progress(accounts: number, side: string, phase: string): void {
  console.error(`${String(accounts).padStart(4)} accounts  ${side.padEnd(9)}  ${phase}`)
}
