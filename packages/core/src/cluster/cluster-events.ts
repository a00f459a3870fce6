import { everyPage } from '../manager/every-session.js'
import type { Clock } from '../ports/clock.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { EventLog } from '../ports/event-log.js'
import type { Logger } from '../ports/logger.js'
import type { SessionStore } from '../ports/session-store.js'
import { type EventName, type EventOf, LOGGED_EVENTS } from '../types/events.js'
import { GuardedEmitter } from '../util/guarded-emitter.js'
import { sleep } from '../util/sleep.js'
import {
  decodeMessage,
  EVERY_EVENT,
  type EventNews,
  encodeMessage,
  RETURNED_NODES,
  sessionOfEvents,
  topicOfEvents,
} from './message.js'

/** How often the logs are compared with what was heard: what a node told in its last moment is heard by nobody. */
const COMPARE_EVERY_MS = 30_000
/** The same while nothing can be heard, or something could not be read. */
const COMPARE_SOON_MS = 2_000
/** How many events of a hole are read at a time. */
const PAGE = 200

const LOGGED: ReadonlySet<EventName> = new Set(LOGGED_EVENTS)

export interface ClusterEventsParts {
  bus: ClusterBus
  events: Pick<EventLog, 'read' | 'lastSeqs'>
  sessions: Pick<SessionStore, 'list'>
  clock: Clock
  logger: Logger
  /** Every event of this node; the answer ends it. */
  listen(heard: (name: EventName, event: EventOf<EventName>) => void): () => void
}

interface Heard {
  name: EventName
  /** Missing when it was too large to be told. */
  event?: EventOf<EventName>
}

/** What another version has told: whatever it is, it may be in the log. */
const SOMETHING: Heard = { name: 'message' }

/** How far one session was heard. */
interface Course {
  last: number
  /** Up to here it was read from the log: what comes of it later has come already. */
  read: number
  /** What comes while a hole is read. */
  waiting: Heard[] | undefined
}

/**
 * The events of all nodes in one stream: those of a session in the order of its log, each logged one once. The bus brings them as they
 * happen; what it has lost is seen by the numbers and read from the log. Without a listener nothing is heard.
 */
export class ClusterEvents {
  readonly #parts: ClusterEventsParts
  readonly #emitter: GuardedEmitter<{ event: Required<Heard> }>
  readonly #courses = new Map<string, Course>()
  readonly #closing = new AbortController()
  readonly #undo: (() => void)[] = []
  #listening: Promise<void> | undefined
  /** Whether it is known how far every log was when listening began: a session that is not is a new one. */
  #hasBegun = false
  #comparing: Promise<void> | undefined
  /** Ends the wait for the next comparison. */
  #hurry = new AbortController()
  /** Whether something was missed that could not be read yet. */
  #isBehind = false

