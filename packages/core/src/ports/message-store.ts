import type {
  Message,
  MessageChange,
  MessageRef,
  MessageRefs,
  MessageType,
  RawMessage,
  StoredMessage,
} from '../types/message.js'
import type { Page } from '../types/page.js'
import type { AppendedEvent, NewEvent } from './event-log.js'

/** Messages by (session, chat, id, sender). Chat and sender ids are canonical when they get here. */
export interface MessageStore {
  /**
   * Stores messages, in one round trip, and moves their chats on: a missing chat is made, its last message moves forward by
   * what `movesChatOn`, its unread count grows by the new inbound messages that say something (`countsAsUnread`) and are
   * neither history nor deleted, and begins anew with a new outbound message that says something and is not history (`readsChat`):
   * who answers has read. A message that is there already is left as it is, its time and `arrival` too, except that a
   * missing `raw` is filled in and its status moves forward. Idempotent, within one call too.
   *
   * @returns which of the given messages were new, or filled in a placeholder (`fillsIn`), in their order, and how many chats were made
   */
  upsert(sessionId: string, messages: readonly StoredMessage[]): Promise<Upserted>

  /**
   * Applies `applyMessageChange` to every message that the ref names, atomically for each. Several ids do not take several
   * round trips one after the other. A message that gets another time takes its place in the order of messages by it, and its
   * chat's last message is the last one by that order.
   *
   * @returns the messages that changed, before and after, in the order of the ids; empty when none exists or none changed
   */
  change(sessionId: string, ref: MessageRefs, change: MessageChange): Promise<{ before: Message; after: Message }[]>

  /**
   * One step of a session: does `upsert` with the messages, then `change` with each of the changes, then `append` of the event
   * log with the events that tell of it, which `events` makes of the outcome. Few round trips, however many messages there are.
   *
   * All or nothing where the engine can; otherwise in this order, so that a crash leaves messages without their events and
   * never events without their messages, and the same step appends what is missing. `events` is pure, and may be asked again.
   */
  record(sessionId: string, step: MessageStep, options?: { lastSeq?: number | undefined }): Promise<Recorded>

  /** Every message that the ref names; several only when chat and sender are not given. */
  find(sessionId: string, ref: MessageRef): Promise<StoredMessage[]>

  /** The message sent with this client message id: the newest, by (timestamp, arrival, id). */
  findByClientId(sessionId: string, clientMessageId: string): Promise<StoredMessage | undefined>

  /**
   * Newest first by (timestamp, arrival, id); with `after`, alone or together with `before`, the other way: oldest first.
   * `nextCursor` is the `before`, or the `after`, of the next page. Messages of type `hidden` are left out unless `type` asks for
   * them. Messages come with `raw` only where the query asks for it.
   */
  page(sessionId: string, query: MessageQuery): Promise<Page<RawMessage>>

  /** Outbound messages still `pending`, oldest first: what a crash left without an answer. */
  listPending(sessionId: string): Promise<StoredMessage[]>

  count(sessionId: string): Promise<number>

  /**
   * Removes messages older than `before` (ISO 8601), of one session or of all, of each session the oldest first; no more than
   * `limit` in one call, all of them unless given. Answers how many. Their chats stay as they are, the unread count too: it is
   * WhatsApp's, not a count of what is here. A session that has no such messages costs no round trip of its own.
   */
  prune(options: { before: string; sessionId?: string; limit?: number }): Promise<number>

  /**
   * Removes the oldest messages of a session, by (timestamp, arrival, id), until only the newest `keep` are left; no more than `limit` in
   * one call, all of them unless given. Answers how many. Chats stay as with `prune`.
   */
  trim(sessionId: string, options: { keep: number; limit?: number }): Promise<number>

  /**
   * Removes the messages of a chat that are not newer than `until` (ISO 8601), all of them but those with a star where
   * `keepStarred` says so. Answers how many. The chat stays as with `prune`.
   */
  removeChat(sessionId: string, chatId: string, options: { until: string; keepStarred?: boolean }): Promise<number>

  removeAll(sessionId: string): Promise<void>
}

/** What storing messages came to. */
export interface Upserted {
  /** Which of the messages were new, in their order. */
  inserted: boolean[]
  chatsCreated: number
}

/** What is done in one step: a few hundred messages and changes at the most. */
export interface MessageStep {
  messages?: readonly StoredMessage[]
  changes?: readonly { ref: MessageRefs; change: MessageChange }[]
  events(outcome: StepOutcome): readonly NewEvent[]
}

/** What the parts of a step came to, in their order. */
export interface StepOutcome extends Upserted {
  /** One for each change, in their order. */
  changes: ChangeOutcome[]
}

/** What a change came to. */
export interface ChangeOutcome {
  /** As `change` answers. */
  changed: { before: Message; after: Message }[]
  /** The messages that the ref names and to which the change says nothing new. */
  unchanged: Message[]
}

/** What one step has stored and told. */
export interface Recorded extends StepOutcome {
  /** What came of each event, in their order. */
  events: AppendedEvent[]
}

/** Which messages; everything that is given has to fit. */
export interface MessageQuery {
  limit: number
  chatId?: string
  /** Opaque cursor of a page, or a message's time (ISO 8601): only older ones, newest first. */
  before?: string
  /** As `before`: only newer ones, oldest first. */
  after?: string
  type?: MessageType
  fromMe?: boolean
  /** A part of the text, whatever the case of its letters, in any language. */
  text?: string
  /** With WhatsApp's own protobuf of each message. */
  raw?: boolean
}
