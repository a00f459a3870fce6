import {
  applyMessageChange,
  type ChatRecord,
  countsAsUnread,
  type Jid,
  laterOf,
  type MessageQuery,
  type MessageStore,
  mergeMessage,
  messageBoundary,
  messagePosition,
  newChat,
  type StoredMessage,
} from '@trunkline/core'
import type { Filter } from 'mongodb'
import { updateChats } from './chat-documents.js'
import { type Collections, type MessageDocument, placeOf } from './documents.js'
import { changeMessage, documentOf, messageOf, refFilter, storedMessageOf, withoutRaw } from './message-documents.js'
import { pageOf } from './page.js'

export function createMessageStore(collections: Collections): MessageStore {
  const { messages } = collections
  return {
    async upsert(sessionId, given) {
      if (given.length === 0) return { inserted: [], chatsCreated: 0 }
      const inserted = await insertNew(sessionId, given)
      const { created } = await updateChats(
        collections,
        sessionId,
        [...new Set(given.map(({ chatId }) => chatId))],
        (chatId, stored) =>
          given.reduce(
            (chat, message, index) =>
              message.chatId === chatId ? movedOn(chat, message, inserted[index] === true) : chat,
            stored ?? newChat(chatId),
          ),
      )
      return { inserted, chatsCreated: created }
    },

    async change(sessionId, ref, change) {
      const found = await messages.find(refFilter(sessionId, ref)).sort({ place: 1 }).toArray()
      const changed = await Promise.all(
        found.map((document) => changeMessage(collections, document, (message) => applyMessageChange(message, change))),
      )
      return changed.flatMap((pair) =>
        pair ? [{ before: withoutRaw(pair.before), after: withoutRaw(pair.after) }] : [],
      )
    },

    async find(sessionId, ref) {
      const found = await messages.find(refFilter(sessionId, ref)).sort({ place: 1 }).toArray()
      return found.map(storedMessageOf)
    },

    async findByClientId(sessionId, clientMessageId) {
      const [found] = await messages.find({ session: sessionId, clientMessageId }).sort({ place: 1 }).limit(1).toArray()
      return found && storedMessageOf(found)
    },

    async page(sessionId, query) {
      const found = await messages
        .find(pageFilter(sessionId, query), { projection: { record: 1 } })
        .sort({ place: query.after === undefined ? -1 : 1 })
        .limit(query.limit + 1)
        .toArray()
      return pageOf(found.map(messageOf), query.limit, { positionOf: messagePosition, itemOf: (message) => message })
    },

    async listPending(sessionId) {
      const found = await messages
        .find({ session: sessionId, status: 'pending', fromMe: true })
        .sort({ place: 1 })
        .toArray()
      return found.map(storedMessageOf)
    },

    count: (sessionId) => messages.countDocuments({ session: sessionId }),

    async prune({ before, sessionId }) {
      const filter = { timestamp: { $lt: before }, ...(sessionId === undefined ? {} : { session: sessionId }) }
      return (await messages.deleteMany(filter)).deletedCount
    },

    async removeAll(sessionId) {
      await messages.deleteMany({ session: sessionId })
    },
  }

  /** Which were new. Those that were there are merged with what was told again. */
  async function insertNew(sessionId: string, given: readonly StoredMessage[]): Promise<boolean[]> {
    const documents = given.map((message) => documentOf(sessionId, message))
    const { upsertedIds } = await messages.bulkWrite(
      documents.map(({ _id, ...fields }) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true },
      })),
      { ordered: true },
    )
    const inserted = given.map((_, index) => upsertedIds[index] !== undefined)
    const again = documents.filter((_, index) => !inserted[index])
    if (again.length === 0) return inserted
    const found = await messages.find({ _id: { $in: again.map(({ _id }) => _id) } }).toArray()
    const stored = new Map(found.map((document) => [document._id, document]))
    for (const [index, { _id }] of documents.entries()) {
      const [document, message] = [stored.get(_id), given[index]]
      if (inserted[index] || !document || !message) continue
      await changeMessage(collections, document, (current) => mergeMessage(current, message))
    }
    return inserted
  }
}

/** A chat after it was told a message. */
function movedOn(chat: ChatRecord, message: StoredMessage, isNew: boolean): ChatRecord {
  const { timestamp, id, senderId } = message
  const last = laterOf(chat.last, { timestamp, id, senderId })
  const unread = isNew && countsAsUnread(message) ? 1 : 0
  return { ...chat, unreadCount: chat.unreadCount + unread, ...(last ? { last } : {}) }
}

function pageFilter(sessionId: string, query: MessageQuery): Filter<MessageDocument> {
  const { chatId, type, fromMe, text, before, after } = query
  const place = {
    ...(before === undefined ? {} : { $lt: placeOf(messageBoundary(before, 'before')) }),
    ...(after === undefined ? {} : { $gt: placeOf(messageBoundary(after, 'after')) }),
  }
  return {
    session: sessionId,
    ...(chatId === undefined ? {} : { chatId: chatId as Jid }),
    ...(before === undefined && after === undefined ? {} : { place }),
    ...(type === undefined ? {} : { type }),
    ...(fromMe === undefined ? {} : { fromMe }),
    ...(text === undefined ? {} : { search: { $regex: text.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&') } }),
  }
}
