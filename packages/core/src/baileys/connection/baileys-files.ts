import type { WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { Connection, MediaMessage, OutboundFile, UploadedFile } from '../../ports/connector.js'
import type { MediaLink } from '../media/media-link.js'
import { type MediaPointer, mediaPointer, withUploadedFile } from '../media/media-pointer.js'
import { askPhoneToUpload } from '../media/media-retry.js'

/** A phone that is on answers at once. */
const PHONE_ANSWERS_MS = 30_000

export interface BaileysFilesParts {
  media: MediaLink
  clock: Clock
  onSocket<Result>(work: (socket: WASocket) => Promise<Result>): Promise<Result>
}

/** The files of messages, over one connection. */
export class BaileysFiles implements Pick<Connection, 'upload' | 'download' | 'withFile' | 'reupload'> {
  readonly #parts: BaileysFilesParts

  constructor(parts: BaileysFilesParts) {
    this.#parts = parts
  }

  async upload(
    file: OutboundFile,
    { signal, open = false }: { signal?: AbortSignal; open?: boolean } = {},
  ): Promise<UploadedFile> {
    const { media, onSocket } = this.#parts
    return onSocket(() => (open ? media.uploadOpen(file, signal) : media.upload(file, signal)))
  }

  async *download(
    raw: Uint8Array,
    { place, signal }: { place?: string; signal?: AbortSignal } = {},
  ): AsyncGenerator<Uint8Array> {
    const { media, onSocket } = this.#parts
    const pointer = pointerIn(raw)
    await onSocket(async () => undefined)
    yield* media.download(place ? { ...pointer, directPath: place } : pointer, signal)
  }

  withFile(raw: Uint8Array, uploaded: UploadedFile): Uint8Array {
    return withUploadedFile(raw, uploaded)
  }

  async reupload({ raw, ...message }: MediaMessage, { signal }: { signal?: AbortSignal } = {}): Promise<string> {
    const { clock, onSocket } = this.#parts
    const { mediaKey } = pointerIn(raw)
    // Nobody's phone has what was posted in a channel.
    if (!mediaKey) throw new TrunklineError('MEDIA_EXPIRED')
    const options = { clock, timeoutMs: PHONE_ANSWERS_MS, signal }
    return onSocket((socket) => askPhoneToUpload(socket, { ...message, mediaKey }, options))
  }
}

function pointerIn(raw: Uint8Array): MediaPointer {
  const pointer = mediaPointer(raw)
  if (!pointer) throw new TrunklineError('MEDIA_NOT_FOUND')
  return pointer
}
