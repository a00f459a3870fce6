import type { ChatChange, ContactChange, IdentityPair, TypingState } from '../types/chat.js'
import type { MessageContent } from '../types/content.js'
import type { GroupChange } from '../types/group.js'
import type { Jid } from '../types/jid.js'
import type { LabelChanges, LabelRecord } from '../types/label.js'
import type {
  EditedBody,
  EventAnswer,
  Message,
  MessageBody,
  MessageChange,
  MessageSource,
  MessageStatus,
  MessageType,
  Reaction,
  StoredMessage,
} from '../types/message.js'
import type { SendRestriction } from '../types/queue.js'
import type { Account, SessionSettings } from '../types/session.js'
import type { WebVersion } from '../types/web-version.js'
import type { AuthBatch } from './auth-store.js'
import type { ContactConnection } from './contact-connection.js'
import type { GroupConnection } from './group-connection.js'
import type { LabelConnection } from './label-connection.js'
import type { LinkPreview } from './link-previews.js'
import type { FileFacts } from './media-desk.js'
import type { NewsletterConnection } from './newsletter-connection.js'
import type { ProfileConnection } from './profile-connection.js'

/** Opens connections to WhatsApp. The domain knows it only through this port. */
export interface Connector {
  /** Starts one connection. Never throws for what the network does: that arrives as a `close` event, always the last one. */
  connect(options: ConnectOptions): Connection
  /**
   * As `prepare` of a connection, without one. `me`: the account's own phone-number JID.
   *
   * @throws RECIPIENT_INVALID · MESSAGE_NOT_FORWARDABLE
   */
  prepare(content: PreparableContent, me: Jid): PreparedMessage
  /** Which version of WhatsApp Web it announces, where that matters. */
  readonly versions?: WebVersionSource
}

/** Versions of WhatsApp Web. */
export interface WebVersionSource {
  /** What `connect` announces without a `version`. */
  readonly own: WebVersion
  /**
   * The version that WhatsApp's own page has now, asked through the proxy. Rejects, with a sentence why, when it cannot be
   * found out. Left out where nobody may be asked.
   */
  newest?(options: { proxyUrl?: string; signal: AbortSignal }): Promise<WebVersion>
}

/** What a connection is opened with. */
export interface ConnectOptions {
  sessionId: string
  auth: AuthHandle
  settings: SessionSettings
  /** The version of WhatsApp Web to announce; the connector's own unless given. */
  version?: WebVersion
  /**
   * Whose messages the session has. A connection for any other account ends with ACCOUNT_CHANGED as its cause before WhatsApp
   * has linked it or let it in, and no credentials are changed or removed. Left out: every account is welcome.
   */
  account?: Account
  /**
   * Called for every event, never before `connect` has returned. There are two lanes, and in each the next event waits until
   * the promise of the last is settled:
   *
   * - `ack` events, in the order in which the server answered. They never wait for a message to be stored.
   * - All others, in the order in which they came; messages that have waited for an earlier event come together in one. A
   *   `receipt` comes after every `ack` that was there before it.
   *
   * `close` comes last, when both lanes are empty, and nothing is called after it. A promise that rejects ends the connection:
   * the rejection is the `cause` of its `close`, and no other event comes before that.
   */
  onEvent(event: ConnectionEvent): Promise<void>
  /**
   * The stored protobuf of a message of ours, which somebody asks for who could not decrypt it; `undefined` when it was not
   * for them. The server hands every such request on: whoever knows an id can ask.
   */
  getMessage(asked: AskedMessage): Promise<Uint8Array | undefined>
}

/** A request for a message of ours, as it came over the wire, before its ids are made canonical. */
export interface AskedMessage {
  id: string
  /** The chat that it is said to be of. */
  chatId: Jid
  /** Who asks, without the device. */
  askerId: Jid
  /** Every address of everybody who is in the chat, where that is a group. */
  members?: readonly Jid[]
  /** Both addresses of chat partner and asker, where the connection knows them. */
  identities: IdentityPair[]
}

