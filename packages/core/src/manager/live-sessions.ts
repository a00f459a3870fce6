import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionRecord } from '../ports/session-store.js'
import { LiveSession } from '../session/live-session.js'
import type { SessionServices } from '../session/services.js'
import { asLeft } from '../session/session-state.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { TrafficCounter } from './traffic-counter.js'

/** The sessions that this process runs, stands by for, or has run. */
export class LiveSessions {
  readonly #services: SessionServices
  readonly #live = new Map<string, LiveSession>()
  readonly #loading = new KeyedMutex()
  readonly #traffic: TrafficCounter
  #closed = false

  constructor(services: SessionServices) {
    this.#services = services
    const { store, clock, logger } = services
    this.#traffic = new TrafficCounter({ store: store.traffic, clock, logger, onPending: () => services.counted() })
  }

  get all(): LiveSession[] {
    return [...this.#live.values()]
  }

  find(sessionId: string): LiveSession | undefined {
    return this.#live.get(sessionId)
  }

  /** The session as something to give commands to; one that rests is as the store has it now. @throws SESSION_NOT_FOUND */
  load(sessionId: string): Promise<LiveSession> {
    const known = this.#live.get(sessionId)
    if (known && !known.isIdle) return Promise.resolve(known)
    return this.#loading.run(sessionId, async () => {
      const record = await this.#services.store.sessions.get(sessionId)
      if (!record || record.deletedAt) {
        this.forget(sessionId)
        throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
      }
      const live = this.#live.get(sessionId)
      live?.state.refresh(record)
      return live ?? this.adopt(record)
    })
  }

  /** A session that has a record and is not known here yet. @throws MANAGER_CLOSED */
  adopt(record: SessionRecord): LiveSession {
    if (this.#closed) throw new TrunklineError('MANAGER_CLOSED')
    const live = new LiveSession(asLeft(record), this.#services)
    this.#live.set(record.id, live)
    return live
  }

  forget(sessionId: string): void {
    this.#live.delete(sessionId)
  }

  /** Takes no more sessions, so that those it answers are all there will be. */
  close(): LiveSession[] {
    this.#closed = true
    return this.all
  }

  /** Writes what sessions counted, in one round trip for the totals and one for the hour. */
  async flushMetrics(): Promise<void> {
    await this.#flushCounters()
    await this.#traffic.flush()
  }

  async #flushCounters(): Promise<void> {
    const taken = this.all.flatMap((live) => {
      const increment = live.metrics.take()
      return increment ? [{ live, increment }] : []
    })
    if (taken.length === 0) return
    try {
      const increments = taken.map(({ increment }) => increment)
      await this.#services.store.sessions.increment(increments)
      this.#traffic.count(increments)
      for (const { live, increment } of taken) live.state.counted(increment)
    } catch (error) {
      for (const { live, increment } of taken) live.metrics.restore(increment)
      this.#services.logger.warn({ err: error }, 'Counters could not be stored; trying again')
    }
  }
}
