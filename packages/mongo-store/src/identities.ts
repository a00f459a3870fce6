import {
  contactSearchText,
  type IdentityPair,
  type Jid,
  joinMessages,
  type MergedChat,
  mergeChats,
  readdressMessage,
} from '@trunkline/core/store'
import type { AnyBulkWriteOperation } from 'mongodb'
import { chatDocumentId, documentOf as chatDocumentOf, lastKeyOf, otherAddresses, recordOf } from './chat-documents.js'
import type { Connection } from './connection.js'
import type { ChatDocument, IdentityDocument, MessageDocument } from './documents.js'
import { changeMessages, documentOf, insertMissing, ofPeople, storedMessageOf } from './message-documents.js'

/**
 * Learns which addresses are one person, then moves what is stored under the phone numbers. Whatever is moved is written under
 * its new id first and removed from the old one after that: a crash leaves some of it under both, and the next call with the
 * same pair makes one of it again.
 */
export async function mapIdentities(
  connection: Connection,
  sessionId: string,
  pairs: readonly IdentityPair[],
): Promise<MergedChat[]> {
  // The last word on a phone number in this call is the one that counts.
  const ids = new Map(pairs.map(({ pn, lid }) => [pn, lid]))
  await learn(connection, sessionId, pairs)
  const left = await lookFor(connection, sessionId, [...ids.keys()])
  if (left.messages) await moveMessages(connection, sessionId, ids)
  if (left.contacts) await moveContacts(connection, sessionId, ids)
  return left.chats ? moveChats(connection, sessionId, ids) : []
}

const ID_ALONE = { projection: { _id: 1 } }

/** What is stored under phone numbers: mostly nothing, as pairs are told again and again, so that all is looked for at once. */
async function lookFor(
  { collections: { messages, contacts, chats } }: Connection,
  sessionId: string,
  phones: readonly Jid[],
): Promise<{ messages: boolean; contacts: boolean; chats: boolean }> {
  const [contact, chat, ...found] = await Promise.all([
    contacts.findOne({ _id: { $in: phones.map((phone) => `${sessionId}|${phone}`) } }, ID_ALONE),
    chats.findOne({ _id: { $in: phones.map((phone) => chatDocumentId(sessionId, phone)) } }, ID_ALONE),
    ...ofPeople(sessionId, phones).map((filter) => messages.findOne(filter, ID_ALONE)),
  ])
  return { messages: found.some((message) => message !== null), contacts: contact !== null, chats: chat !== null }
}

/** A phone number has one LID, the newest; a LID has one phone number, the newest. */
async function learn(connection: Connection, sessionId: string, pairs: readonly IdentityPair[]): Promise<void> {
  const known = await otherAddresses(
    connection,
    sessionId,
    pairs.flatMap(({ pn, lid }) => [pn, lid]),
  )
  const writes: AnyBulkWriteOperation<IdentityDocument>[] = []
  const set = (jid: Jid, other: Jid) => {
    if (known.get(jid) === other) return
    known.set(jid, other)
    const update = { $set: { sessionId, jid, other } }
    writes.push({ updateOne: { filter: { _id: `${sessionId}|${jid}` }, update, upsert: true } })
  }
  for (const { pn, lid } of pairs) {
    const former = known.get(pn)
    if (former !== undefined && former !== lid) {
      writes.push({ deleteOne: { filter: { _id: `${sessionId}|${former}`, other: pn } } })
      known.delete(former)
    }
    set(pn, lid)
    set(lid, pn)
  }
  if (writes.length > 0) await connection.collections.identities.bulkWrite(writes)
}

/** Moved in batches, so that a long history is never in memory as a whole. What was moved is not found again. */
const MESSAGES_AT_ONCE = 1_000

async function moveMessages(connection: Connection, sessionId: string, ids: ReadonlyMap<Jid, Jid>): Promise<void> {
  const { messages } = connection.collections
  for (const filter of ofPeople(sessionId, [...ids.keys()])) {
    for (let found = MESSAGES_AT_ONCE; found === MESSAGES_AT_ONCE; ) {
      const documents = await messages.find(filter, { batchSize: MESSAGES_AT_ONCE }).limit(MESSAGES_AT_ONCE).toArray()
      if (documents.length > 0) await moveSome(connection, sessionId, { documents, ids })
      found = documents.length
    }
  }
}

