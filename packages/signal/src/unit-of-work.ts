import type { KeyChanges } from './key-storage.js'
import type { AccountKeys } from './signal-keys.js'

/** Told once whether the unit of work it took part in was stored. */
export type CommitOutcome = (isStored: boolean) => void

/**
 * What one operation will write. Collected while it computes in memory, written by one call, then the result leaves.
 * An operation that fails before its commit has written nothing.
 */
export class UnitOfWork {
  readonly #keys: AccountKeys
  readonly #changes: KeyChanges = {}

  constructor(keys: AccountKeys) {
    this.#keys = keys
  }

  put(type: string, id: string, value: unknown): void {
    const values = this.#changes[type]
    if (values) values[id] = value
    else this.#changes[type] = { [id]: value }
  }

  delete(type: string, id: string): void {
    this.put(type, id, null)
  }

  async commit(outcomes: readonly CommitOutcome[] = []): Promise<void> {
    let isStored = false
    try {
      if (Object.keys(this.#changes).length > 0) await this.#keys.commit(this.#changes)
      isStored = true
    } finally {
      for (const outcome of outcomes) outcome(isStored)
    }
  }
}
