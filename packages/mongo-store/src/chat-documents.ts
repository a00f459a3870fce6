import {
  arrivalOf,
  arrivalText,
  type Chat,
  type ChatRecord,
  chatKindOf,
  chatOf,
  isLid,
  type Jid,
  type LastMessage,
  type StoredMessage,
} from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { ChatDocument } from './documents.js'
import { messageDocumentId, messageOf } from './message-documents.js'

export function chatDocumentId(sessionId: string, chatId: Jid): string {
  return `${sessionId}|${chatId}`
}

type LastKeyParts = Pick<StoredMessage, 'timestamp' | 'arrival' | 'id' | 'senderId'>

/** The last message of a chat as one text, which sorts by time, then arrival, then id. */
export function lastKeyOf({ timestamp, arrival = 0, id, senderId }: LastKeyParts): string {
  return `${timestamp} ${arrivalText(arrival)} ${id} ${senderId}`
}

/** The message id is between the second and the last space: the other parts contain none. */
function lastOf(sortKey: string): LastMessage | undefined {
  if (sortKey === '') return undefined
  const [timestamp = '', arrival = ''] = sortKey.split(' ', 2)
  const [start, end] = [timestamp.length + arrival.length + 2, sortKey.lastIndexOf(' ')]
  return { timestamp, arrival: arrivalOf(arrival), id: sortKey.slice(start, end), senderId: sortKey.slice(end + 1) }
}

export function recordOf({ _id, sessionId, kind, sortKey, labels = [], ...chat }: ChatDocument): ChatRecord {
  const last = lastOf(sortKey)
  return { ...chat, ...(labels.length > 0 ? { labels } : {}), ...(last ? { last } : {}) }
}

export function documentOf(sessionId: string, { last, ...chat }: ChatRecord): ChatDocument {
  return {
    _id: chatDocumentId(sessionId, chat.id),
    sessionId,
    kind: chatKindOf(chat.id),
    sortKey: last ? lastKeyOf(last) : '',
    ...chat,
  }
}

/** Chats as callers see them, with phone numbers and last messages: two round trips at once, however many they are. */
export async function viewChats(
  { collections }: Connection,
  sessionId: string,
  documents: ChatDocument[],
): Promise<Chat[]> {
  const records = documents.map(recordOf)
  const lastIds = records.flatMap(({ id: chatId, last }) =>
    last ? [messageDocumentId(sessionId, { ...last, chatId })] : [],
  )
  const [messages, phones] = await Promise.all([
    collections.messages.find({ _id: { $in: lastIds } }, { projection: { raw: 0 } }).toArray(),
    phonesOf(
      { collections },
      sessionId,
      records.map(({ id }) => id),
    ),
  ])
  const lastMessages = new Map(messages.map((message) => [message.chatId, messageOf(message)]))
  return records.map((record) =>
    chatOf(sessionId, record, { phoneJid: phones.get(record.id), lastMessage: lastMessages.get(record.id) }),
  )
}

/** The phone-number JID of each known LID. */
export function phonesOf(
  connection: Pick<Connection, 'collections'>,
  sessionId: string,
  jids: readonly Jid[],
): Promise<Map<Jid, Jid>> {
  return otherAddresses(connection, sessionId, jids.filter(isLid))
}

/** The other address of each of these people, where it is known. */
export async function otherAddresses(
  { collections }: Pick<Connection, 'collections'>,
  sessionId: string,
  jids: readonly Jid[],
): Promise<Map<Jid, Jid>> {
  if (jids.length === 0) return new Map()
  const ids = jids.map((jid) => `${sessionId}|${jid}`)
  const found = await collections.identities.find({ _id: { $in: ids } }, { batchSize: 5_000 }).toArray()
  return new Map(found.map(({ jid, other }) => [jid, other]))
}
