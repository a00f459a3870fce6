// The process of the simulator: one for both sides.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Simulator, startSimulator, type TappedStanza } from '@trunkline/simulator'
import { connectPeer } from './peer.js'

export interface OutsideMessage {
  from: string
  to: string
  text: string
}

let simulator: Simulator

const calls = {
  async start({ seed }: { seed: string }) {
    simulator = await startSimulator({ seed })
    const { url, rootPublicKey, mediaCertificate } = simulator
    return { url, rootPublicKey: rootPublicKey.toString('hex'), mediaCertificate }
  },

  async addPhones({ numbers }: { numbers: string[] }) {
    for (const number of numbers) await simulator.createPhone({ number, name: `Phone ${number.slice(-4)}` })
  },

  /** One group of these members each; answers their ids. */
  async createGroups({ groups }: { groups: string[][] }): Promise<string[]> {
    const ids: string[] = []
    for (const [index, [creator = '', ...participants]] of groups.entries()) {
      const { jid } = await simulator.createGroup({ subject: `Group ${index}`, creator, participants })
      ids.push(jid)
    }
    return ids
  },

  async scanQr({ number, qr }: { number: string; qr: string }) {
    await simulator.phone(number).scanQr(qr)
  },

  /**
   * Cuts the connections of these accounts at once, then lets phones write to them: the first half while everybody is away,
   * the rest while they come back. Answers how often an account was told that another connection replaced it (440).
   */
  async storm({ numbers, messages, spreadMs }: { numbers: string[]; messages: OutsideMessage[]; spreadMs: number }) {
    const accounts = new Set(numbers)
    let replaced = 0
    const untap = simulator.tap((stanza) => {
      if (accounts.has(stanza.number ?? '') && isReplacement(stanza)) replaced += 1
    })
    for (const number of numbers) simulator.faults.kill(number)
    const half = Math.ceil(messages.length / 2)
    for (const { from, to, text } of messages.slice(0, half)) await simulator.phone(from).sendText(to, text)
    for (const { from, to, text } of messages.slice(half)) {
      await sleep(spreadMs / (messages.length - half))
      await simulator.phone(from).sendText(to, text)
    }
    untapLater = () => {
      untap()
      return replaced
    }
  },

  /** Ends the watch that `storm` began. */
  replacements() {
    return untapLater()
  },

  /** How many devices are connected. */
  connections: () => simulator.connections.length,

  faultsFound() {
    const { unhandled, violations } = simulator
    return { unhandled: unhandled.map(({ key }) => key), violations: violations.map(({ code }) => code) }
  },

  usage() {
    const { user, system } = process.cpuUsage()
    return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage().rss }
  },
}

let untapLater: () => number = () => 0

export type SimulatorCalls = typeof calls

function isReplacement({ direction, node }: TappedStanza): boolean {
  if (direction !== 'out' || node.tag !== 'stream:error' || !Array.isArray(node.content)) return false
  return node.content.some(({ tag, attrs }) => tag === 'conflict' && attrs.type === 'replaced')
}

connectPeer(process, calls)
process.on('disconnect', () => process.exit(0))
