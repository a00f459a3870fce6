import type { Message } from './message.js'

/** Every priority of a message that waits. */
export const SEND_PRIORITIES = ['high', 'normal', 'low'] as const
/** Which of the messages of different chats goes first. Within a chat the order is that in which they were queued. */
export type SendPriority = (typeof SEND_PRIORITIES)[number]

/** What sending waits for, for people and for code; `until` is ISO 8601, left out when nobody can tell. */
export interface WaitingFor {
  code: string
  message: string
  until?: string
}

/** What was sent of late, as far as limits count it. */
export interface SendUsage {
  minute: number
  hour: number
  day: number
  /** New conversations within a day. */
  newChats: number
}

/** What WhatsApp has told of its own limits. Times are ISO 8601. */
export interface SendRestriction {
  code: 'REACHOUT_TIMELOCK' | 'NEW_CHAT_CAP' | 'RATE_LIMITED'
  since: string
  until?: string
}

/** Every state of a queue. */
export const QUEUE_STATES = ['running', 'paused', 'limited', 'offline'] as const

/**
 * The queue of a session. `limited`: WhatsApp has told of a limit, and what it allows goes on. `offline`: the session is not
 * connected, and nothing is sent until it is.
 */
export interface Queue {
  state: (typeof QUEUE_STATES)[number]
  /** How many messages wait. */
  waiting: number
  /** When the next of them goes out at the earliest (ISO 8601); left out where nobody can tell. */
  nextAt?: string
  /** Why none goes out, or why the last one that was put off was. */
  waitingFor?: WaitingFor
  used: SendUsage
  /** How much of it the session may send, by its settings; what has no limit is left out. */
  limits: Partial<SendUsage>
  restrictions: SendRestriction[]
}

/** A message that waits, with when it goes out as its sender wants it. Times are ISO 8601. */
export interface QueuedMessage {
  message: Message
  priority: SendPriority
  sendAt?: string
  expiresAt?: string
}

/** How much waits to be sent in one session. */
export interface QueueLength {
  sessionId: string
  /** How many messages wait, at least one. */
  waiting: number
}
