import { TrunklineError } from '../errors/trunkline-error.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { unlessAborted } from '../util/unless-aborted.js'

/**
 * What is asked of a session that may leave this node: what has begun is finished before it leaves, and what comes meanwhile waits until
 * it is known where the session has gone.
 */
export class CallsUnderWay {
  #count = 0
  #none: Deferred<void> | undefined
  readonly #leaving = new Set<Promise<void>>()

  /** Whether the session does something for somebody. */
  get isAny(): boolean {
    return this.#count > 0
  }

  /** @throws OPERATION_ABORTED when the signal is aborted while it waits, and what the work throws */
  async run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    for (let [left] = this.#leaving; left; [left] = this.#leaving)
      await unlessAborted(left, { signal, because: aborted })
    this.#count += 1
    try {
      return await work()
    } finally {
      this.#count -= 1
      if (this.#count === 0) this.#none?.resolve()
    }
  }

  /** Resolves when nothing is under way. */
  async none(): Promise<void> {
    if (this.#count === 0) return
    this.#none ??= deferred()
    await this.#none.promise
    this.#none = undefined
  }

  /** Has what comes wait until the session has left, or could not. */
  async waitDuring<Result>(leave: () => Promise<Result>): Promise<Result> {
    const left = deferred()
    this.#leaving.add(left.promise)
    try {
      return await leave()
    } finally {
      this.#leaving.delete(left.promise)
      left.resolve()
    }
  }
}

function aborted(cause: unknown): TrunklineError {
  return new TrunklineError('OPERATION_ABORTED', { cause })
}
