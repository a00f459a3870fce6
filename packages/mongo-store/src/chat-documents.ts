import { type ChatRecord, chatKindOf, type Jid } from '@trunkline/core'
import { type ChatDocument, type Collections, idOf, placeOf } from './documents.js'
import { isDuplicateKey } from './errors.js'

export function chatDocumentOf(sessionId: string, chat: ChatRecord, revision: number): ChatDocument {
  return {
    _id: idOf(sessionId, chat.id),
    session: sessionId,
    kind: chatKindOf(chat.id),
    archived: chat.archived,
    place: placeOf(chatPosition(chat)),
    ...(chat.last ? { lastSenderId: chat.last.senderId } : {}),
    record: JSON.stringify(chat),
    revision,
  }
}

export function chatRecordOf({ record }: Pick<ChatDocument, 'record'>): ChatRecord {
  return JSON.parse(record) as ChatRecord
}

/** Chats are listed from the highest place down: pinned ones, then by the time of the last message. */
export function chatPosition(chat: ChatRecord): string[] {
  return [chat.pinned ? '1' : '0', chat.last?.timestamp ?? '', chat.id]
}

/**
 * Makes or changes chats by compare-and-set: one read and one write for all of them, and again for those that somebody else
 * changed in between.
 */
export async function updateChats(
  { chats }: Pick<Collections, 'chats'>,
  sessionId: string,
  ids: readonly Jid[],
  change: (chatId: Jid, stored: ChatRecord | undefined) => ChatRecord,
): Promise<{ records: Map<Jid, ChatRecord>; created: number }> {
  const records = new Map<Jid, ChatRecord>()
  let created = 0
  for (let open = [...ids]; open.length > 0; ) {
    const found = await chats.find({ _id: { $in: open.map((id) => idOf(sessionId, id)) } }).toArray()
    const stored = new Map(found.map((document) => [document._id, document]))
    const outcomes = await Promise.all(
      open.map(async (id) => {
        const document = stored.get(idOf(sessionId, id))
        const record = change(id, document && chatRecordOf(document))
        const written = await writeChat(chats, chatDocumentOf(sessionId, record, (document?.revision ?? 0) + 1))
        if (written) records.set(id, record)
        if (written && !document) created += 1
        return written ? [] : [id]
      }),
    )
    open = outcomes.flat()
  }
  return { records, created }
}

/** Whether the document was written: as the first of its id, or over the revision before its own. */
async function writeChat(chats: Collections['chats'], document: ChatDocument): Promise<boolean> {
  if (document.revision > 1) {
    const { matchedCount } = await chats.replaceOne({ _id: document._id, revision: document.revision - 1 }, document)
    return matchedCount === 1
  }
  try {
    await chats.insertOne(document)
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}
