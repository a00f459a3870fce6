import {
  type Jid,
  type Message,
  type MessageRefs,
  messagePosition,
  type Position,
  publicMessage,
  refsOf,
  type StoredMessage,
  searchForm,
} from '@trunkline/core/store'
import { type ClientSession, type Filter, MongoBulkWriteError } from 'mongodb'
import { toBinary, toBytes } from './binary.js'
import type { Collections } from './collections.js'
import type { MessageDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'
import { retryUntilSet } from './retry.js'

/** A position as one text that sorts like it: a space is below every character of a time, an id and a JID. */
export function sortKeyOf(position: Position): string {
  return position.join(' ')
}

/** An id of a message may be any text, but the other parts contain no "|", so that no two messages have the same. */
export function messageDocumentId(
  sessionId: string,
  { chatId, id, senderId }: Pick<Message, 'chatId' | 'id' | 'senderId'>,
): string {
  return `${sessionId}|${chatId}|${id}|${senderId}`
}

export function clientKeyOf(sessionId: string, clientMessageId: string): string {
  return `${sessionId}|${clientMessageId}`
}

export function documentOf(sessionId: string, { raw, ...message }: StoredMessage): MessageDocument {
  return {
    _id: messageDocumentId(sessionId, message),
    ...message,
    sessionId,
    ...foundBy(sessionId, message),
    ...(raw ? { raw: toBinary(raw) } : {}),
    revision: 1,
  }
}

/** What a message is found by, beside its own fields. */
function foundBy(sessionId: string, message: StoredMessage) {
  const { senderId, text, clientMessageId } = message
  return {
    sortKey: sortKeyOf(messagePosition(message)),
    ...(text === undefined ? {} : { search: searchForm(text) }),
    ...(clientMessageId === undefined ? {} : { clientKey: clientKeyOf(sessionId, clientMessageId) }),
    ...(message.fromMe && message.status === 'pending' ? { pendingOf: sessionId } : {}),
    ...(senderId.endsWith('@s.whatsapp.net') ? { phoneSender: `${sessionId}|${senderId}` } : {}),
  }
}

export function storedMessageOf({ raw, ...document }: MessageDocument): StoredMessage {
  const { _id, sortKey, search, clientKey, pendingOf, phoneSender, revision, ...message } = document
  return { ...message, ...(raw ? { raw: toBytes(raw) } : {}) }
}

export function messageOf(document: MessageDocument): Message {
  return publicMessage(storedMessageOf(document))
}

export function refFilter(sessionId: string, refs: MessageRefs): Filter<MessageDocument> {
  const { chatId, senderId } = refs
  const ids = refsOf(refs).map(({ id }) =>
    chatId === undefined || senderId === undefined ? id : messageDocumentId(sessionId, { id, chatId, senderId }),
  )
  const id = ids.length === 1 ? ids[0] : { $in: ids }
  if (chatId !== undefined && senderId !== undefined) return { _id: id }
  return { sessionId, id, ...(chatId === undefined ? {} : { chatId }), ...(senderId === undefined ? {} : { senderId }) }
}

/** The messages in the chats of these people, or written by them. */
export function ofPeople(sessionId: string, phones: readonly Jid[]): Filter<MessageDocument>[] {
  // Two queries rather than one with $or: each has its index on every server.
  return [
    { sessionId, chatId: { $in: [...phones] } },
    { phoneSender: { $in: phones.map((phone) => `${sessionId}|${phone}`) } },
  ]
}

/** Stores the documents that are not there, in one round trip; answers the ids of those. */
export async function insertMissing(
  messages: Collections['messages'],
  documents: readonly MessageDocument[],
  { session }: Within = {},
): Promise<Set<string>> {
  if (documents.length === 0) return new Set()
  const writes = documents.map(({ _id, ...document }) => ({
    updateOne: { filter: { _id }, update: { $setOnInsert: document }, upsert: true },
  }))
  const options = { ordered: false, ...(session ? { session } : {}) }
  const { upsertedIds } = await messages.bulkWrite(writes, options).catch((error: unknown) => {
    // Somebody else stored some of them in this moment: those are not new. A transaction is over then, and begins again.
    if (error instanceof MongoBulkWriteError && isDuplicateKey(error) && !session) return error.result
    throw error
  })
  return new Set(Object.values(upsertedIds).map(String))
}

/** The transaction that something is done in. */
export interface Within {
  session?: ClientSession | undefined
}

type Change = (message: StoredMessage, documentId: string) => StoredMessage | undefined

/**
 * Changes one message by compare-and-set, from the document as it was found: `change` is asked again with what is stored when
 * somebody else was faster.
 *
 * @returns before and after; `undefined` when the message is gone or `change` says that there is nothing to do
 */
export async function changeMessage(
  messages: Collections['messages'],
  found: MessageDocument | undefined,
  change: Change,
  { session }: Within = {},
): Promise<{ before: StoredMessage; after: StoredMessage } | undefined> {
  let document: MessageDocument | null | undefined = found
  const options = session ? { session } : {}
  const { changed } = await retryUntilSet(async () => {
    const before = document && storedMessageOf(document)
    const after = document && before && change(before, document._id)
    if (!document || !after) return { changed: undefined }
    const { filter, replacement } = replacementOf(document, after)
    const { matchedCount } = await messages.replaceOne(filter, replacement, options)
    if (matchedCount === 1) return { changed: { before, after } }
    document = await messages.findOne({ _id: document._id }, options)
    return undefined
  })
  return changed
}

/**
 * Changes many messages, in two round trips unless somebody else changes some of them at the same time.
 *
 * @returns the messages as they are then, by the ids of their documents
 */
export async function changeMessages(
  messages: Collections['messages'],
  documentIds: readonly string[],
  change: Change,
  { session }: Within = {},
): Promise<Map<string, StoredMessage>> {
  if (documentIds.length === 0) return new Map()
  const filter = { _id: { $in: [...documentIds] } }
  const documents = await messages.find(filter, { batchSize: 5_000, ...(session ? { session } : {}) }).toArray()
  return changeFound(messages, documents, change, { session })
}

/** As `changeMessages`, of documents that were read already. */
export async function changeFound(
  messages: Collections['messages'],
  documents: readonly MessageDocument[],
  change: Change,
  { session }: Within = {},
): Promise<Map<string, StoredMessage>> {
  const options = session ? { session } : {}
  const stored = new Map(documents.map((document) => [document._id, storedMessageOf(document)]))
  const writes = documents.flatMap((document) => {
    const after = change(storedMessageOf(document), document._id)
    if (after) stored.set(document._id, after)
    return after ? [{ replaceOne: replacementOf(document, after) }] : []
  })
  if (writes.length === 0) return stored
  const { matchedCount } = await messages.bulkWrite(writes, { ordered: false, ...options })
  if (matchedCount === writes.length) return stored
  // Some were changed meanwhile, and nobody knows which: the others have nothing to do any more.
  for (const { replaceOne } of writes) {
    const current = await messages.findOne({ _id: replaceOne.filter._id }, options)
    await changeMessage(messages, current ?? undefined, change, { session })
  }
  return stored
}

function replacementOf({ _id, sessionId, revision }: MessageDocument, after: StoredMessage) {
  return { filter: { _id, revision }, replacement: { ...documentOf(sessionId, after), revision: revision + 1 } }
}
