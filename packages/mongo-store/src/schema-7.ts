import { contactSearchText } from '@trunkline/core/store'
import type { AnyBulkWriteOperation } from 'mongodb'
import type { Collections } from './collections.js'
import type { ContactDocument } from './documents.js'

/** Writes that are sent in one go. */
const WRITES_AT_ONCE = 1_000

/** From schema 6 to 7: contacts have the form in which their names are searched. Can be carried out again. */
export async function searchContacts({ contacts }: Collections): Promise<void> {
  let writes: AnyBulkWriteOperation<ContactDocument>[] = []
  for await (const { _id, name, pushName } of contacts.find({ search: { $exists: false } })) {
    const search = contactSearchText({ ...(name ? { name } : {}), ...(pushName ? { pushName } : {}) })
    writes.push({ updateOne: { filter: { _id, search: { $exists: false } }, update: { $set: { search } } } })
    if (writes.length < WRITES_AT_ONCE) continue
    await contacts.bulkWrite(writes, { ordered: false })
    writes = []
  }
  if (writes.length > 0) await contacts.bulkWrite(writes, { ordered: false })
}
