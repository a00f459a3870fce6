import { randomUUID } from 'node:crypto'
import { type AuthArchive, type AuthBatch, type AuthKey, type AuthStore, TrunklineError } from '@trunkline/core'
import { type AnyBulkWriteOperation, Binary, type ClientSession } from 'mongodb'
import { type AuthKeyDocument, type Collections, idOf } from './documents.js'
import { isDuplicateKey } from './errors.js'
import type { Transactions } from './transactions.js'

/** How many keys are copied at once when an account is archived or restored. */
const COPY_KEYS = 500

/** What Baileys survives at any cut, where there are no transactions: the ports' order of writing. */
const WRITTEN_FIRST = ['inbox', 'identity-key', 'session']

/**
 * A commit is one ordered `bulkWrite`: the fence, then what is put, then what is deleted. Every write carries the epoch in its
 * filter, so that a stale owner meets a duplicate key and stops at its first write. Only a batch with credentials takes two
 * round trips more, because they lie in a collection of their own.
 */
export function createAuthStore(collections: Collections, transactions: () => Transactions): AuthStore {
  const { authStates, authKeys, authArchives, archivedKeys } = collections

  return {
    async readCreds(sessionId) {
      const state = await authStates.findOne({ _id: sessionId })
      return state ? bytesOf(state.creds) : undefined
    },

    async readKeys(sessionId, type, ids) {
      const found = await authKeys.find({ _id: { $in: ids.map((id) => idOf(sessionId, type, id)) } }).toArray()
      return new Map(found.flatMap(({ key, value }) => (key !== undefined && value ? [[key, bytesOf(value)]] : [])))
    },

    async listKeyIds(sessionId, type) {
      const found = await authKeys.find({ session: sessionId, type }, { projection: { key: 1 } }).toArray()
      return found.flatMap(({ key }) => key ?? [])
    },

    async commit(sessionId, batch, { epoch }) {
      await fenced(sessionId, () =>
        transactions().run(async (session) => {
          const [puts, deletes] = operationsOf(sessionId, batch, epoch)
          const fence = fenceOf(sessionId, epoch)
          if (!batch.creds) return void (await write([fence, ...puts, ...deletes], session))
          await write([fence, ...puts], session)
          await putCreds(sessionId, batch.creds, epoch, session)
          if (deletes.length > 0) await write(deletes, session)
        }),
      )
    },

    async archive(sessionId, { epoch, reason, at }) {
      return fenced(sessionId, () =>
        transactions().run(async (session) => {
          await write([fenceOf(sessionId, epoch)], session)
          const state = await authStates.findOne({ _id: sessionId }, options(session))
          if (!state) return undefined
          const archive: AuthArchive = { id: randomUUID(), at, reason }
          for await (const keys of inBites(authKeys.find({ session: sessionId }, options(session)))) {
            await archivedKeys.insertMany(
              keys.map(({ type = '', key = '', value = new Binary() }) => ({
                _id: idOf(archive.id, type, key),
                archive: archive.id,
                type,
                key,
                value,
              })),
              options(session),
            )
          }
          await authArchives.insertOne(
            { _id: archive.id, session: sessionId, at, reason, creds: state.creds },
            options(session),
          )
          // The whole copy is safe: from here on the account is out of use.
          await authStates.deleteOne({ _id: sessionId }, options(session))
          await authKeys.deleteMany({ session: sessionId }, options(session))
          return archive
        }),
      )
    },

    async listArchives(sessionId) {
      const found = await authArchives.find({ session: sessionId }, { projection: { creds: 0 } }).toArray()
      return found
        .map(({ _id: id, at, reason }) => ({ id, at, reason }))
        .reverse()
        .sort((left, right) => (left.at < right.at ? 1 : left.at > right.at ? -1 : 0))
    },

    async restore(sessionId, archiveId, { epoch }) {
      await fenced(sessionId, () =>
        transactions().run(async (session) => {
          await write([fenceOf(sessionId, epoch)], session)
          const archive = await authArchives.findOne({ _id: archiveId, session: sessionId }, options(session))
          if (!archive) throw new TrunklineError('ARCHIVE_NOT_FOUND')
          if (await authStates.findOne({ _id: sessionId }, options(session))) {
            throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
          }
          await authKeys.deleteMany({ session: sessionId }, options(session))
          for await (const keys of inBites(archivedKeys.find({ archive: archiveId }, options(session)))) {
            const puts = keys.map(({ type, key, value }) => putOf(sessionId, { type, id: key, value }, epoch))
            await write(puts, session)
          }
          // With the credentials the account is in use again.
          await putCreds(sessionId, bytesOf(archive.creds), epoch, session)
          await removeArchives([archiveId], session)
        }),
      )
    },

    async purge(sessionId) {
      await authStates.deleteOne({ _id: sessionId })
      await authKeys.deleteMany({ session: sessionId })
      const archives = await authArchives.find({ session: sessionId }, { projection: { _id: 1 } }).toArray()
      await removeArchives(archives.map(({ _id }) => _id))
    },

    async purgeArchives({ before }) {
      const archives = await authArchives.find({ at: { $lt: before } }, { projection: { _id: 1 } }).toArray()
      return removeArchives(archives.map(({ _id }) => _id))
    },
  }

  function write(operations: AnyBulkWriteOperation<AuthKeyDocument>[], session: ClientSession | undefined) {
    return authKeys.bulkWrite(operations, { ordered: true, ...options(session) })
  }

  async function putCreds(
    sessionId: string,
    creds: Uint8Array,
    epoch: number,
    session: ClientSession | undefined,
  ): Promise<void> {
    await authStates.updateOne(
      { _id: sessionId, epoch: { $lte: epoch } },
      { $set: { epoch, creds: new Binary(creds) } },
      { upsert: true, ...options(session) },
    )
  }

  async function removeArchives(ids: string[], session?: ClientSession): Promise<number> {
    if (ids.length === 0) return 0
    await archivedKeys.deleteMany({ archive: { $in: ids } }, options(session))
    const { deletedCount } = await authArchives.deleteMany({ _id: { $in: ids } }, options(session))
    return deletedCount
  }
}

