import { TrunklineError } from '../errors/trunkline-error.js'
import { checkMessageRef } from '../manager/validation.js'
import { lacksFiles, mediaIdOf } from '../records/media.js'
import type { MessageRef } from '../types/message.js'
import type { AreaParts } from './area.js'
import { keptFile, type MediaFile } from './kept-file.js'

/** The files of one session's messages. */
export class SessionMedia {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /**
   * The file of a message: what is kept here, or else fetched from WhatsApp, decrypted and verified. The phone is asked for what
   * WhatsApp no longer has. It is kept then, within the limits of the manager.
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS · MEDIA_NOT_FOUND (the message has no file) · MEDIA_NOT_AVAILABLE ·
   *   MEDIA_EXPIRED · SESSION_NOT_CONNECTED · LEASE_HELD · OPERATION_ABORTED
   */
  async open(ref: MessageRef, options: { signal?: AbortSignal } = {}): Promise<MediaFile> {
    checkMessageRef(ref, {})
    await this.#parts.known(this.#sessionId)
    const { id, chatId, senderId, media, status } = await this.#parts.reader.message(this.#sessionId, ref, {})
    if (!media) throw new TrunklineError('MEDIA_NOT_FOUND')
    const { store } = this.#parts
    if (!store) throw lacksFiles()
    const place = { sessionId: this.#sessionId, mediaId: mediaIdOf(id, media) }
    if (!(await store.stat(place))) {
      if (status === 'canceled' || status === 'expired')
        throw new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'The message was not sent, and its file is gone' })
      await this.#parts.router.call(this.#sessionId, { kind: 'fetch-media', ref: { id, chatId, senderId } }, options)
    }
    const kept = await store.stat(place)
    // It may have been the oldest of too many.
    if (!kept) throw new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'There is no room to keep the file' })
    const { mimetype, fileName } = media
    return keptFile(store, place, {
      bytes: kept.bytes,
      sha256: kept.sha256,
      mimetype,
      ...(fileName ? { fileName } : {}),
    })
  }
}
