import {
  applyMessageChange,
  type ChatRecord,
  countsAsUnread,
  type Jid,
  laterOf,
  type Message,
  type MessageQuery,
  type MessageStore,
  mergeMessage,
  messageBoundary,
  messagePosition,
  movesChatOn,
  newChat,
  type Position,
  refsOf,
  type StoredMessage,
} from '@trunkline/core'
import { bitesOf, ROWS_AT_ONCE } from './bites.js'
import { readChat, writeChat } from './chat-rows.js'
import type { Connection } from './connection.js'
import type { Parameter } from './engine.js'
import {
  findMessages,
  insertMessage,
  type MessageRow,
  messageOf,
  replaceMessage,
  storedMessageOf,
} from './message-rows.js'
import { pageOf } from './page.js'

/** From one session to the next by the index. Exported so that a test can ask for the plan. */
export const SESSIONS_WITH_MESSAGES_BEFORE = `
  WITH RECURSIVE sessions_with_messages (id) AS (
    SELECT min(session_id) FROM messages
    UNION ALL
    SELECT (SELECT min(session_id) FROM messages WHERE session_id > sessions_with_messages.id)
    FROM sessions_with_messages WHERE id IS NOT NULL)
  SELECT id FROM sessions_with_messages
  WHERE (SELECT min(timestamp) FROM messages WHERE session_id = sessions_with_messages.id) < ?`

export function createMessageStore(connection: Connection): MessageStore {
  return {
    async upsert(sessionId, messages) {
      const inserted: boolean[] = []
      let chatsCreated = 0
      for (const some of bitesOf(messages)) {
        const result = await connection.write(() => upsertSome(sessionId, some), { rows: some.length })
        inserted.push(...result.inserted)
        chatsCreated += result.chatsCreated
      }
      return { inserted, chatsCreated }
    },

    async change(sessionId, ref, change) {
      const { engine } = connection
      return connection.write(() => {
        const named = refsOf(ref).flatMap((each) => findMessages(engine, sessionId, each))
        return named.flatMap(({ number, message }) => {
          const changed = applyMessageChange(message, change)
          if (!changed) return []
          replaceMessage(engine, { number, message: changed })
          return [{ before: withoutRaw(message), after: withoutRaw(changed) }]
        })
      })
    },

    async find(sessionId, ref) {
      return findMessages(connection.engine, sessionId, ref).map(({ message }) => message)
    },

    async findByClientId(sessionId, clientMessageId) {
      const row = connection.engine.get<MessageRow>(
        `SELECT number, record, raw FROM messages WHERE session_id = ? AND client_message_id = ?
         ORDER BY timestamp, id LIMIT 1`,
        sessionId,
        clientMessageId,
      )
      return row && storedMessageOf(row)
    },

    async page(sessionId, query) {
      const { sql, parameters } = pageStatement(sessionId, query)
      const rows = connection.engine.all<{ record: string }>(sql, ...parameters)
      const messages = rows.map(messageOf)
      return pageOf(messages, query.limit, { positionOf: messagePosition, itemOf: (message) => message })
    },

    async listPending(sessionId) {
      const rows = connection.engine.all<MessageRow>(
        `SELECT number, record, raw FROM messages
         WHERE session_id = ? AND from_me = 1 AND status = 'pending' ORDER BY timestamp, id`,
        sessionId,
      )
      return rows.map(storedMessageOf)
    },

    async count(sessionId) {
      const sql = 'SELECT count(*) AS messages FROM messages WHERE session_id = ?'
      return connection.engine.get<{ messages: number }>(sql, sessionId)?.messages ?? 0
    },

    async prune({ before, sessionId, limit }) {
      const ids = sessionId === undefined ? sessionsWithMessagesBefore(before) : [sessionId]
      let pruned = 0
      for (const id of ids) {
        pruned += await removeOldest(id, ['timestamp < ?', before], limit === undefined ? undefined : limit - pruned)
      }
      return pruned
    },

    async trim(sessionId, { keep, limit }) {
      const newestToGo = connection.engine.get<{ timestamp: string; id: string; chat_id: string; sender_id: string }>(
        `SELECT timestamp, id, chat_id, sender_id FROM messages WHERE session_id = ?
         ORDER BY timestamp DESC, id DESC, chat_id DESC, sender_id DESC LIMIT 1 OFFSET ?`,
        sessionId,
        keep,
      )
      if (!newestToGo) return 0
      const { timestamp, id, chat_id: chatId, sender_id: senderId } = newestToGo
      const upTo = '(timestamp, id, chat_id, sender_id) <= (?, ?, ?, ?)'
      return removeOldest(sessionId, [upTo, timestamp, id, chatId, senderId], limit)
    },

    async removeAll(sessionId) {
      await removeOldest(sessionId, ['true'])
    },
  }

  function upsertSome(sessionId: string, messages: readonly StoredMessage[]) {
    const { engine } = connection
    const inserted = messages.map((message) => upsertOne(sessionId, message))
    const chats = new Map<Jid, ChatRecord>()
    let chatsCreated = 0
    for (const [number, message] of messages.entries()) {
      const { chatId } = message
      const stored = chats.get(chatId) ?? readChat(engine, sessionId, chatId)
      if (!stored) chatsCreated += 1
      chats.set(chatId, movedOn(stored ?? newChat(chatId), message, inserted[number] === true))
    }
    for (const chat of chats.values()) writeChat(engine, sessionId, chat)
    return { inserted, chatsCreated }
  }

  function upsertOne(sessionId: string, message: StoredMessage): boolean {
    const { engine } = connection
    if (insertMessage(engine, sessionId, message)) return true
    for (const stored of findMessages(engine, sessionId, message)) {
      const merged = mergeMessage(stored.message, message)
      if (merged) replaceMessage(engine, { number: stored.number, message: merged })
    }
    return false
  }

  async function removeOldest(
    sessionId: string,
    [condition, ...parameters]: [string, ...Parameter[]],
    limit = Number.POSITIVE_INFINITY,
  ): Promise<number> {
    let removed = 0
    while (removed < limit) {
      const bite = Math.min(ROWS_AT_ONCE, limit - removed)
      const sql = `DELETE FROM messages WHERE number IN (
        SELECT number FROM messages WHERE session_id = ? AND ${condition}
        ORDER BY timestamp, id, chat_id, sender_id LIMIT ${bite})`
      const rows = await connection.write(() => connection.engine.run(sql, sessionId, ...parameters), { rows: bite })
      removed += rows
      if (rows < bite) break
    }
    return removed
  }

  /** From one session to the next by the index, without a look at every message. */
  function sessionsWithMessagesBefore(before: string): string[] {
    const rows = connection.engine.all<{ id: string }>(SESSIONS_WITH_MESSAGES_BEFORE, before)
    return rows.map(({ id }) => id)
  }
}

