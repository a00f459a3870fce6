import { everyPage } from '../manager/every-session.js'
import type { Clock } from '../ports/clock.js'
import type { CursorStore } from '../ports/cursor-store.js'
import type { Logger } from '../ports/logger.js'
import type { Store } from '../ports/store.js'
import { type EventName, type EventOf, type LoggedEvent, UNLOGGED_EVENTS } from '../types/events.js'
import { sleep } from '../util/sleep.js'
import { LogReader, type LogReaderParts } from './log-reader.js'

/** How often it is looked for events that nobody told in this process: of sessions that no node runs any more. */
const LOOK_EVERY_MS = 30_000

const UNLOGGED: ReadonlySet<EventName> = new Set(UNLOGGED_EVENTS)

export interface LogReadersParts {
  store: Store
  /** This process among the nodes of the store. */
  node: string
  clock: Clock
  logger: Logger
  random: () => number
  /** Every event that is told in this process; the answer ends it. */
  listen(heard: (name: EventName, event: EventOf<EventName>) => void): () => void
}

export type NewReader = Omit<LogReaderParts, 'events' | 'cursors' | 'clock' | 'logger' | 'random'> & {
  cursors: CursorStore
}

/**
 * All readers of this process. The node that runs a session reads its log, and whoever comes by reads the log of one that no node
 * runs: two may do it at once for a moment, so that an event comes twice rather than never. Without a reader nothing is done.
 */
export class LogReaders {
  readonly #parts: LogReadersParts
  readonly #readers = new Set<LogReader>()
  readonly #closing = new AbortController()
  #stopListening: (() => void) | undefined
  #looking: Promise<void> | undefined

  constructor(parts: LogReadersParts) {
    this.#parts = parts
  }

  add(reader: NewReader): LogReader {
    const { store, clock, logger, random } = this.#parts
    const made = new LogReader({ ...reader, events: store.events, clock, logger, random })
    this.#readers.add(made)
    this.#stopListening ??= this.#parts.listen((name, event) => this.#hear(name, event))
    this.#looking ??= this.#lookAgainAndAgain()
    void this.#look([made], reader.cursors)
    return made
  }

  async remove(reader: LogReader): Promise<void> {
    this.#readers.delete(reader)
    if (this.#readers.size === 0) {
      this.#stopListening?.()
      this.#stopListening = undefined
    }
    await reader.close()
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#readers].map((reader) => this.remove(reader)))
    await this.#looking
  }

  #hear(name: EventName, event: EventOf<EventName>): void {
    if (UNLOGGED.has(name)) return
    for (const reader of this.#readers) reader.hear({ name, event } as LoggedEvent)
  }

  async #lookAgainAndAgain(): Promise<void> {
    const { clock, store } = this.#parts
    while (await sleep(clock, LOOK_EVERY_MS, this.#closing.signal))
      if (store.cursors && this.#readers.size > 0) await this.#look([...this.#readers], store.cursors)
  }

  async #look(readers: readonly LogReader[], cursors: CursorStore): Promise<void> {
    const { store, logger } = this.#parts
    try {
      for await (const page of everyPage(store.sessions)) {
        if (this.#closing.signal.aborted) return
        const ids = page.map(({ id }) => id).filter((id) => readers.some((reader) => reader.reads(id)))
        await this.#lookAt(ids, readers, cursors)
      }
    } catch (error) {
      if (!this.#closing.signal.aborted)
        logger.warn({ err: error }, 'It could not be looked for events that were not read yet; trying again')
    }
  }

  async #lookAt(ids: readonly string[], readers: readonly LogReader[], cursors: CursorStore): Promise<void> {
    const { store, node } = this.#parts
    if (ids.length === 0) return
    const held = new Map((await store.leases.held(ids)).map(({ sessionId, owner }) => [sessionId, owner]))
    const isHere = (id: string) => held.get(id) === node
    const isElsewhere = (id: string) => held.has(id) && !isHere(id)
    for (const id of ids.filter(isElsewhere)) for (const reader of readers) reader.forget(id)
    for (const reader of readers) {
      // Of a session that runs here everything is heard.
      const asked = ids.filter((id) => reader.reads(id) && !isElsewhere(id) && !(isHere(id) && reader.knows(id)))
      if (asked.length === 0) continue
      const saved = await cursors.read(reader.name, asked)
      const lastSeqs = await store.events.lastSeqs(asked)
      for (const id of asked) reader.look(id, { lastSeq: lastSeqs.get(id) ?? 0, saved: saved.get(id) })
    }
  }
}
