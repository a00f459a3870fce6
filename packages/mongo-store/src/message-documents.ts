import { type Jid, type Message, type MessageRef, messagePosition, type StoredMessage } from '@trunkline/core'
import { Binary, type Filter } from 'mongodb'
import { type Collections, idOf, type MessageDocument, placeOf } from './documents.js'
import { isDuplicateKey } from './errors.js'

export function documentOf(sessionId: string, { raw, ...message }: StoredMessage): MessageDocument {
  const { id, chatId, senderId, timestamp, type, fromMe, status, clientMessageId, text } = message
  return {
    _id: idOf(sessionId, id, chatId, senderId),
    session: sessionId,
    id,
    chatId,
    senderId,
    place: placeOf(messagePosition(message)),
    timestamp,
    type,
    fromMe,
    status,
    ...(clientMessageId === undefined ? {} : { clientMessageId }),
    ...(text === undefined ? {} : { search: text.toLowerCase() }),
    record: JSON.stringify(message),
    ...(raw ? { raw: new Binary(raw) } : {}),
    revision: 1,
  }
}

export function messageOf({ record }: Pick<MessageDocument, 'record'>): Message {
  return JSON.parse(record) as Message
}

export function storedMessageOf(document: MessageDocument): StoredMessage {
  return { ...messageOf(document), ...(document.raw ? { raw: new Uint8Array(document.raw.value()) } : {}) }
}

export function withoutRaw({ raw: _, ...message }: StoredMessage): Message {
  return message
}

/** The filter of every message that the ref names; all three parts together are an `_id`. */
export function refFilter(sessionId: string, { id, chatId, senderId }: MessageRef): Filter<MessageDocument> {
  if (chatId !== undefined && senderId !== undefined) return { _id: idOf(sessionId, id, chatId, senderId) }
  return {
    session: sessionId,
    id,
    ...(chatId === undefined ? {} : { chatId }),
    ...(senderId === undefined ? {} : { senderId }),
  }
}

/**
 * Changes one message by compare-and-set, again until nobody came in between; `change` gives `undefined` to leave it.
 *
 * @returns before and after, or `undefined` when nothing changed or the message is gone
 */
export async function changeMessage(
  { messages }: Collections,
  document: MessageDocument,
  change: (message: StoredMessage) => StoredMessage | undefined,
): Promise<{ before: StoredMessage; after: StoredMessage } | undefined> {
  let current: MessageDocument | null = document
  while (current) {
    const before = storedMessageOf(current)
    const after = change(before)
    if (!after) return undefined
    const { _id, ...fields } = documentOf(current.session, after)
    const { matchedCount } = await messages.updateOne(
      { _id: current._id, revision: current.revision },
      {
        $set: { ...fields, revision: current.revision + 1 },
        ...(fields.search === undefined ? { $unset: { search: '' } } : {}),
      },
    )
    if (matchedCount === 1) return { before, after }
    current = await messages.findOne({ _id: current._id })
  }
  return undefined
}

/** Every message in the chats of these people, or written by them. `phones` are phone-number JIDs. */
export function findMessagesOf(
  { messages }: Collections,
  sessionId: string,
  phones: readonly Jid[],
): Promise<MessageDocument[]> {
  const of = { $in: [...phones] }
  return messages.find({ session: sessionId, $or: [{ chatId: of }, { senderId: of }] }).toArray()
}

/** Puts a message in the place of another one with another id; where there is one already, `join` says what becomes of it. */
export async function moveMessage(
  collections: Collections,
  document: MessageDocument,
  moved: StoredMessage,
  join: (kept: StoredMessage, other: StoredMessage) => StoredMessage,
): Promise<void> {
  const { messages } = collections
  const next = documentOf(document.session, moved)
  if (next._id === document._id) {
    await changeMessage(collections, document, () => moved)
    return
  }
  try {
    await messages.insertOne(next)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const twin = await messages.findOne({ _id: next._id })
    if (twin) await changeMessage(collections, twin, (kept) => join(kept, moved))
  }
  // The copy is there: a crash in between leaves both, and the next call joins them.
  await messages.deleteOne({ _id: document._id })
}
