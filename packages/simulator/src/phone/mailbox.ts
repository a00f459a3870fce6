import type { proto } from '@whiskeysockets/baileys'
import type { SimulatorClock } from '../util/clock.js'
import { SimulatorError } from '../util/errors.js'

/** A file that a message has. */
export interface PhoneFile {
  /** Of the bytes, in hex. */
  sha256: string
  bytes: number
}

/** A message as the phone shows it: really decrypted, or sent by itself. JIDs are bare and by phone number. */
export interface PhoneMessage {
  id: string
  /** Who wrote it. */
  from: string
  /** The other side of a conversation, or the group. */
  chat: string
  /** How the people in it were addressed on the wire. */
  addressing: 'pn' | 'lid'
  text?: string
  /** What its stanza said about editing. */
  edit?: string
  /** Sent by this account: by the phone itself or by one of its linked devices. */
  fromMe: boolean
  /** Its file, where it has one that the phone could fetch and decrypt. */
  media?: PhoneFile
  message: proto.IMessage
  /** When the phone got or sent it, ISO 8601. */
  at: string
}

export type MessagePredicate = (message: PhoneMessage) => boolean

/** Every field that is given must be equal. */
export type MessageMatch = Partial<Pick<PhoneMessage, 'id' | 'from' | 'chat' | 'text' | 'fromMe'>>

const predicateOf = (wanted: MessagePredicate | MessageMatch | string): MessagePredicate => {
  if (typeof wanted === 'function') return wanted
  const match: MessageMatch = typeof wanted === 'string' ? { text: wanted } : wanted
  const fields = Object.keys(match) as (keyof MessageMatch)[]
  return (message) => fields.every((field) => match[field] === undefined || match[field] === message[field])
}

export interface WaitOptions {
  /** Default 10,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

const DEFAULT_TIMEOUT_MS = 10_000
const MAX_MESSAGES = 10_000

/** What a phone has, oldest first, with the means to wait for what is still to come. */
export class Mailbox {
  readonly messages: PhoneMessage[] = []
  readonly #listeners = new Set<(message: PhoneMessage) => void>()
  readonly #clock: SimulatorClock

  constructor(clock: SimulatorClock) {
    this.#clock = clock
  }

  add(message: PhoneMessage): void {
    this.messages.push(message)
    if (this.messages.length > MAX_MESSAGES) this.messages.shift()
    for (const listener of [...this.#listeners]) listener(message)
  }

  has(id: string, from: string): boolean {
    return this.messages.some((message) => message.id === id && message.from === from)
  }

  /** The first message that fits, from those already here on. Rejects with `TIMEOUT` or the signal's reason. */
  waitFor(
    wanted: MessagePredicate | MessageMatch | string,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: WaitOptions = {},
  ): Promise<PhoneMessage> {
    const fits = predicateOf(wanted)
    const there = this.messages.find(fits)
    if (there) return Promise.resolve(there)
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.#clock.clearTimeout(timer)
        this.#listeners.delete(listener)
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const listener = (message: PhoneMessage) => {
        if (fits(message)) finish(() => resolve(message))
      }
      const onAbort = () => finish(() => reject(signal?.reason))
      const timer = this.#clock.setTimeout(
        () => finish(() => reject(new SimulatorError('TIMEOUT', `No such message within ${timeoutMs} ms`))),
        timeoutMs,
      )
      this.#listeners.add(listener)
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted) onAbort()
    })
  }
}
