import { checkPage } from '../manager/validation.js'
import type { Page, PageOptions } from '../types/page.js'
import type { Queue, QueuedMessage } from '../types/queue.js'
import type { AreaParts } from './area.js'

/** What of one session waits to be sent. */
export class SessionQueue {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /** How many messages wait, for what, and what was sent of late. @throws CONFIG_INVALID when the store keeps no jobs */
  async get(): Promise<Queue> {
    await this.#parts.known(this.#sessionId)
    return this.#parts.queue().view(await this.#parts.records.read(this.#sessionId))
  }

  /** The messages that wait, in the order in which they were queued. @throws CONFIG_INVALID */
  async list(options: PageOptions = {}): Promise<Page<QueuedMessage>> {
    checkPage(options)
    await this.#parts.known(this.#sessionId)
    return this.#parts.queue().page(this.#sessionId, options)
  }

  /** Nothing that is queued is sent until it is resumed, also after a restart; what is sent without a queue is. */
  async pause(): Promise<Queue> {
    return this.#set(true)
  }

  async resume(): Promise<Queue> {
    return this.#set(null)
  }

  /** Cancels all that waits. @throws LEASE_HELD · CONFIG_INVALID */
  async clear(): Promise<{ canceled: number }> {
    await this.#parts.known(this.#sessionId)
    return { canceled: await this.#parts.router.call(this.#sessionId, { kind: 'clear-queue' }) }
  }

  async #set(queuePaused: true | null): Promise<Queue> {
    await this.#parts.known(this.#sessionId)
    await this.#parts.records.change(this.#sessionId, () => ({ queuePaused }))
    return this.get()
  }
}
