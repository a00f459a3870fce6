import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import type { SessionServices } from '../session/services.js'
import { KeyedMutex } from '../util/keyed-mutex.js'

/**
 * Removes what a deleted session kept. It is done under the session's lease, on a record that was read under it: once its record
 * is gone the id is free, and credentials of a new session of the same name must not be taken for those of the old one.
 */
export class SessionRemoval {
  readonly #store: Store
  readonly #acquire: SessionServices['acquire']
  readonly #removing = new KeyedMutex()

  constructor(options: { store: Store; acquire: SessionServices['acquire'] }) {
    this.#store = options.store
    this.#acquire = options.acquire
  }

  /**
   * Removes messages, chats, events, archived credentials and the record of a session that was deleted, before `deletedBefore`
   * (ISO 8601) where that is given; answers whether there was such a session.
   *
   * @throws LEASE_HELD when another node works on it · STORE_UNAVAILABLE
   */
  remove(sessionId: string, options: { deletedBefore?: string } = {}): Promise<boolean> {
    return this.#removing.run(sessionId, () => this.#remove(sessionId, options))
  }

  async #remove(sessionId: string, { deletedBefore }: { deletedBefore?: string }): Promise<boolean> {
    const isDue = (record: SessionRecord | undefined) =>
      record?.deletedAt !== undefined && (!deletedBefore || record.deletedAt < deletedBefore)
    if (!isDue(await this.#store.sessions.get(sessionId))) return false
    const ownership = await this.#acquire(sessionId)
    if (!ownership) throw new TrunklineError('LEASE_HELD', { details: { sessionId } })
    try {
      if (!isDue(ownership.record)) return false
      // Whoever owned it before can bring nothing of it back.
      await ownership.auth.commit({})
      const { auth, messages, chats, events, jobs, media, sessions } = this.#store
      await auth.purge(sessionId)
      await messages.removeAll(sessionId)
      await chats.removeAll(sessionId)
      await events.removeAll(sessionId)
      await jobs?.removeAll(sessionId)
      await media?.removeAll(sessionId)
      // Last, so that a removal that was cut short is found and done again.
      await sessions.remove(sessionId)
      return true
    } finally {
      await ownership.release()
    }
  }
}
