import type { MessageType } from '../types/message.js'
import type { Queue, SendPriority, WaitingFor } from '../types/queue.js'
import type { SessionSettings } from '../types/session.js'
import type { LimitSignal } from './restrictions.js'

/** Decides when the messages of a session go out. The queue of the session asks it; what it keeps is of the account, and durable. */
export interface Pacer {
  /**
   * Whether a message that is first in its chat may go to WhatsApp now. A message that may is counted at once, so that of those
   * asked for beside each other no more go out than may.
   */
  admit(send: PacedSend): Promise<Admission>

  /** What came of a message that was handed to WhatsApp, be it one that was queued or not. Never rejects. */
  settled(send: Omit<PacedSend, 'isNewConversation'>, outcome: PacedOutcome): Promise<void>

  /** WhatsApp has told of one of its limits. Never rejects. */
  told(sessionId: string, signal: LimitSignal): Promise<void>

  /** Another node may have had the session: what is known of its sending is read again when it is needed. */
  forget(sessionId: string): void

  /** For people to see: what was sent of late, and how much may be. */
  report(session: Pick<PacedSend, 'sessionId' | 'settings'>): Promise<Pick<Queue, 'used' | 'limits' | 'restrictions'>>
}

/** A message that is about to be sent. */
export interface PacedSend {
  sessionId: string
  settings: SessionSettings
  /** Canonical; the number itself where WhatsApp has not told yet whose it is. */
  chatId: string
  type: MessageType
  /** In characters, of what a person would have to type. */
  textLength: number
  priority: SendPriority
  /** The caller's wish, where it has one, whether typing is shown. */
  typing?: boolean
  /** Asks the store whether the person has not written for a day and was never written to; `false` for groups. */
  isNewConversation(): Promise<boolean>
}

/**
 * `go`, after typing was shown for so long. Or `wait`, until `at` (milliseconds since 1970) at the earliest, when it is asked again:
 * that this message has to wait says nothing of other chats with `holds: 'chat'`; nothing else of the session can go before either
 * with `session`.
 */
export type Admission =
  | { kind: 'go'; typingMs?: number }
  | { kind: 'wait'; at: number; holds: 'chat' | 'session'; waitingFor: WaitingFor }

/** WhatsApp took it, or why it did not: a code of WhatsApp such as 463, or one of ours. */
export type PacedOutcome = { kind: 'sent' } | { kind: 'refused'; code: string }
