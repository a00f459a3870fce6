import { type Collection, type Db, type Document, type IndexDescription, MongoServerError } from 'mongodb'
import type {
  AdminGuardDocument,
  ApiKeyDocument,
  ArchivedKeyDocument,
  AttemptDocument,
  AuditDocument,
  AuthArchiveDocument,
  AuthKeyDocument,
  AuthStateDocument,
  ChatDocument,
  ContactDocument,
  CursorDocument,
  EventDocument,
  EventNumberDocument,
  IdentityDocument,
  InstallationDocument,
  JobDocument,
  JobNumberDocument,
  LabelDocument,
  LeaseDocument,
  MediaDocument,
  MediaFileDocument,
  MessageDocument,
  NodeDocument,
  ReaderDocument,
  RefreshFamilyDocument,
  SchemaDocument,
  SessionDocument,
  SessionFenceDocument,
  TrafficDocument,
  TrialDocument,
  UserDocument,
  WebhookDocument,
} from './documents.js'
import { sendingAgain } from './never-sent.js'

/** The prefix of GridFS' collections. */
export const GRID = 'mediabytes'

export type Collections = ReturnType<typeof collectionsOf>

export function collectionsOf(database: Db) {
  // A missing field stays missing: by default the driver would store `undefined` as null.
  const collection = <Shape extends Document>(name: string): Collection<Shape> =>
    sendingAgain(database.collection<Shape>(name, { ignoreUndefined: true }))
  return {
    authStates: collection<AuthStateDocument>('authstates'),
    authKeys: collection<AuthKeyDocument>('authkeys'),
    authArchives: collection<AuthArchiveDocument>('autharchives'),
    authArchivedKeys: collection<ArchivedKeyDocument>('autharchivedkeys'),
    sessions: collection<SessionDocument>('sessions'),
    sessionFences: collection<SessionFenceDocument>('sessionfences'),
    messages: collection<MessageDocument>('messages'),
    chats: collection<ChatDocument>('chats'),
    contacts: collection<ContactDocument>('contacts'),
    labels: collection<LabelDocument>('labels'),
    identities: collection<IdentityDocument>('identities'),
    users: collection<UserDocument>('users'),
    apiKeys: collection<ApiKeyDocument>('apikeys'),
    audit: collection<AuditDocument>('audit'),
    adminGuards: collection<AdminGuardDocument>('adminguards'),
    refreshFamilies: collection<RefreshFamilyDocument>('refreshfamilies'),
    leases: collection<LeaseDocument>('leases'),
    nodes: collection<NodeDocument>('nodes'),
    events: collection<EventDocument>('events'),
    eventNumbers: collection<EventNumberDocument>('eventnumbers'),
    schema: collection<SchemaDocument>('schema'),
    jobs: collection<JobDocument>('jobs'),
    jobNumbers: collection<JobNumberDocument>('jobnumbers'),
    media: collection<MediaDocument>('media'),
    mediaFiles: collection<MediaFileDocument>('mediafiles'),
    // GridFS, which would make them and their indexes with its first file.
    gridFiles: collection<Document>(`${GRID}.files`),
    gridChunks: collection<Document>(`${GRID}.chunks`),
    readers: collection<ReaderDocument>('readers'),
    cursors: collection<CursorDocument>('cursors'),
    webhooks: collection<WebhookDocument>('webhooks'),
    traffic: collection<TrafficDocument>('traffic'),
    attempts: collection<AttemptDocument>('attempts'),
    installation: collection<InstallationDocument>('installation'),
    trials: collection<TrialDocument>('trials'),
  }
}

