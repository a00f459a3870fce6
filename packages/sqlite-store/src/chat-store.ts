import {
  applyChatChange,
  applyContactChange,
  arrivalOf,
  CHAT_POSITION_PARTS,
  type ChatStore,
  chatPosition,
  contactOf,
  decodeCursor,
  type Jid,
  newChat,
  pageOf,
} from '@trunkline/core/store'
import { type ChatViewRow, chatViewOf, readChat, recordOf, SELECT_CHAT_VIEWS, writeChat } from './chat-rows.js'
import type { Connection } from './connection.js'
import {
  type ContactRow,
  contactRecordOf,
  readContact,
  readContacts,
  viewContact,
  writeContact,
} from './contact-rows.js'
import type { Parameter } from './engine.js'
import { mapIdentities } from './identities.js'
import { readLabels, writeLabel } from './label-rows.js'

export function createChatStore(connection: Connection): ChatStore {
  return {
    async upsert(sessionId, changes) {
      const { engine } = connection
      return connection.write(() => {
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
      const { items, ...rest } = pageOf(rows, query.limit, (row) => chatPosition(recordOf(row)))
      return { items: items.map((row) => chatViewOf(sessionId, row)), ...rest }
    },

    async count(sessionId) {
      const sql = 'SELECT count(*) AS chats FROM chats WHERE session_id = ?'
      return connection.engine.get<{ chats: number }>(sql, sessionId)?.chats ?? 0
    },

    async upsertContacts(sessionId, changes) {
      const { engine } = connection
      return connection.write(() => {
        const changed = new Set<Jid>()
        for (const change of changes) {
          const row = readContact(engine, sessionId, change.id)
          const next = applyContactChange(row ? contactRecordOf(row) : { id: change.id }, change)
          if (row && !next) continue
          writeContact(engine, sessionId, next ?? { id: change.id })
          changed.add(change.id)
        }
        return [...changed].flatMap((id) => viewContact(sessionId, readContact(engine, sessionId, id)) ?? [])
      })
    },

    async remove(sessionId, chatId) {
      const sql = 'DELETE FROM chats WHERE session_id = ? AND id = ?'
      return (await connection.write(() => connection.engine.run(sql, sessionId, chatId))) === 1
    },

    async getContact(sessionId, contactId) {
      return viewContact(sessionId, readContact(connection.engine, sessionId, contactId))
    },

    async pageContacts(sessionId, { limit, cursor, text }) {
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const rows = readContacts(connection.engine, sessionId, { after, limit: limit + 1, text })
      const { items, ...rest } = pageOf(rows, limit, ({ id }) => [id])
      const viewOf = (row: ContactRow) => contactOf(sessionId, contactRecordOf(row), row.phone ?? undefined)
      return { items: items.map(viewOf), ...rest }
    },

    async upsertLabels(sessionId, labels) {
      const { engine } = connection
      return connection.write(() => {
        const changed = new Set<string>()
        for (const label of labels) if (writeLabel(engine, sessionId, label)) changed.add(label.id)
        return readLabels(engine, sessionId).filter(({ id }) => changed.has(id))
      })
    },

    async labels(sessionId) {
      return readLabels(connection.engine, sessionId)
    },

    async mapIdentities(sessionId, pairs) {
      return mapIdentities(connection, sessionId, pairs)
    },

    async learnDialled(sessionId, numbers) {
      await connection.write(() => {
        for (const { dialled, jid } of numbers) {
          const sql = 'INSERT OR REPLACE INTO dialled_numbers (session_id, dialled, jid) VALUES (?, ?, ?)'
          connection.engine.run(sql, sessionId, dialled, jid)
        }
      })
    },

    async resolveDialled(sessionId, jid) {
      const { engine } = connection
      const sql = 'SELECT jid FROM dialled_numbers WHERE session_id = ? AND dialled = ?'
      const found = engine.get<{ jid: string }>(sql, sessionId, jid)?.jid ?? jid
      return lidOf(sessionId, jid) ?? lidOf(sessionId, found) ?? found
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
      await connection.write(() => {
        for (const table of ['chats', 'contacts', 'labels', 'lids_of_phones', 'phones_of_lids', 'dialled_numbers']) {
          engine.run(`DELETE FROM ${table} WHERE session_id = ?`, sessionId)
        }
      })
    },
  }

  function lidOf(sessionId: string, phone: Jid): Jid | undefined {
    const sql = 'SELECT lid FROM lids_of_phones WHERE session_id = ? AND phone = ?'
    return connection.engine.get<{ lid: string }>(sql, sessionId, phone)?.lid
  }

  function viewChat(sessionId: string, chatId: Jid) {
    const sql = `${SELECT_CHAT_VIEWS} WHERE chats.session_id = ? AND chats.id = ?`
    const row = connection.engine.get<ChatViewRow>(sql, sessionId, chatId)
    return row && chatViewOf(sessionId, row)
  }
}

/** The SELECT of a page of chats; exported so that a test can ask SQLite for its plan. */
export function chatPageStatement(
  sessionId: string,
  { limit, cursor, kind, archived }: Parameters<ChatStore['page']>[1],
): { sql: string; parameters: Parameter[] } {
  const [pinned, lastAt = '', arrivalPart = '', id = ''] =
    cursor === undefined ? [] : decodeCursor(cursor, CHAT_POSITION_PARTS)
  const arrival = arrivalPart === '' ? 0 : arrivalOf(arrivalPart)
  const sql = `${SELECT_CHAT_VIEWS}
    WHERE chats.session_id = ?
    ${cursor === undefined ? '' : 'AND (chats.pinned, chats.last_at, chats.last_arrival, chats.id) < (?, ?, ?, ?)'}
    ${kind === undefined ? '' : 'AND chats.kind = ?'}
    ${archived === undefined ? '' : 'AND chats.archived = ?'}
    ORDER BY chats.pinned DESC, chats.last_at DESC, chats.last_arrival DESC, chats.id DESC LIMIT ?`
  const parameters = [
    sessionId,
    ...(cursor === undefined ? [] : [Number(pinned), lastAt, arrival, id]),
    ...(kind === undefined ? [] : [kind]),
    ...(archived === undefined ? [] : [archived ? 1 : 0]),
    limit + 1,
  ]
  return { sql, parameters }
}
