import type { ChatKind, Jid } from './jid.js'
import type { Message } from './message.js'

/** A conversation. `id` is the LID JID of a person once it is known, the phone-number JID until then; groups are `…@g.us`. */
export interface Chat {
  id: Jid
  sessionId: string
  kind: ChatKind
  /** Digits only. */
  phone?: string
  lid?: Jid
  name?: string
  unreadCount: number
  lastMessage?: Message
  archived: boolean
  pinned: boolean
  mutedUntil?: string
  /** After how many seconds new messages disappear from phones; left out where they stay. */
  disappearsAfterSeconds?: number
  /** Ids of the labels that are on it; left out where there is none. */
  labels?: string[]
}

/** What people see of somebody who writes to them. */
export const TYPING_STATES = ['composing', 'recording', 'paused'] as const

/** Typing, recording, or no longer either. */
export type TypingState = (typeof TYPING_STATES)[number]

/** After how many seconds WhatsApp lets new messages disappear: never, after a day, a week or 90 days. */
export const DISAPPEARING_SECONDS = [0, 86_400, 604_800, 7_776_000] as const

/** One of them. */
export type DisappearingSeconds = (typeof DISAPPEARING_SECONDS)[number]

/** What can be done to a chat. */
export type ChatDeed =
  | { kind: 'archive'; archived: boolean }
  | { kind: 'pin'; pinned: boolean }
  /** `until`: ISO 8601, for ever when it is left out; `null` ends it. */
  | { kind: 'mute'; until?: string | null }
  | { kind: 'read'; read: boolean }
  | { kind: 'clear'; keepStarred: boolean }
  | { kind: 'delete' }
  | { kind: 'presence'; state: TypingState }
  | { kind: 'history'; count: number }
  /** `seconds`: 0 ends it. */
  | { kind: 'timer'; seconds: number }

/** What WhatsApp or a caller says about a chat; fields left out keep their value, `null` clears. */
export interface ChatChange {
  id: Jid
  name?: string
  unreadCount?: number
  archived?: boolean
  pinned?: boolean
  mutedUntil?: string | null
  disappearsAfterSeconds?: number | null
  /** By id of a label: whether it is put on the chat, or taken off. */
  labels?: Readonly<Record<string, boolean>>
}

/** A person the account knows. `id` follows the same rule as a chat's. */
export interface Contact {
  id: Jid
  sessionId: string
  phone?: string
  lid?: Jid
  /** The name in the phone's address book. */
  name?: string
  /** The name the person gave themselves. */
  pushName?: string
}

/** What is new of a contact; fields that are left out stay. */
export interface ContactChange {
  id: Jid
  name?: string
  pushName?: string
}

/** One person's two addresses. */
export interface IdentityPair {
  pn: Jid
  lid: Jid
}

/** A number as somebody dials it, and the address under which WhatsApp knows it: those of Brazil with or without their ninth digit. */
export interface DialledNumber {
  dialled: Jid
  jid: Jid
}

/** A chat whose id moved to its LID. */
export interface MergedChat {
  chatId: Jid
  mergedFrom: Jid
}
