import {
  applyContactChange,
  type ChatChange,
  type ChatStore,
  type ContactRecord,
  chatKindOf,
  contactOf,
  contactSearchText,
  decodeCursor,
  encodeCursor,
  isLid,
  type Jid,
  pageOf,
} from '@trunkline/core/store'
import type { AnyBulkWriteOperation, Filter } from 'mongodb'
import { chatDocumentId, otherAddresses, phonesOf, viewChats } from './chat-documents.js'
import type { Connection } from './connection.js'
import { findContacts } from './contact-search.js'
import type { ChatDocument, ContactDocument } from './documents.js'
import { mapIdentities } from './identities.js'
import { readLabels, upsertLabels } from './labels.js'
import { retryOnDuplicate } from './retry.js'

export function createChatStore(connection: Connection): ChatStore {
  return {
    async upsert(sessionId, changes) {
      if (changes.length === 0) return { chats: [], created: 0 }
      const { chats } = connection.collections
      const { upsertedCount: created } = await retryOnDuplicate(() =>
        chats.bulkWrite(changes.flatMap((change) => chatWrites(sessionId, change))),
      )
      const ids = [...new Set(changes.map(({ id }) => chatDocumentId(sessionId, id)))]
      const views = await viewChats(connection, sessionId, await chats.find({ _id: { $in: ids } }).toArray())
      return { chats: changes.flatMap(({ id }) => views.find((chat) => chat.id === id) ?? []), created }
    },

    async get(sessionId, chatId) {
      const document = await connection.collections.chats.findOne({ _id: chatDocumentId(sessionId, chatId) })
      return document ? (await viewChats(connection, sessionId, [document]))[0] : undefined
    },

    async page(sessionId, { limit, cursor, kind, archived }) {
      const found = connection.collections.chats
        .find({
          sessionId,
          ...(cursor === undefined ? {} : below(decodeCursor(cursor, 3))),
          ...(kind === undefined ? {} : { kind }),
          ...(archived === undefined ? {} : { archived }),
        })
        .sort({ pinned: -1, sortKey: -1, id: -1 })
        .limit(limit + 1)
      const documents = await found.toArray()
      const items = await viewChats(connection, sessionId, documents.slice(0, limit))
      const last = documents[limit - 1]
      if (!last || documents.length <= limit) return { items }
      return { items, nextCursor: encodeCursor([String(last.pinned), last.sortKey, last.id]) }
    },

    async count(sessionId) {
      return connection.collections.chats.countDocuments({ sessionId })
    },

    async upsertContacts(sessionId, changes) {
      const stored = await readContacts(sessionId, [...new Set(changes.map(({ id }) => id))])
      const changed = new Map<Jid, ContactRecord>()
      for (const change of changes) {
        const contact = changed.get(change.id) ?? stored.get(change.id)
        const next = applyContactChange(contact ?? { id: change.id }, change)
        if (next || !contact) changed.set(change.id, next ?? { id: change.id })
      }
      if (changed.size === 0) return []
      const writes = [...changed.values()].map((contact) => contactWrite(sessionId, contact))
      await retryOnDuplicate(() => connection.collections.contacts.bulkWrite(writes, { ordered: false }))
      return viewContacts(sessionId, [...changed.values()])
    },

    async remove(sessionId, chatId) {
      const { deletedCount } = await connection.collections.chats.deleteOne({ _id: chatDocumentId(sessionId, chatId) })
      return deletedCount === 1
    },

    async getContact(sessionId, contactId) {
      const stored = await readContacts(sessionId, [contactId])
      return (await viewContacts(sessionId, [...stored.values()]))[0]
    },

    async pageContacts(sessionId, { limit, cursor, text }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const documents = await findContacts(connection, sessionId, { after, limit: limit + 1, text })
      const { items, ...rest } = pageOf(documents.map(contactRecordOf), limit, ({ id }) => [id])
      return { items: await viewContacts(sessionId, items), ...rest }
    },

    async upsertLabels(sessionId, labels) {
      return upsertLabels(connection, sessionId, labels)
    },

    async labels(sessionId) {
      return readLabels(connection, sessionId)
    },

    async mapIdentities(sessionId, pairs) {
      return pairs.length === 0 ? [] : mapIdentities(connection, sessionId, pairs)
    },

    async learnDialled(sessionId, numbers) {
      if (numbers.length === 0) return
      const writes = numbers.map(({ dialled, jid }) => {
        const update = { $set: { sessionId, jid: dialled, other: jid } }
        return { updateOne: { filter: { _id: dialledId(sessionId, dialled) }, update, upsert: true } }
      })
      await retryOnDuplicate(() => connection.collections.identities.bulkWrite(writes))
    },

    async resolveDialled(sessionId, jid) {
      const found = await connection.collections.identities.findOne({ _id: dialledId(sessionId, jid) })
      const address = found?.other ?? jid
      const lids = await otherAddresses(
        connection,
        sessionId,
        [jid, address].filter((one) => !isLid(one)),
      )
      return lids.get(jid) ?? lids.get(address) ?? address
    },

    async resolve(sessionId, jids) {
      const lids = await otherAddresses(
        connection,
        sessionId,
        jids.filter((jid) => !isLid(jid)),
      )
      return jids.map((jid) => lids.get(jid) ?? jid)
    },

    async phonesOf(sessionId, lids) {
      return phonesOf(connection, sessionId, lids)
    },

    async removeAll(sessionId) {
      const { chats, contacts, labels, identities } = connection.collections
      await Promise.all([
        chats.deleteMany({ sessionId }),
        contacts.deleteMany({ sessionId }),
        labels.deleteMany({ sessionId }),
        identities.deleteMany({ sessionId }),
      ])
    },
  }

  async function readContacts(sessionId: string, ids: readonly Jid[]): Promise<Map<Jid, ContactRecord>> {
    const filter = { _id: { $in: ids.map((id) => `${sessionId}|${id}`) } }
    const documents = await connection.collections.contacts.find(filter, { batchSize: 5_000 }).toArray()
    return new Map(documents.map((document) => [document.id, contactRecordOf(document)]))
  }

  async function viewContacts(sessionId: string, contacts: readonly ContactRecord[]) {
    const phones = await phonesOf(
      connection,
      sessionId,
      contacts.map(({ id }) => id),
    )
    return contacts.map((contact) => contactOf(sessionId, contact, phones.get(contact.id)))
  }
}