/** Auth storage bound to one session and one ownership. After the lease is lost every call rejects with LEASE_LOST. */
export interface AuthHandle {
  readonly epoch: number
  readCreds(): Promise<Uint8Array | undefined>
  readKeys(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>>
  listKeyIds(type: string): Promise<string[]>
  /** All or nothing, durable when it resolves; commits of one handle reach the store in the order of the calls. */
  commit(batch: AuthBatch): Promise<void>
}

/** One connection to WhatsApp, until its `close` event. */
export interface Connection {
  readonly groups: GroupConnection
  readonly contacts: ContactConnection
  readonly profile: ProfileConnection
  readonly newsletters: NewsletterConnection
  readonly labels: LabelConnection
  /**
   * Sends and resolves once the bytes are on the wire; the server's answer arrives as an `ack` event.
   *
   * @throws RECIPIENT_NOT_ON_WHATSAPP · GROUP_NOT_FOUND · GROUP_FORBIDDEN (it is in no such group) · MESSAGE_FAILED ·
   *   SESSION_NOT_CONNECTED
   */
  send(message: OutboundMessage): Promise<void>
  /**
   * The protobuf of what `send` will send, and its searchable form: made before sending, so that it is stored first. Puts no
   * message on the wire, but may ask WhatsApp for what the message needs.
   *
   * @throws RECIPIENT_INVALID · MESSAGE_NOT_FORWARDABLE · SESSION_NOT_CONNECTED
   */
  prepare(content: PreparableContent): Promise<PreparedMessage>
  /**
   * As `prepare`, for what is done to a message that is there: a message of its own, which no chat shows.
   *
   * @throws SESSION_NOT_CONNECTED · MESSAGE_NOT_CHANGEABLE where a poll or an event has no secret to seal the answer with
   */
  prepareAction(action: PreparableAction): Promise<Pick<PreparedMessage, 'id' | 'raw'>>
  /**
   * Brings a file to WhatsApp's hosts, encrypted as it is read; for a channel (`open`) as it is. It may be read more than once.
   *
   * @throws MEDIA_UPLOAD_FAILED · SESSION_NOT_CONNECTED · OPERATION_ABORTED
   */
  upload(file: OutboundFile, options?: { signal?: AbortSignal; open?: boolean }): Promise<UploadedFile>

