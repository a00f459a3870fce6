import type { MediaFile } from '@trunkline/core'
import type { ByteSource } from '../byte-source.js'
import { fileHeaders, safeMediaType } from '../file-headers.js'
import type { Handler, Manager } from '../handler.js'

export function mediaHandlers(manager: Manager): { getMessageMedia: Handler<'getMessageMedia'> } {
  return {
    async getMessageMedia({ params, query, signal }) {
      const { media } = manager.session(params.sessionId)
      const file = await media.open({ id: params.messageId, ...query }, signal ? { signal } : {})
      return { source: sourceOf(file, params.messageId) }
    },
  }
}

/** `name`: what it is called when it is saved, unless it has a name. */
export function sourceOf({ mimetype, bytes, sha256, fileName, read }: MediaFile, name: string): ByteSource {
  const mediaType = safeMediaType(mimetype)
  return {
    mediaType,
    size: bytes,
    etag: sha256,
    headers: fileHeaders({ mediaType, fileName: fileName ?? name }),
    read: ({ start, end }) => read({ offset: start, length: end - start + 1 }),
  }
}
