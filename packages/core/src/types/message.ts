import type { Jid } from './jid.js'

/** Every type of message; what WhatsApp calls them stands in docs/compatibility.md. */
export const MESSAGE_TYPES = [
  'text',
  'image',
  'video',
  'voice',
  'audio',
  'document',
  'sticker',
  'location',
  'contact',
  'poll',
  'event',
  'interactive',
  'product',
  'order',
  'payment',
  'invite',
  'call',
  'system',
  'placeholder',
  'hidden',
  'unknown',
] as const

/**
 * What a person sees of a message. Words that want explaining: `interactive` is a text with buttons, a list or cards, as
 * businesses send them (the answer to it is a `text` with `selection`); `system` is a line of the chat that nobody wrote;
 * `placeholder` stands where a message is that cannot be read here, until it can be; `hidden` has no bubble at all and is left
 * out of pages unless it is asked for; `unknown` is what this version cannot read.
 */
export type MessageType = (typeof MESSAGE_TYPES)[number]

/** Every status of a message. */
export const MESSAGE_STATUSES = [
  'queued',
  'pending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'canceled',
  'expired',
  'unknown',
] as const

/**
 * `queued` < `pending` < `sent` < `delivered` < `read` < `played` and only forward. `failed`: WhatsApp refused it. `canceled`,
 * `expired`: it was still queued then, and is not sent any more. `unknown`: the connection was lost before WhatsApp's server
 * answered, so nobody can tell; never resent silently.
 */
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** Where a message came from. `history` messages are stored without being announced one by one. */
export type MessageSource = 'live' | 'offline' | 'history' | 'api' | 'phone'

/** What is known of an attachment without its bytes. */
export interface Media {
  mimetype: string
  bytes: number
  sha256?: string
  width?: number
  height?: number
  seconds?: number
  fileName?: string
  caption?: string
  /** A small picture of it as a data URL of 16,384 characters at most. */
  thumbnail?: string
  /** Of a voice note: how loud it is, 64 values from 0 to 100. */
  waveform?: number[]
  /** A sticker that moves. */
  animated?: true
  /** To be seen once; often only the phone gets it. */
  viewOnce?: true
  /** A film without sound that plays by itself. */
  gif?: true
  /** A film that is shown as a circle. */
  videoNote?: true
  state: 'remote' | 'stored' | 'expired'
}

/** The reaction of one person; a later one takes its place. */
export interface Reaction {
  senderId: Jid
  emoji: string
  at: string
}

/** A poll with the votes that could be read. */
export interface Poll {
  question: string
  /** `count`: how many chose it, where a result is told without names. */
  options: { name: string; voters: Jid[]; count?: number }[]
  /** How many options one person may choose; 0 means any number. */
  selectableCount: number
  /** When each person voted last; those too who took their vote back. Left out before the first vote. */
  votes?: { voterId: Jid; at: string }[]
}

/** What a page says of itself, below a text that has a link to it. */
export interface LinkCard {
  /** As it stands in the text. */
  url: string
  title?: string
  description?: string
  /** As that of `Media`. */
  thumbnail?: string
}

/** A place, in degrees. */
export interface Location {
  latitude: number
  longitude: number
  name?: string
  address?: string
}

/** Something a person can tap under a message: an answer (`id`), a link or a number to call. */
export interface Button {
  text: string
  id?: string
  description?: string
  url?: string
  phone?: string
}

/** What was tapped. Its words are the text of the message. */
export interface Selection {
  id?: string
  /** What was filled into a form, as JSON text. */
  data?: string
}

/** A date that a chat was invited to. */
export interface CalendarEvent {
  name: string
  description?: string
  startsAt?: string
  endsAt?: string
  location?: Location
  joinUrl?: string
  canceled?: boolean
  /** Left out before the first answer. */
  responses?: EventResponse[]
}

/** What somebody can say to an invitation. */
export const EVENT_RESPONSES = ['going', 'not_going', 'maybe'] as const

/** What is said to the invitation of an event. */
export interface EventAnswer {
  response: (typeof EVENT_RESPONSES)[number]
  /** How many more the person brings along. */
  extraGuests?: number
}

/** Who said what to the invitation of an event. */
export interface EventResponse extends EventAnswer {
  senderId: Jid
  at: string
}

