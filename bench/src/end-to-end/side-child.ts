// The process of one side: links accounts and runs the phases it is told to.
import { setTimeout as sleep } from 'node:timers/promises'
import { Conversation, type ConversationOptions } from './conversation.js'
import { cpuMs, memory } from './measure.js'
import { connectPeer } from './peer.js'
import { CpuProfile } from './profile.js'
import type { Side, SideListener, SideName, SideOptions } from './side.js'
import { StormWatch } from './storm-watch.js'

export type ParentCalls = {
  scanQr(argument: { number: string; qr: string }): Promise<void>
}

export interface LinkResult {
  wallMs: number
  cpuMs: number
}

export interface IdleOptions {
  windows: number
  windowMs: number
  profile?: string
}

export interface IdleResult {
  windowsCpuMs: number[]
  /** The share of a window in the work that comes back less often. */
  recurringCpuMs: number
}

const LINKS_AT_A_TIME = 4
/** For one account; the throttle and a busy machine included. */
const LINK_PATIENCE_MS = 2 * 60_000
const SETTLE_MS = 15_000

/** Those that run in Node.js. */
export type OwnSideName = Exclude<SideName, 'whatsmeow'>

let side: Side
let conversation: Conversation
let storm: StormWatch | undefined
const accounts: string[] = []

/** Each side loads only what is its own. */
const sides: Record<OwnSideName, (options: SideOptions) => Promise<Side>> = {
  bare: async (options) => (await import('./bare-side.js')).createBareSide(options, listener),
  trunkline: async (options) => (await import('./trunkline-side.js')).createTrunklineSide(options, listener),
}

const listener: SideListener = {
  connected: (account) => storm?.connected(account),
  disconnected: (account) => storm?.disconnected(account),
  received: (message) => {
    if (storm) storm.received(message)
    else conversation.received(message)
  },
}

const calls = {
  async start({ name, options }: { name: SideName; options: SideOptions }) {
    if (name === 'whatsmeow') throw new Error('whatsmeow does not run in Node.js')
    side = await sides[name](options)
    conversation = new Conversation(side)
    return { node: process.versions.node, memory: await memory() }
  },

  async link({ numbers }: { numbers: string[] }): Promise<LinkResult> {
    const queue = [...numbers]
    const [startedAt, cpuBefore] = [performance.now(), cpuMs()]
    const worker = async () => {
      for (let number = queue.shift(); number; number = queue.shift()) {
        const account = number
        await Promise.race([side.link(account, (qr) => parent.call('scanQr', { number: account, qr })), late(account)])
        accounts.push(account)
      }
    }
    await Promise.all(Array.from({ length: LINKS_AT_A_TIME }, worker))
    return { wallMs: performance.now() - startedAt, cpuMs: cpuMs() - cpuBefore }
  },

  memory: () => memory(),

  async idle({ windows, windowMs, profile }: IdleOptions): Promise<IdleResult> {
    // The collections and compilations that follow a load are no idle work.
    await memory()
    await sleep(SETTLE_MS)
    const running = profile ? await CpuProfile.start(profile, { samplesPerSecond: 1_000 }) : undefined
    const windowsCpuMs: number[] = []
    for (let window = 0; window < windows; window += 1) {
      const before = cpuMs()
      await sleep(windowMs)
      windowsCpuMs.push(cpuMs() - before)
    }
    await running?.stop()
    const { recurring } = side
    if (!recurring) return { windowsCpuMs, recurringCpuMs: 0 }
    const before = cpuMs()
    await recurring.once()
    return { windowsCpuMs, recurringCpuMs: ((cpuMs() - before) * windowMs) / recurring.intervalMs }
  },

  async talk({ profile, ...options }: ConversationOptions & { profile?: string }) {
    const running = profile ? await CpuProfile.start(profile) : undefined
    const result = await conversation.run(options)
    await running?.stop()
    return result
  },

  watchStorm() {
    storm = new StormWatch({ accounts: accounts.length })
  },

  async stormResult({ expected }: { expected: { to: string; text: string }[] }) {
    if (!storm) throw new Error('There was no storm')
    const result = await storm.result(expected)
    storm = undefined
    return result
  },

  async close() {
    await side.close()
  },
}

async function late(account: string): Promise<never> {
  await sleep(LINK_PATIENCE_MS, undefined, { ref: false })
  throw new Error(`Account ${account} was not linked within ${LINK_PATIENCE_MS / 1000} s`)
}

export type SideCalls = typeof calls

const parent = connectPeer<ParentCalls>(process, calls)
process.on('disconnect', () => process.exit(0))