/** Beside the `_id`, by which everything that happens for a message is found. */
const INDEXES: Partial<Record<keyof Collections, IndexDescription[]>> = {
  authKeys: [{ key: { sessionId: 1, type: 1 } }],
  authArchives: [{ key: { sessionId: 1, at: -1 } }, { key: { at: 1 } }],
  authArchivedKeys: [{ key: { archiveId: 1 } }],
  sessions: [
    { key: { desired: 1 } },
    { key: { 'request.node': 1 }, sparse: true },
    { key: { deletedAt: 1 }, sparse: true },
    // Lists: an index for each order, and for each thing that they are searched by.
    { key: { createdAt: 1, _id: 1 } },
    { key: { labelKey: 1, _id: 1 } },
    { key: { status: 1, _id: 1 } },
    { key: { lastActivityAt: 1, _id: 1 } },
    { key: { metadata: 1 } },
    { key: { search: 1 } },
  ],
  messages: [
    { key: { sessionId: 1, sortKey: 1 } },
    { key: { sessionId: 1, chatId: 1, sortKey: 1 } },
    { key: { sessionId: 1, id: 1 } },
    { key: { clientKey: 1 }, sparse: true },
    { key: { pendingOf: 1 }, sparse: true },
    { key: { phoneSender: 1 }, sparse: true },
    { key: { sessionId: 1, labels: 1 }, partialFilterExpression: { labels: { $exists: true } } },
  ],
  chats: [
    { key: { sessionId: 1, pinned: 1, sortKey: 1, id: 1 } },
    { key: { sessionId: 1, labels: 1 }, partialFilterExpression: { labels: { $exists: true } } },
  ],
  labels: [{ key: { sessionId: 1, id: 1 } }],
  // With what is searched: a search reads the index, and the documents that it finds.
  contacts: [{ key: { sessionId: 1, id: 1, search: 1 } }],
  identities: [{ key: { sessionId: 1, other: 1, jid: 1 } }],
  users: [{ key: { emailKey: 1 }, unique: true }, { key: { 'record.role': 1 } }],
  apiKeys: [{ key: { hash: 1 }, unique: true }, { key: { userId: 1, _id: 1 } }],
  audit: [
    { key: { at: -1, _id: -1 } },
    { key: { userId: 1, at: -1, _id: -1 } },
    { key: { keyId: 1, at: -1, _id: -1 } },
    { key: { sessionId: 1, at: -1, _id: -1 } },
    { key: { targetId: 1, at: -1, _id: -1 } },
    { key: { action: 1, at: -1, _id: -1 } },
    { key: { outcome: 1, at: -1, _id: -1 } },
  ],
  refreshFamilies: [{ key: { userId: 1 } }, { key: { removeAt: 1 }, expireAfterSeconds: 0 }],
  events: [{ key: { sessionId: 1, seq: 1 } }, { key: { sessionId: 1, key: 1 }, unique: true }],
  jobs: [
    { key: { kind: 1, availableAt: 1, order: 1 } },
    { key: { openLane: 1, order: 1 } },
    { key: { busyLane: 1 }, unique: true, sparse: true },
    { key: { order: 1 } },
    { key: { sessionId: 1, order: 1 } },
    { key: { endedAt: 1 }, sparse: true },
  ],
  media: [{ key: { sessionId: 1 } }, { key: { storedAt: 1 } }, { key: { fileId: 1 } }],
  mediaFiles: [{ key: { since: 1 } }],
  gridFiles: [{ key: { filename: 1, uploadDate: 1 } }],
  gridChunks: [{ key: { files_id: 1, n: 1 }, unique: true }],
  nodes: [{ key: { expiresAt: 1 } }],
  cursors: [{ key: { reader: 1 } }, { key: { sessionId: 1 } }],
  traffic: [{ key: { at: 1 } }, { key: { sessionId: 1 } }],
  attempts: [{ key: { endsAt: 1 }, expireAfterSeconds: 0 }],
  trials: [{ key: { only: 1 }, unique: true, sparse: true }],
}

/**
 * Makes every collection and index that is missing. A collection must be there before the first transaction writes to it: those
 * that make one at once collide, and on a sharded cluster a transaction cannot make any.
 */
export async function makeCollections(database: Db, collections: Collections): Promise<void> {
  const existing = new Set((await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  await Promise.all(
    Object.values(collections).map(({ collectionName: name }) =>
      existing.has(name) ? undefined : makeCollection(database, name),
    ),
  )
  const wanted = Object.entries(INDEXES) as [keyof Collections, IndexDescription[]][]
  await Promise.all(
    wanted.map(([name, indexes]) => (collections[name] as unknown as Collection).createIndexes(indexes)),
  )
}

const NAMESPACE_EXISTS = 48

async function makeCollection(database: Db, name: string): Promise<void> {
  try {
    await database.createCollection(name)
  } catch (error) {
    // Several nodes start on an empty database at once; another one was faster.
    if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error
  }
}
