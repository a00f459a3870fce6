import type { NewEvent } from '../ports/event-log.js'
import type { EventName, EventOf } from '../types/events.js'
import type { SessionServices } from './services.js'

/** Appends a session's events to its log and hands them on, one after the other. */
export class SessionPublisher {
  readonly #sessionId: string
  readonly #services: Pick<SessionServices, 'store' | 'emit'>
  #tail: Promise<unknown> = Promise.resolve()
  #lastSeq: number | undefined

  constructor(sessionId: string, services: Pick<SessionServices, 'store' | 'emit'>) {
    this.#sessionId = sessionId
    this.#services = services
  }

  /**
   * Logs events and announces those that were not logged before under the same key; with `repeat`, those too: after a crash
   * nobody knows whether they were heard. Answers how many were announced.
   */
  publish(events: readonly NewEvent[], options: { repeat?: boolean } = {}): Promise<number> {
    return events.length === 0 ? Promise.resolve(0) : this.inOrder(() => this.publishNow(events, options))
  }

  /** Announces an event that is never logged, or one that could not be: it carries the number of the last logged one. */
  announce(event: NewEvent): Promise<void> {
    return this.inOrder(() => this.announceNow(event))
  }

  /** Runs work between the announcements before and after it. Only such work may call the two methods below. */
  inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(work, work)
    this.#tail = result.catch(() => undefined)
    return result
  }

  async publishNow(events: readonly NewEvent[], options: { repeat?: boolean } = {}): Promise<number> {
    if (events.length === 0) return 0
    const appended = await this.#services.store.events.append(this.#sessionId, events, { lastSeq: this.#lastSeq })
    const announced = appended.filter(({ repeated }) => !repeated || options.repeat)
    for (const { event } of appended) this.#lastSeq = Math.max(this.#lastSeq ?? 0, event.seq)
    for (const { name, event } of announced) this.#services.emit(name, event)
    return announced.length
  }

  async announceNow({ name, at, payload }: NewEvent): Promise<void> {
    this.#lastSeq ??= await this.#services.store.events.lastSeq(this.#sessionId).catch(() => undefined)
    const envelope = { sessionId: this.#sessionId, at, seq: this.#lastSeq ?? 0 }
    this.#services.emit(name, { ...payload, ...envelope } as EventOf<EventName>)
  }
}
