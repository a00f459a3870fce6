import type { Chat, Contact } from './chat.js'
import type { GroupChange } from './group.js'
import type { Jid } from './jid.js'
import type { Label } from './label.js'
import type { EventResponse, Message, MessageStatus, Reaction } from './message.js'
import type { SendRestriction } from './queue.js'
import type {
  Account,
  HealthCheckResult,
  PairingCode,
  Qr,
  Session,
  SessionHealth,
  SessionStatus,
  StatusReason,
} from './session.js'

/**
 * On every event: the session it belongs to, when it happened (ISO 8601), its place in the session's log, and what the session's
 * maker noted down about it.
 */
export interface EventEnvelope {
  sessionId: string
  at: string
  /** From 1 without gaps per session. Events that are never logged carry the number of the last one that was. */
  seq: number
  /** The metadata of the session when the event was told first; left out while it has none. */
  metadata?: Record<string, string>
}

/** From which status a session came to which, and why. */
export interface StatusChange {
  status: SessionStatus
  previousStatus: SessionStatus
  account?: Account
  reason?: StatusReason
}

/** The payload of each event beside its envelope. The names are the same in process, on sockets and in webhooks. */
export interface EventPayloads {
  qr: Qr & { image?: string }
  /** The session became or left `connected`. */
  connected: StatusChange
  /** A stored inbound message that says something, whatever its source except history. */
  message: { message: Message }
  /**
   * Something stands in the chat that nobody said, or that cannot be read: a message of type `system`, `placeholder`, `hidden`
   * or `unknown`, or a call. It does not count as unread. A placeholder that is filled in later comes as `message` then.
   */
  'message.notice': { message: Message }
  /** An outbound message, from the API or from the phone, once WhatsApp's server has taken it; or its failure. */
  'message-sent': { message: Message }
  'session.status': StatusChange
  'session.created': { session: Session }
  'session.deleted': { reason: 'deleted' | 'cleaned' }
  'pairing-code': PairingCode
  /** A message of the account has got another status. One that is `queued` now had none before. */
  'message.status': { messageId: string; chatId: Jid; status: MessageStatus; previousStatus?: MessageStatus }
  'message.edited': { message: Message }
  'message.deleted': { message: Message }
  /** The account has put a star on a message, or has taken it off. */
  'message.starred': { message: Message }
  /** The account has put a label on a message, or has taken it off. */
  'message.labeled': { message: Message }
  'message.reaction': { message: Message; reaction: Reaction }
  'poll.vote': { message: Message; voterId: Jid; options: string[] }
  /** Somebody said whether they come to an event. */
  'event.response': { message: Message; response: EventResponse }
  'chat.updated': { chat: Chat; mergedFrom?: Jid }
  /** The account has deleted a chat with its messages. */
  'chat.deleted': { chatId: Jid }
  /** A label of the account was made or changed. What carries it is told by `chat.updated` and `message.labeled`. */
  'label.updated': { label: Label }
  /** A label is no more, on any chat or message. */
  'label.deleted': { labelId: string }
  'contact.updated': { contact: Contact }
  /** Somebody types in a chat; or is there or not, as `contacts.watchPresence` asks for. `lastSeenAt`: ISO 8601, where it may be seen. */
  presence: {
    chatId: Jid
    senderId: Jid
    state: 'available' | 'unavailable' | 'composing' | 'recording' | 'paused'
    lastSeenAt?: string
  }
  call: { callId: string; from: Jid; kind: 'audio' | 'video'; state: string }
  'group.updated': { groupId: Jid; change: GroupChange }
  'history.progress': { progress?: number; chats: number; messages: number; done: boolean }
  /** WhatsApp limits what the account may send (`active`), or does so no longer. */
  'session.limited': { restriction: SendRestriction; active: boolean }
  'session.health': { health: SessionHealth; check?: HealthCheckResult }
}

/** The name of an event, the same in process, on sockets and in the log. */
export type EventName = keyof EventPayloads

/** What the listeners of an event get: its payload with its session, time and number. */
export type EventOf<Name extends EventName> = EventEnvelope & EventPayloads[Name]

/** Never logged: secrets or noise. They carry the sequence number of the last logged event. */
export const UNLOGGED_EVENTS = [
  'qr',
  'pairing-code',
  'presence',
  'history.progress',
] as const satisfies readonly EventName[]

/** Of every event whether the log keeps it. */
const IS_LOGGED: Record<EventName, boolean> = {
  qr: false,
  connected: true,
  message: true,
  'message.notice': true,
  'message-sent': true,
  'session.status': true,
  'session.created': true,
  'session.deleted': true,
  'pairing-code': false,
  'message.status': true,
  'message.edited': true,
  'message.deleted': true,
  'message.starred': true,
  'message.labeled': true,
  'message.reaction': true,
  'poll.vote': true,
  'event.response': true,
  'chat.updated': true,
  'chat.deleted': true,
  'label.updated': true,
  'label.deleted': true,
  'contact.updated': true,
  presence: false,
  call: true,
  'group.updated': true,
  'history.progress': false,
  'session.limited': true,
  'session.health': true,
}

/** Every event. */
export const EVENT_NAMES = Object.keys(IS_LOGGED) as readonly EventName[]
/** Every event that is logged: what durable readers can be given. */
export const LOGGED_EVENTS: readonly EventName[] = EVENT_NAMES.filter((name) => IS_LOGGED[name])

/** An event as the log keeps it. */
export interface LoggedEvent<Name extends EventName = EventName> {
  name: Name
  event: EventOf<Name>
}
