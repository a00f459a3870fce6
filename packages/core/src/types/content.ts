import type { Location } from './message.js'

/** What every kind of message to send may say. */
export interface ContentContext {
  /** The id of a stored message of the same chat. */
  quotedMessageId?: string
  /** Phone numbers or JIDs of the people named with `@` in the text; `everyone` in a group. */
  mentions?: string[] | 'everyone'
}

/** A text to send. */
export interface TextContent extends ContentContext {
  /** The default type. */
  type?: 'text'
  text: string
}

/** A place to send. */
export interface LocationContent extends ContentContext {
  type: 'location'
  /** In degrees. */
  latitude: number
  longitude: number
  name?: string
  address?: string
}

/** A person by a phone number, or by a whole vCard. */
export type ContactToSend = { name: string; phone: string } | { name: string; vcard: string }

/** Contact cards to send. */
export interface ContactContent extends ContentContext {
  type: 'contact'
  contacts: ContactToSend[]
}

/** A poll to send. */
export interface PollContent extends ContentContext {
  type: 'poll'
  question: string
  /** Two or more, each once. */
  options: string[]
  /** How many options one person may choose: 1 unless given; 0 means any number. */
  selectableCount?: number
}

/** A date to invite a chat to. Times are ISO 8601. */
export interface EventContent extends ContentContext {
  type: 'event'
  name: string
  description?: string
  startsAt: string
  endsAt?: string
  location?: Location
}

/** A stored message that goes on to another chat as it is. */
export interface ForwardContent extends ContentContext {
  type: 'forward'
  messageId: string
  /** The chat that it stands in; needed where several chats have a message of this id. */
  chatId?: string
}

/** What can be sent: discriminated by `type`, text when left out. */
export type MessageContent =
  | TextContent
  | LocationContent
  | ContactContent
  | PollContent
  | EventContent
  | ForwardContent

/** `to`: a phone number, a JID or a chat id. */
export type SendOptions = MessageContent & {
  to: string
  /** The caller's own id: kept on the message; sent once, a repeat answers with the stored message. */
  clientMessageId?: string
  signal?: AbortSignal
}

/** What JSON carries of it. */
export type SendData = WithoutSignal<SendOptions>

type WithoutSignal<Options> = Options extends unknown ? Omit<Options, 'signal'> : never

/** The new words of a message. */
export interface EditOptions {
  text: string
  /** Phone numbers or JIDs of the people named with `@` in the text. */
  mentions?: string[]
}

/** Whom a message is deleted for: everyone unless given, or the account alone. */
export interface DeleteOptions {
  for?: 'everyone' | 'me'
}
