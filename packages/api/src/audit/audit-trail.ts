import type { Logger } from '@trunkline/core'
import type { AuditEntry, AuditStore } from '@trunkline/core/store'

/** Writes down what was done. Entries that come while one is written go together, in one write behind it. */
export class AuditTrail {
  readonly #audit: AuditStore
  readonly #logger: Pick<Logger, 'error'> | undefined
  #waiting: AuditEntry[] = []
  #last: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(audit: AuditStore, logger: Pick<Logger, 'error'> | undefined) {
    this.#audit = audit
    this.#logger = logger
  }

  /** Resolves when the entry is kept, or could not be and is in the log instead: an action is never lost for it. */
  record(entry: AuditEntry): Promise<void> {
    this.#waiting.push(entry)
    this.#next ??= this.#last.then(() => this.#write())
    this.#last = this.#next
    return this.#next
  }

  async #write(): Promise<void> {
    const entries = this.#waiting
    this.#waiting = []
    this.#next = undefined
    try {
      await this.#audit.append(entries)
    } catch (err) {
      this.#logger?.error({ err, entries }, 'What was done could not be written to the audit log')
    }
  }
}
