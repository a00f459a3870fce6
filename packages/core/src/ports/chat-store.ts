import type {
  Chat,
  ChatChange,
  Contact,
  ContactChange,
  DialledNumber,
  IdentityPair,
  MergedChat,
} from '../types/chat.js'
import type { ChatKind, Jid } from '../types/jid.js'
import type { LabelRecord } from '../types/label.js'
import type { Page } from '../types/page.js'

/** Chats, contacts, labels, and which phone number is which LID. */
export interface ChatStore {
  /**
   * Makes or changes chats, in one round trip; answers them as they are after the last change, in order of the changes, and
   * how many were made.
   */
  upsert(sessionId: string, changes: readonly ChatChange[]): Promise<{ chats: Chat[]; created: number }>

  get(sessionId: string, chatId: Jid): Promise<Chat | undefined>

  /**
   * Pinned first, then by the time of the last message, newest first; with `lastMessage` filled in. A chat whose messages were
   * removed keeps its place, without a `lastMessage`.
   */
  page(sessionId: string, query: ChatQuery): Promise<Page<Chat>>

  count(sessionId: string): Promise<number>

  /** Removes the chat itself and none of its messages; answers whether it was there. */
  remove(sessionId: string, chatId: Jid): Promise<boolean>

  /** Makes or changes contacts, in one round trip; answers those that changed, once each. */
  upsertContacts(sessionId: string, changes: readonly ContactChange[]): Promise<Contact[]>

  getContact(sessionId: string, contactId: Jid): Promise<Contact | undefined>

  /**
   * By id, ascending. `text`: only those with it in one of their names, in the form of searches, or in their number where it may be a
   * part of one. Of seven digits or more: where numbers begin with them only those, which takes no longer the more contacts there are.
   * A page has as many as the limit where there are so many.
   */
  pageContacts(sessionId: string, query: { limit: number; cursor?: string; text?: string }): Promise<Page<Contact>>

  /**
   * Makes or changes labels, in one round trip; answers those that changed, once each. A label that is deleted is on no chat and no
   * message any more, and its record stays.
   */
  upsertLabels(sessionId: string, labels: readonly LabelRecord[]): Promise<LabelRecord[]>

  /** All of them by their ids as texts, the deleted ones too. */
  labels(sessionId: string): Promise<LabelRecord[]>

  /**
   * Learns that two addresses are one person and merges their chats, messages (by chat and by sender) and contacts under the
   * LID: unread counts add up, the later last message stays, a message in both is one; name, mute and disappearing of the LID's chat win,
   * the chat is pinned if either was, archived if both were, and has the labels of both. Idempotent, in any order, early or late: what was stored
   * under the phone number after the pair was learned moves when the pair is told again. A phone number that moves to
   * another LID takes the new one from then on; what is under the old one stays there.
   *
   * @returns the chats whose id moved by this call
   */
  mapIdentities(sessionId: string, pairs: readonly IdentityPair[]): Promise<MergedChat[]>

  /** The canonical id of each given JID (the LID of a known phone number, else itself), in order. */
  resolve(sessionId: string, jids: readonly Jid[]): Promise<Jid[]>

  /** Learns where numbers were found that are dialled another way. Idempotent; the newest answer for a number counts. */
  learnDialled(sessionId: string, numbers: readonly DialledNumber[]): Promise<void>

  /**
   * As `resolve`, for an address that a caller gives: a number that `learnDialled` has told of is the one that it was found under,
   * unless it is somebody's own by now. What comes from WhatsApp is never resolved by this.
   */
  resolveDialled(sessionId: string, jid: Jid): Promise<Jid>

  /** The phone-number JID of each known LID. */
  phonesOf(sessionId: string, lids: readonly Jid[]): Promise<Map<Jid, Jid>>

  removeAll(sessionId: string): Promise<void>
}

/** Which chats; everything that is given has to fit. */
export interface ChatQuery {
  limit: number
  cursor?: string
  kind?: ChatKind
  archived?: boolean
}
