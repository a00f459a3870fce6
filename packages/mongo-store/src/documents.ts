import type {
  ApiKeyRecord,
  AuditEntry,
  ClusterNode,
  ContactRecord,
  Jid,
  JobRef,
  JobState,
  LabelRecord,
  Message,
  SessionRecord,
  StoredMedia,
  UserRecord,
} from '@trunkline/core/store'
import type { Binary, ObjectId } from 'mongodb'

// Ids are strings joined by "|", which no session id and no JID contains; no text of a user ever becomes a field name.

/** Collection `authstates`: the credentials of a session, and the highest epoch that has written to it. */
export interface AuthStateDocument {
  /** The session id. */
  _id: string
  epoch: number
  value?: Binary
}

/** Collection `authkeys`: one Signal key, or, without `type`, the fence of a session's keys. */
export interface AuthKeyDocument {
  _id: string
  sessionId: string
  epoch: number
  type?: string
  key?: string
  value?: Binary
  /** Of a fence, where there are transactions: how many commits have passed it. */
  commits?: number
}

/** Collection `autharchives`: credentials that are out of use; their keys are in `autharchivedkeys`. */
export interface AuthArchiveDocument {
  _id: string
  sessionId: string
  at: string
  reason: string
  /** Made after every archive with a smaller one. */
  order: number
  value: Binary
}

export interface ArchivedKeyDocument {
  _id: string
  archiveId: string
  type: string
  key: string
  value: Binary
}

/**
 * Collection `sessions`: the record, with its metadata as a list because users choose the names in it, what it is searched by and
 * sorted by its label, and the epoch that reported last, where one has.
 */
export type SessionDocument = {
  _id: string
  metadata: [string, string][]
  search: string
  labelKey: string
  epoch?: number
} & Omit<SessionRecord, 'id' | 'metadata'>

/** Collection `sessionfences`: the epoch that reported last on a session that was removed. */
export interface SessionFenceDocument {
  /** The session id. */
  _id: string
  epoch: number
}

/** Collection `messages`: the message and what it is found by. */
export type MessageDocument = Message & {
  _id: string
  /** Sorts by time, then arrival, then id, chat and sender. */
  sortKey: string
  arrival?: number
  contentHash?: string
  /** The text in the form of searches. */
  search?: string
  raw?: Binary
  revision: number
  // Each of these is there only where it applies, so that its index stays small.
  clientKey?: string
  pendingOf?: string
  /** Whose message it is, while the sender is known by the phone number only. */
  phoneSender?: string
}

/** Collection `chats`. */
export interface ChatDocument {
  _id: string
  sessionId: string
  id: Jid
  kind: string
  name?: string
  unreadCount: number
  archived: boolean
  pinned: boolean
  mutedUntil?: string
  disappearsAfterSeconds?: number
  /** Empty, or left out, where there is none. */
  labels?: string[]
  /** Time, arrival, id and sender of the last message, as one text that sorts like it; empty when there never was one. */
  sortKey: string
}

/** Collection `labels`. */
export type LabelDocument = { _id: string; sessionId: string } & LabelRecord

/** Collection `contacts`. */
export type ContactDocument = { _id: string; sessionId: string; search: string } & ContactRecord

/**
 * Collection `identities`: the other address of a person, in both directions, and where a number was found that is dialled another
 * way; the two kinds differ in their `_id`.
 */
export interface IdentityDocument {
  _id: string
  sessionId: string
  jid: Jid
  other: Jid
}

/** Collection `users`. */
export interface UserDocument {
  _id: string
  /** In lower case, as it is compared. */
  emailKey: string
  /** Name and e-mail in the form of searches. */
  search: string
  record: UserRecord
}

/** Collection `apikeys`. */
export type ApiKeyDocument = { _id: string } & Omit<ApiKeyRecord, 'id'>

/** Collection `audit`. */
export type AuditDocument = { _id: string } & Omit<AuditEntry, 'id'>

/** Collection `adminguards`: one document, which lets full admins leave one after the other. */
export interface AdminGuardDocument {
  _id: 'admins'
  /** Counts who began to leave. */
  revision: number
  /** The users who are about to be no full admins any more: nobody may count on them. */
  leaving: string[]
}

