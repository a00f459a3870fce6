import type { TrunklineError } from '../errors/trunkline-error.js'
import type { Location, Message } from './message.js'
import type { SendPriority } from './queue.js'

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
  /**
   * Whether the page of the first link in the text is looked at, and shown below it: its title, its words and a small picture of it
   * where sharp is installed. Fetched at a public address or one that `urlAllow` names; false unless given. A page that cannot be
   * fetched in some seconds is left out.
   */
  linkPreview?: boolean
}

/** A place to send. */
export interface LocationContent extends ContentContext {
  type: 'location'
  /** In degrees. */
  latitude: number
  longitude: number
  name?: string
  address?: string
  /**
   * Whether it is shown as a place that moves, with `name` as its caption and no address. It is told once: a companion has no place of
   * its own to follow.
   */
  live?: boolean
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

/**
 * A file to send: its bytes (as base64 where they are a text, 16 MiB at most), which must stay as they are until the call has settled, a
 * stream of them that is read once, or a URL that is fetched, at a public address or one that the manager's `urlAllow` names.
 */
export type MediaInput = ({ data: string | Uint8Array } | { stream: AsyncIterable<Uint8Array> } | { url: string }) & {
  /** The media type; found out unless given. */
  mimetype?: string
  fileName?: string
}

/** A picture to send. Size and small picture are found out where sharp is installed. */
export interface ImageContent extends ContentContext {
  type: 'image'
  media: MediaInput
  caption?: string
  viewOnce?: boolean
}

/** A film to send, with its size, duration and a small picture where ffprobe and ffmpeg are on the PATH; as a GIF it plays by itself without sound, as a video note it is shown as a circle. */
export interface VideoContent extends ContentContext {
  type: 'video'
  media: MediaInput
  caption?: string
  viewOnce?: boolean
  gif?: boolean
  videoNote?: boolean
}

/** Any file to send. */
export interface DocumentContent extends ContentContext {
  type: 'document'
  media: MediaInput
  caption?: string
}

/** A sticker to send: a WebP as it is, any other picture where sharp is installed. */
export interface StickerContent extends ContentContext {
  type: 'sticker'
  media: MediaInput
}

/** Sound to send. A voice note is Ogg with Opus as it is, and anything else where ffmpeg is on the PATH. */
export interface AudioContent extends ContentContext {
  type: 'audio' | 'voice'
  media: MediaInput
  /** Of a voice note alone. */
  viewOnce?: boolean
}

/** What is sent with a file. */
export type MediaContent = ImageContent | VideoContent | DocumentContent | StickerContent | AudioContent

/** What can be sent: discriminated by `type`, text when left out. */
export type MessageContent =
  | TextContent
  | MediaContent
  | LocationContent
  | ContactContent
  | PollContent
  | EventContent
  | ForwardContent

/**
 * When a message goes out. With `queue`, `sendAt` or `expiresAt` it is stored as `queued`, also while the session is offline, and
 * sent in its turn: once, or it is reported as `unknown`. Times are ISO 8601, in UTC.
 */
export interface DeliveryOptions {
  /** `false`: now or not at all. Unless given, as the session's setting `queueWhenOffline` says. */
  queue?: boolean
  /** Not before. */
  sendAt?: string
  /** Not later: what is still queued then has `expired`. */
  expiresAt?: string
  /** Of what is queued for different chats, what goes first: `normal` unless given. */
  priority?: SendPriority
  /** Whether it is shown that the account types; what the session's pacing says unless given. */
  typing?: boolean
}

/**
 * `to`: a phone number, a JID or a chat id. `status@broadcast` posts a text, a picture, a film or a voice note as the account's status,
 * for those whom its privacy on the phone lets see it.
 */
export type SendRequest = MessageContent &
  DeliveryOptions & {
    to: string
    /** The caller's own id: kept on the message; sent once, a repeat answers with the stored message. */
    clientMessageId?: string
  }

/** What is sent, and until when the caller waits for it. */
export type SendOptions = SendRequest & { signal?: AbortSignal }

/** What came of one message of a batch: `index` is its place in it. */
export type BatchItem = { index: number; message: Message } | { index: number; error: TrunklineError }

/** What JSON carries of it: bytes and streams of a file go beside it. */
export type SendData = DataOf<SendRequest>

type DataOf<Request> = Request extends { media: MediaInput } ? Omit<Request, 'media'> & { media: FileNames } : Request

/** A file as far as JSON goes. */
export interface FileNames {
  url?: string
  /** Base64, of one of many. */
  data?: string
  mimetype?: string
  fileName?: string
}

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