/** What a message says: what its sender wrote, and nothing of what happened to it later. */
export interface MessageBody {
  text?: string
  /** Of a text with a link. */
  preview?: LinkCard
  media?: Media
  location?: Location
  contacts?: { name: string; vcard: string }[]
  poll?: Poll
  event?: CalendarEvent
  /** Of `interactive` messages. */
  buttons?: Button[]
  /** Of an answer to an `interactive` message. */
  selection?: Selection
  /** A price, a total or a payment; `value` is a decimal number as text: `12.5`. */
  amount?: { currency: string; value: string }
  order?: { id?: string; itemCount?: number }
  /** Into a group or a channel. */
  invite?: { chatId?: Jid; name?: string; code?: string; expiresAt?: string }
  call?: { kind: 'audio' | 'video'; outcome?: string; seconds?: number; startsAt?: string }
  /** The advertisement that brought the sender here. */
  ad?: { id?: string; title?: string; text?: string; url?: string }
  /** Of `system` and `placeholder` messages: what happened, or why it cannot be read. */
  notice?: { kind: string; people?: Jid[]; value?: string }
  mentions?: Jid[]
  /** Everybody in the group is mentioned, without a name. */
  everyone?: boolean
  /** How often it has been forwarded, as far as phones count; from 5 on they say "many times". */
  forwardedTimes?: number
  /** Of a location: it moves on the phone of its sender. */
  live?: true
  /** What the message answers, as its sender shows it: of this chat, of another one, or a status. */
  quoted?: Quoted
  /** After how many seconds it disappears from phones. */
  disappearsAfterSeconds?: number
}

/** What is known of the message that is answered. */
export interface Quoted {
  /** Left out where it is the chat of the answer. */
  chatId?: Jid
  senderId?: Jid
  type?: MessageType
  /** Cut at 1,000 characters. */
  text?: string
}

/** A stored message. `id` is WhatsApp's own id: unique together with chat and sender, not alone. */
export interface Message extends MessageBody {
  id: string
  sessionId: string
  chatId: Jid
  senderId: Jid
  fromMe: boolean
  timestamp: string
  type: MessageType
  quotedMessageId?: string
  /** Of a post of somebody else in a channel: its number there, without which nobody can react to it. */
  serverId?: string
  reactions: Reaction[]
  status: MessageStatus
  error?: { code: string; message: string }
  editedAt?: string
  deletedAt?: string
  /** The account has marked it with a star; left out otherwise. */
  starred?: true
  /** Ids of the labels that the account has put on it; left out where there is none. */
  labels?: string[]
  clientMessageId?: string
  source: MessageSource
}

/** A message with WhatsApp's own protobuf (`Message`, encoded) for those who ask for it; left out where there is none. */
export type RawMessage = Message & { raw?: Uint8Array }

/** A message as stores keep it, with what callers do not see. */
export type StoredMessage = Message & {
  /** WhatsApp's own protobuf (`Message`, encoded), so that nothing is lost in translation. */
  raw?: Uint8Array
  /** Which of two messages of one time is the earlier one: the lower number. A whole number; 0 where there is none. */
  arrival?: number
  /** Of an outbound message: what it was asked to say, as a hash, by which a repeat of the request is known. */
  contentHash?: string
}

/** Points to messages of a session. Several can match an id alone. */
export interface MessageRef {
  id: string
  chatId?: Jid
  senderId?: Jid
}

/** A `MessageRef` of one id or of several. */
export interface MessageRefs extends Omit<MessageRef, 'id'> {
  id: string | readonly string[]
}

/** What an edit may change of a message. */
export type EditedBody = Pick<MessageBody, 'text' | 'preview' | 'mentions' | 'everyone' | 'buttons' | 'poll' | 'event'>

/** What happens to a stored message after it was stored. Applied by `applyMessageChange`, the same in every store. */
export type MessageChange =
  /** `timestamp`: when WhatsApp's server took the message, which is its time from then on (ISO 8601). */
  | { kind: 'status'; status: MessageStatus; error?: { code: string; message: string }; timestamp?: string }
  /** The new words, all of them: what is left out is taken away. Media, votes and answers stay. */
  | ({ kind: 'edit'; at: string } & EditedBody)
  | { kind: 'delete'; at: string }
  /** An empty emoji takes the reaction back. */
  | { kind: 'reaction'; senderId: Jid; emoji: string; at: string }
  /** The whole choice of a person, which replaces an earlier one; no option takes the vote back. */
  | { kind: 'vote'; voterId: Jid; options: string[]; at: string }
  /** Who comes to an event: the last answer of each person counts. */
  | ({ kind: 'response' } & EventResponse)
  | { kind: 'media'; state: Media['state'] }
  | { kind: 'star'; starred: boolean }
  | { kind: 'label'; labelId: string; labeled: boolean }
