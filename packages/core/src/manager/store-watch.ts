import type { Logger } from '../ports/logger.js'
import type { Store } from '../ports/store.js'

export interface StoreWatchOptions {
  store: Pick<Store, 'health'>
  logger: Logger
  /** Called when the answer is another one than before. */
  onChange(answers: boolean): void
}

/**
 * Whether the store answers: one question for the whole process, asked by whoever calls `check` again and again. A store that
 * is stopped rejects nothing, it is silent: a question that is still open when the next one is due counts as no answer.
 */
export class StoreWatch {
  readonly #options: StoreWatchOptions
  #answers = true
  #asking = false

  constructor(options: StoreWatchOptions) {
    this.#options = options
  }

  get answers(): boolean {
    return this.#answers
  }

  async check(): Promise<void> {
    if (this.#asking) return this.#conclude(false)
    this.#asking = true
    void this.#ask()
  }

  async #ask(): Promise<void> {
    try {
      await this.#options.store.health()
      this.#conclude(true)
    } catch (error) {
      this.#conclude(false, error)
    } finally {
      this.#asking = false
    }
  }

  #conclude(answers: boolean, error?: unknown): void {
    if (answers === this.#answers) return
    this.#answers = answers
    const { logger, onChange } = this.#options
    if (answers) logger.warn({}, 'The store answers again')
    else logger.error({ ...(error ? { err: error } : {}) }, 'The store does not answer; running sessions are degraded')
    onChange(answers)
  }
}
