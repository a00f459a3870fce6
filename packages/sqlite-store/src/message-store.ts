import {
  applyMessageChange,
  arrivalOf,
  type ChangeOutcome,
  type ChatRecord,
  fillsIn,
  type Jid,
  type LastMessage,
  lastMessageOf,
  laterOf,
  type Message,
  type MessageChange,
  type MessageQuery,
  type MessageRefs,
  type MessageStore,
  mergeMessage,
  messageBoundary,
  messageFor,
  messagePosition,
  movesChatOn,
  newChat,
  type Position,
  pageOf,
  QUIET_TYPES,
  refsOf,
  type StoredMessage,
  searchForm,
  type Upserted,
  unreadAfter,
} from '@trunkline/core/store'
import { batchesOf, ROWS_AT_ONCE } from './batches.js'
import { readChat, writeChat } from './chat-rows.js'
import type { Connection } from './connection.js'
import type { Parameter } from './engine.js'
import { appendEvents } from './event-rows.js'
import {
  changeMessage,
  findMessages,
  insertMessage,
  MESSAGE_COLUMNS,
  type MessageRow,
  messagesToChange,
  replaceMessage,
  storedMessageOf,
} from './message-rows.js'

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
      for (const some of batchesOf(messages)) {
        const result = await connection.write(() => upsertSome(sessionId, some), { rows: some.length })
        inserted.push(...result.inserted)
        chatsCreated += result.chatsCreated
      }
      return { inserted, chatsCreated }
    },

    async change(sessionId, ref, change) {
      return (await connection.write(() => changeAll(sessionId, ref, change))).changed
    },

    async record(sessionId, { messages = [], changes = [], events: eventsOf }, { lastSeq } = {}) {
      return connection.write(
        () => {
          const upserted = upsertSome(sessionId, messages)
          const outcome = {
            ...upserted,
            changes: changes.map(({ ref, change }) => changeAll(sessionId, ref, change)),
          }
          return { ...outcome, events: appendEvents(connection.engine, sessionId, eventsOf(outcome), lastSeq) }
        },
        { rows: 2 * messages.length + 2 * changes.length },
      )
    },

    async find(sessionId, ref) {
      return findMessages(connection.engine, sessionId, ref).map(({ message }) => message)
    },

    async findByClientId(sessionId, clientMessageId) {
      const row = connection.engine.get<MessageRow>(
        `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE session_id = ? AND client_message_id = ?
         ORDER BY timestamp DESC, arrival DESC, id DESC LIMIT 1`,
        sessionId,
        clientMessageId,
      )
      return row && storedMessageOf(row)
    },

    async page(sessionId, query) {
      const { sql, parameters } = pageStatement(sessionId, query)
      const rows = connection.engine.all<MessageRow>(sql, ...parameters)
      const messages = rows.map(storedMessageOf)
      const { items, ...rest } = pageOf(messages, query.limit, messagePosition)
      return { items: items.map((message) => messageFor(query, message)), ...rest }
    },

    async listPending(sessionId) {
      const rows = connection.engine.all<MessageRow>(
        `SELECT ${MESSAGE_COLUMNS} FROM messages
         WHERE session_id = ? AND from_me = 1 AND status = 'pending' ORDER BY timestamp, arrival, id`,
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
      const newestToGo = connection.engine.get<{
        at: string
        arrival: number
        id: string
        chat: string
        sender: string
      }>(
        `SELECT timestamp AS at, arrival, id, chat_id AS chat, sender_id AS sender FROM messages WHERE session_id = ?
         ORDER BY timestamp DESC, arrival DESC, id DESC, chat_id DESC, sender_id DESC LIMIT 1 OFFSET ?`,
        sessionId,
        keep,
      )
      if (!newestToGo) return 0
      const { at, arrival, id, chat, sender } = newestToGo
      const upTo = '(timestamp, arrival, id, chat_id, sender_id) <= (?, ?, ?, ?, ?)'
      return removeOldest(sessionId, [upTo, at, arrival, id, chat, sender], limit)
    },

    async removeChat(sessionId, chatId, { until, keepStarred = false }) {
      const gone = `chat_id = ? AND timestamp <= ?${keepStarred ? " AND json_extract(record, '$.starred') IS NULL" : ''}`
      return removeOldest(sessionId, [gone, chatId, until])
    },

    async removeAll(sessionId) {
      await removeOldest(sessionId, ['true'])
    },
  }

  function upsertSome(sessionId: string, messages: readonly StoredMessage[]): Upserted {
    const { engine } = connection
    const chats = new Map<Jid, ChatRecord>()
    let chatsCreated = 0
    const inserted = messages.map((message) => {
      const { stored, isNew } = upsertOne(sessionId, message)
      const chat = chats.get(message.chatId) ?? readChat(engine, sessionId, message.chatId)
      if (!chat) chatsCreated += 1
      chats.set(message.chatId, movedOn(chat ?? newChat(message.chatId), stored, isNew))
      return isNew
    })
    for (const chat of chats.values()) writeChat(engine, sessionId, chat)
    return { inserted, chatsCreated }
  }

  /** Answers the message as it is stored now. */
  function upsertOne(sessionId: string, message: StoredMessage): { stored: StoredMessage; isNew: boolean } {
    const { engine } = connection
    if (insertMessage(engine, sessionId, message)) return { stored: message, isNew: true }
    const [known] = findMessages(engine, sessionId, message)
    const merged = known && mergeMessage(known.message, message)
    if (merged) replaceMessage(engine, { number: known.number, message: merged })
    const isNew = known !== undefined && fillsIn(known.message, message)
    return { stored: merged ?? known?.message ?? message, isNew }
  }

  function changeAll(sessionId: string, ref: MessageRefs, change: MessageChange): ChangeOutcome {
    const { engine } = connection
    const outcome: ChangeOutcome = { changed: [], unchanged: [] }
    for (const { number, arrival, message } of refsOf(ref).flatMap((each) =>
      messagesToChange(engine, sessionId, each),
    )) {
      const after = applyMessageChange(message, change)
      if (after) {
        const isMoved = after.timestamp !== message.timestamp
        changeMessage(engine, { number, message: after, isMoved })
        if (isMoved) retime(sessionId, message, { ...after, arrival })
        outcome.changed.push({ before: message, after })
      } else outcome.unchanged.push(message)
    }
    return outcome
  }

  /** The last message of the chat after one of its messages got another time. */
  function retime(sessionId: string, before: Message, after: StoredMessage): void {
    const { engine } = connection
    const chat = readChat(engine, sessionId, after.chatId)
    if (!chat || !movesChatOn(after)) return
    const wasLast = chat.last?.id === before.id && chat.last.senderId === before.senderId
    const moved = lastMessageOf(after)
    const isEarlier = after.timestamp < before.timestamp
    const last = wasLast ? (isEarlier ? newestOf(sessionId, after.chatId) : moved) : laterOf(chat.last, moved)
    writeChat(engine, sessionId, { ...chat, ...(last ? { last } : {}) })
  }

  function newestOf(sessionId: string, chatId: Jid): LastMessage | undefined {
    return connection.engine.get<{ timestamp: string; arrival: number; id: string; senderId: string }>(
      `SELECT timestamp, arrival, id, sender_id AS senderId FROM messages
       WHERE session_id = ? AND chat_id = ? AND type NOT IN (SELECT value FROM json_each(?))
       ORDER BY timestamp DESC, arrival DESC, id DESC, sender_id DESC LIMIT 1`,
      sessionId,
      chatId,
      JSON.stringify(QUIET_TYPES),
    )
  }

  async function removeOldest(
    sessionId: string,
    [condition, ...parameters]: [string, ...Parameter[]],
    limit = Number.POSITIVE_INFINITY,
  ): Promise<number> {
    let removed = 0
    while (removed < limit) {
      const batch = Math.min(ROWS_AT_ONCE, limit - removed)
      const sql = `DELETE FROM messages WHERE number IN (
        SELECT number FROM messages WHERE session_id = ? AND ${condition}
        ORDER BY timestamp, arrival, id, chat_id, sender_id LIMIT ${batch})`
      const rows = await connection.write(() => connection.engine.run(sql, sessionId, ...parameters), { rows: batch })
      removed += rows
      if (rows < batch) break
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
function movedOn(chat: ChatRecord, message: StoredMessage, isNew: boolean): ChatRecord {
  const last = movesChatOn(message) ? laterOf(chat.last, lastMessageOf(message)) : chat.last
  const unreadCount = isNew ? unreadAfter(chat.unreadCount, message) : chat.unreadCount
  return { ...chat, unreadCount, ...(last ? { last } : {}) }
}

/** The SELECT of a page; exported so that a test can ask SQLite for its plan. */
export function pageStatement(sessionId: string, query: MessageQuery): { sql: string; parameters: Parameter[] } {
  const { chatId, type, fromMe, text, before, after, limit, raw } = query
  const inChat = chatId !== undefined
  const position = inChat ? 'timestamp, arrival, id, sender_id' : 'timestamp, arrival, id, chat_id, sender_id'
  const boundaryOf = ([time = '', text = '', id = '', chat = '', sender = '']: Position) => {
    const arrival =
      text === '' ? Number.MIN_SAFE_INTEGER : text === '\uffff' ? Number.MAX_SAFE_INTEGER : arrivalOf(text)
    return inChat ? [time, arrival, id, sender] : [time, arrival, id, chat, sender]
  }
  const bounded = (comparison: '<' | '>') =>
    `AND (${position}) ${comparison} (${inChat ? '?, ?, ?, ?' : '?, ?, ?, ?, ?'})`
  const direction = after === undefined ? 'DESC' : 'ASC'

  const sql = `
    SELECT number, record, arrival, content_hash, ${raw ? '' : 'NULL AS '}raw FROM messages WHERE session_id = ?
    ${inChat ? 'AND chat_id = ?' : ''}
    ${before === undefined ? '' : bounded('<')}
    ${after === undefined ? '' : bounded('>')}
    AND type ${type === undefined ? "<> 'hidden'" : '= ?'}
    ${fromMe === undefined ? '' : 'AND from_me = ?'}
    ${text === undefined ? '' : 'AND instr(search, ?) > 0'}
    ORDER BY ${position.replaceAll(',', ` ${direction},`)} ${direction} LIMIT ?`
  const parameters = [
    sessionId,
    ...(inChat ? [chatId] : []),
    ...(before === undefined ? [] : boundaryOf(messageBoundary(before, 'before'))),
    ...(after === undefined ? [] : boundaryOf(messageBoundary(after, 'after'))),
    ...(type === undefined ? [] : [type]),
    ...(fromMe === undefined ? [] : [fromMe ? 1 : 0]),
    ...(text === undefined ? [] : [searchForm(text)]),
    limit + 1,
  ]
  return { sql, parameters }
}
