import type { MediaRef, MediaStore, StoredMedia } from '../ports/media-store.js'
import { measured } from '../records/media.js'

interface Kept {
  media: StoredMedia
  chunks: readonly Uint8Array[]
}

export function createMediaStore(): MediaStore {
  const kept = new Map<string, Kept>()

  return {
    async put({ sessionId, mediaId }, source, { maxBytes, signal, sha256, ...about }) {
      const chunks: Uint8Array[] = []
      const { chunks: read, result } = measured(source, { maxBytes, signal, sha256 })
      for await (const chunk of read) chunks.push(Uint8Array.from(chunk))
      const media: StoredMedia = { sessionId, mediaId, ...result(), ...about }
      // Last in the map, which is in the order of age.
      kept.delete(nameOf(media))
      kept.set(nameOf(media), { media, chunks })
      return { ...media }
    },

    async read(ref, { offset = 0, length = Number.POSITIVE_INFINITY } = {}) {
      const found = kept.get(nameOf(ref))
      return found && { media: { ...found.media }, chunks: rangeOf(found.chunks, offset, offset + length) }
    },

    async stat(ref) {
      const found = kept.get(nameOf(ref))
      return found && { ...found.media }
    },

    async remove(ref) {
      return kept.delete(nameOf(ref))
    },

    async removeAll(sessionId) {
      for (const { media } of kept.values()) if (media.sessionId === sessionId) kept.delete(nameOf(media))
    },

    async prune({ before = '', maxBytes = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY }) {
      const oldestFirst = [...kept.values()]
        .map(({ media }) => media)
        .sort((left, right) => (left.storedAt < right.storedAt ? -1 : left.storedAt > right.storedAt ? 1 : 0))
      let bytes = oldestFirst.reduce((sum, media) => sum + media.bytes, 0)
      let pruned = 0
      for (const media of oldestFirst) {
        if (pruned >= limit || (media.storedAt >= before && bytes <= maxBytes)) break
        kept.delete(nameOf(media))
        bytes -= media.bytes
        pruned += 1
      }
      return pruned
    },
  }
}

async function* rangeOf(chunks: readonly Uint8Array[], start: number, end: number): AsyncGenerator<Uint8Array> {
  let position = 0
  for (const chunk of chunks) {
    const part = chunk.slice(Math.max(start - position, 0), Math.max(end - position, 0))
    position += chunk.length
    if (part.length > 0) yield part
  }
}

function nameOf({ sessionId, mediaId }: MediaRef): string {
  return JSON.stringify([sessionId, mediaId])
}
