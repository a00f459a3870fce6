import { TrunklineError } from '../errors/trunkline-error.js'
import type { MediaRange, MediaRef, MediaStore, StoredMedia } from '../ports/media-store.js'

/** A file at hand. */
export interface MediaFile {
  /** As the sender says. */
  mimetype: string
  bytes: number
  /** Of the bytes, in hex. */
  sha256: string
  fileName?: string
  /** The bytes, or a range of them, chunk by chunk. Rejects with OPERATION_ABORTED when the file is removed meanwhile. */
  read(range?: MediaRange): AsyncIterable<Uint8Array>
}

/** What a store keeps, as callers read it. */
export function keptFile(
  store: MediaStore,
  place: MediaRef,
  {
    bytes,
    sha256,
    mimetype,
    fileName,
  }: Pick<StoredMedia, 'bytes' | 'sha256'> & { mimetype: string; fileName?: string },
): MediaFile {
  return {
    mimetype,
    bytes,
    sha256,
    ...(fileName ? { fileName } : {}),
    async *read(range) {
      const opened = await store.read(place, range)
      if (!opened) throw new TrunklineError('OPERATION_ABORTED', { message: 'The file was removed meanwhile' })
      yield* opened.chunks
    },
  }
}