async function moveSome(
  { collections: { messages, chats } }: Connection,
  sessionId: string,
  { documents, ids }: { documents: readonly MessageDocument[]; ids: ReadonlyMap<Jid, Jid> },
): Promise<void> {
  const moved = documents.map((document) => documentOf(sessionId, readdressMessage(storedMessageOf(document), ids)))
  const firsts = new Map([...moved].reverse().map((document) => [document._id, document]))
  const fresh = await insertMissing(messages, [...firsts.values()])
  const twins = moved.filter((document) => !fresh.has(document._id) || firsts.get(document._id) !== document)
  await changeMessages(
    messages,
    twins.map(({ _id }) => _id),
    (kept, id) =>
      twins.filter(({ _id }) => _id === id).reduce((joined, twin) => joinMessages(joined, storedMessageOf(twin)), kept),
  )
  await messages.deleteMany({ _id: { $in: documents.map(({ _id }) => _id) } })
  // A chat names the sender of its last message, who may be the person whose id has just moved.
  const lastMessages = documents.map((document, number) => {
    const [from, to] = [lastKeyOf(document), lastKeyOf(moved[number] ?? document)]
    const filter = { _id: chatDocumentId(sessionId, document.chatId), sortKey: from }
    return { updateOne: { filter, update: { $set: { sortKey: to } } } }
  })
  await chats.bulkWrite(lastMessages, { ordered: false })
}

async function moveChats(connection: Connection, sessionId: string, ids: ReadonlyMap<Jid, Jid>): Promise<MergedChat[]> {
  const { chats } = connection.collections
  const documentIds = [...ids.keys()].map((phone) => chatDocumentId(sessionId, phone))
  const found = await chats.find({ _id: { $in: documentIds } }, { batchSize: 5_000 }).toArray()
  const moving = new Map(found.map((document) => [document.id, document]))

  const merged: MergedChat[] = []
  for (const [from, to] of ids) {
    const document = moving.get(from)
    if (!document) continue
    await moveChat(connection, sessionId, { document, to })
    merged.push({ chatId: to, mergedFrom: from })
  }
  return merged
}

async function moveChat(
  { collections: { chats } }: Connection,
  sessionId: string,
  { document, to }: { document: ChatDocument; to: Jid },
): Promise<void> {
  const { _id, ...made } = chatDocumentOf(sessionId, { ...recordOf(document), id: to })
  const { upsertedCount } = await chats.updateOne({ _id }, { $setOnInsert: made }, { upsert: true })
  if (upsertedCount === 0) {
    const kept = await chats.findOne({ _id })
    if (kept) {
      const { name, mutedUntil, disappearsAfterSeconds, labels, archived, pinned, sortKey } = chatDocumentOf(
        sessionId,
        mergeChats(recordOf(kept), recordOf(document)),
      )
      const set = {
        archived,
        pinned,
        ...(name === undefined ? {} : { name }),
        ...(mutedUntil === undefined ? {} : { mutedUntil }),
        ...(disappearsAfterSeconds === undefined ? {} : { disappearsAfterSeconds }),
        ...(labels ? { labels } : {}),
      }
      // Added and moved forward in place: new messages may be coming in at this moment.
      await chats.updateOne({ _id }, { $set: set, $inc: { unreadCount: document.unreadCount }, $max: { sortKey } })
    }
  }
  await chats.deleteOne({ _id: document._id })
}

async function moveContacts(connection: Connection, sessionId: string, ids: ReadonlyMap<Jid, Jid>): Promise<void> {
  const { contacts } = connection.collections
  const documentIds = [...ids.keys()].map((phone) => `${sessionId}|${phone}`)
  const found = await contacts.find({ _id: { $in: documentIds } }, { batchSize: 5_000 }).toArray()
  const moving = new Map(found.map((document) => [document.id, document]))
  for (const [from, to] of ids) {
    const document = moving.get(from)
    if (!document) continue
    const { _id, id: _former, ...contact } = document
    const kept = await contacts.findOne({ _id: `${sessionId}|${to}` })
    const joined = { ...contact, ...kept, id: to }
    const search = contactSearchText(joined)
    await contacts.replaceOne({ _id: `${sessionId}|${to}` }, { ...joined, search }, { upsert: true })
    await contacts.deleteOne({ _id })
  }
}
