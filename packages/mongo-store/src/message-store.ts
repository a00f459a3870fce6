import {
  applyMessageChange,
  chatKindOf,
  countsAsUnread,
  type Message,
  type MessageQuery,
  type MessageStore,
  mergeMessage,
  messageBoundary,
  messagePosition,
  movesChatOn,
  refsOf,
  type StoredMessage,
} from '@trunkline/core'
import type { AnyBulkWriteOperation, Filter } from 'mongodb'
import { chatDocumentId, lastPlaceOf } from './chat-documents.js'
import type { Connection } from './connection.js'
import type { ChatDocument, MessageDocument } from './documents.js'
import {
  changeMessage,
  changeMessages,
  clientKeyOf,
  documentOf,
  insertMissing,
  messageDocumentId,
  messageOf,
  placeOf,
  refFilter,
  storedMessageOf,
} from './message-documents.js'
import { pageOf } from './page.js'
import { retryOnDuplicate } from './retry.js'

/** A long history is written in bites: each is encoded in one go, which holds the process up. */
const MESSAGES_AT_ONCE = 2_000

/**
 * Messages are written first and their chats after them. Where a crash comes in between, telling the message again moves the
 * chat's last message on, and the chat counts one unread message too few.
 */
export function createMessageStore(connection: Connection): MessageStore {
  return {
    async upsert(sessionId, messages) {
      const inserted: boolean[] = []
      let chatsCreated = 0
      for (let start = 0; start < messages.length; start += MESSAGES_AT_ONCE) {
        const some = await upsertSome(sessionId, messages.slice(start, start + MESSAGES_AT_ONCE))
        inserted.push(...some.inserted)
        chatsCreated += some.chatsCreated
      }
      return { inserted, chatsCreated }
    },

    async change(sessionId, ref, change) {
      const { messages } = connection.collections
      const named = await messages.find(refFilter(sessionId, ref), { batchSize: 5_000 }).toArray()
      const places = new Map(refsOf(ref).map(({ id }, place) => [id, place]))
      named.sort((left, right) => (places.get(left.id) ?? 0) - (places.get(right.id) ?? 0))
      const changed = await Promise.all(
        named.map((document) => changeMessage(messages, document, (message) => applyMessageChange(message, change))),
      )
      return changed.flatMap((each) =>
        each ? [{ before: withoutRaw(each.before), after: withoutRaw(each.after) }] : [],
      )
    },

    async find(sessionId, ref) {
      const found = connection.collections.messages.find(refFilter(sessionId, ref))
      const documents = await found.sort({ place: 1 }).toArray()
      return documents.map(storedMessageOf)
    },

    async findByClientId(sessionId, clientMessageId) {
      const filter = { clientKey: clientKeyOf(sessionId, clientMessageId) }
      const document = await connection.collections.messages.findOne(filter, { sort: { place: 1 } })
      return document ? storedMessageOf(document) : undefined
    },

    async page(sessionId, query) {
      const direction = query.after === undefined ? -1 : 1
      const found = connection.collections.messages
        .find(pageFilter(sessionId, query), { projection: { raw: 0 }, batchSize: query.limit + 2 })
        .sort({ place: direction })
        .limit(query.limit + 1)
      const documents = await found.toArray()
      return pageOf(documents.map(messageOf), query.limit, messagePosition)
    },

    async listPending(sessionId) {
      const documents = await connection.collections.messages.find({ pendingOf: sessionId }).toArray()
      documents.sort((left, right) => (left.place < right.place ? -1 : 1))
      return documents.map(storedMessageOf)
    },

    async count(sessionId) {
      return connection.collections.messages.countDocuments({ sessionId })
    },

    async prune({ before, sessionId, limit }) {
      let pruned = 0
      for (const id of sessionId === undefined ? await sessionsWithMessagesBefore(before) : [sessionId]) {
        const filter = { sessionId: id, place: { $lt: before } }
        pruned += await removeOldest(filter, limit === undefined ? undefined : limit - pruned)
      }
      return pruned
    },

    async trim(sessionId, { keep, limit }) {
      const newestFirst = connection.collections.messages.find({ sessionId }, { projection: { place: 1 } })
      const [newestToGo] = await newestFirst.sort({ place: -1 }).skip(keep).limit(1).toArray()
      return newestToGo ? removeOldest({ sessionId, place: { $lte: newestToGo.place } }, limit) : 0
    },

    async removeAll(sessionId) {
      await connection.collections.messages.deleteMany({ sessionId })
    },
  }

  async function removeOldest(filter: Filter<MessageDocument>, limit?: number): Promise<number> {
    const { messages } = connection.collections
    if (limit === undefined) return (await messages.deleteMany(filter)).deletedCount
    if (limit <= 0) return 0
    const oldest = await messages
      .find(filter, { projection: { _id: 1 } })
      .sort({ place: 1 })
      .limit(limit)
      .toArray()
    if (oldest.length === 0) return 0
    const { deletedCount } = await messages.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } })
    return deletedCount
  }

  /** From one session to the next by the index, in one round trip. */
  async function sessionsWithMessagesBefore(before: string): Promise<string[]> {
    const oldest = await connection.collections.messages
      .aggregate<{ _id: string; place: string }>([
        { $sort: { sessionId: 1, place: 1 } },
        { $group: { _id: '$sessionId', place: { $first: '$place' } } },
        { $match: { place: { $lt: before } } },
      ])
      .toArray()
    return oldest.map(({ _id }) => _id)
  }

  async function upsertSome(sessionId: string, messages: readonly StoredMessage[]) {
    const ids = messages.map((message) => messageDocumentId(sessionId, message))
    const firstPlaces = new Map([...ids.entries()].reverse().map(([place, id]) => [id, place]))
    const isFirst = (place: number) => firstPlaces.get(ids[place] ?? '') === place
    const firsts = messages.filter((_, place) => isFirst(place)).map((message) => documentOf(sessionId, message))
    const fresh = await insertMissing(connection.collections.messages, firsts)
    const inserted = ids.map((id, place) => fresh.has(id) && isFirst(place))

    const again = new Map<string, StoredMessage[]>()
    for (const [place, message] of messages.entries()) {
      const id = ids[place]
      if (!inserted[place] && id !== undefined) again.set(id, [...(again.get(id) ?? []), message])
    }
    await changeMessages(connection.collections.messages, [...again.keys()], (stored, id) =>
      mergeAll(stored, again.get(id)),
    )
    return { inserted, chatsCreated: await moveChatsOn(sessionId, messages, inserted) }
  }

  /** Moves the chats of the messages on, in one round trip; answers how many were made. */
  async function moveChatsOn(sessionId: string, messages: readonly Message[], inserted: boolean[]): Promise<number> {
    const writes = new Map<string, { place: string; unread: number }>()
    for (const [number, message] of messages.entries()) {
      const { place, unread } = writes.get(message.chatId) ?? { place: '', unread: 0 }
      const [later = place] = [place, movesChatOn(message) ? lastPlaceOf(message) : ''].sort().reverse()
      const counted = inserted[number] && countsAsUnread(message) ? 1 : 0
      writes.set(message.chatId, { place: later, unread: unread + counted })
    }
    return retryOnDuplicate(async () => {
      const { upsertedCount } = await connection.collections.chats.bulkWrite(
        [...writes].map(([id, { place, unread }]) => chatWrite(sessionId, { id, place, unread })),
        { ordered: false },
      )
      return upsertedCount
    })
  }
}

