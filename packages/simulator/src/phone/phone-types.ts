import type { PhoneMessage } from './mailbox.js'

export interface PhoneReceipt {
  /** The messages that it is about. */
  ids: string[]
  /** Who sent it: a bare JID, or the participant in a group. */
  from: string
  chat: string
  type: string
  at: string
}

export interface PhoneTyping {
  from: string
  chat: string
  state: 'composing' | 'recording' | 'paused'
  at: string
}

/** A message that the phone got and could not read. */
export interface PhoneFailure {
  id: string
  from: string
  reason: string
}

export interface LinkedDevice {
  id: number
  jid: string
  /** As the list of linked devices shows it. */
  name: string
  linkedAt: string
  connected: boolean
  /** How much was sent to it that it has not confirmed. */
  queued: number
}

export interface SendOptions {
  /** How the other side is addressed. Default `pn`. */
  addressing?: 'pn' | 'lid'
}

/** Answers what others write: a text, or `undefined` to be silent. */
export type AutoReply = (message: PhoneMessage) => string | undefined | Promise<string | undefined>

/** What the other side did about a call. */
export interface PhoneCallAnswer {
  /** Of the call. */
  id: string
  /** JID without the device. */
  from: string
  /** `reject`, `accept`, … */
  kind: string
}

/** What a phone was told of a group. */
export interface PhoneGroupNotice {
  group: string
  /** As the wire calls it: `add`, `remove`, `subject`, `announcement`, … */
  kind: string
  /** JID of who did it. */
  by: string
  /** JIDs of whom it was done to. */
  participants: string[]
}
