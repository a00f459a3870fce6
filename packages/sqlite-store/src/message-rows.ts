import {
  type Jid,
  type Message,
  type MessageRef,
  publicMessage,
  type StoredMessage,
  searchForm,
} from '@trunkline/core/store'
import type { Engine, Parameter, Row } from './engine.js'

export interface MessageRow extends Row {
  number: number
  record: string
  arrival: number
  content_hash: string | null
  raw: Uint8Array | null
}

/** The columns of a `MessageRow`. */
export const MESSAGE_COLUMNS = 'number, record, arrival, content_hash, raw'

export interface NumberedMessage {
  number: number
  message: StoredMessage
}

export function messageOf({ record }: { record: string }): Message {
  return JSON.parse(record)
}

export function storedMessageOf(row: MessageRow): StoredMessage {
  return {
    ...messageOf(row),
    ...(row.arrival === 0 ? {} : { arrival: row.arrival }),
    ...(row.content_hash === null ? {} : { contentHash: row.content_hash }),
    ...(row.raw ? { raw: row.raw } : {}),
  }
}

/** Stores a message; `false` when it is there already. */
export function insertMessage(engine: Engine, sessionId: string, message: StoredMessage): boolean {
  const inserted = engine.run(
    `INSERT INTO messages (session_id, id, chat_id, sender_id, timestamp, arrival, type, from_me, status,
     client_message_id, content_hash, search, record, raw)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    sessionId,
    ...columnsOf(message),
  )
  return inserted === 1
}

export function replaceMessage(engine: Engine, { number, message }: NumberedMessage): void {
  engine.run(
    `UPDATE messages SET id = ?, chat_id = ?, sender_id = ?, timestamp = ?, arrival = ?, type = ?, from_me = ?,
     status = ?, client_message_id = ?, content_hash = ?, search = ?, record = ?, raw = ? WHERE number = ?`,
    ...columnsOf(message),
    number,
  )
}

/** A message with what a change needs of its row. */
export interface ChangeableMessage {
  number: number
  arrival: number
  message: Message
}

/** As `findMessages`, without what no change touches. */
export function messagesToChange(engine: Engine, sessionId: string, ref: MessageRef): ChangeableMessage[] {
  const rows = rowsOf<Pick<MessageRow, 'number' | 'arrival' | 'record'>>(
    engine,
    sessionId,
    ref,
    'number, arrival, record',
  )
  return rows.map(({ number, arrival, record }) => ({ number, arrival, message: JSON.parse(record) }))
}

/** Stores what a change made of a message. Unless it is moved by that, only the index of what is pending is touched. */
export function changeMessage(
  engine: Engine,
  { number, message, isMoved }: { number: number; message: Message; isMoved: boolean },
): void {
  engine.run(
    `UPDATE messages SET status = ?, search = ?, record = ?${isMoved ? ', timestamp = ?' : ''} WHERE number = ?`,
    message.status,
    message.text === undefined ? null : searchForm(message.text),
    JSON.stringify(message),
    ...(isMoved ? [message.timestamp] : []),
    number,
  )
}

export function removeMessage(engine: Engine, number: number): void {
  engine.run('DELETE FROM messages WHERE number = ?', number)
}

/** Every message that the ref names, oldest first. */
export function findMessages(engine: Engine, sessionId: string, ref: MessageRef): NumberedMessage[] {
  const rows = rowsOf<MessageRow>(engine, sessionId, ref, MESSAGE_COLUMNS)
  return rows.map((row) => ({ number: row.number, message: storedMessageOf(row) }))
}

function rowsOf<Columns extends Row>(
  engine: Engine,
  sessionId: string,
  { id, chatId, senderId }: MessageRef,
  columns: string,
): Columns[] {
  return engine.all<Columns>(
    `SELECT ${columns} FROM messages WHERE session_id = ? AND id = ?
     ${chatId === undefined ? '' : 'AND chat_id = ?'} ${senderId === undefined ? '' : 'AND sender_id = ?'}
     ORDER BY timestamp, arrival, chat_id, sender_id`,
    sessionId,
    id,
    ...(chatId === undefined ? [] : [chatId]),
    ...(senderId === undefined ? [] : [senderId]),
  )
}

/** Messages in the chats of these people, or written by them; up to `limit` of each. `phones` are phone-number JIDs. */
export function findMessagesOf(
  engine: Engine,
  sessionId: string,
  phones: readonly Jid[],
  { limit }: { limit: number },
): NumberedMessage[] {
  const list = JSON.stringify(phones)
  const rows = engine.all<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE number IN (
       SELECT number FROM (
         SELECT number FROM messages INDEXED BY messages_by_chat
         WHERE session_id = ? AND chat_id IN (SELECT value FROM json_each(?)) LIMIT ?)
       UNION
       SELECT number FROM (
         SELECT number FROM messages INDEXED BY messages_by_phone
         WHERE session_id = ? AND sender_id IN (SELECT value FROM json_each(?)) AND sender_id LIKE '%@s.whatsapp.net'
         LIMIT ?)
     )`,
    sessionId,
    list,
    limit,
    sessionId,
    list,
    limit,
  )
  return rows.map((row) => ({ number: row.number, message: storedMessageOf(row) }))
}

function columnsOf(message: StoredMessage): Parameter[] {
  return [
    message.id,
    message.chatId,
    message.senderId,
    message.timestamp,
    message.arrival ?? 0,
    message.type,
    message.fromMe ? 1 : 0,
    message.status,
    message.clientMessageId ?? null,
    message.contentHash ?? null,
    message.text === undefined ? null : searchForm(message.text),
    JSON.stringify(publicMessage(message)),
    message.raw ?? null,
  ]
}
