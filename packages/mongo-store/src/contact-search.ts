import { contactSearch, type Jid } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { type ContactDocument, literal } from './documents.js'

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
  const { words, digits } = contactSearch(text)
  const named = { search: { $regex: literal(words) } }
  const ownNumber = digits === undefined ? [] : [{ id: numberWith(digits) }]
  const [byOwn, byNumber] = await Promise.all([
    contacts
      .find({ ...page, $or: [named, ...ownNumber] })
      .sort({ id: 1 })
      .limit(limit)
      .toArray(),
    digits === undefined ? [] : findByNumber(connection, sessionId, { after, limit, digits }),
  ])
  const found = new Map([...byOwn, ...byNumber].map((document) => [document.id, document]))
  return [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1)).slice(0, limit)
}

/** Those whose LID is known to have such a number. */
async function findByNumber(
  { collections: { identities, contacts } }: Connection,
  sessionId: string,
  { after, limit, digits }: { after: string; limit: number; digits: string },
): Promise<ContactDocument[]> {
  const number = numberWith(digits)
  const found: ContactDocument[] = []
  for (let from: Jid = after; found.length < limit; ) {
    const people = await identities
      .find({ sessionId, other: { $gt: from }, jid: number })
      .sort({ other: 1 })
      .limit(PEOPLE_AT_ONCE)
      .toArray()
    const lids = people.filter(({ _id, jid }) => _id === `${sessionId}|${jid}`).map(({ other }) => other)
    const current = await currentOf(lids)
    const documents = await contacts.find({ _id: { $in: current.map((lid) => `${sessionId}|${lid}`) } }).toArray()
    found.push(...documents.sort((left, right) => (left.id < right.id ? -1 : 1)))
    const last = people.at(-1)
    if (!last || people.length < PEOPLE_AT_ONCE) break
    from = last.other
  }
  return found.slice(0, limit)

  /** A person who has another number by now is not found by the old one. */
  async function currentOf(lids: readonly Jid[]): Promise<Jid[]> {
    const ids = lids.map((lid) => `${sessionId}|${lid}`)
    const known = await identities.find({ _id: { $in: ids }, other: number }).toArray()
    return known.map(({ jid }) => jid)
  }
}

function numberWith(digits: string): { $regex: string } {
  return { $regex: `^[0-9]*${digits}[0-9]*@s[.]whatsapp[.]net$` }
}
