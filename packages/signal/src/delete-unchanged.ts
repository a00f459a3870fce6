import type { LockName } from './address-lock.js'
import type { KeyChanges, KeyStorage, KeyValues } from './key-storage.js'
import { accountOf } from './signal-keys.js'

/** The types that operations of the repository lock; records of others cannot be deleted this way. */
export type LockedType = 'session' | 'sender-key'

/**
 * Deletes records that somebody judged to be of no more use, in one commit. `judged` holds them by id as they were then: each
 * is read again under the lock that every operation on it takes, and one that changed since stays, as does one that is not
 * made of bytes (an unconverted record of stock Baileys).
 *
 * @param alongside what else to write in the same commit, told which records go
 */
export async function deleteUnchanged(
  keys: KeyStorage,
  judged: Readonly<Partial<Record<LockedType, KeyValues>>>,
  alongside: (deleted: Readonly<Record<LockedType, readonly string[]>>) => KeyChanges = () => ({}),
): Promise<void> {
  const account = accountOf(keys)
  const sessions = judged.session ?? {}
  const senderKeys = judged['sender-key'] ?? {}
  const names: LockName[] = [
    ...Object.keys(sessions).map((id) => `session:${id}` as const),
    ...Object.keys(senderKeys).map((id) => `sender-key:${id}` as const),
  ]
  const unchanged = async (type: LockedType, values: KeyValues) => {
    const ids = Object.keys(values)
    const current = ids.length > 0 ? await account.read(type, ids) : {}
    return ids.filter((id) => sameBytes(current[id], values[id]))
  }
  await account.locks.hold(names, async () => {
    const deleted = {
      session: await unchanged('session', sessions),
      'sender-key': await unchanged('sender-key', senderKeys),
    }
    const changes = { ...alongside(deleted) }
    for (const [type, ids] of Object.entries(deleted)) {
      if (ids.length > 0) changes[type] = { ...changes[type], ...Object.fromEntries(ids.map((id) => [id, null])) }
    }
    if (Object.keys(changes).length > 0) await account.commit(changes)
  })
}

function sameBytes(left: unknown, right: unknown): boolean {
  return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0
}
