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
  newChat,
  type Position,
  type StoredMessage,
} from '@trunkline/core'
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

/** Pruning goes on in bites of this many rows, so that it never holds the process up for long. */
const PRUNE_ROWS = 500

export function createMessageStore(connection: Connection): MessageStore {
  return {
    async upsert(sessionId, messages) {
      const { engine } = connection
      return engine.transaction(() => {
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
      })
    },

    async change(sessionId, ref, change) {
      const { engine } = connection
      return engine.transaction(() =>
        findMessages(engine, sessionId, ref).flatMap(({ number, message }) => {
          const changed = applyMessageChange(message, change)
          if (!changed) return []
          replaceMessage(engine, { number, message: changed })
          return [{ before: withoutRaw(message), after: withoutRaw(changed) }]
        }),
      )
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

    async prune({ before, sessionId }) {
      let pruned = 0
      for (const session of sessionId === undefined ? sessionsWithMessages() : [sessionId]) {
        pruned += await pruneSession(session, before)
      }
      return pruned
    },

    async removeAll(sessionId) {
      await pruneSession(sessionId, '\uffff')
    },
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

  async function pruneSession(sessionId: string, before: string): Promise<number> {
    let pruned = 0
    for (let rows = PRUNE_ROWS; rows === PRUNE_ROWS; pruned += rows) {
      rows = connection.engine.run(
        `DELETE FROM messages WHERE number IN (
           SELECT number FROM messages WHERE session_id = ? AND timestamp < ? ORDER BY timestamp LIMIT ${PRUNE_ROWS})`,
        sessionId,
        before,
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
    return pruned
  }

  /** From one session to the next by the index, without a look at every message. */
  function* sessionsWithMessages(): Generator<string> {
    const sql = 'SELECT min(session_id) AS id FROM messages WHERE session_id > ?'
    for (let id: string | null | undefined = ''; ; ) {
      id = connection.engine.get<{ id: string | null }>(sql, id)?.id
      if (!id) return
      yield id
    }
  }
}

/** A chat after it was told a message. */
function movedOn(chat: ChatRecord, { timestamp, id, senderId, ...rest }: Message, isNew: boolean): ChatRecord {
  const last = laterOf(chat.last, { timestamp, id, senderId })
  const unread = isNew && countsAsUnread({ timestamp, id, senderId, ...rest }) ? 1 : 0
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
    ${type === undefined ? '' : 'AND type = ?'}
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