/** A stored message after it was told again, however often; `undefined` when that says nothing new. */
function mergeAll(stored: StoredMessage, again: readonly StoredMessage[] = []): StoredMessage | undefined {
  let merged: StoredMessage | undefined
  for (const message of again) merged = mergeMessage(merged ?? stored, message) ?? merged
  return merged
}

function chatWrite(
  sessionId: string,
  { id, place, unread }: { id: string; place: string; unread: number },
): AnyBulkWriteOperation<ChatDocument> {
  const defaults = { sessionId, id, kind: chatKindOf(id), archived: false, pinned: false }
  const update = { $setOnInsert: defaults, $inc: { unreadCount: unread }, $max: { place } }
  return { updateOne: { filter: { _id: chatDocumentId(sessionId, id) }, update, upsert: true } }
}

function pageFilter(
  sessionId: string,
  { chatId, before, after, type, fromMe, text }: MessageQuery,
): Filter<MessageDocument> {
  const place = {
    ...(before === undefined ? {} : { $lt: placeOf(messageBoundary(before, 'before')) }),
    ...(after === undefined ? {} : { $gt: placeOf(messageBoundary(after, 'after')) }),
  }
  return {
    sessionId,
    ...(chatId === undefined ? {} : { chatId }),
    ...(before === undefined && after === undefined ? {} : { place }),
    type: type ?? { $ne: 'hidden' },
    ...(fromMe === undefined ? {} : { fromMe }),
    ...(text === undefined ? {} : { search: { $regex: literal(text.toLowerCase()) } }),
  }
}

/** A pattern that matches the text itself. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function withoutRaw({ raw: _, ...message }: StoredMessage): Message {
  return message
}
