import { TrunklineError } from '../errors/trunkline-error.js'
import type { Ownership, SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

/**
 * Whether this node speaks for a session. Each connection has an epoch of its own, so that whatever the one before still has on
 * its way is refused; between two connections the lease is kept, so that no other node takes a session that waits for its next
 * try.
 */
export class Tenure {
  readonly #services: SessionServices
  readonly #state: SessionState
  #last: Ownership | undefined

  constructor({ services, state }: { services: SessionServices; state: SessionState }) {
    this.#services = services
    this.#state = state
  }

  /** The ownership, unless another node may have the session by now. */
  get current(): Ownership | undefined {
    return this.#last?.lost.aborted ? undefined : this.#last
  }

  /**
   * Takes the session under the next epoch; `undefined` while another node holds it.
   *
   * @throws SESSION_NOT_FOUND when it was deleted meanwhile · STORE_UNAVAILABLE and its like
   */
  async take(): Promise<Ownership | undefined> {
    const { id } = this.#state
    const taken = await this.#services.acquire(id)
    if (!taken) {
      this.#last = undefined
      this.#state.lose()
      return undefined
    }
    if (!taken.record || taken.record.deletedAt) {
      await taken.release()
      throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: id } })
    }
    this.#last = taken
    this.#state.own(taken.record, taken)
    return taken
  }

  /** Gives the session back. What could not be stored yet is stored when it is taken again. */
  async release(): Promise<void> {
    const last = this.#last
    this.#last = undefined
    this.#state.release()
    await last?.release()
  }
}
