import type { Connection } from '../ports/connector.js'
import type { Message } from '../types/message.js'
import type { AutoDownload } from '../types/session.js'
import type { InboxParts } from './inbox.js'
import type { MediaDownloads } from './media-downloads.js'

/** Files of one session that are fetched at a time, so that one busy group leaves others their turn. */
const AT_ONCE = 3
/** Files that wait; of more than that the oldest are left until somebody wants them. */
const MAX_WAITING = 500

/** Whether a message has a file that is to be here before anybody asks for it. */
export function isWanted({ type, media }: Message, limits: AutoDownload | undefined): boolean {
  const limit = limits && Object.hasOwn(limits, type) ? limits[type as keyof AutoDownload] : undefined
  if (limit === undefined || !media || media.state !== 'remote') return false
  // Without a size nobody knows when to stop.
  return media.bytes > 0 && media.bytes <= limit
}

/** Fetches files as they come in, by the settings of the session. What cannot be had is fetched when somebody wants it. */
export class AutoDownloads {
  readonly #parts: Pick<InboxParts, 'services' | 'state'>
  readonly #downloads: Pick<MediaDownloads, 'fetch'>
  #waiting: Message[] = []
  #running = 0

  constructor(parts: Pick<InboxParts, 'services' | 'state'>, downloads: Pick<MediaDownloads, 'fetch'>) {
    this.#parts = parts
    this.#downloads = downloads
  }

  /** Nobody waits for it. */
  take(messages: readonly Message[], connection: Connection): void {
    const { autoDownload } = this.#parts.state.record.settings
    if (!this.#parts.services.store.media || !autoDownload) return
    this.#waiting.push(...messages.filter((message) => isWanted(message, autoDownload)))
    this.#waiting.splice(0, this.#waiting.length - MAX_WAITING)
    while (this.#running < AT_ONCE && this.#waiting.length > 0) void this.#work(connection)
  }

  connectionLost(): void {
    this.#waiting = []
  }

  async #work(connection: Connection): Promise<void> {
    this.#running += 1
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { id, chatId, senderId } = next
      await this.#downloads.fetch({ id, chatId, senderId }, connection).catch((error: unknown) => {
        const { services, state } = this.#parts
        services.logger.debug({ err: error, sessionId: state.id, messageId: id }, 'A file could not be fetched ahead')
      })
    }
    this.#running -= 1
  }
}