  constructor(parts: ClusterEventsParts) {
    this.#parts = parts
    this.#emitter = new GuardedEmitter((error) =>
      parts.logger.error({ err: error }, 'A listener failed; the session goes on'),
    )
    this.#undo.push(parts.listen((name, event) => this.#tell(name, event)))
    this.#undo.push(
      parts.bus.onReachable((isReachable) => {
        if (isReachable) parts.bus.tell(RETURNED_NODES, encodeMessage({}))
      }),
    )
  }

  /** Every event of every node. The answer takes the listener off. */
  onAny(listener: (name: EventName, event: EventOf<EventName>) => unknown): () => void {
    const each = ({ name, event }: Required<Heard>) => listener(name, event)
    this.#emitter.on('event', each)
    this.#listening ??= this.#listen()
    return () => this.#emitter.off('event', each)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#hurry.abort()
    for (const undo of this.#undo.splice(0)) undo()
    this.#emitter.removeAllListeners()
    await this.#listening
    await this.#comparing
  }

  #tell(name: EventName, event: EventOf<EventName>): void {
    const { bus } = this.#parts
    const { sessionId } = event
    const news: EventNews = { sessionId, name, event }
    const data = encodeMessage(news)
    const isTold = data.byteLength <= bus.maxBytes
    bus.tell(topicOfEvents(sessionId), isTold ? data : encodeMessage({ sessionId, name }))
    if (this.#listening) this.#arrive(sessionId, { name, event })
  }

  async #listen(): Promise<void> {
    const { bus, logger } = this.#parts
    // What was missed while it was gone is looked for at once, and what is missed from now on soon.
    this.#undo.push(bus.onReachable(() => this.#hurry.abort()))
    try {
      const stops = [
        await bus.listen(EVERY_EVENT, (data, topic) => {
          const { sessionId, ...heard } = decodeMessage<EventNews>(data) ?? {
            sessionId: sessionOfEvents(topic),
            ...SOMETHING,
          }
          this.#arrive(sessionId, heard)
        }),
        await bus.listen(RETURNED_NODES, () => this.#hurry.abort()),
      ]
      if (this.#closing.signal.aborted) for (const stop of stops) stop()
      else this.#undo.push(...stops)
    } catch (error) {
      logger.error({ err: error }, 'The events of other nodes are not heard as they happen; they are read from the log')
    }
    this.#comparing = this.#compareAgainAndAgain()
  }

  async #compareAgainAndAgain(): Promise<void> {
    const { bus, clock } = this.#parts
    const { signal } = this.#closing
    while (!signal.aborted) {
      this.#hurry = new AbortController()
      this.#isBehind = false
      await this.#compare()
      const isQuiet = bus.isReachable && this.#hasBegun && !this.#isBehind
      await sleep(clock, isQuiet ? COMPARE_EVERY_MS : COMPARE_SOON_MS, this.#hurry.signal)
    }
  }

  #arrive(sessionId: string, heard: Heard): void {
    if (this.#closing.signal.aborted) return
    const { name, event } = heard
    const known = this.#courses.get(sessionId)
    if (known?.waiting) {
      known.waiting.push(heard)
      return
    }
    // The first comparison begins where the log is by then.
    if (!event && !known && !this.#hasBegun) return
    // An id that is used again has a log that begins anew; and nobody knows yet what came before listening began.
    const begins = name === 'session.created' || !(known || this.#hasBegun)
    const course = event && begins ? this.#begin(sessionId, event.seq) : (known ?? this.#begin(sessionId, 0))
    const isNext = event !== undefined && event.seq <= course.last + (LOGGED.has(name) ? 1 : 0)
    if (isNext) this.#deliver(course, heard)
    else void this.#readOn(sessionId, course, [heard])
  }

  #begin(sessionId: string, last: number): Course {
    const course: Course = { last, read: 0, waiting: undefined }
    this.#courses.set(sessionId, course)
    return course
  }

  #deliver(course: Course, { name, event }: Heard): void {
    if (!event) return
    if (LOGGED.has(name)) {
      if (event.seq <= course.read) return
      course.last = Math.max(course.last, event.seq)
    }
    this.#emitter.emit('event', { name, event })
  }

  /** Reads what is missing before what was heard. What cannot be read now is read at the next comparison, and what follows it too. */
  async #readOn(sessionId: string, course: Course, waiting: Heard[]): Promise<void> {
    course.waiting = waiting
    let isRead = false
    try {
      let asked: number
      do {
        asked = waiting.length
        await this.#read(sessionId, course)
        // What came meanwhile without saying what it is may be younger than what was read.
      } while (waiting.slice(asked).some(({ event }) => !event))
      isRead = true
    } catch (error) {
      this.#isBehind = true
      this.#parts.logger.warn({ err: error, sessionId }, 'Missed events could not be read; trying again')
    }
    course.waiting = undefined
    for (const heard of waiting) if (isRead || !LOGGED.has(heard.name)) this.#deliver(course, heard)
  }

  async #read(sessionId: string, course: Course): Promise<void> {
    for (;;) {
      const { events } = await this.#parts.events.read(sessionId, { after: course.last, limit: PAGE })
      if (this.#closing.signal.aborted) return
      for (const { name, event } of events) {
        course.last = event.seq
        course.read = event.seq
        this.#emitter.emit('event', { name, event })
      }
      if (events.length < PAGE) return
    }
  }

  /** Looks how far every log is; what was not heard of it is read. */
  async #compare(): Promise<void> {
    const { sessions, events, logger } = this.#parts
    try {
      for await (const page of everyPage(sessions)) {
        if (this.#closing.signal.aborted) return
        const ids = page.map(({ id }) => id)
        const heard = new Map(ids.map((id) => [id, this.#courses.get(id)?.last]))
        const stored = await events.lastSeqs(ids)
        for (const id of ids) await this.#compareOne(id, { heard: heard.get(id), stored: stored.get(id) ?? 0 })
      }
      this.#hasBegun = true
    } catch (error) {
      if (!this.#closing.signal.aborted)
        logger.warn({ err: error }, 'It could not be looked for events that were missed; trying again')
    }
  }

  /** `heard`: how far it was before the store was asked. */
  async #compareOne(
    sessionId: string,
    { heard, stored }: { heard: number | undefined; stored: number },
  ): Promise<void> {
    // A log that has become shorter has begun anew, under an id that is used again.
    if (heard !== undefined && stored < heard) this.#courses.delete(sessionId)
    const isNew = this.#hasBegun || heard !== undefined
    const course = this.#courses.get(sessionId) ?? this.#begin(sessionId, isNew ? 0 : stored)
    if (course.last < stored && !course.waiting) await this.#readOn(sessionId, course, [])
  }
}
