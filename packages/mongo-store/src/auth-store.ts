import { type AuthBatch, type AuthKey, type AuthStore, TrunklineError } from '@trunkline/core/store'
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb'
import { createAuthArchives } from './auth-archives.js'
import { toBinary, toBytes } from './binary.js'
import type { Connection } from './connection.js'
import { type AuthKeyDocument, keyId } from './documents.js'
import { retryOnDuplicate } from './retry.js'

/**
 * Without transactions a batch is cut by a crash at some point, so it is written in the order of this table (then the
 * credentials, then the deletes), which Baileys recovers from at any cut: a plaintext in the inbox whose ratchet is still the
 * old one is decrypted again; pre-keys without the credentials that count them are written again under the same numbers
 * before WhatsApp ever hears of them; a pre-key that should be gone is merely left over.
 */
const WRITE_ORDER = ['inbox', 'identity-key', 'session']

type KeyWrite = AnyBulkWriteOperation<AuthKeyDocument>

export function createAuthStore(connection: Connection): AuthStore {
  /** The epoch with which this instance has shut older ones out of a session's credentials. */
  const raised = new Map<string, number>()

  return {
    async readCreds(sessionId) {
      const state = await connection.collections.authStates.findOne({ _id: sessionId })
      return state?.value && toBytes(state.value)
    },

    async readKeys(sessionId, type, ids) {
      if (ids.length === 0) return new Map()
      const { authKeys } = connection.collections
      const found = authKeys.find({ _id: { $in: ids.map((id) => keyId(sessionId, type, id)) } }, { batchSize: 5_000 })
      const keys = await found.toArray()
      return new Map(keys.flatMap(({ key, value }) => (key === undefined || !value ? [] : [[key, toBytes(value)]])))
    },

    async listKeyIds(sessionId, type) {
      const { authKeys } = connection.collections
      const keys = await authKeys.find({ sessionId, type }, { projection: { key: 1 }, batchSize: 5_000 }).toArray()
      return keys.flatMap(({ key }) => (key === undefined ? [] : [key]))
    },

    async commit(sessionId, batch, { epoch }) {
      await fenced(sessionId, epoch, () =>
        connection.atomically((session) => writeBatch(sessionId, batch, { epoch, session })),
      )
      raised.set(sessionId, epoch)
    },

    ...createAuthArchives(connection, {
      async shutOut(sessionId, epoch) {
        await fenced(sessionId, epoch, () => raise(sessionId, { epoch, session: undefined }))
      },
    }),
  }

  /** Does the work of an owner; a duplicate key means that its fence is higher, or that somebody else made the same document. */
  async function fenced(sessionId: string, epoch: number, work: () => Promise<void>): Promise<void> {
    await retryOnDuplicate(work, async () => {
      const { authStates, authKeys } = connection.collections
      const fences = await Promise.all([
        authStates.findOne({ _id: sessionId }, { projection: { epoch: 1 } }),
        authKeys.findOne({ _id: fenceId(sessionId) }, { projection: { epoch: 1 } }),
      ])
      if (fences.some((fence) => fence && fence.epoch > epoch)) {
        throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
      }
    })
  }

  /** Shuts older epochs out of the credentials and of the keys, without writing anything else. */
  async function raise(sessionId: string, { epoch, session }: Writer): Promise<void> {
    const { authStates, authKeys } = connection.collections
    const options = { upsert: true, ...(session ? { session } : {}) }
    await authKeys.bulkWrite([fenceWrite(sessionId, { epoch, session })], session ? { session } : {})
    await authStates.updateOne({ _id: sessionId, epoch: { $lte: epoch } }, { $set: { epoch } }, options)
  }

  async function writeBatch(sessionId: string, batch: AuthBatch, { epoch, session }: Writer): Promise<void> {
    const { authStates, authKeys } = connection.collections
    const options = session ? { session } : {}
    // One command for what comes before the credentials, the fence first: it is ordered, so a stale owner writes nothing.
    const puts = inWriteOrder(batch.puts ?? []).map((put) => putWrite(sessionId, put, epoch))
    const fence = fenceWrite(sessionId, { epoch, session })
    if (!connection.orderedWrites) await authKeys.bulkWrite([fence], options)
    const writes = connection.orderedWrites ? [fence, ...puts] : puts
    const deletes = (batch.deletes ?? []).map(({ type, id }): KeyWrite => {
      return { deleteOne: { filter: { _id: keyId(sessionId, type, id), epoch: { $lte: epoch } } } }
    })
    if (writes.length > 0) await authKeys.bulkWrite(writes, options)
    if (batch.creds || raised.get(sessionId) !== epoch) {
      const value = batch.creds && toBinary(batch.creds)
      await authStates.updateOne(
        { _id: sessionId, epoch: { $lte: epoch } },
        { $set: { epoch, ...(value ? { value } : {}) } },
        { upsert: true, ...options },
      )
    }
    // In a command of their own, as the driver would send them: each can be sent again by itself.
    if (deletes.length > 0) await authKeys.bulkWrite(deletes, options)
  }
}

interface Writer {
  epoch: number
  session: ClientSession | undefined
}

/**
 * Raises the fence of the keys. For an older epoch the filter matches nothing, the upsert runs into the fence that is there,
 * and the ordered command ends with a duplicate key before it has written anything.
 *
 * In a transaction the fence counts the commits: an update that changes nothing does not conflict with another transaction's,
 * so a commit could pass a fence that a new owner is just raising. One owner's commits come one after the other and never
 * wait for each other here.
 */
function fenceWrite(sessionId: string, { epoch, session }: Writer): KeyWrite {
  const filter = { _id: fenceId(sessionId), epoch: { $lte: epoch } }
  const update = { $set: { epoch, sessionId }, ...(session ? { $inc: { commits: 1 } } : {}) }
  return { updateOne: { filter, update, upsert: true } }
}

/** The epoch is on every key too: where there is no transaction, a new owner may have come in after the fence was passed. */
function putWrite(sessionId: string, { type, id, value }: AuthKey, epoch: number): KeyWrite {
  const filter = { _id: keyId(sessionId, type, id), epoch: { $lte: epoch } }
  return {
    updateOne: { filter, update: { $set: { sessionId, type, key: id, value: toBinary(value), epoch } }, upsert: true },
  }
}

function inWriteOrder(puts: readonly AuthKey[]): AuthKey[] {
  const rank = ({ type }: AuthKey) => (WRITE_ORDER.includes(type) ? WRITE_ORDER.indexOf(type) : WRITE_ORDER.length)
  return [...puts].sort((left, right) => rank(left) - rank(right))
}

/** With one "|" only, so that it is no key's. */
function fenceId(sessionId: string): string {
  return `${sessionId}|`
}
