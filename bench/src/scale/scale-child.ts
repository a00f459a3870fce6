// The process with all the accounts: links them, waits, lets some of them talk, and says what it took.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Conversation, type ConversationOptions } from '../end-to-end/conversation.js'
import { cpuMs, memory } from '../end-to-end/measure.js'
import { connectPeer } from '../end-to-end/peer.js'
import type { Side, SideOptions } from '../end-to-end/side.js'
import type { ParentCalls } from '../end-to-end/side-child.js'
import { createTrunklineSide } from '../end-to-end/trunkline-side.js'

const LINKS_AT_A_TIME = 8
const NANOSECONDS = 1_000_000
/** How often the delay is looked at; a loop that has nothing to do is late by so much in its count. */
const RESOLUTION_MS = 5

let side: Side
let conversation: Conversation
const connected = new Set<string>()
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

/** What one phase took: its time, the CPU of the process, and how late the event loop was meanwhile. */
export interface Phase {
  wallMs: number
  cpuMs: number
  loopMsP50: number
  loopMsP99: number
  loopMsMax: number
}

async function measured<Result>(work: () => Promise<Result>): Promise<Phase & { result: Result }> {
  delay.reset()
  const [startedAt, cpuBefore] = [performance.now(), cpuMs()]
  const result = await work()
  return {
    wallMs: performance.now() - startedAt,
    cpuMs: cpuMs() - cpuBefore,
    loopMsP50: lateMs(delay.percentile(50)),
    loopMsP99: lateMs(delay.percentile(99)),
    loopMsMax: lateMs(delay.max),
    result,
  }
}

function lateMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS)
}

async function allConnected(accounts: number): Promise<void> {
  while (connected.size < accounts) await sleep(20)
}

const calls = {
  /** `startMs` is how long `manager.start()` takes; the accounts connect after it. */
  async start({ options, accounts }: { options: SideOptions; accounts: number }) {
    delay.enable()
    const before = await memory()
    let startMs = 0
    const back = await measured(async () => {
      const startedAt = performance.now()
      side = await createTrunklineSide(options, {
        connected: (account) => connected.add(account),
        disconnected: (account) => connected.delete(account),
        received: (message) => conversation.received(message),
      })
      startMs = performance.now() - startedAt
      await allConnected(accounts)
    })
    conversation = new Conversation(side)
    return { ...back, startMs, memory: before }
  },

  link({ numbers }: { numbers: string[] }) {
    const queue = [...numbers]
    return measured(async () => {
      const worker = async () => {
        for (let number = queue.shift(); number; number = queue.shift()) {
          const account = number
          await side.link(account, (qr) => parent.call('scanQr', { number: account, qr }))
        }
      }
      await Promise.all(Array.from({ length: LINKS_AT_A_TIME }, worker))
      await allConnected(numbers.length)
    })
  },

  idle: ({ ms }: { ms: number }) => measured(() => sleep(ms)),

  talk: (options: ConversationOptions) => measured(() => conversation.run(options)),

  memory: () => memory(),

  async close() {
    await side.close()
  },
}

export type ScaleCalls = typeof calls

const parent = connectPeer<ParentCalls>(process, calls)
process.on('disconnect', () => process.exit(0))
