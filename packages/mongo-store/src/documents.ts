import type { Binary, Collection, Db } from 'mongodb'

/**
 * What lies in each collection. Ids are strings of parts (`session|type|id`), so that hot paths go by `_id`; whatever a user
 * chose is a value and never a field name, because MongoDB does not take dots and dollars there everywhere.
 */
export interface AuthStateDocument {
  /** The session. */
  _id: string
  epoch: number
  creds: Binary
}

export interface AuthKeyDocument {
  /** `session|type|id`; `session|` alone is the fence of the session, which holds nothing but the epoch. */
  _id: string
  session?: string
  type?: string
  key?: string
  epoch: number
  value?: Binary
}

export interface AuthArchiveDocument {
  _id: string
  session: string
  at: string
  reason: string
  creds: Binary
}

export interface ArchivedKeyDocument {
  /** `archive|type|id` */
  _id: string
  archive: string
  type: string
  key: string
  value: Binary
}

export interface SessionDocument {
  _id: string
  desired: string
  deletedAt: string | null
  revision: number
  sent: number
  received: number
  failed: number
  chats: number
  lastActivityAt: string | null
  /** The rest of the record, JSON. */
  record: string
}

export interface MessageDocument {
  /** `session|id|chat|sender` */
  _id: string
  session: string
  id: string
  chatId: string
  senderId: string
  /** Where it stands among the messages of its session: time, id, chat and sender, as one text. */
  place: string
  timestamp: string
  type: string
  fromMe: boolean
  status: string
  clientMessageId?: string
  /** The text in lower case. */
  search?: string
  /** The whole message, JSON. */
  record: string
  raw?: Binary
  /** Raised by every change: changes are compare-and-set. */
  revision: number
}

export interface ChatDocument {
  /** `session|chat` */
  _id: string
  session: string
  kind: string
  archived: boolean
  /** Where it stands in the list: pinned, time of the last message, id, as one text. */
  place: string
  lastSenderId?: string
  /** The chat record, JSON. */
  record: string
  revision: number
}

export interface ContactDocument {
  /** `session|contact` */
  _id: string
  session: string
  contact: string
  record: string
}

export interface IdentityDocument {
  /** `session|phone-number JID` or `session|LID` */
  _id: string
  session: string
  jid: string
  /** The LID of a phone number, the phone-number JID of a LID. */
  other: string
}

export interface UserDocument {
  _id: string
  /** In lower case. */
  email: string
  record: string
  revision: number
}

export interface RefreshFamilyDocument {
  _id: string
  userId: string
  tokenHash: string
  createdAt: string
  expiresAt: string
}

export interface LeaseDocument {
  _id: string
  owner: string | null
  epoch: number
  expiresAtMs: number
}

export interface EventDocument {
  /** `session|number`, the number with leading zeros. */
  _id: string
  session: string
  seq: number
  at: string
  key?: string
  record: string
}

export interface EventNumberDocument {
  _id: string
  lastSeq: number
}

export interface Collections {
  authStates: Collection<AuthStateDocument>
  authKeys: Collection<AuthKeyDocument>
  authArchives: Collection<AuthArchiveDocument>
  archivedKeys: Collection<ArchivedKeyDocument>
  sessions: Collection<SessionDocument>
  messages: Collection<MessageDocument>
  chats: Collection<ChatDocument>
  contacts: Collection<ContactDocument>
  identities: Collection<IdentityDocument>
  users: Collection<UserDocument>
  refreshFamilies: Collection<RefreshFamilyDocument>
  leases: Collection<LeaseDocument>
  events: Collection<EventDocument>
  eventNumbers: Collection<EventNumberDocument>
}

export function collectionsOf(db: Db): Collections {
  return {
    authStates: db.collection('authstates'),
    authKeys: db.collection('authkeys'),
    authArchives: db.collection('autharchives'),
    archivedKeys: db.collection('autharchivedkeys'),
    sessions: db.collection('sessions'),
    messages: db.collection('messages'),
    chats: db.collection('chats'),
    contacts: db.collection('contacts'),
    identities: db.collection('identities'),
    users: db.collection('users'),
    refreshFamilies: db.collection('refreshfamilies'),
    leases: db.collection('leases'),
    events: db.collection('events'),
    eventNumbers: db.collection('eventnumbers'),
  }
}

/** Idempotent: an index that is there is left as it is. */
export async function createIndexes(collections: Collections): Promise<void> {
  const { authKeys, authArchives, archivedKeys, sessions, messages, chats, contacts, identities } = collections
  const { users, refreshFamilies, events } = collections
  await Promise.all([
    authKeys.createIndex({ session: 1, type: 1 }),
    authArchives.createIndex({ session: 1 }),
    archivedKeys.createIndex({ archive: 1 }),
    sessions.createIndex({ desired: 1 }),
    messages.createIndex({ session: 1, id: 1 }),
    messages.createIndex({ session: 1, place: 1 }),
    messages.createIndex({ session: 1, chatId: 1, place: 1 }),
    messages.createIndex({ session: 1, senderId: 1 }),
    messages.createIndex(
      { session: 1, clientMessageId: 1 },
      { partialFilterExpression: { clientMessageId: { $exists: true } } },
    ),
    messages.createIndex({ session: 1, status: 1 }, { partialFilterExpression: { status: 'pending' } }),
    messages.createIndex({ timestamp: 1 }),
    chats.createIndex({ session: 1, place: 1 }),
    chats.createIndex({ session: 1, lastSenderId: 1 }),
    contacts.createIndex({ session: 1, contact: 1 }),
    identities.createIndex({ session: 1 }),
    users.createIndex({ email: 1 }, { unique: true }),
    refreshFamilies.createIndex({ userId: 1 }),
    events.createIndex({ session: 1, seq: 1 }),
    events.createIndex({ session: 1, key: 1 }, { unique: true, partialFilterExpression: { key: { $exists: true } } }),
  ])
}

/** Parts that may hold anything, as one id: the separator cannot be in them. */
export function idOf(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('|', '%7C')).join('|')
}

/** Sorts below every character that is in a part, so that places compare part by part. */
const PART_END = '\u0001'

export function placeOf(parts: readonly string[]): string {
  return parts.join(PART_END)
}
