import { type UserRecord, userSearchText } from '@trunkline/core/store'
import type { Collections } from './collections.js'

/** From schema 2 to 3: users are searched by a text of their own, and their changes are counted. */
export async function addUserRevisions({ users }: Collections): Promise<void> {
  for await (const { _id, record } of users.find({ 'record.revision': { $exists: false } })) {
    const counted: UserRecord = { ...record, tokenEpoch: 0, revision: 1 }
    const unchanged = { _id, 'record.revision': { $exists: false } }
    await users.updateOne(unchanged, { $set: { record: counted, search: userSearchText(counted) } })
  }
}