/** A chat after it was told a message. */
function movedOn(chat: ChatRecord, message: Message, isNew: boolean): ChatRecord {
  const { timestamp, id, senderId } = message
  const last = movesChatOn(message) ? laterOf(chat.last, { timestamp, id, senderId }) : chat.last
  const unread = isNew && countsAsUnread(message) ? 1 : 0
  return { ...chat, unreadCount: chat.unreadCount + unread, ...(last ? { last } : {}) }
}

function withoutRaw({ raw: _, ...message }: StoredMessage): Message {
  return message
}

/** The SELECT of a page; exported so that a test can ask SQLite for its plan. */
export function pageStatement(sessionId: string, query: MessageQuery): { sql: string; parameters: Parameter[] } {
  const { chatId, type, fromMe, text, before, after, limit } = query
  const inChat = chatId !== undefined
  const place = inChat ? 'timestamp, id, sender_id' : 'timestamp, id, chat_id, sender_id'
  const boundaryOf = ([time = '', id = '', chat = '', sender = '']: Position) =>
    inChat ? [time, id, sender] : [time, id, chat, sender]
  const bounded = (comparison: '<' | '>') => `AND (${place}) ${comparison} (${inChat ? '?, ?, ?' : '?, ?, ?, ?'})`
  const direction = after === undefined ? 'DESC' : 'ASC'

  const sql = `
    SELECT record FROM messages WHERE session_id = ?
    ${inChat ? 'AND chat_id = ?' : ''}
    ${before === undefined ? '' : bounded('<')}
    ${after === undefined ? '' : bounded('>')}
    AND type ${type === undefined ? "<> 'hidden'" : '= ?'}
    ${fromMe === undefined ? '' : 'AND from_me = ?'}
    ${text === undefined ? '' : 'AND instr(search, ?) > 0'}
    ORDER BY ${place.replaceAll(',', ` ${direction},`)} ${direction} LIMIT ?`
  const parameters = [
    sessionId,
    ...(inChat ? [chatId] : []),
    ...(before === undefined ? [] : boundaryOf(messageBoundary(before, 'before'))),
    ...(after === undefined ? [] : boundaryOf(messageBoundary(after, 'after'))),
    ...(type === undefined ? [] : [type]),
    ...(fromMe === undefined ? [] : [fromMe ? 1 : 0]),
    ...(text === undefined ? [] : [text.toLowerCase()]),
    limit + 1,
  ]
  return { sql, parameters }
}
