import { contactSearch, type Jid } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { type ContactDocument, type IdentityDocument, literal } from './documents.js'

/** People whose number fits, looked up at a time: some of them are no contacts. */
const PEOPLE_AT_ONCE = 500

interface Page {
  /** The id that the page comes after. */
  after: string
  limit: number
  text?: string | undefined
}

/** Contacts by id, from the indexes: those with a text in a name, and those with it in their number. */
export async function findContacts(
  connection: Connection,
  sessionId: string,
  { after, limit, text }: Page,
): Promise<ContactDocument[]> {
  const { contacts } = connection.collections
  const page = { sessionId, id: { $gt: after } }
  if (text === undefined) return contacts.find(page).sort({ id: 1 }).limit(limit).toArray()
  const { words, digits, beginning } = contactSearch(text)
  if (beginning !== undefined) {
    const begun = (part: Page) => findByBeginning(connection, sessionId, { ...part, beginning })
    const found = await begun({ after, limit })
    // The last page of them is followed by none, not by those of another kind.
    if (found.length > 0 || (after !== '' && (await begun({ after: '', limit: 1 })).length > 0)) return found
  }
  const named = { search: { $regex: literal(words) } }
  const ownNumber = digits === undefined ? [] : [{ id: numberWith(digits) }]
  const [byOwn, byNumber] = await Promise.all([
    contacts
      .find({ ...page, $or: [named, ...ownNumber] })
      .sort({ id: 1 })
      .limit(limit)
      .toArray(),
    digits === undefined ? [] : findByNumber(connection, sessionId, { after, limit, number: numberWith(digits) }),
  ])
  return merged([...byOwn, ...byNumber], limit)
}

/** Each once, by id. */
function merged(documents: readonly ContactDocument[], limit: number): ContactDocument[] {
  const found = new Map(documents.map((document) => [document.id, document]))
  return [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1)).slice(0, limit)
}

/** The place in an index after all ids that begin with some digits: what follows a digit in an id is another one, or stands before "A". */
const AFTER_DIGITS = 'A'

/** Those whose number begins with these digits: ranges of the indexes of contacts and of known numbers, whatever else there is. */
async function findByBeginning(
  connection: Connection,
  sessionId: string,
  { after, limit, beginning }: Page & { beginning: string },
): Promise<ContactDocument[]> {
  const { contacts, identities } = connection.collections
  const number = { $regex: `^${beginning}[0-9]*@s[.]whatsapp[.]net$` }
  const range = { $gte: beginning, $lt: `${beginning}${AFTER_DIGITS}` }
  const from = after < beginning ? range : { $gt: after, $lt: range.$lt }
  const ids = { $gte: `${sessionId}|${range.$gte}`, $lt: `${sessionId}|${range.$lt}` }
  const [byOwn, known] = await Promise.all([
    contacts
      .find({ sessionId, $and: [{ id: from }, { id: number }] })
      .sort({ id: 1 })
      .limit(limit)
      .toArray(),
    identities.find({ _id: ids }).limit(PEOPLE_AT_ONCE).toArray(),
  ])
  // Where very many begin so, they are looked through in the order of the page, and soon fill it.
  const byNumber =
    known.length < PEOPLE_AT_ONCE
      ? await contactsOf(known)
      : await findByNumber(connection, sessionId, { after, limit, number })
  return merged([...byOwn, ...byNumber], limit)

  async function contactsOf(people: readonly IdentityDocument[]): Promise<ContactDocument[]> {
    const lids = people.filter(({ jid }) => jid.endsWith('@s.whatsapp.net')).map(({ other }) => other)
    const current = await currentOf(connection, sessionId, { lids, number })
    if (current.length === 0) return []
    return contacts.find({ _id: { $in: current.map((lid) => `${sessionId}|${lid}`) }, id: { $gt: after } }).toArray()
  }
}

/** Those whose LID is known to have such a number. */
async function findByNumber(
  connection: Connection,
  sessionId: string,
  { after, limit, number }: Page & { number: NumberPattern },
): Promise<ContactDocument[]> {
  const { identities, contacts } = connection.collections
  const found: ContactDocument[] = []
  for (let from: Jid = after; found.length < limit; ) {
    const people = await identities
      .find({ sessionId, other: { $gt: from }, jid: number })
      .sort({ other: 1 })
      .limit(PEOPLE_AT_ONCE)
      .toArray()
    const lids = people.filter(({ _id, jid }) => _id === `${sessionId}|${jid}`).map(({ other }) => other)
    const current = await currentOf(connection, sessionId, { lids, number })
    const documents = await contacts.find({ _id: { $in: current.map((lid) => `${sessionId}|${lid}`) } }).toArray()
    found.push(...documents.sort((left, right) => (left.id < right.id ? -1 : 1)))
    const last = people.at(-1)
    if (!last || people.length < PEOPLE_AT_ONCE) break
    from = last.other
  }
  return found.slice(0, limit)
}

/** A person who has another number by now is not found by the old one. */
async function currentOf(
  { collections: { identities } }: Connection,
  sessionId: string,
  { lids, number }: { lids: readonly Jid[]; number: NumberPattern },
): Promise<Jid[]> {
  if (lids.length === 0) return []
  const ids = lids.map((lid) => `${sessionId}|${lid}`)
  const known = await identities.find({ _id: { $in: ids }, other: number }).toArray()
  return known.map(({ jid }) => jid)
}

interface NumberPattern {
  $regex: string
}

function numberWith(digits: string): NumberPattern {
  return { $regex: `^[0-9]*${digits}[0-9]*@s[.]whatsapp[.]net$` }
}
