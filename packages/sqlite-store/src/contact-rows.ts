import {
  type Contact,
  type ContactRecord,
  contactOf,
  contactSearch,
  contactSearchText,
  type Jid,
} from '@trunkline/core/store'
import type { Engine, Parameter, Row } from './engine.js'

export interface ContactRow extends Row {
  id: string
  name: string | null
  push_name: string | null
  phone: string | null
}

/** A SELECT of contacts with the phone number of their LID. */
const SELECT_CONTACTS = `
  SELECT contacts.id, contacts.name, contacts.push_name, phones.phone FROM contacts
  LEFT JOIN phones_of_lids AS phones ON phones.session_id = contacts.session_id AND phones.lid = contacts.id`

export function readContact(engine: Engine, sessionId: string, contactId: Jid): ContactRow | undefined {
  const sql = `${SELECT_CONTACTS} WHERE contacts.session_id = ? AND contacts.id = ?`
  return engine.get<ContactRow>(sql, sessionId, contactId)
}

export function writeContact(engine: Engine, sessionId: string, { id, name, pushName }: ContactRecord): void {
  engine.run(
    'INSERT OR REPLACE INTO contacts (session_id, id, name, push_name, search) VALUES (?, ?, ?, ?, ?)',
    sessionId,
    id,
    name ?? null,
    pushName ?? null,
    contactSearchText({ ...(name ? { name } : {}), ...(pushName ? { pushName } : {}) }),
  )
}

/** A page of contacts by id, as `ChatStore.pageContacts` promises. */
export function readContacts(
  engine: Engine,
  sessionId: string,
  page: { after: string; limit: number; text?: string | undefined },
): ContactRow[] {
  const { beginning } = contactSearch(page.text ?? '')
  const begun = (part: { after: string; limit: number }) =>
    beginning === undefined ? [] : rowsOf(numberPageStatement(sessionId, { ...part, beginning }))
  const found = begun(page)
  // The last page of them is followed by none, not by those of another kind.
  if (found.length > 0 || begun({ after: '', limit: 1 }).length > 0) return found
  return rowsOf(contactPageStatement(sessionId, page))

  function rowsOf({ sql, parameters }: { sql: string; parameters: Parameter[] }): ContactRow[] {
    return engine.all<ContactRow>(sql, ...parameters)
  }
}

export function contactRecordOf({ id, name, push_name: pushName }: ContactRow): ContactRecord {
  return { id, ...(name === null ? {} : { name }), ...(pushName === null ? {} : { pushName }) }
}

export function viewContact(sessionId: string, row: ContactRow | undefined): Contact | undefined {
  return row && contactOf(sessionId, contactRecordOf(row), row.phone ?? undefined)
}

/**
 * Whether a number has these digits: that of a contact that is known by it, or that of its LID. Those of LIDs are looked through once and
 * in their order: to look each up beside its contact takes twice as long.
 */
const IN_NUMBER = `(instr(contacts.id, ?) > 0 AND contacts.id LIKE '%@s.whatsapp.net')
  OR contacts.id IN (SELECT lid FROM phones_of_lids WHERE session_id = ? AND instr(phone, ?) > 0)`

/** The place in an index after all ids that begin with some digits: what follows a digit in an id is another one, or what stands before "A". */
const AFTER_DIGITS = 'A'

/** A page of the contacts whose number begins with these digits: ranges of the indexes of ids and of known numbers, whatever else there is. */
export function numberPageStatement(
  sessionId: string,
  { after, limit, beginning }: { after: string; limit: number; beginning: string },
): { sql: string; parameters: Parameter[] } {
  const range = [sessionId, beginning, `${beginning}${AFTER_DIGITS}`]
  const sql = `${SELECT_CONTACTS} WHERE contacts.session_id = ? AND contacts.id > ? AND contacts.id IN (
      SELECT id FROM contacts WHERE session_id = ? AND id >= ? AND id < ? AND id LIKE '%@s.whatsapp.net'
      UNION ALL SELECT known.lid FROM lids_of_phones AS known
        JOIN phones_of_lids AS current ON current.session_id = known.session_id AND current.lid = known.lid AND current.phone = known.phone
        WHERE known.session_id = ? AND known.phone >= ? AND known.phone < ?
    ) ORDER BY contacts.id LIMIT ?`
  return { sql, parameters: [sessionId, after, ...range, ...range, limit] }
}

/** A page of contacts: those of a session lie beside each other, in the order of the page, and are read until it is full. */
function contactPageStatement(
  sessionId: string,
  { after, limit, text }: { after: string; limit: number; text?: string | undefined },
): { sql: string; parameters: Parameter[] } {
  const { words, digits } = contactSearch(text ?? '')
  const inNames = text === undefined ? '' : 'AND (instr(contacts.search, ?) > 0'
  const inNumber = digits === undefined ? '' : ` OR ${IN_NUMBER}`
  const sql = `${SELECT_CONTACTS} WHERE contacts.session_id = ? AND contacts.id > ?
    ${inNames}${inNumber}${text === undefined ? '' : ')'} ORDER BY contacts.id LIMIT ?`
  const sought = text === undefined ? [] : [words, ...(digits === undefined ? [] : [digits, sessionId, digits])]
  return { sql, parameters: [sessionId, after, ...sought, limit] }
}
