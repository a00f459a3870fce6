import type { NewEvent } from '../ports/event-log.js'
import type { MessageStep, StepOutcome } from '../ports/message-store.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { EventName, EventOf, LoggedEvent } from '../types/events.js'
import { AnnouncementOrder } from './announcement-order.js'
import { eventMetadata } from './event-metadata.js'
import type { SessionServices } from './services.js'

/** A step of the store, with what is told of it. */
export interface Step extends Pick<MessageStep, 'messages' | 'changes'> {
  /** Pure, and may be asked again. */
  told(outcome: StepOutcome): readonly Told[]
}

export interface Told {
  event: NewEvent
  /** Told in any case: after a crash nobody knows whether it was heard. */
  repeat?: boolean
}

/** Appends a session's events to its log and hands them on, one after the other. */
export class SessionPublisher {
  readonly #sessionId: string
  readonly #services: Pick<SessionServices, 'store' | 'emit'>
  readonly #metadata: () => SessionRecord['metadata']
  readonly #order = new AnnouncementOrder()
  #tail: Promise<unknown> = Promise.resolve()

  /** `metadata` of the session as it is at the moment: asked for with each event. */
  constructor(
    sessionId: string,
    services: Pick<SessionServices, 'store' | 'emit'>,
    metadata: () => SessionRecord['metadata'] = () => ({}),
  ) {
    this.#sessionId = sessionId
    this.#services = services
    this.#metadata = metadata
  }

  /**
   * Logs events and announces those that were not logged before under the same key; with `repeat`, those too: after a crash
   * nobody knows whether they were heard. Answers how many were announced.
   */
  publish(events: readonly NewEvent[], options: { repeat?: boolean } = {}): Promise<number> {
    return events.length === 0 ? Promise.resolve(0) : this.inOrder(() => this.publishNow(events, options))
  }

  /**
   * Stores a step of messages and changes together with the events that tell of it, and announces those as `publish` does.
   * With `beside` it does not wait for what is stored at the moment; events are announced in the order of their numbers all the
   * same. Answers what came of it, and how many events were announced.
   */
  record(step: Step, { beside = false } = {}): Promise<StepOutcome & { announced: number }> {
    return beside ? this.#record(step) : this.inOrder(() => this.#record(step))
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

  async publishNow(events: readonly NewEvent[], { repeat = false } = {}): Promise<number> {
    if (events.length === 0) return 0
    const { news } = await this.#announcing(async (lastSeq) => {
      const full = events.map((event) => this.#withMetadata(event))
      const appended = await this.#services.store.events.append(this.#sessionId, full, { lastSeq })
      return { news: appended.filter(({ repeated }) => !repeated || repeat) }
    })
    return news.length
  }

  async announceNow(event: NewEvent): Promise<void> {
    const { name, at, payload } = this.#withMetadata(event)
    if (this.#order.last === undefined) {
      const last = await this.#services.store.events.lastSeq(this.#sessionId).catch(() => undefined)
      if (last !== undefined) this.#order.seen(last)
    }
    const envelope = { sessionId: this.#sessionId, at, seq: this.#order.last ?? 0 }
    this.#services.emit(name, { ...payload, ...envelope } as EventOf<EventName>)
  }

  async #record({ told, ...step }: Step): Promise<StepOutcome & { announced: number }> {
    const { news, outcome } = await this.#announcing(async (lastSeq) => {
      let telling: readonly Told[] = []
      const events = (outcome: StepOutcome) => {
        telling = told(outcome)
        return telling.map(({ event }) => this.#withMetadata(event))
      }
      const recorded = await this.#services.store.messages.record(this.#sessionId, { ...step, events }, { lastSeq })
      const { events: appended, ...outcome } = recorded
      return { news: appended.filter(({ repeated }, number) => !repeated || telling[number]?.repeat), outcome }
    })
    return { ...outcome, announced: news.length }
  }

  /** The event as it is logged and heard. */
  #withMetadata(event: NewEvent): NewEvent {
    return { ...event, payload: { ...event.payload, ...eventMetadata({ metadata: this.#metadata() }) } } as NewEvent
  }

  /** Stores by `work`, which is given the last number that is known and answers what is to be announced; then does that. */
  async #announcing<Stored extends { news: readonly LoggedEvent[] }>(
    work: (lastSeq: number | undefined) => Promise<Stored>,
  ): Promise<Stored> {
    const ended = this.#order.begin()
    let stored: Stored
    try {
      stored = await work(this.#order.last)
    } catch (error) {
      await ended([])
      throw error
    }
    await ended(
      stored.news.map(({ name, event }) => ({
        seq: event.seq,
        announce: () => this.#services.emit(name, event),
      })),
    )
    return stored
  }
}
