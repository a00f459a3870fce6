import { TrunklineError } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import { retryOnDuplicate, retryUntilSet } from './retry.js'

/**
 * Carries out a write after which the user is no full admin any more, when another one stays, on servers without transactions
 * too: who is about to leave is entered in one document first, whose revision lets one enter at a time, and nobody counts on who
 * is entered there. When the process dies in between, the user stays entered and is not counted, until the next such write.
 *
 * @param write writes only while the user is as it was read; gets `undefined` back otherwise
 * @throws LAST_ADMIN when nobody else stays; nothing was written then
 */
export async function leaveAsAdmin<Result>(
  { collections }: Pick<Connection, 'collections'>,
  userId: string,
  write: () => Promise<Result>,
): Promise<Result> {
  const { adminGuards, users } = collections
  await retryUntilSet(async () => {
    const { revision, leaving } = await readGuard()
    const stays = { 'record.role': 'admin', 'record.sessionIds': '*', 'record.disabled': false } as const
    const another = await users.findOne({ ...stays, _id: { $nin: [userId, ...leaving] } })
    if (!another) throw new TrunklineError('LAST_ADMIN')
    const entered = await adminGuards.updateOne(
      { _id: 'admins', revision },
      { $inc: { revision: 1 }, $addToSet: { leaving: userId } },
    )
    return entered.modifiedCount === 1 ? true : undefined
  })
  const result = await write()
  await adminGuards.updateOne({ _id: 'admins' }, { $pull: { leaving: userId } })
  return result

  async function readGuard() {
    const guard = await adminGuards.findOne({ _id: 'admins' })
    if (guard) return guard
    const none = { $setOnInsert: { revision: 0, leaving: [] } }
    await retryOnDuplicate(() => adminGuards.updateOne({ _id: 'admins' }, none, { upsert: true }))
    return (await adminGuards.findOne({ _id: 'admins' })) ?? { revision: 0, leaving: [] }
  }
}