/** Chats that come after a place: less pinned, or last told something earlier. */
function below([pinned, sortKey = '', id = '']: string[]): Filter<ChatDocument> {
  const isPinned = pinned === 'true'
  return {
    $or: [
      ...(isPinned ? [{ pinned: false }] : []),
      { pinned: isPinned, sortKey: { $lt: sortKey } },
      { pinned: isPinned, sortKey, id: { $lt: id } },
    ],
  }
}

/** Sets what is given and leaves the rest alone; what is not given gets its default when the chat is made. */
function chatWrites(sessionId: string, change: ChatChange): AnyBulkWriteOperation<ChatDocument>[] {
  const { id, labels = {}, ...given } = change
  const filter = { _id: chatDocumentId(sessionId, id) }
  const [on, off] = [true, false].map((wanted) => Object.keys(labels).filter((one) => labels[one] === wanted))
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
  const cleared = Object.entries(given).filter(([, value]) => value === null)
  const defaults = { unreadCount: 0, archived: false, pinned: false, sortKey: '', sessionId, id, kind: chatKindOf(id) }
  const update = {
    $setOnInsert: Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in set))),
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(cleared.length > 0 ? { $unset: Object.fromEntries(cleared.map(([name]) => [name, '' as const])) } : {}),
    ...(on?.length ? { $addToSet: { labels: { $each: on } } } : {}),
  }
  return [
    { updateOne: { filter, update, upsert: true } },
    // No update adds to a list and takes from it.
    ...(off?.length ? [{ updateOne: { filter, update: { $pull: { labels: { $in: off } } } } }] : []),
  ]
}

function contactWrite(sessionId: string, { id, ...names }: ContactRecord): AnyBulkWriteOperation<ContactDocument> {
  const update = { $setOnInsert: { sessionId, id }, $set: { ...names, search: contactSearchText(names) } }
  return { updateOne: { filter: { _id: `${sessionId}|${id}` }, update, upsert: true } }
}

function contactRecordOf({ _id, sessionId, search, ...contact }: ContactDocument): ContactRecord {
  return contact
}

function dialledId(sessionId: string, dialled: Jid): string {
  return `${sessionId}|dialled|${dialled}`
}
