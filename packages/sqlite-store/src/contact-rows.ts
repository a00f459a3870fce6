import { type Contact, type ContactRecord, contactOf, type Jid } from '@trunkline/core/store'
import type { Engine, Row } from './engine.js'

export interface ContactRow extends Row {
  id: string
  name: string | null
  push_name: string | null
  phone: string | null
}

/** A SELECT of contacts with the phone number of their LID. */
export const SELECT_CONTACTS = `
  SELECT contacts.id, contacts.name, contacts.push_name, phones.phone FROM contacts
  LEFT JOIN phones_of_lids AS phones ON phones.session_id = contacts.session_id AND phones.lid = contacts.id`

export function readContact(engine: Engine, sessionId: string, contactId: Jid): ContactRow | undefined {
  const sql = `${SELECT_CONTACTS} WHERE contacts.session_id = ? AND contacts.id = ?`
  return engine.get<ContactRow>(sql, sessionId, contactId)
}

export function writeContact(engine: Engine, sessionId: string, { id, name, pushName }: ContactRecord): void {
  engine.run(
    'INSERT OR REPLACE INTO contacts (session_id, id, name, push_name) VALUES (?, ?, ?, ?)',
    sessionId,
    id,
    name ?? null,
    pushName ?? null,
  )
}

export function contactRecordOf({ id, name, push_name: pushName }: ContactRow): ContactRecord {
  return { id, ...(name === null ? {} : { name }), ...(pushName === null ? {} : { pushName }) }
}

export function viewContact(sessionId: string, row: ContactRow | undefined): Contact | undefined {
  return row && contactOf(sessionId, contactRecordOf(row), row.phone ?? undefined)
}
