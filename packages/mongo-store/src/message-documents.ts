import {
  type Jid,
  type Message,
  type MessageRef,
  messagePosition,
  type Position,
  type StoredMessage,
} from '@trunkline/core'
import type { Filter } from 'mongodb'
import { toBinary, toBytes } from './binary.js'
import type { Collections } from './connection.js'
import type { MessageDocument } from './documents.js'
import { retryUntilSet } from './retry.js'

/** A position as one text that sorts like it: a space is below every character of a time, an id and a JID. */
export function placeOf(position: Position): string {
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
function foundBy(sessionId: string, message: Message) {
  const { senderId, text, clientMessageId } = message
  return {
    place: placeOf(messagePosition(message)),
    ...(text === undefined ? {} : { search: text.toLowerCase() }),
    ...(clientMessageId === undefined ? {} : { clientKey: clientKeyOf(sessionId, clientMessageId) }),
    ...(message.fromMe && message.status === 'pending' ? { pendingOf: sessionId } : {}),
    ...(senderId.endsWith('@s.whatsapp.net') ? { phoneSender: `${sessionId}|${senderId}` } : {}),
  }
}

export function storedMessageOf({ raw, ...document }: MessageDocument): StoredMessage {
  return { ...messageOf(document), ...(raw ? { raw: toBytes(raw) } : {}) }
}

export function messageOf(document: Omit<MessageDocument, 'raw'>): Message {
  const { _id, place, search, clientKey, pendingOf, phoneSender, revision, ...message } = document
  return message
}

export function refFilter(sessionId: string, { id, chatId, senderId }: MessageRef): Filter<MessageDocument> {
  if (chatId !== undefined && senderId !== undefined)
    return { _id: messageDocumentId(sessionId, { id, chatId, senderId }) }
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

/**
 * Changes one message by compare-and-set: `change` is asked again with what is stored when somebody else was faster.
 *
 * @returns before and after; `undefined` when the message is gone or `change` says that there is nothing to do
 */
export async function changeMessage(
  messages: Collections['messages'],
  documentId: string,
  change: (message: StoredMessage) => StoredMessage | undefined,
): Promise<{ before: StoredMessage; after: StoredMessage } | undefined> {
  const { changed } = await retryUntilSet(async () => {
    const document = await messages.findOne({ _id: documentId })
    const before = document && storedMessageOf(document)
    const after = before && change(before)
    if (!document || !after) return { changed: undefined }
    const { matchedCount } = await messages.replaceOne(
      { _id: documentId, revision: document.revision },
      { ...documentOf(document.sessionId, after), revision: document.revision + 1 },
    )
    return matchedCount === 1 ? { changed: { before, after } } : undefined
  })
  return changed
}