  /** A message that was prepared before its file was uploaded, with where the file is now. */
  withFile(raw: Uint8Array, uploaded: UploadedFile): Uint8Array
  /**
   * The file of a message, decrypted as it comes. The iteration ends only when it is the file that the message names, by its
   * length, its MAC and both hashes; what came before an error is not to be trusted. `place`: where it is, if not where the
   * message says.
   *
   * @throws MEDIA_NOT_FOUND · MEDIA_EXPIRED when the hosts no longer have it · MEDIA_NOT_AVAILABLE · SESSION_NOT_CONNECTED ·
   *   OPERATION_ABORTED, each from the iteration
   */
  download(raw: Uint8Array, options?: { place?: string; signal?: AbortSignal }): AsyncIterable<Uint8Array>
  /**
   * Asks the phone to bring the file of a message to the hosts once more, and answers its place.
   *
   * @throws MEDIA_NOT_FOUND · MEDIA_EXPIRED when the phone no longer has it · MEDIA_NOT_AVAILABLE when it does not answer ·
   *   SESSION_NOT_CONNECTED
   */
  reupload(message: MediaMessage, options?: { signal?: AbortSignal }): Promise<string>
  /** Whether a number or JID is on WhatsApp, and its addresses; `undefined` when it is not. */
  lookUp(address: Jid): Promise<IdentityLookup | undefined>
  /**
   * Asks for the code to type on the phone; resolves once WhatsApp has taken it. `phone`: digits only.
   *
   * @throws PAIRING_CODE_FAILED when WhatsApp refuses it or is silent
   */
  requestPairingCode(phone: string): Promise<string>
  /** Asks the server for a sign of life; resolves with the round trip in milliseconds, rejects with CONNECTION_LOST. */
  probe(options: { timeoutMs: number }): Promise<number>
  /** Every address of those who may delete what others wrote in a group; rejects when WhatsApp does not tell. */
  groupAdmins(groupId: Jid): Promise<Jid[]>
  /**
   * Does something to a chat where all devices of the account see it. Resolves when WhatsApp has taken it.
   *
   * @throws CHAT_CHANGE_FAILED · CONNECTION_LOST · SESSION_NOT_CONNECTED
   */
  changeChat(chatId: Jid, action: ChatAction): Promise<void>
  /** Shows in a chat that the account types, or records; nobody answers that. @throws SESSION_NOT_CONNECTED */
  sendPresence(chatId: Jid, state: TypingState): Promise<void>
  /** Asks the phone for so many messages before one of a chat: they come as `history`, or never. @throws SESSION_NOT_CONNECTED */
  requestHistory(options: { before: Message; count: number }): Promise<void>
  /** Tells who wrote them, as far as the account's privacy says so, and the other devices. @throws SESSION_NOT_CONNECTED · CONNECTION_LOST */
  markRead(messages: readonly { id: string; chatId: Jid; senderId: Jid }[]): Promise<void>
  /** Removes keys of the account that nothing can need again. Seldom, one call at a time. @throws SESSION_NOT_CONNECTED */
  collectKeys(): Promise<CollectedKeys>
  /** Unlinks this device at WhatsApp. The `close` event follows. */
  logout(): Promise<void>
  /** Closes without logging out; resolves after the `close` event was handled, which carries `cause`. Safe to call twice. */
  close(cause?: unknown): Promise<void>
}

/** How many records of each kind went. */
export interface CollectedKeys {
  preKeys: number
  sessions: number
  senderKeys: number
}

/** The addresses of somebody who is on WhatsApp. */
export interface IdentityLookup {
  jid: Jid
  lid?: Jid
}

/** What kinds of files WhatsApp tells apart. A sticker is an image, a voice note audio. */
export type FileKind = 'image' | 'video' | 'audio' | 'document'

/** A file to upload. */
export interface OutboundFile {
  kind: FileKind
  bytes: number
  /** Of the file, in hex. */
  sha256: string
  /** All of it, from the beginning, each time it is called. A chunk is good until the next one is asked for. */
  read(): AsyncIterable<Uint8Array>
}

/** What a message names a file by. */
export interface UploadedFile {
  url: string
  directPath: string
  fileSha256: Uint8Array
  /** Left out of what is not encrypted. */
  mediaKey?: Uint8Array
  fileEncSha256?: Uint8Array
  bytes: number
}

/** A message whose file is wanted. */
export interface MediaMessage {
  id: string
  chatId: Jid
  senderId: Jid
  fromMe: boolean
  raw: Uint8Array
}

/** What a message is made of. */
export interface PreparableContent {
  content: MessageContent
  /** Of content that has a file: what was uploaded of it, and what is told of it. */
  file?: { about: FileFacts; uploaded: UploadedFile }
  /** Of a text: what is shown below it. */
  preview?: LinkPreview
  /** The message that is quoted. */
  quoted?: Message & { raw?: Uint8Array }
  /** The message that goes on to another chat. */
  forwarded?: StoredMessage
  /** After how many seconds it disappears from phones. */
  disappearsAfterSeconds?: number
}

/** What the account can do to a message that is there. Ids are canonical. */
export type MessageAction =
  /** An empty emoji takes the reaction back. */
  | { kind: 'reaction'; emoji: string }
  /** The new text, or caption, with everybody whom it names. */
  | { kind: 'edit'; text: string; mentions?: Jid[] }
  /** For everyone; what somebody else wrote as an admin of the group. */
  | { kind: 'delete' }
  /** The whole choice; no option takes the vote back. */
  | { kind: 'vote'; options: string[] }
  /** Whether the account comes to an event. */
  | ({ kind: 'response' } & EventAnswer)

/** An action, and what it is done to. `at`: when (ISO 8601). */
export type PreparableAction =
  | (MessageAction & { target: StoredMessage; at: string })
  /** New messages of the chat with a person disappear after so many seconds; 0: they stay. */
  | { kind: 'timer'; seconds: number }

/** What the account can do to a chat. `newest`: its newest message here; what has come since is not meant. */
export type ChatAction =
  | { kind: 'archive'; archived: boolean; newest?: Message }
  | { kind: 'pin'; pinned: boolean }
  /** `until`: ISO 8601; `null` ends it. */
  | { kind: 'mute'; until: string | 'for-ever' | null }
  /** The dot of a chat; receipts go by `markRead`. */
  | { kind: 'read'; read: boolean; newest?: Message }
  | { kind: 'clear'; keepStarred: boolean; newest?: Message }
  | { kind: 'delete'; newest?: Message }
  | { kind: 'star'; starred: boolean; message: Message }
  /** Deletes a message for the account alone. */
  | { kind: 'remove'; message: Message }

/** A message that can be stored and sent. */
export interface PreparedMessage extends MessageBody {
  /** A fresh WhatsApp message id. */
  id: string
  type: MessageType
  quotedMessageId?: string
  /** The encoded `Message`. */
  raw: Uint8Array
}

/** A message that is ready for the wire. */
export interface OutboundMessage {
  id: string
  /** Where to: a canonical chat id. */
  to: Jid
  raw: Uint8Array
  /** Of a status: everybody who gets it, besides the account's own devices. */
  readers?: readonly Jid[]
  /** Of a reaction in a channel: the number of what it is about. */
  serverId?: string
}

/** A message as it came over the wire, before its ids are made canonical. A poll comes with the votes that a history tells. */
export interface WireMessage extends MessageBody {
  /** As that of `Message`. */
  serverId?: string
  id: string
  chatId: Jid
  senderId: Jid
  fromMe: boolean
  /** ISO 8601, a whole second: more WhatsApp does not say. */
  timestamp: string
  type: MessageType
  /** Those that a history tells. */
  reactions?: Reaction[]
  /** In a history: when it was edited, or deleted. */
  editedAt?: string
  deletedAt?: string
  starred?: true
  quotedMessageId?: string
  status?: MessageStatus
  source: MessageSource
  /** The sender's own name. */
  pushName?: string
  /** Both addresses of chat partner and sender, where the stanza named them. */
  identities: IdentityPair[]
  /** Left out where there was nothing to decrypt. */
  raw?: Uint8Array
}

/** A change of an earlier message, told by a message of its own. */
export type WireChange = {
  /** Of the message that told it; one sender never uses it twice. */
  id: string
  messageId: string
  chatId: Jid
  senderId: Jid
  at: string
  /** Both addresses of chat partner and sender, where the stanza named them. */
  identities: IdentityPair[]
  /** The change itself as a message that is `hidden`: stored where it can be done to no message, so that nothing is lost. */
  kept?: WireMessage
} & (
  | { kind: 'reaction'; emoji: string }
  /** `type`: what the message is after it, where the message itself is not at hand. */
  | ({ kind: 'edit'; type?: MessageType } & EditedBody)
  /** `authorId`: who wrote the message, by the words of who deletes it. */
  | { kind: 'delete'; authorId?: Jid }
  /** What is sealed can be read by those only who have the message that it is about; `undefined`: it does not fit. */
  | { kind: 'sealed'; open(target: SealedTarget): UnsealedChange | undefined }
  /** A vote can be read by those only who have the poll. */
  | { kind: 'vote'; open(poll: SealedTarget): string[] | undefined }
)

/** A message that came in, or a change of an earlier one. */
export type Inbound = ({ message: WireMessage } | { change: WireChange }) & {
  /** Called once it is stored and announced. */
  settle?: () => Promise<void>
  /** It was decrypted before a crash, and nobody knows how far it got. */
  drained?: boolean
}

/** What was sealed: a change, or a message about the one it was sealed for. */
export type UnsealedChange =
  | ({ kind: 'edit'; at: string } & EditedBody)
  | { kind: 'reaction'; emoji: string }
  | Omit<Extract<MessageChange, { kind: 'response' }>, 'senderId'>
  | { kind: 'message'; message: WireMessage }

/** What a sealed change is opened with. */
export interface SealedTarget {
  /** The encoded message that the change is about. */
  raw: Uint8Array
  /** Every address of its author, and of who changes it: it was sealed for one of each, and does not say for which. */
  authorIds: readonly Jid[]
  senderIds: readonly Jid[]
}

/** What a connection says. */
export type ConnectionEvent =
  /**
   * The credentials were read: whether they are of a linked account, and whether WhatsApp has ever let them in. Always the
   * first event, unless reading failed.
   */
  | { type: 'credentials'; linked: boolean; loggedIn: boolean }
  /** A QR text to show. `lifetimeMs`: how long WhatsApp accepts it. */
  | { type: 'qr'; qr: string; attempt: number; maxAttempts: number; lifetimeMs: number; remainingMs: number }
  /** WhatsApp wants a passkey on the phone before it links. */
  | { type: 'passkey' }
  /** The account is linked and its credentials are stored; a close with `restart` follows. */
  | { type: 'paired'; account: Account; deviceId: number }
  /** `at`: when, by the server's clock (ISO 8601, a whole second). */
  | { type: 'open'; account: Account; deviceId: number; at?: string }
  /** What came in, in the order in which it did: one, or all that waited together, but never more than 100. */
  | { type: 'messages'; inbound: Inbound[] }
  | {
      /** A part of a history: some hundred messages at most, so that the rest of the process goes on meanwhile. */
      type: 'history'
      /** Those of one chat oldest first; what an earlier part has brought of it is newer. */
      messages: WireMessage[]
      /** Of messages of this history, or of earlier ones. */
      changes?: WireChange[]
      chats: ChatChange[]
      contacts: ContactChange[]
      identities: IdentityPair[]
      progress?: number
      done: boolean
      /** Called once it is stored, and what came before it. */
      settle?: () => Promise<void>
    }
  /** Another device of the account has read messages: the last of them, and with it what came before. */
  | { type: 'read'; chatId: Jid; ids: string[] }
  /** Another device of the account has deleted messages for the account alone. */
  | { type: 'removed'; chatId: Jid; ids: string[] }
  /** Another device of the account has put a star on messages, or has taken it off. */
  | { type: 'starred'; chatId: Jid; ids: string[]; starred: boolean }
  /** Another device of the account has made, changed or ended a label. What is left out stays. */
  | { type: 'label'; label: Pick<LabelRecord, 'id' | 'deleted'> & LabelChanges }
  /** Another device of the account has put a label on a chat, or on one message of it, or has taken it off. */
  | { type: 'labeled'; labelId: string; chatId: Jid; messageId?: string; labeled: boolean }
  /** Another device of the account has deleted or emptied a chat: the messages that are not newer than `until` (ISO 8601). */
  | { type: 'cleared'; chatId: Jid; until: string; isDeleted: boolean; keepStarred: boolean }
  | { type: 'receipt'; ids: string[]; chatId: Jid; status: MessageStatus; at: string }
  /** The server took a message, or refused it. `at`: when, by its own clock (ISO 8601, a whole second). */
  | { type: 'ack'; id: string; at?: string; error?: { code: string; message: string } }
  /** WhatsApp tells of one of its limits: that it holds, until when where that is known (milliseconds since 1970), or that it is over. */
  | { type: 'limit'; code: SendRestriction['code']; active: boolean; until?: number }
  | { type: 'identities'; pairs: IdentityPair[] }
  | { type: 'chats'; changes: ChatChange[] }
  | { type: 'contacts'; changes: ContactChange[] }
  /** The picture of a person or a group is another one, or gone. */
  | { type: 'picture'; id: Jid }
  /**
   * Something happened to a group. Its name comes by `chats`. `identities`: both addresses of those that it names, where the stanza
   * did.
   */
  | { type: 'group'; groupId: Jid; change: GroupChange; identities: IdentityPair[] }
  | {
      type: 'presence'
      chatId: Jid
      senderId: Jid
      state: 'available' | 'unavailable' | 'composing' | 'recording' | 'paused'
      /** When somebody who is not there was there last (ISO 8601), where they let it be seen. */
      lastSeenAt?: string
    }
  | { type: 'call'; callId: string; from: Jid; kind: 'audio' | 'video'; state: string }
  | { type: 'account'; account: Account }
  /** Always the last event of a connection. */
  | { type: 'close'; close: ConnectionClose }

/** Why a connection closed, as seen; `reconnect-policy` says what it means. */
export interface ConnectionClose {
  /** WhatsApp's or Baileys' number, where there is one. */
  statusCode?: number
  message: string
  /** The attributes of the stanza that ended the connection (`reason`, `code`, `expire`, `type`, …). */
  attributes?: Record<string, string>
  /** An error of our own side: a store that failed, a lease that was lost. */
  cause?: unknown
}