/** A write of an older epoch finds no document to update, tries to insert a second one, and meets a duplicate key. */
async function fenced<Result>(sessionId: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isDuplicateKey(error)) throw new TrunklineError('LEASE_LOST', { details: { sessionId }, cause: error })
    throw error
  }
}

type Operation = AnyBulkWriteOperation<AuthKeyDocument>

function operationsOf(sessionId: string, batch: AuthBatch, epoch: number): [puts: Operation[], deletes: Operation[]] {
  const rank = ({ type }: AuthKey) =>
    WRITTEN_FIRST.includes(type) ? WRITTEN_FIRST.indexOf(type) : WRITTEN_FIRST.length
  const puts = [...(batch.puts ?? [])].sort((left, right) => rank(left) - rank(right))
  return [
    puts.map((put) => putOf(sessionId, { ...put, value: new Binary(put.value) }, epoch)),
    (batch.deletes ?? []).map(({ type, id }) => ({
      deleteOne: { filter: { _id: idOf(sessionId, type, id), epoch: { $lte: epoch } } },
    })),
  ]
}

function fenceOf(sessionId: string, epoch: number): Operation {
  const filter = { _id: `${idOf(sessionId)}|`, epoch: { $lte: epoch } }
  return { updateOne: { filter, update: { $set: { epoch } }, upsert: true } }
}

function putOf(
  sessionId: string,
  { type, id, value }: { type: string; id: string; value: Binary },
  epoch: number,
): Operation {
  const filter = { _id: idOf(sessionId, type, id), epoch: { $lte: epoch } }
  return { updateOne: { filter, update: { $set: { session: sessionId, type, key: id, epoch, value } }, upsert: true } }
}

function bytesOf(binary: Binary): Uint8Array {
  return new Uint8Array(binary.value())
}

function options(session: ClientSession | undefined): { session?: ClientSession } {
  return session ? { session } : {}
}

async function* inBites<Document>(documents: AsyncIterable<Document>): AsyncGenerator<Document[]> {
  let bite: Document[] = []
  for await (const document of documents) {
    bite.push(document)
    if (bite.length < COPY_KEYS) continue
    yield bite
    bite = []
  }
  if (bite.length > 0) yield bite
}
