import { randomUUID } from 'node:crypto'
import { type AuthArchive, type AuthStore, TrunklineError } from '@trunkline/core/store'
import type { FindCursor } from 'mongodb'
import type { Connection } from './connection.js'
import { type ArchivedKeyDocument, type AuthArchiveDocument, type AuthKeyDocument, keyId } from './documents.js'

/** Keys are moved in portions of this many. */
const PORTION = 1_000

type Archives = Pick<AuthStore, 'archive' | 'listArchives' | 'restore' | 'purge' | 'purgeArchives'>

/**
 * Credentials that are out of use. Keys are copied first and removed last, and the credentials switch over in between, so that
 * a crash at any point leaves them in use, in the archive, or in both, but never nowhere.
 */
export function createAuthArchives(
  connection: Connection,
  { shutOut }: { shutOut: (sessionId: string, epoch: number) => Promise<void> },
): Archives {
  return {
    async archive(sessionId, { epoch, reason, at }) {
      await shutOut(sessionId, epoch)
      const { authStates, authKeys, authArchives, authArchivedKeys } = connection.collections
      const state = await authStates.findOne({ _id: sessionId })
      if (!state?.value) return undefined

      const archive: AuthArchive = { id: randomUUID(), at, reason }
      for await (const portion of portionsOf(authKeys.find({ sessionId, type: { $exists: true } }))) {
        await authArchivedKeys.insertMany(portion.flatMap((key) => archivedKeyOf(archive.id, key)))
      }
      const order = await authArchives.countDocuments({ sessionId })
      await authArchives.insertOne({ _id: archive.id, sessionId, at, reason, order, value: state.value })
      await authStates.updateOne({ _id: sessionId, epoch: { $lte: epoch } }, { $unset: { value: '' } })
      await authKeys.deleteMany({ sessionId, type: { $exists: true }, epoch: { $lte: epoch } })
      return archive
    },

    async listArchives(sessionId) {
      const { authArchives } = connection.collections
      const archives = await authArchives.find({ sessionId }, { projection: { value: 0 } }).toArray()
      return archives.sort(newestFirst).map(({ _id: id, at, reason }) => ({ id, at, reason }))
    },

    async restore(sessionId, archiveId, { epoch }) {
      await shutOut(sessionId, epoch)
      const { authStates, authKeys, authArchives, authArchivedKeys } = connection.collections
      const archive = await authArchives.findOne({ _id: archiveId, sessionId })
      if (!archive) throw new TrunklineError('ARCHIVE_NOT_FOUND')
      const linked = { _id: sessionId, value: { $exists: true } }
      if (await authStates.findOne(linked, { projection: { _id: 1 } })) {
        throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
      }
      await authKeys.deleteMany({ sessionId, type: { $exists: true }, epoch: { $lte: epoch } })
      for await (const portion of portionsOf(authArchivedKeys.find({ archiveId }))) {
        const keys = portion.map(({ type, key, value }) => ({
          _id: keyId(sessionId, type, key),
          sessionId,
          type,
          key,
          value,
          epoch,
        }))
        await authKeys.insertMany(keys)
      }
      await authStates.updateOne({ _id: sessionId, epoch: { $lte: epoch } }, { $set: { value: archive.value } })
      await removeArchives([archiveId])
    },

    async purge(sessionId) {
      const { authStates, authKeys, authArchives } = connection.collections
      await authStates.updateOne({ _id: sessionId }, { $unset: { value: '' } })
      await authKeys.deleteMany({ sessionId, type: { $exists: true } })
      await removeArchives(await authArchives.distinct('_id', { sessionId }))
    },

    async purgeArchives({ before }) {
      const { authArchives } = connection.collections
      return removeArchives(await authArchives.distinct('_id', { at: { $lt: before } }))
    },
  }

  /** The archives first: without its keys one must not be found any more. */
  async function removeArchives(ids: string[]): Promise<number> {
    if (ids.length === 0) return 0
    const { authArchives, authArchivedKeys } = connection.collections
    const { deletedCount } = await authArchives.deleteMany({ _id: { $in: ids } })
    await authArchivedKeys.deleteMany({ archiveId: { $in: ids } })
    return deletedCount
  }
}

function newestFirst(left: AuthArchiveOrder, right: AuthArchiveOrder): number {
  if (left.at !== right.at) return left.at < right.at ? 1 : -1
  return right.order - left.order
}

type AuthArchiveOrder = Pick<AuthArchiveDocument, 'at' | 'order'>

function archivedKeyOf(archiveId: string, { _id, type, key, value }: AuthKeyDocument): ArchivedKeyDocument[] {
  if (type === undefined || key === undefined || !value) return []
  return [{ _id: `${archiveId}|${_id}`, archiveId, type, key, value }]
}

async function* portionsOf<Shape>(found: FindCursor<Shape>): AsyncGenerator<Shape[]> {
  let portion: Shape[] = []
  for await (const document of found) {
    portion.push(document)
    if (portion.length < PORTION) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}
