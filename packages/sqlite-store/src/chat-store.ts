import {
  applyChatChange,
  applyContactChange,
  type ChatStore,
  type Contact,
  type ContactRecord,
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
import { type ChatViewRow, chatViewOf, readChat, SELECT_CHAT_VIEWS, writeChat } from './chat-rows.js'
import type { Connection } from './connection.js'
import type { Engine, Parameter, Row } from './engine.js'
import { findMessages, findMessagesOf, removeMessage, replaceMessage } from './message-rows.js'
import { pageOf } from './page.js'

interface ContactRow extends Row {
  id: string
  name: string | null
  push_name: string | null
  phone: string | null
}

const SELECT_CONTACTS = `
  SELECT contacts.id, contacts.name, contacts.push_name, phones.phone FROM contacts
  LEFT JOIN phones_of_lids AS phones ON phones.session_id = contacts.session_id AND phones.lid = contacts.id`

export function createChatStore(connection: Connection): ChatStore {
  return {
    async upsert(sessionId, changes) {
      const { engine } = connection
      return engine.transaction(() => {
        let created = 0
        for (const change of changes) {
          const chat = readChat(engine, sessionId, change.id)
          if (!chat) created += 1
          writeChat(engine, sessionId, applyChatChange(chat ?? newChat(change.id), change))
        }
        return { chats: changes.flatMap(({ id }) => viewChat(sessionId, id) ?? []), created }
      })
    },

    async get(sessionId, chatId) {
      return viewChat(sessionId, chatId)
    },

    async page(sessionId, query) {
      const { sql, parameters } = chatPageStatement(sessionId, query)
      const rows = connection.engine.all<ChatViewRow>(sql, ...parameters)
      return pageOf(rows, query.limit, {
        positionOf: (row) => [String(row.pinned), row.last_at, row.id],
        itemOf: (row) => chatViewOf(sessionId, row),
      })
    },

    async count(sessionId) {
      const sql = 'SELECT count(*) AS chats FROM chats WHERE session_id = ?'
      return connection.engine.get<{ chats: number }>(sql, sessionId)?.chats ?? 0
    },

    async upsertContacts(sessionId, changes) {
      const { engine } = connection
      return engine.transaction(() => {
        const changed = new Set<Jid>()
        for (const change of changes) {
          const row = readContact(sessionId, change.id)
          const next = applyContactChange(row ? contactRecordOf(row) : { id: change.id }, change)
          if (row && !next) continue
          writeContact(engine, sessionId, next ?? { id: change.id })
          changed.add(change.id)
        }
        return [...changed].flatMap((id) => viewContact(sessionId, readContact(sessionId, id)) ?? [])
      })
    },

    async getContact(sessionId, contactId) {
      return viewContact(sessionId, readContact(sessionId, contactId))
    },

    async pageContacts(sessionId, { limit, cursor }) {
      const rows = connection.engine.all<ContactRow>(
        `${SELECT_CONTACTS} WHERE contacts.session_id = ? AND contacts.id > ? ORDER BY contacts.id LIMIT ?`,
        sessionId,
        cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? ''),
        limit + 1,
      )
      return pageOf(rows, limit, {
        positionOf: ({ id }) => [id],
        itemOf: (row) => contactOf(sessionId, contactRecordOf(row), row.phone ?? undefined),
      })
    },

    async mapIdentities(sessionId, pairs) {
      const { engine } = connection
      return engine.transaction(() => {
        for (const pair of pairs) learn(engine, sessionId, pair)
        // The last word on a phone number in this call is the one that counts.
        const ids = new Map(pairs.map(({ pn, lid }) => [pn, lid]))
        moveMessages(engine, sessionId, ids)
        return [...ids].flatMap(([phone, lid]) => {
          moveContact(sessionId, phone, lid)
          return moveChat(engine, sessionId, phone, lid)
        })
      })
    },

    async resolve(sessionId, jids) {
      const rows = connection.engine.all<{ phone: string; lid: string }>(
        `SELECT phone, lid FROM lids_of_phones
         WHERE session_id = ? AND phone IN (SELECT value FROM json_each(?))`,
        sessionId,
        JSON.stringify(jids),
      )
      const lids = new Map(rows.map(({ phone, lid }) => [phone, lid]))
      return jids.map((jid) => lids.get(jid) ?? jid)
    },

    async phonesOf(sessionId, lids) {
      const rows = connection.engine.all<{ phone: string; lid: string }>(
        `SELECT phone, lid FROM phones_of_lids
         WHERE session_id = ? AND lid IN (SELECT value FROM json_each(?))`,
        sessionId,
        JSON.stringify(lids),
      )
      return new Map(rows.map(({ phone, lid }) => [lid, phone]))
    },

    async removeAll(sessionId) {
      const { engine } = connection
      engine.transaction(() => {
        for (const table of ['chats', 'contacts', 'lids_of_phones', 'phones_of_lids']) {
          engine.run(`DELETE FROM ${table} WHERE session_id = ?`, sessionId)
        }
      })
    },
  }

  function viewChat(sessionId: string, chatId: Jid) {
    const sql = `${SELECT_CHAT_VIEWS} WHERE chats.session_id = ? AND chats.id = ?`
    const row = connection.engine.get<ChatViewRow>(sql, sessionId, chatId)
    return row && chatViewOf(sessionId, row)
  }

  function readContact(sessionId: string, contactId: Jid): ContactRow | undefined {
    const sql = `${SELECT_CONTACTS} WHERE contacts.session_id = ? AND contacts.id = ?`
    return connection.engine.get<ContactRow>(sql, sessionId, contactId)
  }

  function moveContact(sessionId: string, from: Jid, to: Jid): void {
    const moved = readContact(sessionId, from)
    if (!moved) return
    const kept = readContact(sessionId, to)
    const { engine } = connection
    engine.run('DELETE FROM contacts WHERE session_id = ? AND id = ?', sessionId, from)
    writeContact(engine, sessionId, { ...contactRecordOf(moved), ...(kept ? contactRecordOf(kept) : {}), id: to })
  }
}