/** Collection `refreshfamilies`. */
export interface RefreshFamilyDocument {
  _id: string
  userId: string
  tokenHash: string
  expiresAt: string
  /** The same as a date, for the index that lets the server remove it. */
  removeAt: Date
}

/** Collection `leases`: by session id. */
export interface LeaseDocument {
  _id: string
  owner: string | null
  epoch: number
  /** In milliseconds of the server's clock; the largest safe integer where it lasts as long as its node. */
  expiresAt: number
}

/** Collection `nodes`: by id. */
export interface NodeDocument extends Omit<ClusterNode, 'id'> {
  _id: string
  /** In milliseconds of the server's clock. */
  expiresAt: number
}

/** Collection `events`: the event as JSON, because payloads contain names that users choose. */
export interface EventDocument {
  _id: string
  sessionId: string
  seq: number
  at: string
  /** Which attempt to append it came from: how a writer knows its own after a race. */
  writer: string
  key: string
  record: string
}

/** Collection `eventnumbers`: the last number of a session whose events may be gone. */
export interface EventNumberDocument {
  _id: string
  lastSeq: number
}

/** Collection `schema`: one document. */
export interface SchemaDocument {
  _id: 'schema'
  version: number
}

/** Collection `jobs`: a job, and what it is found by. */
export interface JobDocument extends JobRef {
  _id: string
  lane?: string
  sessionId?: string
  /** Smaller than that of every job which was enqueued after this one had been. */
  order: number
  /** As JSON, because it contains names that users choose. */
  payload: string
  dueAt: string
  enqueuedAt: string
  state: JobState
  attempts: number
  owner?: string
  leasedUntil?: string
  lastError?: string
  endedAt?: string
  // These are there while the job has not ended.
  /** When somebody may take it. */
  availableAt?: string
  openLane?: string
  /** Unique; there while it is claimed. */
  busyLane?: string
}

/** Collection `jobnumbers`: the last `order` that was given. */
export interface JobNumberDocument {
  _id: 'jobs'
  last: number
}

/** Collection `media`: what is in GridFS, and in which of its files. */
export type MediaDocument = { _id: string; fileId: ObjectId } & StoredMedia

/** Collection `mediafiles`: the files in GridFS that belong to nothing, because they are being written or removed. */
export interface MediaFileDocument {
  _id: ObjectId
  /** In milliseconds of the server's clock. */
  since: number
}

/** Collection `readers`: when a reader of the event log began. */
export interface ReaderDocument {
  _id: string
  beganAt: string
}

/** Collection `cursors`: the last event that a reader is done with, by reader and session. */
export interface CursorDocument {
  _id: string
  reader: string
  sessionId: string
  seq: number
}

/** Collection `webhooks`: the webhook as JSON, because it contains names that users choose. */
export interface WebhookDocument {
  _id: string
  revision: number
  record: string
}

/** Collection `traffic`: messages of one session in one hour, which begins `at`. */
export interface TrafficDocument {
  _id: string
  at: string
  sessionId: string
  sent: number
  received: number
  failed: number
}

/** Collection `attempts`: something that may be tried only so often. */
export interface AttemptDocument {
  _id: string
  count: number
  endsAt: Date
}

/** Collection `installation`: one document, what people have set for all processes, as JSON. */
export interface InstallationDocument {
  _id: 'installation'
  revision: number
  record: string
}

/** Collection `trials`: empty but for the moments in which `setup` tries what the server can do. */
export interface TrialDocument {
  _id: string
  epoch?: number
  holder?: number
  count?: number
  only?: string
}

/** Two texts as one id, which no other two make. */
export function partsOf(first: string, second: string): string {
  return `${first.replaceAll('%', '%25').replaceAll('|', '%7C')}|${second}`
}

/** Key types and ids are any text; the type ends at the second "|", so it must not contain one. */
export function keyId(sessionId: string, type: string, id: string): string {
  return `${sessionId}|${type.replaceAll('%', '%25').replaceAll('|', '%7C')}|${id}`
}

/** A pattern that matches the text itself. */
export function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
