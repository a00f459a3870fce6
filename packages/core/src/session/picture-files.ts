import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { ContactConnection } from '../ports/contact-connection.js'
import type { MediaRef, MediaStore } from '../ports/media-store.js'
import { lacksFiles, pictureIdOf } from '../records/media.js'
import type { Jid } from '../types/jid.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

/** A picture has 640 pixels to a side. */
const MAX_BYTES = 2 * 1024 * 1024
/** Whoever scrolls through a list of people must not make the account look like a collector of pictures. */
export const PICTURES_A_MINUTE = 60
const MINUTE_MS = 60_000

type PictureConnection = Pick<ContactConnection, 'picture' | 'pictureBytes'>

export interface PictureFilesParts {
  state: Pick<SessionState, 'id' | 'timestamp'>
  services: Pick<SessionServices, 'clock'> & { store: { media?: MediaStore } }
}

/** Pictures of people and groups, brought into the store: each once, however many ask for it, and not too many in a minute. */
export class PictureFiles {
  readonly #parts: PictureFilesParts
  readonly #running = new Map<string, Promise<void>>()
  /** When WhatsApp was asked within the last minute. */
  readonly #askedAt: number[] = []

  constructor(parts: PictureFilesParts) {
    this.#parts = parts
  }

  /**
   * Resolves when it is kept what there is to see: the picture, or that there is none. `address`: where WhatsApp is asked about `id`.
   *
   * @throws MEDIA_NOT_AVAILABLE · RATE_LIMITED, and what `ContactConnection.picture` throws
   */
  keep(asked: { id: Jid; address: Jid; preview: boolean }, connection: PictureConnection): Promise<void> {
    const mediaId = pictureIdOf(asked.id, asked)
    const running = this.#running.get(mediaId)
    if (running) return running
    const begun = this.#keep(mediaId, asked, connection).finally(() => this.#running.delete(mediaId))
    this.#running.set(mediaId, begun)
    return begun
  }

  async #keep(
    mediaId: string,
    { address, preview }: { address: Jid; preview: boolean },
    connection: PictureConnection,
  ): Promise<void> {
    const { media } = this.#parts.services.store
    if (!media) throw lacksFiles()
    allow(this.#askedAt, this.#parts.services.clock)
    const { url } = await connection.picture(address, { preview })
    await this.#put(media, mediaId, url === undefined ? nothing() : connection.pictureBytes(url, {}))
  }

  async #put(media: MediaStore, mediaId: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    const { state } = this.#parts
    const ref: MediaRef = { sessionId: state.id, mediaId }
    try {
      await media.put(ref, source, { maxBytes: MAX_BYTES, mimeType: 'image/jpeg', storedAt: state.timestamp() })
    } catch (error) {
      if (TrunklineError.is(error, 'PAYLOAD_TOO_LARGE'))
        throw new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'The picture is too large', cause: error })
      // What failed at the source is not the store's.
      const cause = TrunklineError.is(error, 'OPERATION_ABORTED') ? error.cause : undefined
      throw TrunklineError.is(cause) ? cause : error
    }
  }
}

/** Another picture is there, or none: the next who asks for it is answered anew. */
export async function forgetPicture(media: MediaStore | undefined, sessionId: string, id: Jid): Promise<void> {
  for (const preview of [true, false]) await media?.remove({ sessionId, mediaId: pictureIdOf(id, { preview }) })
}

/** @throws RATE_LIMITED when as many were asked for within the last minute as may be */
function allow(askedAt: number[], clock: Pick<Clock, 'monotonic'>): void {
  const now = clock.monotonic()
  while (askedAt[0] !== undefined && askedAt[0] <= now - MINUTE_MS) askedAt.shift()
  const [oldest = now] = askedAt
  if (askedAt.length >= PICTURES_A_MINUTE) {
    const retryAfterSeconds = Math.max(1, Math.ceil((oldest + MINUTE_MS - now) / 1_000))
    const message = `No more than ${PICTURES_A_MINUTE} pictures are asked for in a minute`
    throw new TrunklineError('RATE_LIMITED', { message, details: { retryAfterSeconds } })
  }
  askedAt.push(now)
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
