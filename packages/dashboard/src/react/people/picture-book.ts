import { type Client, ClientError } from '@trunkline/client'

/** So many are asked for at the same time: they are asked of somebody's phone account. */
const AT_ONCE = 2
/** So many are kept at hand. */
const MAX_KEPT = 500
/** Whoever has no picture is not asked about again for so long. */
const NONE_MS = 6 * 60 * 60 * 1_000
/** How long nobody is asked after a question that went wrong. */
const PAUSE_MS = 60_000

interface Known {
  /** Of the picture; left out where there is none. */
  url?: string
  until: number
}

/** Small pictures of the people and groups of one session: asked for while somebody sees their place, and kept until the page is left. */
export class PictureBook {
  readonly #client: Client
  readonly #sessionId: string
  readonly #now: () => number
  readonly #known = new Map<string, Known>()
  readonly #wanted = new Set<string>()
  readonly #asking = new Set<string>()
  readonly #listeners = new Set<() => void>()
  #pausedUntil = 0

  constructor(client: Client, sessionId: string, now: () => number = Date.now) {
    this.#client = client
    this.#sessionId = sessionId
    this.#now = now
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** An address within the page. */
  pictureOf(id: string): string | undefined {
    return this.#known.get(id)?.url
  }

  /** Somebody sees the place of the picture. */
  want(id: string): void {
    if (this.#asking.has(id) || (this.#known.get(id)?.until ?? 0) > this.#now()) return
    this.#wanted.add(id)
    this.#askNext()
  }

  /** Nobody sees it any more. */
  leave(id: string): void {
    this.#wanted.delete(id)
  }

  #askNext(): void {
    if (this.#pausedUntil > this.#now()) return
    for (const id of this.#wanted) {
      if (this.#asking.size >= AT_ONCE) return
      this.#wanted.delete(id)
      this.#asking.add(id)
      void this.#ask(id).finally(() => {
        this.#asking.delete(id)
        this.#askNext()
      })
    }
  }

  async #ask(id: string): Promise<void> {
    try {
      const options = { maxRetries: 0 }
      const response = await this.#client.contacts.getPictureFile(this.#sessionId, id, { preview: true }, options)
      this.#keep(id, { url: URL.createObjectURL(await response.blob()), until: Number.POSITIVE_INFINITY })
    } catch (error) {
      if (ClientError.is(error, 'PICTURE_NOT_FOUND')) return this.#keep(id, { until: this.#now() + NONE_MS })
      const pauseMs = Math.max(PAUSE_MS, (ClientError.is(error) && error.retryAfterMs) || 0)
      // One file that cannot be had says nothing of the others.
      if (ClientError.is(error, 'MEDIA_NOT_AVAILABLE')) this.#keep(id, { until: this.#now() + pauseMs })
      else this.#pausedUntil = this.#now() + pauseMs
    }
  }

  #keep(id: string, known: Known): void {
    this.#known.delete(id)
    this.#known.set(id, known)
    for (const [oldest, { url }] of this.#known) {
      if (this.#known.size <= MAX_KEPT) break
      this.#known.delete(oldest)
      if (url !== undefined) URL.revokeObjectURL(url)
    }
    for (const listener of this.#listeners) listener()
  }
}
