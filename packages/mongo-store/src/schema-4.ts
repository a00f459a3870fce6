import { searchForm, sessionSearchText, userSearchText } from '@trunkline/core/store'
import type { Collections } from './collections.js'

/** Writes that are sent in one go. */
const WRITES_AT_ONCE = 1_000

/**
 * From schema 3 to 4: texts are searched in one form, which knows the letters of all alphabets, and sessions by a text of their own.
 * Can be carried out again when the process ended in the middle.
 */
export async function foldSearches({ sessions, users, messages }: Collections): Promise<void> {
  for await (const { _id, label } of sessions.find({}, { projection: { label: 1 } })) {
    // Only while the label is that one: another node may have changed it, and has then written this, too.
    const unchanged = { _id, label: label ?? { $exists: false } }
    await sessions.updateOne(unchanged, { $set: { search: sessionSearchText({ id: _id, label }) } })
  }
  for await (const { _id, record } of users.find()) {
    const unchanged = { _id, 'record.revision': record.revision }
    await users.updateOne(unchanged, { $set: { search: userSearchText(record) } })
  }
  const searched = { search: { $exists: true } }
  let writes = []
  for await (const { _id, search = '' } of messages.find(searched, { projection: { search: 1 } })) {
    const folded = searchForm(search)
    if (folded === search) continue
    writes.push({ updateOne: { filter: { _id, search }, update: { $set: { search: folded } } } })
    if (writes.length < WRITES_AT_ONCE) continue
    await messages.bulkWrite(writes, { ordered: false })
    writes = []
  }
  if (writes.length > 0) await messages.bulkWrite(writes, { ordered: false })
}
