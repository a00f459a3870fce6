import { pipeline } from 'node:stream/promises'
import { type MediaRef, type MediaStore, measured, type StoredMedia, TrunklineError } from '@trunkline/core/store'
import { MongoRuntimeError, ObjectId } from 'mongodb'
import type { Connection } from './connection.js'
import { type MediaDocument, partsOf } from './documents.js'
import { toStoreError } from './errors.js'
import { retryOnDuplicate } from './retry.js'

/** Nobody writes a file for so long: what is older and belongs to nothing is the rest of something that was cut short. */
const UNFINISHED_MS = 24 * 60 * 60 * 1_000

/** How many are removed between two looks. */
const AT_ONCE = 100

/**
 * Files in GridFS, and a document for each that says where its bytes are: a file counts once it has one. Every file that has none,
 * because it is being written or removed, stands in `mediafiles`, so that what a crash leaves can be found.
 */
export function createMediaStore(connection: Connection): MediaStore & { sweep(): Promise<void> } {
  return {
    async put({ sessionId, mediaId }, source, { maxBytes, signal, sha256: known, storedAt, mimeType, fileName }) {
      const fileId = new ObjectId()
      const { chunks, result } = measured(source, { maxBytes, signal, sha256: known })
      await connection.collections.mediaFiles.insertOne({ _id: fileId, since: await connection.serverNow() })
      try {
        // Node reads ahead and keeps what it has read for a while, also where the caller uses the memory of a chunk again.
        await pipeline(copied(chunks), connection.bucket.openUploadStreamWithId(fileId, ''))
        const { bytes, sha256 } = result()
        const about = {
          ...(mimeType === undefined ? {} : { mimeType }),
          ...(fileName === undefined ? {} : { fileName }),
        }
        const media: StoredMedia = { sessionId, mediaId, bytes, sha256, ...about, storedAt }
        await replace({ _id: mediaKey(media), ...media, fileId })
        return media
      } catch (error) {
        await removeFiles([fileId]).catch(() => undefined)
        throw error
      }
    },

    async read(ref, range = {}) {
      const document = await connection.collections.media.findOne({ _id: mediaKey(ref) })
      return document ? { media: mediaOf(document), chunks: chunksOf(document, range) } : undefined
    },

    async stat(ref) {
      const document = await connection.collections.media.findOne({ _id: mediaKey(ref) })
      return document ? mediaOf(document) : undefined
    },

    async remove(ref) {
      const document = await connection.collections.media.findOne({ _id: mediaKey(ref) })
      if (document) await removeDocuments([document])
      return document !== null
    },

    async removeAll(sessionId) {
      for (;;) {
        const documents = await connection.collections.media.find({ sessionId }).limit(AT_ONCE).toArray()
        if (documents.length === 0) return
        await removeDocuments(documents)
      }
    },

    async prune({ before = '', maxBytes = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY }) {
      const { media } = connection.collections
      let bytes = Number.isFinite(maxBytes) ? await totalBytes() : 0
      let pruned = 0
      while (pruned < limit) {
        const oldest = await media
          .find({})
          .sort({ storedAt: 1 })
          .limit(Math.min(limit - pruned, AT_ONCE))
          .toArray()
        const due = []
        for (const document of oldest) {
          if (document.storedAt >= before && bytes <= maxBytes) break
          bytes -= document.bytes
          due.push(document)
        }
        if (due.length === 0) break
        await removeDocuments(due)
        pruned += due.length
      }
      return pruned
    },

    async sweep() {
      const { mediaFiles, media } = connection.collections
      const old = await mediaFiles.find({ since: { $lt: (await connection.serverNow()) - UNFINISHED_MS } }).toArray()
      for (const { _id } of old) {
        // It may have been cut short between the two.
        if (await media.findOne({ fileId: _id }, { projection: { _id: 1 } })) await mediaFiles.deleteOne({ _id })
        else await removeFiles([_id])
      }
    },
  }

  /** Puts the document in the place of the one that is there, and removes the file of that one. */
  async function replace(document: MediaDocument): Promise<void> {
    const { media, mediaFiles } = connection.collections
    const { _id } = document
    const former = await retryOnDuplicate(() => media.findOneAndReplace({ _id }, document, { upsert: true }))
    await mediaFiles.deleteOne({ _id: document.fileId })
    if (former) await loosen([former.fileId])
    if (former) await removeFiles([former.fileId])
  }

  /** The documents first: without its file one must not be found any more. */
  async function removeDocuments(documents: readonly MediaDocument[]): Promise<void> {
    const fileIds = documents.map(({ fileId }) => fileId)
    await loosen(fileIds)
    await connection.collections.media.deleteMany({ fileId: { $in: fileIds } })
    await removeFiles(fileIds)
  }

  /** Notes that these files belong to nothing, or soon will. */
  async function loosen(fileIds: readonly ObjectId[]): Promise<void> {
    const since = await connection.serverNow()
    const writes = fileIds.map((_id) => ({
      updateOne: { filter: { _id }, update: { $set: { since } }, upsert: true },
    }))
    await connection.collections.mediaFiles.bulkWrite(writes, { ordered: false })
  }

  async function removeFiles(fileIds: readonly ObjectId[]): Promise<void> {
    for (const _id of fileIds) {
      await connection.bucket.delete(_id).catch((error: unknown) => {
        // Its chunks are gone all the same; one that was cut short has nothing else.
        if (!(error instanceof MongoRuntimeError)) throw error
      })
    }
    await connection.collections.mediaFiles.deleteMany({ _id: { $in: [...fileIds] } })
  }

  async function totalBytes(): Promise<number> {
    const sums = connection.collections.media.aggregate<{ bytes: number }>([
      { $group: { _id: null, bytes: { $sum: '$bytes' } } },
    ])
    return (await sums.toArray())[0]?.bytes ?? 0
  }

  async function* chunksOf(
    { fileId, bytes }: MediaDocument,
    { offset = 0, length = Number.POSITIVE_INFINITY }: { offset?: number; length?: number },
  ): AsyncGenerator<Uint8Array> {
    const end = Math.min(offset + length, bytes)
    if (offset >= end) return
    const stream = connection.bucket.openDownloadStream(fileId, { start: offset, end })
    let left = end - offset
    try {
      for await (const chunk of stream) {
        left -= chunk.length
        yield chunk
      }
      // The driver takes chunks that are gone for the end of the file.
      if (left > 0) throw removedMeanwhile()
    } catch (cause) {
      throw cause instanceof MongoRuntimeError ? removedMeanwhile(cause) : toStoreError(cause)
    } finally {
      stream.destroy()
    }
  }
}

function removedMeanwhile(cause?: unknown): TrunklineError {
  return new TrunklineError('OPERATION_ABORTED', { message: 'The file was removed while it was read', cause })
}

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Uint8Array.from(chunk)
}

function mediaOf({ _id, fileId: _fileId, ...media }: MediaDocument): StoredMedia {
  return media
}

function mediaKey({ sessionId, mediaId }: MediaRef): string {
  return partsOf(sessionId, mediaId)
}