/** The SELECT of a page of chats; exported so that a test can ask SQLite for its plan. */
export function chatPageStatement(
  sessionId: string,
  { limit, cursor, kind, archived }: Parameters<ChatStore['page']>[1],
): { sql: string; parameters: Parameter[] } {
  const [pinned = '0', lastAt = '', id = ''] = cursor === undefined ? [] : decodeCursor(cursor, 3)
  const sql = `${SELECT_CHAT_VIEWS}
    WHERE chats.session_id = ?
    ${cursor === undefined ? '' : 'AND (chats.pinned, chats.last_at, chats.id) < (?, ?, ?)'}
    ${kind === undefined ? '' : 'AND chats.kind = ?'}
    ${archived === undefined ? '' : 'AND chats.archived = ?'}
    ORDER BY chats.pinned DESC, chats.last_at DESC, chats.id DESC LIMIT ?`
  const parameters = [
    sessionId,
    ...(cursor === undefined ? [] : [Number(pinned), lastAt, id]),
    ...(kind === undefined ? [] : [kind]),
    ...(archived === undefined ? [] : [archived ? 1 : 0]),
    limit + 1,
  ]
  return { sql, parameters }
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

function moveMessages(engine: Engine, sessionId: string, ids: ReadonlyMap<Jid, Jid>): void {
  for (const { number, message } of findMessagesOf(engine, sessionId, [...ids.keys()])) {
    const moved = readdressMessage(message, ids)
    const twin = findMessages(engine, sessionId, moved).find((other) => other.number !== number)
    if (twin) {
      removeMessage(engine, number)
      replaceMessage(engine, { number: twin.number, message: joinMessages(twin.message, moved) })
    } else {
      replaceMessage(engine, { number, message: moved })
    }
  }
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

function writeContact(engine: Engine, sessionId: string, { id, name, pushName }: ContactRecord): void {
  engine.run(
    'INSERT OR REPLACE INTO contacts (session_id, id, name, push_name) VALUES (?, ?, ?, ?)',
    sessionId,
    id,
    name ?? null,
    pushName ?? null,
  )
}

function contactRecordOf({ id, name, push_name: pushName }: ContactRow): ContactRecord {
  return { id, ...(name === null ? {} : { name }), ...(pushName === null ? {} : { pushName }) }
}

function viewContact(sessionId: string, row: ContactRow | undefined): Contact | undefined {
  return row && contactOf(sessionId, contactRecordOf(row), row.phone ?? undefined)
}
