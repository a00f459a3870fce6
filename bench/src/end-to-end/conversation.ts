import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from './measure.js'
import type { Side } from './side.js'

/** Accounts that answer each other in turn: two of them directly, or the members of a group. */
export interface Circle {
  members: readonly string[]
  /** The group's id. */
  group?: string
}

export interface ConversationOptions {
  circles: readonly Circle[]
  messages: number
  /** Questions and answers that run at the same time in each circle. */
  inFlight: number
}

export interface ConversationResult {
  delivered: number
  /** Given up after `LOST_AFTER_MS`. */
  lost: number
  /** Not even sent, because nothing was delivered any more. */
  unsent: number
  doubled: number
  wallMs: number
  cpuMs: number
  /** From the call that sends to the event of the last receiver, for each message. */
  latenciesMs: number[]
  /** CPU per message, for each tenth of the messages. */
  slicesCpuMs: number[]
}

const LOST_AFTER_MS = 15_000
/** When nothing was delivered for so long, nothing will be. */
const STALLED_AFTER_MS = 45_000
const SLICES = 10
const PADDING = 'the quick brown fox jumps'

interface Waiting {
  circle: Circle
  sender: string
  /** Who has not got it yet. */
  missing: Set<string>
  sentAt: number
}

/**
 * Accounts that answer each other: each message is answered, once everybody has it, by the next of its circle. So between two
 * accounts the ratchet steps with every message, in both directions, and in a group every member writes and reads.
 */
export class Conversation {
  readonly #side: Pick<Side, 'send'>
  readonly #waiting = new Map<string, Waiting>()
  readonly #heard = new Set<string>()
  #run = 0
  #issued = 0
  #wanted = 0
  #delivered = 0
  #doubled = 0
  #lost = 0
  #latenciesMs: number[] = []
  #deliveredAt = 0
  #onDelivered: () => void = () => undefined

  constructor(side: Pick<Side, 'send'>) {
    this.#side = side
  }

  /** Every message that a side got. */
  received({ account, chat, text }: { account: string; chat: string; text: string }): void {
    const [kind, key = ''] = text.split(' ')
    if (kind !== 'talk') return
    const heard = `${key} ${account}`
    if (this.#heard.has(heard)) this.#doubled += 1
    const waiting = this.#waiting.get(key)
    if (!waiting?.missing.delete(account)) return
    this.#heard.add(heard)
    if (waiting.missing.size > 0) return
    this.#waiting.delete(key)
    this.#latenciesMs.push(performance.now() - waiting.sentAt)
    this.#delivered += 1
    this.#onDelivered()
    this.#say(waiting.circle, nextOf(waiting.circle, waiting.sender), chat)
  }

  async run({ circles, messages, inFlight }: ConversationOptions): Promise<ConversationResult> {
    this.#run += 1
    this.#issued = 0
    this.#wanted = messages
    this.#delivered = 0
    this.#doubled = 0
    this.#lost = 0
    this.#latenciesMs = []
    const slices: number[] = []
    let sliceStart = cpuMs()
    const sliceSize = Math.max(1, Math.floor(messages / SLICES))
    const startedAt = performance.now()
    const cpuBefore = cpuMs()
    this.#deliveredAt = startedAt
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    this.#onDelivered = () => {
      this.#deliveredAt = performance.now()
      if (this.#delivered % sliceSize === 0) {
        const now = cpuMs()
        slices.push((now - sliceStart) / sliceSize)
        sliceStart = now
      }
      if (this.#delivered + this.#lost >= messages) finish()
    }
    for (let chain = 0; chain < inFlight; chain += 1) {
      for (const circle of circles) this.#say(circle, circle.members[chain % circle.members.length]!)
    }
    const overdue = setInterval(() => {
      this.#giveUp()
      const stalled = performance.now() - this.#deliveredAt > STALLED_AFTER_MS
      if (stalled || this.#delivered + this.#lost >= messages) finish()
    }, 1_000)
    await finished
    clearInterval(overdue)
    const result = { wallMs: performance.now() - startedAt, cpuMs: cpuMs() - cpuBefore }
    const [unsent, unanswered] = [messages - this.#issued, this.#waiting.size]
    this.#wanted = 0
    this.#waiting.clear()
    this.#onDelivered = () => undefined
    // What comes twice comes now.
    await sleep(500)
    this.#heard.clear()
    return {
      ...result,
      delivered: this.#delivered,
      lost: this.#lost + unanswered,
      unsent,
      doubled: this.#doubled,
      latenciesMs: this.#latenciesMs,
      slicesCpuMs: slices,
    }
  }

  /** `to`: a number, or the chat that the message before came from. */
  #say(circle: Circle, sender: string, to = circle.group ?? nextOf(circle, sender)): void {
    if (this.#issued >= this.#wanted) return
    this.#issued += 1
    const key = `${this.#run}-${this.#issued}`
    const missing = new Set(circle.members.filter((member) => member !== sender))
    this.#waiting.set(key, { circle, sender, missing, sentAt: performance.now() })
    // A failed send is a lost message, and counted as one when its time is over.
    void this.#side.send(sender, to, `talk ${key} ${PADDING}`).catch(() => undefined)
  }

  /** Counts overdue messages as lost and goes on with the next in their place. */
  #giveUp(): void {
    const before = performance.now() - LOST_AFTER_MS
    for (const [key, { circle, sender, sentAt }] of this.#waiting) {
      if (sentAt > before) continue
      this.#waiting.delete(key)
      this.#lost += 1
      this.#say(circle, sender)
    }
  }
}

function nextOf({ members }: Circle, member: string): string {
  return members[(members.indexOf(member) + 1) % members.length]!
}
