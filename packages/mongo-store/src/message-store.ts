import {
  applyMessageChange,
  type ChangeOutcome,
  chatKindOf,
  fillsIn,
  type MessageChange,
  type MessageQuery,
  type MessageRefs,
  type MessageStore,
  mergeMessage,
  messageBoundary,
  messageFor,
  messagePosition,
  movesChatOn,
  pageOf,
  publicMessage,
  QUIET_TYPES,
  type Recorded,
  readsChat,
  refsOf,
  type StoredMessage,
  searchForm,
  type Upserted,
  unreadAfter,
} from '@trunkline/core/store'
import type { AnyBulkWriteOperation, Filter } from 'mongodb'
import { chatDocumentId, lastKeyOf } from './chat-documents.js'
import type { Connection } from './connection.js'
import { type ChatDocument, literal, type MessageDocument } from './documents.js'
import { type AppendEvents, appendOnce } from './event-append.js'
import {
  changeFound,
  changeMessage,
  changeMessages,
  clientKeyOf,
  documentOf,
  insertMissing,
  messageDocumentId,
  refFilter,
  sortKeyOf,
  storedMessageOf,
  type Within,
} from './message-documents.js'
import { retryOnDuplicate } from './retry.js'

/** A long history is written in batches: each is encoded in one go, which holds the process up. */
const MESSAGES_AT_ONCE = 2_000

/**
 * Messages are written first and their chats after them. Where a crash comes in between, telling the message again moves the
 * chat's last message on, and the chat counts one unread message too few.
 */
