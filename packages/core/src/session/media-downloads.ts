import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import type { MediaStore } from '../ports/media-store.js'
import { lacksFiles, mediaIdOf, queueMarkOf } from '../records/media.js'
import { LIMITS } from '../types/limits.js'
import type { Media, MessageRef, StoredMessage } from '../types/message.js'
import { unlessAborted } from '../util/unless-aborted.js'
import type { InboxParts } from './inbox.js'

type DownloadParts = Pick<InboxParts, 'services' | 'state'>
type WithFile = StoredMessage & { media: Media; raw: Uint8Array }

/** Files of messages that somebody wants: each fetched once however many ask for it, and kept only when it is the right one. */
export class MediaDownloads {
  readonly #parts: DownloadParts
  readonly #running = new Map<string, Promise<void>>()
  #over = new AbortController()

  constructor(parts: DownloadParts) {
    this.#parts = parts
  }

  /**
   * Resolves when the file of the message is kept. Who goes away earlier leaves the download to those who come later.
   *
   * @throws MESSAGE_NOT_FOUND · MEDIA_NOT_FOUND · MEDIA_NOT_AVAILABLE · MEDIA_EXPIRED · SESSION_NOT_CONNECTED · OPERATION_ABORTED
   */
  async fetch(ref: MessageRef, connection: Connection, signal?: AbortSignal): Promise<void> {
    const { services, state } = this.#parts
    const { media: store } = services.store
    if (!store) throw lacksFiles()
    const [message] = await services.store.messages.find(state.id, ref)
    if (!message) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: ref.id } })
    if (!hasFile(message)) throw new TrunklineError('MEDIA_NOT_FOUND')
    const mediaId = mediaIdOf(message.id, message.media)
    const running =
      this.#running.get(mediaId) ?? this.#start(mediaId, () => this.#fetch(message, { store, connection }))
    const because = (cause: unknown) => new TrunklineError('OPERATION_ABORTED', { cause })
    await unlessAborted(running, { signal, because })
  }

  /** The connection is gone, and whatever came over it is given up. */
  async connectionLost(): Promise<void> {
    this.#over.abort(new TrunklineError('CONNECTION_LOST'))
    await Promise.allSettled(this.#running.values())
    this.#over = new AbortController()
  }

  #start(mediaId: string, work: () => Promise<void>): Promise<void> {
    const running = work().finally(() => this.#running.delete(mediaId))
    this.#running.set(mediaId, running)
    // Whoever asked may be gone, and nobody else hears of it.
    running.catch(() => undefined)
    return running
  }

  /** A file that is gone from WhatsApp's hosts may still be on the phone. */
  async #fetch(message: WithFile, { store, connection }: { store: MediaStore; connection: Connection }): Promise<void> {
    const { signal } = this.#over
    try {
      try {
        await this.#keep(message, store, connection.download(message.raw, { signal }))
      } catch (error) {
        if (!TrunklineError.is(error, 'MEDIA_EXPIRED')) throw error
        const place = await connection.reupload(message, { signal })
        await this.#keep(message, store, connection.download(message.raw, { place, signal }))
      }
    } catch (error) {
      if (TrunklineError.is(error, 'MEDIA_EXPIRED')) await this.#note(message, 'expired')
      throw error
    }
    await this.#note(message, 'stored')
  }

  async #keep(message: WithFile, store: MediaStore, source: AsyncIterable<Uint8Array>): Promise<void> {
    const { state } = this.#parts
    const { mimetype, fileName, bytes, sha256 } = message.media
    const ref = { sessionId: state.id, mediaId: mediaIdOf(message.id, message.media) }
    const maxBytes = bytes > 0 ? bytes : LIMITS.media.maxBytes.document
    const about = { maxBytes, mimeType: mimetype, storedAt: state.timestamp(), signal: this.#over.signal }
    try {
      // Of a message that waits for its turn it may be here already; from now on it is not its file alone.
      await store.remove({ ...ref, mediaId: queueMarkOf(ref.mediaId) })
      // A download ends only when it is the file of this hash.
      await store.put(ref, source, { ...about, ...(fileName ? { fileName } : {}), ...(sha256 ? { sha256 } : {}) })
    } catch (error) {
      // What failed at the source is not the store's.
      const cause = TrunklineError.is(error, 'OPERATION_ABORTED') ? error.cause : undefined
      throw TrunklineError.is(cause) ? cause : error
    }
  }

  async #note({ id, chatId, senderId }: WithFile, state: Media['state']): Promise<void> {
    const { services, state: session } = this.#parts
    await services.store.messages.change(session.id, { id, chatId, senderId }, { kind: 'media', state })
  }
}

function hasFile(message: StoredMessage): message is WithFile {
  return message.media !== undefined && message.raw !== undefined
}
