import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionQuery, SessionRecord, SessionStore } from '../ports/session-store.js'
import { LiveSession } from '../session/live-session.js'
import type { SessionServices } from '../session/services.js'
import { isRunning } from '../session/session-machine.js'
import type { Page } from '../types/page.js'
import type { Session } from '../types/session.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { everySession } from './every-session.js'
import { toSession } from './session-view.js'

/** The sessions of this process, and the records of all. What runs here is truer than its record. */
export class SessionRegistry {
  readonly #store: SessionStore
  readonly #services: SessionServices
  readonly #live = new Map<string, LiveSession>()
  readonly #loading = new KeyedMutex()
  #closed = false

  constructor(services: SessionServices) {
    this.#services = services
    this.#store = services.store.sessions
  }

  get live(): LiveSession[] {
    return [...this.#live.values()]
  }

  /** @throws SESSION_NOT_FOUND */
  async record(sessionId: string): Promise<SessionRecord> {
    const live = this.#live.get(sessionId)
    if (live) return live.state.record
    const record = await this.#store.get(sessionId)
    if (!record || record.deletedAt) throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
    return record
  }

  async session(sessionId: string): Promise<Session> {
    return this.view(await this.record(sessionId))
  }

  /** The record as callers see it, with what this process knows better. */
  view(record: SessionRecord): Session {
    const live = this.#live.get(record.id)
    const moment = { now: this.#services.clock.now(), storeAnswers: this.#services.storeAnswers() }
    return toSession(live?.state.record ?? record, moment, live?.metrics.pending)
  }

  /** The session as something to give commands to. @throws SESSION_NOT_FOUND */
  load(sessionId: string): Promise<LiveSession> {
    const known = this.#live.get(sessionId)
    if (known) return Promise.resolve(known)
    return this.#loading.run(
      sessionId,
      async () => this.#live.get(sessionId) ?? this.adopt(await this.record(sessionId)),
    )
  }

  /** A session that has a record and does not run here yet. @throws MANAGER_CLOSED */
  adopt(record: SessionRecord): LiveSession {
    if (this.#closed) throw new TrunklineError('MANAGER_CLOSED')
    // A process that was killed leaves its last status behind; here the session has not started.
    const live = new LiveSession(isRunning(record.status) ? { ...record, status: 'stopped' } : record, this.#services)
    this.#live.set(record.id, live)
    return live
  }

  forget(sessionId: string): void {
    this.#live.delete(sessionId)
  }

  /** Takes no more sessions, so that those it answers are all there will be. */
  close(): LiveSession[] {
    this.#closed = true
    return this.live
  }

  /** Every record that a query matches; those of running sessions as they are here. */
  async *records(query: Omit<SessionQuery, 'limit' | 'cursor'> = {}): AsyncGenerator<SessionRecord> {
    for await (const record of everySession(this.#store, query)) {
      yield this.#live.get(record.id)?.state.record ?? record
    }
  }

  /** A page of sessions that a test accepts. */
  async page(query: SessionQuery, accepts: (record: SessionRecord) => boolean = () => true): Promise<Page<Session>> {
    const items: Session[] = []
    let cursor = query.cursor
    for (;;) {
      const limit = query.limit - items.length
      const page = await this.#store.list({ ...query, limit, ...(cursor ? { cursor } : {}) })
      for (const stored of page.items) {
        const record = this.#live.get(stored.id)?.state.record ?? stored
        if (accepts(record)) items.push(this.view(record))
      }
      cursor = page.nextCursor
      if (!cursor || items.length >= query.limit) return { items, ...(cursor ? { nextCursor: cursor } : {}) }
    }
  }

  /** Writes what running sessions counted, in one round trip. */
  async flushMetrics(): Promise<void> {
    const taken = this.live.flatMap((live) => {
      const increment = live.metrics.take()
      return increment ? [{ live, increment }] : []
    })
    if (taken.length === 0) return
    try {
      await this.#store.increment(taken.map(({ increment }) => increment))
      for (const { live, increment } of taken) live.state.counted(increment)
    } catch (error) {
      for (const { live, increment } of taken) live.metrics.restore(increment)
      this.#services.logger.warn({ err: error }, 'Counters could not be stored; trying again')
    }
  }
}
