import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ConnectionEvent } from '../../ports/connector.js'

export interface EventQueueOptions {
  /** Carries out one event; never rejects. */
  handle(event: ConnectionEvent): Promise<void>
  /** How many messages may come together in one event. */
  maxTogether: number
}

/** An event, or what makes it when its turn comes. */
export type Queued = ConnectionEvent | (() => ConnectionEvent)

interface Waiting {
  event: Queued
  /** The acks that came before it. */
  acks: Promise<void>
}

/**
 * The events of one connection on their way to the session, in two lanes as the port says: acks, which answer those who wait
 * for a message to be sent, and everything else, where messages that wait together are handed on together.
 */
export class EventQueue {
  readonly #options: EventQueueOptions
  #waiting: Waiting[] = []
  #isHandling = false
  #events: Promise<void> = Promise.resolve()
  #acks: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: EventQueueOptions) {
    this.#options = options
  }

  push(event: Queued): void {
    if (this.#isClosed) return
    if (typeof event !== 'function' && event.type === 'ack') {
      this.#acks = this.#acks.then(() => this.#options.handle(event))
      return
    }
    this.#waiting.push({ event, acks: this.#acks })
    if (this.#isHandling) return
    this.#isHandling = true
    this.#events = this.#events.then(() => this.#handleAll())
  }

  /** Resolves when every event is handled, those too that come meanwhile. */
  async idle(): Promise<void> {
    for (;;) {
      const [events, acks] = [this.#events, this.#acks]
      await Promise.all([events, acks])
      if (events === this.#events && acks === this.#acks) return
    }
  }

  /** Nothing is taken any more; resolves when what was there is handled. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.idle()
  }

  async #handleAll(): Promise<void> {
    for (let next = this.#next(); next; next = this.#next()) {
      const { event, acks } = next
      if (typeof event === 'function') {
        await nextTurn()
        await this.#options.handle(event())
      } else {
        if (event.type === 'receipt') await acks
        await this.#options.handle(event)
      }
    }
    this.#isHandling = false
  }

  /** The event that waits longest; of messages, all that come right behind it. */
  #next(): Waiting | undefined {
    const first = this.#waiting.shift()
    if (!first || !isMessages(first.event)) return first
    const inbound = [...first.event.inbound]
    for (let next = this.#waiting[0]?.event; next && isMessages(next); next = this.#waiting[0]?.event) {
      if (inbound.length + next.inbound.length > this.#options.maxTogether) break
      inbound.push(...next.inbound)
      this.#waiting.shift()
    }
    return { ...first, event: { type: 'messages', inbound } }
  }
}

function isMessages(event: Queued): event is Extract<ConnectionEvent, { type: 'messages' }> {
  return typeof event !== 'function' && event.type === 'messages'
}
