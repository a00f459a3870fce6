import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import { eventMetadata } from '../session/event-metadata.js'
import type { SessionServices } from '../session/services.js'
import { KeyedMutex } from '../util/keyed-mutex.js'

type RemovalServices = Pick<SessionServices, 'store' | 'acquire' | 'emit' | 'clock'>

/**
 * Removes what a deleted session kept. It is done under the session's lease, on a record that was read under it: once its record
 * is gone the id is free, and credentials of a new session of the same name must not be taken for those of the old one.
 */
export class SessionRemoval {
  readonly #services: RemovalServices
  readonly #store: Store
  readonly #removing = new KeyedMutex()

  constructor(services: RemovalServices) {
    this.#services = services
    this.#store = services.store
  }

  /**
   * Removes messages, chats, events, archived credentials and the record of a session that was deleted, before `deletedBefore`
   * (ISO 8601) where that is given; answers whether there was such a session. Told as
   * `session.deleted` when its id is free.
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
    let removed: { record: SessionRecord; seq: number }
    const ownership = await this.#services.acquire(sessionId)
    if (!ownership) throw new TrunklineError('LEASE_HELD', { details: { sessionId } })
    try {
      if (!ownership.record || !isDue(ownership.record)) return false
      // Whoever owned it before can bring nothing of it back.
      await ownership.auth.commit({})
      const { auth, messages, chats, events, jobs, media, cursors, traffic, sessions } = this.#store
      const seq = await events.lastSeq(sessionId)
      await auth.purge(sessionId)
      await messages.removeAll(sessionId)
      await chats.removeAll(sessionId)
      await events.removeAll(sessionId)
      // Now, so that nobody goes on in the next log of this name where it was in this one.
      await cursors?.removeAll(sessionId)
      await jobs?.removeAll(sessionId)
      await media?.removeAll(sessionId)
      await traffic?.removeAll(sessionId)
      // Last, so that a removal that was cut short is found and done again.
      await sessions.remove(sessionId)
      removed = { record: ownership.record, seq }
    } finally {
      await ownership.release()
    }
    this.#tell(removed)
    return true
  }

  /** Not logged: its log is gone, and its id is free. */
  #tell({ record, seq }: { record: SessionRecord; seq: number }): void {
    const at = new Date(this.#services.clock.now()).toISOString()
    const envelope = { sessionId: record.id, at, seq, ...eventMetadata(record) }
    this.#services.emit('session.deleted', { ...envelope, reason: 'cleaned' })
  }
}