export function createMessageStore(connection: Connection, append: AppendEvents): MessageStore {
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
      return (await changeAll(sessionId, { ref, change })).changed
    },

    async record(sessionId, { messages = [], changes = [], events: eventsOf }, { lastSeq } = {}) {
      const outcomeIn = async (within: Within) => {
        const upserted = messages.length > 0 ? await upsertSome(sessionId, messages, within) : NOTHING_UPSERTED
        const outcomes: ChangeOutcome[] = []
        for (const each of changes) outcomes.push(await changeAll(sessionId, each, within))
        return { ...upserted, changes: outcomes }
      }
      let last = lastSeq
      const attempt = () =>
        connection.atomically(async (session): Promise<Recorded> => {
          const outcome = await outcomeIn({ session })
          const events = eventsOf(outcome)
          if (!session) return { ...outcome, events: await append(sessionId, events, { lastSeq: last }) }
          return { ...outcome, events: await appendOnce(connection, sessionId, events, { lastSeq: last, session }) }
        })
      // Without a transaction nothing is left over that a duplicate key could come from.
      return retryOnDuplicate(attempt, async () => {
        last = undefined
      })
    },

    async find(sessionId, ref) {
      const found = connection.collections.messages.find(refFilter(sessionId, ref))
      const documents = await found.sort({ sortKey: 1 }).toArray()
      return documents.map(storedMessageOf)
    },

    async findByClientId(sessionId, clientMessageId) {
      const filter = { clientKey: clientKeyOf(sessionId, clientMessageId) }
      const document = await connection.collections.messages.findOne(filter, { sort: { sortKey: -1 } })
      return document ? storedMessageOf(document) : undefined
    },

    async page(sessionId, query) {
      const direction = query.after === undefined ? -1 : 1
      const found = connection.collections.messages
        .find(pageFilter(sessionId, query), {
          ...(query.raw ? {} : { projection: { raw: 0 } }),
          batchSize: query.limit + 2,
        })
        .sort({ sortKey: direction })
        .limit(query.limit + 1)
      const documents = await found.toArray()
      const { items, ...rest } = pageOf(documents.map(storedMessageOf), query.limit, messagePosition)
      return { items: items.map((message) => messageFor(query, message)), ...rest }
    },

    async listPending(sessionId) {
      const documents = await connection.collections.messages.find({ pendingOf: sessionId }).toArray()
      documents.sort((left, right) => (left.sortKey < right.sortKey ? -1 : 1))
      return documents.map(storedMessageOf)
    },

    async count(sessionId) {
      return connection.collections.messages.countDocuments({ sessionId })
    },

    async prune({ before, sessionId, limit }) {
      let pruned = 0
      for (const id of sessionId === undefined ? await sessionsWithMessagesBefore(before) : [sessionId]) {
        const filter = { sessionId: id, sortKey: { $lt: before } }
        pruned += await removeOldest(filter, limit === undefined ? undefined : limit - pruned)
      }
      return pruned
    },

    async trim(sessionId, { keep, limit }) {
      const newestFirst = connection.collections.messages.find({ sessionId }, { projection: { sortKey: 1 } })
      const [newestToGo] = await newestFirst.sort({ sortKey: -1 }).skip(keep).limit(1).toArray()
      return newestToGo ? removeOldest({ sessionId, sortKey: { $lte: newestToGo.sortKey } }, limit) : 0
    },

    async removeChat(sessionId, chatId, { until, keepStarred = false }) {
      // Behind every key of that time: what follows a time in a key begins with a space.
      const sortKey = { $lt: `${until}!` }
      const starless = keepStarred ? { starred: { $exists: false } } : {}
      return removeOldest({ sessionId, chatId, sortKey, ...starless })
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
      .sort({ sortKey: 1 })
      .limit(limit)
      .toArray()
    if (oldest.length === 0) return 0
    const { deletedCount } = await messages.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } })
    return deletedCount
  }

  /** From one session to the next by the index, in one round trip. */
  async function sessionsWithMessagesBefore(before: string): Promise<string[]> {
    const oldest = await connection.collections.messages
      .aggregate<{ _id: string; sortKey: string }>([
        { $sort: { sessionId: 1, sortKey: 1 } },
        { $group: { _id: '$sessionId', sortKey: { $first: '$sortKey' } } },
        { $match: { sortKey: { $lt: before } } },
      ])
      .toArray()
    return oldest.map(({ _id }) => _id)
  }

  async function upsertSome(
    sessionId: string,
    messages: readonly StoredMessage[],
    within: Within = {},
  ): Promise<Upserted> {
    const ids = messages.map((message) => messageDocumentId(sessionId, message))
    const firstNumbers = new Map([...ids.entries()].reverse().map(([number, id]) => [id, number]))
    const isFirst = (number: number) => firstNumbers.get(ids[number] ?? '') === number
    const firsts = messages.filter((_, number) => isFirst(number)).map((message) => documentOf(sessionId, message))
    const fresh = await insertMissing(connection.collections.messages, firsts, within)
    const inserted = ids.map((id, number) => fresh.has(id) && isFirst(number))

    const again = new Map<string, StoredMessage[]>()
    for (const [number, message] of messages.entries()) {
      const id = ids[number]
      if (!inserted[number] && id !== undefined) again.set(id, [...(again.get(id) ?? []), message])
    }
    const filled = new Map<string, StoredMessage>()
    const known = await changeMessages(
      connection.collections.messages,
      [...again.keys()],
      (stored, id) => {
        const told = again.get(id) ?? []
        const filling = told.find((message) => fillsIn(stored, message))
        // Called again where somebody else was faster: the last call has seen what is there.
        if (filling) filled.set(id, filling)
        else filled.delete(id)
        return mergeAll(stored, told)
      },
      within,
    )
    const stored = messages.map((message, number) => known.get(ids[number] ?? '') ?? message)
    for (const [number, message] of messages.entries()) {
      if (filled.get(ids[number] ?? '') === message) inserted[number] = true
    }
    return { inserted, chatsCreated: await moveChatsOn(sessionId, { stored, inserted }, within) }
  }

  /** Moves the chats of the messages on, in one round trip; answers how many were made. */
  async function moveChatsOn(
    sessionId: string,
    { stored, inserted }: { stored: readonly StoredMessage[]; inserted: readonly boolean[] },
    { session }: Within,
  ): Promise<number> {
    const chats = new Map<string, Moved>()
    for (const [number, message] of stored.entries()) {
      const { sortKey, unread, read } = chats.get(message.chatId) ?? { sortKey: '', unread: 0, read: false }
      const [later = ''] = [movesChatOn(message) ? lastKeyOf(message) : '', sortKey].sort().reverse()
      const isNew = inserted[number] === true
      chats.set(message.chatId, {
        sortKey: later,
        unread: isNew ? unreadAfter(unread, message) : unread,
        read: read || (isNew && readsChat(message)),
      })
    }
    const writes = [...chats].map(([id, moved]) => chatWrite(sessionId, { id, ...moved }))
    const write = async () => {
      const options = { ordered: false, ...(session ? { session } : {}) }
      return (await connection.collections.chats.bulkWrite(writes, options)).upsertedCount
    }
    // A transaction is over with a duplicate key, and begins again as a whole.
    return session ? write() : retryOnDuplicate(write)
  }

  async function changeAll(
    sessionId: string,
    { ref, change }: { ref: MessageRefs; change: MessageChange },
    within: Within = {},
  ): Promise<ChangeOutcome> {
    const { messages } = connection.collections
    const options = { batchSize: 5_000, ...(within.session ? { session: within.session } : {}) }
    const named = await messages.find(refFilter(sessionId, ref), options).toArray()
    const numbers = new Map(refsOf(ref).map(({ id }, number) => [id, number]))
    named.sort((left, right) => (numbers.get(left.id) ?? 0) - (numbers.get(right.id) ?? 0))
    const apply = (message: StoredMessage) => applyMessageChange(message, change)
    // A transaction carries out one command at a time.
    const changes = within.session
      ? await changeInTurn(named, apply, within)
      : await Promise.all(named.map((document) => changeMessage(messages, document, apply)))
    const outcome: ChangeOutcome = { changed: [], unchanged: [] }
    for (const [number, document] of named.entries()) {
      const changed = changes[number]
      if (!changed) {
        outcome.unchanged.push(publicMessage(storedMessageOf(document)))
        continue
      }
      const { before, after } = changed
      if (before.timestamp !== after.timestamp) await retime(sessionId, { before, after }, within)
      outcome.changed.push({ before: publicMessage(before), after: publicMessage(after) })
    }
    return outcome
  }

  async function changeInTurn(
    documents: readonly MessageDocument[],
    apply: (message: StoredMessage) => StoredMessage | undefined,
    within: Within,
  ) {
    const changing = documents.filter((document) => apply(storedMessageOf(document)))
    const after = await changeFound(connection.collections.messages, changing, apply, within)
    return documents.map((document) => {
      const changed = changing.includes(document) ? after.get(document._id) : undefined
      return changed && { before: storedMessageOf(document), after: changed }
    })
  }

  /** The last message of the chat after one of its messages got another time. */
  async function retime(
    sessionId: string,
    { before, after }: { before: StoredMessage; after: StoredMessage },
    { session }: Within,
  ): Promise<void> {
    const { messages, chats } = connection.collections
    if (!movesChatOn(after)) return
    const options = session ? { session } : {}
    const [from, to] = [lastKeyOf(before), lastKeyOf(after)]
    const _id = chatDocumentId(sessionId, after.chatId)
    if (to > from) return void (await chats.updateOne({ _id }, { $max: { sortKey: to } }, options))
    const [newest] = await messages
      .find(
        { sessionId, chatId: after.chatId, type: { $nin: [...QUIET_TYPES] } },
        { projection: { raw: 0 }, ...options },
      )
      .sort({ sortKey: -1 })
      .limit(1)
      .toArray()
    if (newest) await chats.updateOne({ _id, sortKey: from }, { $set: { sortKey: lastKeyOf(newest) } }, options)
  }
}

