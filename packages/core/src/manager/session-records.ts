import { TrunklineError } from '../errors/trunkline-error.js'
import type { RestingSessions, SessionQuery, SessionRecord, SpecChanges } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import { sessionPage } from '../records/session-order.js'
import type { LiveSession } from '../session/live-session.js'
import { isRunning } from '../session/session-machine.js'
import type { Page } from '../types/page.js'
import type { StatusReason } from '../types/session.js'
import { everyPage } from './every-session.js'
import type { SessionRequests } from './session-requests.js'
import type { CountedSession } from './session-stats.js'

/** Records that are read in one go while a page is looked for that only some of them belong to. */
const SCANNED_AT_ONCE = 200

/** How often a change is tried again when others change the same session at the same time. */
const MAX_TRIES = 20

export interface SessionRecordsParts {
  store: Pick<Store, 'sessions' | 'leases'>
  /** The sessions that this process knows. */
  live: { find(sessionId: string): LiveSession | undefined; all: LiveSession[] }
  requests: Pick<SessionRequests, 'noticeOf'>
}

/**
 * The records of all sessions as they are: from the owner where that is this process, else from the store. Nothing is kept here.
 * What a node left behind that is gone is not taken for the truth: to find out costs one round trip a page, and none for
 * sessions that run here or rest.
 */
export class SessionRecords {
  readonly #store: SessionRecordsParts['store']
  readonly #live: SessionRecordsParts['live']
  readonly #requests: SessionRecordsParts['requests']

  constructor({ store, live, requests }: SessionRecordsParts) {
    this.#store = store
    this.#live = live
    this.#requests = requests
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

  /**
   * What there is of sessions, for sums: what runs here from memory, the rest as the store counts it, so that no record is read.
   * Costs two round trips, one of them only while sessions run elsewhere.
   */
  async tally({ ids }: { ids?: readonly string[] } = {}): Promise<{
    resting: RestingSessions[]
    others: CountedSession[]
  }> {
    const wanted = ids && new Set(ids)
    const here = this.#live.all
      .filter(({ state }) => state.isTruth && !state.record.deletedAt && wanted?.has(state.id) !== false)
      .map(({ state }) => state.record)
    const except = here.map(({ id }) => id)
    const { resting, running } = await this.#store.sessions.tally({ ...(ids ? { ids } : {}), except })
    return { resting, others: [...here, ...(await this.#leftOrHeld(running))] }
  }

  /** A page of the records that a test accepts: a full one where there are more. */
  async page(
    query: SessionQuery,
    accepts: (record: SessionRecord) => boolean = () => true,
  ): Promise<Page<SessionRecord>> {
    const found: { stored: SessionRecord; shown: SessionRecord }[] = []
    let [{ limit }, cursor]: [{ limit: number }, string | undefined] = [query, query.cursor]
    do {
      const page = await this.#store.sessions.list({ ...query, limit, ...(cursor ? { cursor } : {}) })
      const records = await this.#asTheyAre(page.items)
      for (const [index, stored] of page.items.entries()) {
        const shown = records[index] ?? stored
        if (accepts(shown)) found.push({ stored, shown })
      }
      cursor = page.nextCursor
      // Most were not accepted: the next ones are looked at in fewer round trips.
      limit = Math.max(query.limit, SCANNED_AT_ONCE)
    } while (cursor && found.length < query.limit)
    const stored = found.map((one) => one.stored)
    const nextCursor = found.length > query.limit ? sessionPage(stored, query).nextCursor : cursor
    return { items: found.slice(0, query.limit).map((one) => one.shown), ...(nextCursor ? { nextCursor } : {}) }
  }

  /**
   * Changes what is wanted of a session, whichever node runs it; that one is told, and acts on it with its next connection.
   * `changes` is asked again when somebody else was faster.
   *
   * @throws SESSION_NOT_FOUND · SESSION_BUSY when others keep changing it
   */
  async change(sessionId: string, changes: (record: SessionRecord) => SpecChanges): Promise<void> {
    let record = this.#truth(sessionId)
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      record ??= await this.#stored(sessionId)
      const expected = { expectedRevision: record.revision }
      const changed = { ...changes(record), ...this.#requests.noticeOf(record) }
      const updated = await this.#store.sessions.update(sessionId, changed, expected)
      if (updated) return this.#live.find(sessionId)?.state.wanted(updated)
      record = undefined
    }
    throw new TrunklineError('SESSION_BUSY')
  }

  /** The record in the hands of this process, where nobody knows better. */
  #truth(sessionId: string): SessionRecord | undefined {
    const state = this.#live.find(sessionId)?.state
    return state?.isTruth ? state.record : undefined
  }

  async #stored(sessionId: string): Promise<SessionRecord> {
    const record = await this.#store.sessions.get(sessionId)
    return record && !record.deletedAt ? record : notFound(sessionId)
  }

  async #asTheyAre(stored: readonly SessionRecord[]): Promise<SessionRecord[]> {
    // What others want of a session that runs here comes with the page.
    for (const record of stored) this.#live.find(record.id)?.state.wanted(record)
    const shown = await this.#leftOrHeld(stored.filter(({ id }) => !this.#truth(id)))
    const elsewhere = new Map(shown.map((record) => [record.id, record]))
    return stored.map((record) => this.#truth(record.id) ?? elsewhere.get(record.id) ?? record)
  }

  /** Those that do not run here: each as it was stored while somebody holds it, and else as its node has left it. */
  async #leftOrHeld<Shape extends Pick<SessionRecord, 'id' | 'status'>>(stored: readonly Shape[]): Promise<Shape[]> {
    const doubtful = stored.filter(({ status }) => isRunning(status)).map(({ id }) => id)
    const held = doubtful.length > 0 ? await this.#store.leases.held(doubtful) : []
    const abandoned = new Set(doubtful)
    for (const { sessionId } of held) abandoned.delete(sessionId)
    return stored.map((session) => (abandoned.has(session.id) ? asAbandoned(session) : session))
  }
}

/** A session whose node is gone: the status it left behind says nothing any more. */
function asAbandoned<Shape extends object>(session: Shape): Shape & { status: 'stopped'; statusReason: StatusReason } {
  const message = 'The process that ran the session is gone'
  const action = 'Start the session, or wait for the node that stands by for it.'
  return { ...session, status: 'stopped', statusReason: { code: 'LEASE_LOST', message, action } }
}

function notFound(sessionId: string): never {
  throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
}
