import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, OutboundFile, UploadedFile } from '../ports/connector.js'
import type { JobStore } from '../ports/job-store.js'
import type { FileFacts } from '../ports/media-desk.js'
import type { MediaStore } from '../ports/media-store.js'
import { chatKindOf } from '../records/jid.js'
import { lacksFiles, queueMarkOf } from '../records/media.js'
import type { MessageRef, StoredMessage } from '../types/message.js'
import type { InboxParts } from './inbox.js'
import { type QueuedFile, type QueuedSend, queuedOf, queueKind } from './queue-job.js'

/** Jobs that are looked through in one step. */
const LOOKED_AT_ONCE = 200

export interface QueuedFilesParts extends Pick<InboxParts, 'services' | 'state'> {
  /** Where the store keeps some. */
  jobs: JobStore | undefined
}

/**
 * Files of messages that wait: kept by their hash, as downloads are, until the turn of their message has come. Nobody has to be
 * connected to queue one, and WhatsApp, which keeps a file for some weeks, gets it when it is sent.
 *
 * When a message ends without being sent, its file goes too, unless another message has it: one that waits names it in its job, and
 * for all others there is no mark beside it.
 */
export class QueuedFiles {
  readonly #parts: QueuedFilesParts
  /** Files of messages that have ended, and those messages. */
  readonly #unwanted = new Map<string, MessageRef[]>()
  /** Work during which jobs do not name all files that are wanted. */
  #busy = 0
  #removing: Promise<void> | undefined

  constructor(parts: QueuedFilesParts) {
    this.#parts = parts
  }

  /** Work that puts files in the queue, or takes them out of it: none is removed meanwhile. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#busy += 1
    try {
      await this.#removing
      return await work()
    } finally {
      this.#busy -= 1
      this.#removeSoon()
    }
  }

  /** The message is on its way: its file stays, as that of a message. */
  async keepFor({ media }: StoredMessage): Promise<void> {
    if (media?.sha256 && this.areKept) await this.#store.remove(this.#markOf({ sha256: media.sha256 }))
  }

  /** The message will not be sent. Its file goes a moment later, where nobody else needs it. */
  drop({ id, chatId, senderId, media }: StoredMessage): void {
    if (!media?.sha256 || !this.areKept) return
    this.#unwanted.set(media.sha256, [...(this.#unwanted.get(media.sha256) ?? []), { id, chatId, senderId }])
    this.#removeSoon()
  }

  /** Resolves when nothing is being removed. */
  async settled(): Promise<void> {
    await this.#removing
  }

  #removeSoon(): void {
    if (this.#busy > 0 || this.#unwanted.size === 0) return
    this.#removing ??= this.#removeUnwanted()
      .catch((err: unknown) =>
        this.#parts.services.logger.warn({ err }, 'Files that nobody needs could not be removed'),
      )
      .finally(() => {
        this.#removing = undefined
      })
  }

  async #removeUnwanted(): Promise<void> {
    const { services, state } = this.#parts
    while (this.#busy === 0 && this.#unwanted.size > 0) {
      const unwanted = [...this.#unwanted]
      this.#unwanted.clear()
      const wanted = await this.#named()
      for (const [sha256, messages] of unwanted) {
        // Without its mark it is the file of a message that was sent, or that came.
        if (wanted.has(sha256) || !(await this.#store.remove(this.#markOf({ sha256 })))) continue
        await this.#store.remove(this.#refOf({ sha256 }))
        for (const ref of messages)
          await services.store.messages.change(state.id, ref, { kind: 'media', state: 'expired' })
      }
    }
  }

  /** The files that what waits still has. */
  async #named(): Promise<ReadonlySet<string>> {
    const { jobs, state } = this.#parts
    const named = new Set<string>()
    for (const jobState of ['waiting', 'claimed'] as const) {
      let cursor: string | undefined
      do {
        const query = {
          kind: queueKind(state.id),
          state: jobState,
          limit: LOOKED_AT_ONCE,
          ...(cursor ? { cursor } : {}),
        }
        const page = await jobs?.list(query)
        for (const job of page?.items ?? []) {
          const { sha256 } = queuedOf(job).message.media ?? {}
          if (sha256) named.add(sha256)
        }
        cursor = page?.nextCursor
      } while (cursor)
    }
    return named
  }

  /** Where the store keeps none, a file has to be uploaded when its message is queued. */
  get areKept(): boolean {
    return this.#parts.services.store.media !== undefined
  }

  /** Keeps a file, and answers what stands in its message until it is uploaded. @throws STORE_FULL · OPERATION_ABORTED */
  async keep(file: OutboundFile, { signal, about }: { signal?: AbortSignal; about: FileFacts }): Promise<UploadedFile> {
    const { state } = this.#parts
    const { mimetype: mimeType, fileName } = about
    if (!(await this.#store.stat(this.#refOf(file))))
      await this.#store.put(this.#markOf(file), nothing(), { maxBytes: 0, storedAt: state.timestamp() })
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

  #markOf({ sha256 }: { sha256: string }) {
    return { sessionId: this.#parts.state.id, mediaId: queueMarkOf(sha256) }
  }

  #refOf({ sha256: mediaId }: { sha256: string }) {
    return { sessionId: this.#parts.state.id, mediaId }
  }

  get #store(): MediaStore {
    const { media } = this.#parts.services.store
    if (!media) throw lacksFiles()
    return media
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

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
