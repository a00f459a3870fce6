import {
  type IdentityPair,
  type Jid,
  joinMessages,
  type MergedChat,
  mergeChats,
  readdressMessage,
} from '@trunkline/core/store'
import { batchesOf, ROWS_AT_ONCE } from './batches.js'
import { readChat, writeChat } from './chat-rows.js'
import type { Connection } from './connection.js'
import { contactRecordOf, readContact, writeContact } from './contact-rows.js'
import type { Engine } from './engine.js'
import { findMessages, findMessagesOf, removeMessage, replaceMessage } from './message-rows.js'

/**
 * Learns which addresses are one person, then moves what is stored under the phone numbers: at once, unless it is much. A crash between two batches leaves some of it under the phone number, until the pair is told again.
 */
export async function mapIdentities(
  connection: Connection,
  sessionId: string,
  pairs: readonly IdentityPair[],
): Promise<MergedChat[]> {
  // The last word on a phone number in this call is the one that counts.
  const ids = new Map(pairs.map(({ pn, lid }) => [pn, lid]))
  for (const some of batchesOf(pairs)) {
    const learnSome = () => {
      for (const pair of some) learn(connection.engine, sessionId, pair)
    }
    await connection.write(learnSome, { rows: some.length })
  }
  const merged: MergedChat[] = []
  for (const some of batchesOf([...ids])) merged.push(...(await moveSome(connection, sessionId, { some, ids })))
  return merged
}

async function moveSome(
  connection: Connection,
  sessionId: string,
  { some, ids }: { some: readonly [Jid, Jid][]; ids: ReadonlyMap<Jid, Jid> },
): Promise<MergedChat[]> {
  const phones = some.map(([phone]) => phone)
  for (;;) {
    const moveBite = () => {
      const { engine } = connection
      if (moveMessages(engine, sessionId, { phones, ids }) >= ROWS_AT_ONCE) return undefined
      return some.flatMap(([phone, lid]) => {
        moveContact(engine, sessionId, phone, lid)
        return moveChat(engine, sessionId, phone, lid)
      })
    }
    // Nobody knows how many messages there are.
    const merged = await connection.write(moveBite, { rows: ROWS_AT_ONCE })
    if (merged) return merged
  }
}

/** A phone number has one LID, the newest; a LID has one phone number, the newest. */
function learn(engine: Engine, sessionId: string, { pn, lid }: IdentityPair): void {
  engine.run(
    `DELETE FROM phones_of_lids WHERE session_id = ? AND phone = ? AND lid =
       (SELECT lid FROM lids_of_phones WHERE session_id = ? AND phone = ? AND lid <> ?)`,
    sessionId,
    pn,
    sessionId,
    pn,
    lid,
  )
  engine.run(
    `INSERT INTO lids_of_phones (session_id, phone, lid) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET lid = excluded.lid WHERE lid <> excluded.lid`,
    sessionId,
    pn,
    lid,
  )
  engine.run(
    `INSERT INTO phones_of_lids (session_id, lid, phone) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET phone = excluded.phone WHERE phone <> excluded.phone`,
    sessionId,
    lid,
    pn,
  )
}

/** Moves some of the messages; answers how many. */
function moveMessages(
  engine: Engine,
  sessionId: string,
  { phones, ids }: { phones: readonly Jid[]; ids: ReadonlyMap<Jid, Jid> },
): number {
  const moving = findMessagesOf(engine, sessionId, phones, { limit: ROWS_AT_ONCE })
  for (const { number, message } of moving) {
    const moved = readdressMessage(message, ids)
    const twin = findMessages(engine, sessionId, moved).find((other) => other.number !== number)
    if (twin) {
      removeMessage(engine, number)
      replaceMessage(engine, { number: twin.number, message: joinMessages(twin.message, moved) })
    } else {
      replaceMessage(engine, { number, message: moved })
    }
  }
  return moving.length
}

function moveContact(engine: Engine, sessionId: string, from: Jid, to: Jid): void {
  const moved = readContact(engine, sessionId, from)
  if (!moved) return
  const kept = readContact(engine, sessionId, to)
  engine.run('DELETE FROM contacts WHERE session_id = ? AND id = ?', sessionId, from)
  writeContact(engine, sessionId, { ...contactRecordOf(moved), ...(kept ? contactRecordOf(kept) : {}), id: to })
}

function moveChat(engine: Engine, sessionId: string, from: Jid, to: Jid): MergedChat[] {
  // Last messages name their sender, who may be the person whose id has just moved, in any chat.
  const sql = 'UPDATE chats SET last_sender_id = ? WHERE session_id = ? AND last_sender_id = ?'
  engine.run(sql, to, sessionId, from)
  const moved = readChat(engine, sessionId, from)
  if (!moved) return []
  const kept = readChat(engine, sessionId, to)
  engine.run('DELETE FROM chats WHERE session_id = ? AND id = ?', sessionId, from)
  writeChat(engine, sessionId, kept ? mergeChats(kept, moved) : { ...moved, id: to })
  return [{ chatId: to, mergedFrom: from }]
}
