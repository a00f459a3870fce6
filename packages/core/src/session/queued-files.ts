import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, OutboundFile, UploadedFile } from '../ports/connector.js'
import type { FileFacts } from '../ports/media-desk.js'
import type { MediaStore } from '../ports/media-store.js'
import { chatKindOf } from '../records/jid.js'
import type { InboxParts } from './inbox.js'
import type { QueuedFile, QueuedSend } from './queue-job.js'

/**
 * Files of messages that wait: kept by their hash, as downloads are, until the turn of their message has come. Nobody has to be
 * connected to queue one, and WhatsApp, which keeps a file for some weeks, gets it when it is sent.
 */
export class QueuedFiles {
  readonly #parts: Pick<InboxParts, 'services' | 'state'>

  constructor(parts: Pick<InboxParts, 'services' | 'state'>) {
    this.#parts = parts
  }

  /** Where the store keeps none, a file has to be uploaded when its message is queued. */
  get areKept(): boolean {
    return this.#parts.services.store.media !== undefined
  }

  /** Keeps a file, and answers what stands in its message until it is uploaded. @throws STORE_FULL · OPERATION_ABORTED */
  async keep(file: OutboundFile, { signal, about }: { signal?: AbortSignal; about: FileFacts }): Promise<UploadedFile> {
    const { state } = this.#parts
    const { mimetype: mimeType, fileName } = about
    await this.#store.put(this.#refOf(file), file.read(), {
      maxBytes: file.bytes,
      mimeType,
      storedAt: state.timestamp(),
      ...(fileName ? { fileName } : {}),
      ...(signal ? { signal } : {}),
    })
    return { ...NOWHERE, fileSha256: Buffer.from(file.sha256, 'hex'), bytes: file.bytes }
  }

  /** The same with its file uploaded, where it has one that is not. @throws MEDIA_NOT_AVAILABLE · MEDIA_UPLOAD_FAILED */
  async bring(
    { file, ...queued }: QueuedSend,
    { connection, signal }: { connection: Connection; signal: AbortSignal },
  ): Promise<QueuedSend> {
    if (!file) return queued
    if (!(await this.#store.stat(this.#refOf(file)))) throw gone()
    const open = chatKindOf(queued.message.chatId) === 'newsletter'
    const beside = { signal, ...(open ? { open } : {}) }
    const uploaded = await connection.upload({ ...file, read: () => this.#read(file) }, beside)
    return { ...queued, message: { ...queued.message, raw: connection.withFile(file.raw, uploaded) } }
  }

  async *#read(file: QueuedFile): AsyncGenerator<Uint8Array> {
    const kept = await this.#store.read(this.#refOf(file))
    if (!kept) throw gone()
    yield* kept.chunks
  }

  #refOf({ sha256: mediaId }: { sha256: string }) {
    return { sessionId: this.#parts.state.id, mediaId }
  }

  get #store(): MediaStore {
    const { media } = this.#parts.services.store
    if (!media) throw new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'The store of this manager keeps no files' })
    return media
  }
}

/** No phone ever sees it. */
const NOWHERE = {
  url: 'https://mmg.whatsapp.net/',
  directPath: '/',
  mediaKey: new Uint8Array(32),
  fileEncSha256: new Uint8Array(32),
}

function gone(): TrunklineError {
  return new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'The file of the message is not kept any more' })
}
