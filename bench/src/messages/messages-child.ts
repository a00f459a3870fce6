// The process of one side: links accounts, and writes in every kind.
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from '../end-to-end/measure.js'
import { connectPeer } from '../end-to-end/peer.js'
import type { SideOptions } from '../end-to-end/side.js'
import { Exchange, type Measured } from './exchange.js'
import { makeFiles } from './files.js'
import type { Files, Kind, MeasuredName, MessagesListener, MessagesSide } from './side.js'

export type ParentCalls = {
  scanQr(argument: { number: string; qr: string }): Promise<void>
}

let side: MessagesSide
let exchange: Exchange

/** Each side loads only what is its own. */
const sides: Record<MeasuredName, (options: SideOptions, files: Files, l: MessagesListener) => Promise<MessagesSide>> =
  {
    bare: async (...parts) => (await import('./bare-side.js')).createBareMessages(...parts),
    trunkline: async (...parts) => (await import('./trunkline-side.js')).createTrunklineMessages(...parts),
  }

const calls = {
  async start({ name, options }: { name: MeasuredName; options: SideOptions }): Promise<string> {
    side = await sides[name](options, await makeFiles(), { received: (message) => exchange.received(message) })
    exchange = new Exchange(side)
    return process.versions.node
  },

  async link({ numbers }: { numbers: string[] }): Promise<void> {
    for (const number of numbers) await side.link(number, (qr) => parent.call('scanQr', { number, qr }))
  },

  /** What an account says to another one, and that one back, `count` times each. */
  async talk({ kind, pairs, count }: { kind: Kind; pairs: [string, string][]; count: number }): Promise<Measured> {
    // What was left by others is not collected on this kind's account.
    globalThis.gc?.()
    return exchange.talk(kind, pairs, count)
  },

  /** What each of the members in turn says to a group. */
  async group(options: { group: string; members: string[]; count: number }): Promise<Measured> {
    return exchange.group(options)
  },

  /** CPU that the process takes by itself in as much time. */
  async idle({ ms }: { ms: number }): Promise<number> {
    const before = cpuMs()
    await sleep(ms)
    return cpuMs() - before
  },

  async close() {
    await side.close()
  },
}

export type MessagesCalls = typeof calls

const parent = connectPeer<ParentCalls>(process, calls)
process.on('disconnect', () => process.exit(0))
