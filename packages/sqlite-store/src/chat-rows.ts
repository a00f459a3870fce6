import { type Chat, type ChatRecord, chatKindOf, chatOf, type Jid } from '@trunkline/core/store'
import type { Engine, Row } from './engine.js'
import { messageOf } from './message-rows.js'

export interface ChatRow extends Row {
  id: string
  name: string | null
  unread_count: number
  archived: number
  pinned: number
  muted_until: string | null
  disappears_after: number | null
  labels: string | null
  last_at: string
  last_arrival: number
  last_id: string | null
  last_sender_id: string | null
}

/** A chat with what is shown beside it. */
export interface ChatViewRow extends ChatRow {
  phone: string | null
  last_record: string | null
}

const COLUMNS =
  'id, name, unread_count, archived, pinned, muted_until, disappears_after, labels, last_at, last_arrival, last_id, last_sender_id'

/** A SELECT of chats with the phone number of their LID and their last message. */
export const SELECT_CHAT_VIEWS = `
  SELECT ${COLUMNS.split(', ')
    .map((column) => `chats.${column}`)
    .join(', ')}, phones.phone, messages.record AS last_record
  FROM chats
  LEFT JOIN phones_of_lids AS phones ON phones.session_id = chats.session_id AND phones.lid = chats.id
  LEFT JOIN messages ON messages.session_id = chats.session_id AND messages.id = chats.last_id
    AND messages.chat_id = chats.id AND messages.sender_id = chats.last_sender_id`

export function chatViewOf(sessionId: string, row: ChatViewRow): Chat {
  const lastMessage = row.last_record === null ? undefined : messageOf({ record: row.last_record })
  return chatOf(sessionId, recordOf(row), { phoneJid: row.phone ?? undefined, lastMessage })
}

export function readChat(engine: Engine, sessionId: string, chatId: Jid): ChatRecord | undefined {
  const row = engine.get<ChatRow>(`SELECT ${COLUMNS} FROM chats WHERE session_id = ? AND id = ?`, sessionId, chatId)
  return row && recordOf(row)
}

export function writeChat(engine: Engine, sessionId: string, chat: ChatRecord): void {
  engine.run(
    `INSERT OR REPLACE INTO chats (session_id, kind, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    sessionId,
    chatKindOf(chat.id),
    chat.id,
    chat.name ?? null,
    chat.unreadCount,
    chat.archived ? 1 : 0,
    chat.pinned ? 1 : 0,
    chat.mutedUntil ?? null,
    chat.disappearsAfterSeconds ?? null,
    chat.labels ? JSON.stringify(chat.labels) : null,
    chat.last?.timestamp ?? '',
    chat.last?.arrival ?? 0,
    chat.last?.id ?? null,
    chat.last?.senderId ?? null,
  )
}

export function recordOf(row: ChatRow): ChatRecord {
  const { last_at: timestamp, last_arrival: arrival, last_id: id, last_sender_id: senderId } = row
  return {
    id: row.id,
    ...(row.name === null ? {} : { name: row.name }),
    unreadCount: row.unread_count,
    archived: row.archived === 1,
    pinned: row.pinned === 1,
    ...(row.muted_until === null ? {} : { mutedUntil: row.muted_until }),
    ...(row.disappears_after === null ? {} : { disappearsAfterSeconds: row.disappears_after }),
    ...(row.labels === null ? {} : { labels: JSON.parse(row.labels) }),
    ...(id === null || senderId === null ? {} : { last: { timestamp, arrival, id, senderId } }),
  }
}
