import { messagePosition } from '@trunkline/core/store'
import type { Collection, Document } from 'mongodb'
import { lastKeyOf } from './chat-documents.js'
import type { Collections } from './collections.js'
import { sortKeyOf } from './message-documents.js'

/** Documents that are rewritten in one go. */
const DOCUMENTS_AT_ONCE = 1_000

/** What documents of schema 1 have: the sort key of before, without an arrival, in a field of another name. */
const OLD = { place: { $exists: true } }

/** From schema 1 to 2. Ends in the middle when the process does, and goes on from there with the next `setup`. */
export async function addSortKeys({ messages, chats }: Collections): Promise<void> {
  await rewrite(messages as unknown as Collection, ({ timestamp, id, chatId, senderId }) =>
    sortKeyOf(messagePosition({ timestamp, id, chatId, senderId })),
  )
  await rewrite(chats as unknown as Collection, ({ place }) => lastKeyOfPlace(String(place)))
  // Nothing is found by these any more.
  for (const [collection, name] of [
    [messages, 'sessionId_1_place_1'],
    [messages, 'sessionId_1_chatId_1_place_1'],
    [chats, 'sessionId_1_pinned_1_place_1_id_1'],
  ] as const) {
    await (collection as unknown as Collection).dropIndex(name).catch(() => undefined)
  }
}

async function rewrite(collection: Collection, sortKeyOf: (document: Document) => string): Promise<void> {
  for (let found = DOCUMENTS_AT_ONCE; found === DOCUMENTS_AT_ONCE; ) {
    const documents = await collection
      .find(OLD, { projection: { raw: 0 }, limit: DOCUMENTS_AT_ONCE, batchSize: DOCUMENTS_AT_ONCE })
      .toArray()
    const writes = documents.map((document) => {
      const update = { $set: { sortKey: sortKeyOf(document) }, $unset: { place: '' } }
      return { updateOne: { filter: { _id: document._id }, update } }
    })
    if (writes.length > 0) await collection.bulkWrite(writes, { ordered: false })
    found = documents.length
  }
}

/** The message id was between the first and the last space. */
function lastKeyOfPlace(place: string): string {
  if (place === '') return ''
  const [first, last] = [place.indexOf(' '), place.lastIndexOf(' ')]
  const [timestamp, id, senderId] = [place.slice(0, first), place.slice(first + 1, last), place.slice(last + 1)]
  return lastKeyOf({ timestamp, arrival: 0, id, senderId })
}
