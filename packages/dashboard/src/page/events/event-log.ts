import type { Client, LiveEventName, LiveEvents } from '@trunkline/client'
import { FrameBatch } from '../../react/frame-batch.js'

/** An event as the monitor keeps it. */
export interface HeardEvent {
  /** In the order of hearing. */
  number: number
  name: LiveEventName
  sessionId: string
  at: string
  payload: unknown
  /** All of it as text, to be searched. */
  text: string
}

export interface HeardEvents {
  events: readonly HeardEvent[]
  /** Those that came while it was paused. */
  waiting: number
  paused: boolean
}

const MOST_KEPT = 2_000

/** What link an account are no sight for a log that is copied and downloaded. */
const SECRET_FIELDS: readonly string[] = ['qr', 'image', 'code']

export const EVENT_NAMES: readonly Exclude<LiveEventName, 'events.gap' | 'webhook.disabled'>[] = [
  'session.status',
  'session.created',
  'session.deleted',
  'session.health',
  'session.limited',
  'qr',
  'pairing-code',
  'message',
  'message-sent',
  'message.status',
  'message.edited',
  'message.deleted',
  'message.starred',
  'message.labeled',
  'message.reaction',
  'message.notice',
  'poll.vote',
  'event.response',
  'chat.updated',
  'chat.deleted',
  'label.updated',
  'label.deleted',
  'contact.updated',
  'group.updated',
  'presence',
  'call',
  'history.progress',
]

/** What is heard while somebody looks, the newest first, bounded. */
export class EventLog {
  readonly #live: LiveEvents
  readonly #listeners = new Set<() => void>()
  readonly #batch = new FrameBatch(() => {
    for (const listener of this.#listeners) listener()
  })
  #snapshot: HeardEvents = { events: [], waiting: 0, paused: false }
  #held: HeardEvent[] = []
  #count = 0
  #stop: (() => void) | undefined

  constructor(client: Client) {
    this.#live = client.events
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#batch.cancel()
    }
  }

  readonly snapshot = (): HeardEvents => this.#snapshot

  readonly pause = (): void => this.#set({ paused: true })

  readonly resume = (): void => {
    const events = [...this.#held.toReversed(), ...this.#snapshot.events].slice(0, MOST_KEPT)
    this.#held = []
    this.#set({ events, waiting: 0, paused: false })
  }

  readonly clear = (): void => {
    this.#held = []
    this.#set({ events: [], waiting: 0 })
  }

  #start(): void {
    const offs = EVENT_NAMES.map((name) =>
      this.#live.on(name, (event: { sessionId: string; at: string }) => this.#hear(name, event)),
    )
    this.#stop = () => {
      for (const off of offs) off()
    }
  }

  #hear(name: LiveEventName, event: { sessionId: string; at: string }): void {
    this.#count += 1
    const payload = withoutSecrets(event)
    const { sessionId, at } = event
    const heard = { number: this.#count, name, sessionId, at, payload, text: JSON.stringify(payload).toLowerCase() }
    if (this.#snapshot.paused) {
      this.#held = [...this.#held, heard].slice(-MOST_KEPT)
      this.#set({ waiting: this.#held.length })
    } else this.#set({ events: [heard, ...this.#snapshot.events].slice(0, MOST_KEPT) })
  }

  #set(change: Partial<HeardEvents>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    this.#batch.changed()
  }
}

function withoutSecrets(event: object): unknown {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      SECRET_FIELDS.includes(name) && typeof value === 'string' ? '***' : value,
    ]),
  )
}