/** How far a chat moves: what is unread more, or after an answer of the account (`read`) altogether. */
interface Moved {
  sortKey: string
  unread: number
  read: boolean
}

const NOTHING_UPSERTED: Upserted = { inserted: [], chatsCreated: 0 }

/** A stored message after it was told again, however often; `undefined` when that says nothing new. */
function mergeAll(stored: StoredMessage, again: readonly StoredMessage[] = []): StoredMessage | undefined {
  let merged: StoredMessage | undefined
  for (const message of again) merged = mergeMessage(merged ?? stored, message) ?? merged
  return merged
}

function chatWrite(
  sessionId: string,
  { id, sortKey, unread, read }: Moved & { id: string },
): AnyBulkWriteOperation<ChatDocument> {
  const defaults = { sessionId, id, kind: chatKindOf(id), archived: false, pinned: false }
  const count = read ? { $set: { unreadCount: unread } } : { $inc: { unreadCount: unread } }
  const update = { $setOnInsert: defaults, ...count, $max: { sortKey } }
  return { updateOne: { filter: { _id: chatDocumentId(sessionId, id) }, update, upsert: true } }
}

function pageFilter(
  sessionId: string,
  { chatId, before, after, type, fromMe, text }: MessageQuery,
): Filter<MessageDocument> {
  const sortKey = {
    ...(before === undefined ? {} : { $lt: sortKeyOf(messageBoundary(before, 'before')) }),
    ...(after === undefined ? {} : { $gt: sortKeyOf(messageBoundary(after, 'after')) }),
  }
  return {
    sessionId,
    ...(chatId === undefined ? {} : { chatId }),
    ...(before === undefined && after === undefined ? {} : { sortKey }),
    type: type ?? { $ne: 'hidden' },
    ...(fromMe === undefined ? {} : { fromMe }),
    ...(text === undefined ? {} : { search: { $regex: literal(searchForm(text)) } }),
  }
}
