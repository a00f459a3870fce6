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
