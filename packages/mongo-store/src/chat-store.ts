import {
  applyChatChange,
  applyContactChange,
  type Chat,
  type ChatRecord,
  type ChatStore,
  type Contact,
  type ContactRecord,
  chatOf,
  contactOf,
  decodeCursor,
  type IdentityPair,
  type Jid,
  joinMessages,
  type MergedChat,
  mergeChats,
  newChat,
  readdressMessage,
} from '@trunkline/core'
import { chatPosition, chatRecordOf, updateChats } from './chat-documents.js'
import { type Collections, type ContactDocument, type IdentityDocument, idOf, placeOf } from './documents.js'
import { findMessagesOf, messageOf, moveMessage, storedMessageOf } from './message-documents.js'
import { pageOf } from './page.js'

export function createChatStore(collections: Collections): ChatStore {
  const { chats, contacts, identities, messages } = collections
  return {
    async upsert(sessionId, changes) {
      const ids = [...new Set(changes.map(({ id }) => id))]
      const { records, created } = await updateChats(collections, sessionId, ids, (chatId, stored) =>
        changes.filter(({ id }) => id === chatId).reduce(applyChatChange, stored ?? newChat(chatId)),
      )
      const views = await viewChats(sessionId, [...records.values()])
      return { chats: changes.flatMap(({ id }) => views.get(id) ?? []), created }
    },

    async get(sessionId, chatId) {
      const found = await chats.findOne({ _id: idOf(sessionId, chatId) })
      return found ? (await viewChats(sessionId, [chatRecordOf(found)])).get(chatId) : undefined
    },

    async page(sessionId, { limit, cursor, kind, archived }) {
      const found = await chats
        .find({
          session: sessionId,
          ...(cursor === undefined ? {} : { place: { $lt: placeOf(decodeCursor(cursor, 3)) } }),
          ...(kind === undefined ? {} : { kind }),
          ...(archived === undefined ? {} : { archived }),
        })
        .sort({ place: -1 })
        .limit(limit + 1)
        .toArray()
      const records = found.map(chatRecordOf)
      const views = await viewChats(sessionId, records.slice(0, limit))
      const { items, nextCursor } = pageOf(records, limit, { positionOf: chatPosition, itemOf: ({ id }) => id })
      return { items: items.flatMap((id) => views.get(id) ?? []), ...(nextCursor ? { nextCursor } : {}) }
    },

    count: (sessionId) => chats.countDocuments({ session: sessionId }),

    async upsertContacts(sessionId, changes) {
      const ids = [...new Set(changes.map(({ id }) => id))]
      const stored = await readContacts(sessionId, ids)
      const changed = new Map<Jid, ContactRecord>()
      for (const change of changes) {
        const contact = changed.get(change.id) ?? stored.get(change.id)
        const next = applyContactChange(contact ?? { id: change.id }, change)
        if (next || !contact) changed.set(change.id, next ?? { id: change.id })
      }
      if (changed.size === 0) return []
      await contacts.bulkWrite([...changed.values()].map((record) => putContact(sessionId, record)))
      return viewContacts(sessionId, [...changed.values()])
    },

    async getContact(sessionId, contactId) {
      const record = (await readContacts(sessionId, [contactId])).get(contactId)
      return record && (await viewContacts(sessionId, [record]))[0]
    },

    async pageContacts(sessionId, { limit, cursor }) {
      const found = await contacts
        .find({ session: sessionId, contact: { $gt: cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '') } })
        .sort({ contact: 1 })
        .limit(limit + 1)
        .toArray()
      const { items, nextCursor } = pageOf(found.map(contactRecordOf), limit, {
        positionOf: ({ id }) => [id],
        itemOf: (record) => record,
      })
      return { items: await viewContacts(sessionId, items), ...(nextCursor ? { nextCursor } : {}) }
    },

    async mapIdentities(sessionId, pairs) {
      if (pairs.length === 0) return []
      await learn(sessionId, pairs)
      // The last word on a phone number in this call is the one that counts.
      const ids = new Map(pairs.map(({ pn, lid }) => [pn, lid]))
      for (const document of await findMessagesOf(collections, sessionId, [...ids.keys()])) {
        await moveMessage(collections, document, readdressMessage(storedMessageOf(document), ids), joinMessages)
      }
      await renameLastSenders(sessionId, ids)
      await moveContacts(sessionId, ids)
      return moveChats(sessionId, ids)
    },

    async resolve(sessionId, jids) {
      const lids = await othersOf(sessionId, jids)
      return jids.map((jid) => lids.get(jid) ?? jid)
    },

    phonesOf: (sessionId, lids) => othersOf(sessionId, lids),

    async removeAll(sessionId) {
      await Promise.all(
        [chats, contacts, identities].map((collection) => collection.deleteMany({ session: sessionId })),
      )
    },
  }

  /** The other address of each JID that has one. */
  async function othersOf(sessionId: string, jids: readonly Jid[]): Promise<Map<Jid, Jid>> {
    const found = await identities.find({ _id: { $in: jids.map((jid) => idOf(sessionId, jid)) } }).toArray()
    return new Map(found.map(({ jid, other }) => [jid, other]))
  }

  /** A phone number has one LID, the newest; a LID has one phone number, the newest. */
  async function learn(sessionId: string, pairs: readonly IdentityPair[]): Promise<void> {
    const known = await othersOf(
      sessionId,
      pairs.map(({ pn }) => pn),
    )
    const operations = pairs.flatMap(({ pn, lid }) => {
      const former = known.get(pn)
      known.set(pn, lid)
      return [
        ...(former === undefined || former === lid
          ? []
          : [{ deleteOne: { filter: { _id: idOf(sessionId, former), other: pn } } }]),
        putIdentity(sessionId, pn, lid),
        putIdentity(sessionId, lid, pn),
      ]
    })
    await identities.bulkWrite(operations, { ordered: true })
  }

  /** Last messages name their sender, who may be a person whose id has just moved, in any chat. */
  async function renameLastSenders(sessionId: string, ids: ReadonlyMap<Jid, Jid>): Promise<void> {
    const found = await chats.find({ session: sessionId, lastSenderId: { $in: [...ids.keys()] } }).toArray()
    const chatIds = found.map((document) => chatRecordOf(document).id)
    await updateChats(collections, sessionId, chatIds, (chatId, stored) => {
      const chat = stored ?? newChat(chatId)
      const { last } = chat
      return last ? { ...chat, last: { ...last, senderId: ids.get(last.senderId) ?? last.senderId } } : chat
    })
  }

  async function moveChats(sessionId: string, ids: ReadonlyMap<Jid, Jid>): Promise<MergedChat[]> {
    const found = await chats.find({ _id: { $in: [...ids.keys()].map((jid) => idOf(sessionId, jid)) } }).toArray()
    const merged: MergedChat[] = []
    for (const document of found) {
      const moved = chatRecordOf(document)
      const to = ids.get(moved.id)
      if (to === undefined) continue
      await updateChats(collections, sessionId, [to], (_, kept) =>
        kept ? mergeChats(kept, moved) : { ...moved, id: to },
      )
      await chats.deleteOne({ _id: document._id })
      merged.push({ chatId: to, mergedFrom: moved.id })
    }
    return merged
  }

  async function moveContacts(sessionId: string, ids: ReadonlyMap<Jid, Jid>): Promise<void> {
    const stored = await readContacts(sessionId, [...ids.keys(), ...ids.values()])
    const operations = [...ids].flatMap(([from, to]) => {
      const moved = stored.get(from)
      if (!moved) return []
      return [
        putContact(sessionId, { ...moved, ...stored.get(to), id: to }),
        { deleteOne: { filter: { _id: idOf(sessionId, from) } } },
      ]
    })
    if (operations.length > 0) await contacts.bulkWrite(operations, { ordered: true })
  }

  async function readContacts(sessionId: string, ids: readonly Jid[]): Promise<Map<Jid, ContactRecord>> {
    const found = await contacts.find({ _id: { $in: ids.map((id) => idOf(sessionId, id)) } }).toArray()
    return new Map(found.map((document) => [document.contact, contactRecordOf(document)]))
  }

  async function viewContacts(sessionId: string, records: readonly ContactRecord[]): Promise<Contact[]> {
    const phones = await othersOf(
      sessionId,
      records.map(({ id }) => id),
    )
    return records.map((record) => contactOf(sessionId, record, phones.get(record.id)))
  }

  /** Chats as callers see them, with phone number and last message: two round trips for all. */
  async function viewChats(sessionId: string, records: readonly ChatRecord[]): Promise<Map<Jid, Chat>> {
    const lastIds = records.flatMap(({ id, last }) => (last ? [idOf(sessionId, last.id, id, last.senderId)] : []))
    const [phones, found] = await Promise.all([
      othersOf(
        sessionId,
        records.map(({ id }) => id),
      ),
      messages.find({ _id: { $in: lastIds } }, { projection: { record: 1, chatId: 1 } }).toArray(),
    ])
    const last = new Map(found.map((document) => [document.chatId, messageOf(document)]))
    return new Map(
      records.map((record) => {
        const { id } = record
        return [id, chatOf(sessionId, record, { phoneJid: phones.get(id), lastMessage: last.get(id) })]
      }),
    )
  }
}

function putIdentity(sessionId: string, jid: Jid, other: Jid) {
  const replacement: IdentityDocument = { _id: idOf(sessionId, jid), session: sessionId, jid, other }
  return { replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true } }
}

function putContact(sessionId: string, record: ContactRecord) {
  const replacement: ContactDocument = {
    _id: idOf(sessionId, record.id),
    session: sessionId,
    contact: record.id,
    record: JSON.stringify(record),
  }
  return { replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true } }
}

function contactRecordOf({ record }: ContactDocument): ContactRecord {
  return JSON.parse(record) as ContactRecord
}
