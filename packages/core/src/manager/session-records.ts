import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionQuery, SessionRecord, SpecChanges } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import type { LiveSession } from '../session/live-session.js'
import { isRunning } from '../session/session-machine.js'
import type { Page } from '../types/page.js'
import { everyPage } from './every-session.js'

/** How often a change is tried again when others change the same session at the same time. */
const MAX_TRIES = 20

export interface SessionRecordsParts {
  store: Pick<Store, 'sessions' | 'leases'>
  /** The session as this process knows it, if it does. */
  live(sessionId: string): LiveSession | undefined
}

/**
 * The records of all sessions as they are: from the owner where that is this process, else from the store. Nothing is kept here.
 * What a node left behind that is gone is not taken for the truth: to find out costs one round trip a page, and none for
 * sessions that run here or rest.
 */
export class SessionRecords {
  readonly #store: SessionRecordsParts['store']
  readonly #live: SessionRecordsParts['live']

  constructor({ store, live }: SessionRecordsParts) {
    this.#store = store
    this.#live = live
  }

  /** @throws SESSION_NOT_FOUND, for a deleted one too */
  async read(sessionId: string): Promise<SessionRecord> {
    const [record] = await this.#asTheyAre([this.#truth(sessionId) ?? (await this.#stored(sessionId))])
    return record ?? notFound(sessionId)
  }

  /** @throws SESSION_NOT_FOUND when there is no such session, or it was deleted */
  async known(sessionId: string): Promise<void> {
    if (!this.#truth(sessionId)) await this.#stored(sessionId)
  }

  /** Every record that a query matches. */
  async *all(query: Omit<SessionQuery, 'limit' | 'cursor'> = {}): AsyncGenerator<SessionRecord> {
    for await (const records of everyPage(this.#store.sessions, query)) yield* await this.#asTheyAre(records)
  }

  /** A page of the records that a test accepts. */
  async page(
    query: SessionQuery,
    accepts: (record: SessionRecord) => boolean = () => true,
  ): Promise<Page<SessionRecord>> {
    const items: SessionRecord[] = []
    let cursor = query.cursor
    for (;;) {
      const limit = query.limit - items.length
      const asked = { ...query, limit, ...(cursor ? { cursor } : {}) }
      const page = await this.#store.sessions.list(asked)
      items.push(...(await this.#asTheyAre(page.items)).filter(accepts))
      cursor = page.nextCursor
      if (!cursor || items.length >= query.limit) return { items, ...(cursor ? { nextCursor: cursor } : {}) }
    }
  }

  /**
   * Changes what is wanted of a session, whichever node runs it; that one learns of it when it writes of the session or lists it
   * the next time, and acts on it with its next connection. `changes` is asked again when somebody else was faster.
   *
   * @throws SESSION_NOT_FOUND · SESSION_BUSY when others keep changing it
   */
  async change(sessionId: string, changes: (record: SessionRecord) => SpecChanges): Promise<void> {
    let record = this.#truth(sessionId)
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      record ??= await this.#stored(sessionId)
      const expected = { expectedRevision: record.revision }
      const updated = await this.#store.sessions.update(sessionId, changes(record), expected)
      if (updated) return this.#live(sessionId)?.state.wanted(updated)
      record = undefined
    }
    throw new TrunklineError('SESSION_BUSY')
  }

  /** The record in the hands of this process, where nobody knows better. */
  #truth(sessionId: string): SessionRecord | undefined {
    const state = this.#live(sessionId)?.state
    return state?.isTruth ? state.record : undefined
  }

  async #stored(sessionId: string): Promise<SessionRecord> {
    const record = await this.#store.sessions.get(sessionId)
    return record && !record.deletedAt ? record : notFound(sessionId)
  }

  async #asTheyAre(stored: readonly SessionRecord[]): Promise<SessionRecord[]> {
    // What others want of a session that runs here comes with the page.
    for (const record of stored) this.#live(record.id)?.state.wanted(record)
    const doubtful = stored.filter(({ id, status }) => isRunning(status) && !this.#truth(id)).map(({ id }) => id)
    const held = doubtful.length > 0 ? await this.#store.leases.held(doubtful) : []
    const abandoned = new Set(doubtful)
    for (const { sessionId } of held) abandoned.delete(sessionId)
    return stored.map((record) => this.#truth(record.id) ?? (abandoned.has(record.id) ? asAbandoned(record) : record))
  }
}

/** A session whose node is gone: the status it left behind says nothing any more. */
function asAbandoned(record: SessionRecord): SessionRecord {
  const message = 'The process that ran the session is gone'
  const action = 'Start the session, or wait for the node that stands by for it.'
  return { ...record, status: 'stopped', statusReason: { code: 'LEASE_LOST', message, action } }
}

function notFound(sessionId: string): never {
  throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
}
