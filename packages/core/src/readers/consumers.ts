import { TrunklineError } from '../errors/trunkline-error.js'
import { fields, list, matching, oneOf, optional, refuse, wellFormed, wholeNumber, wrong } from '../manager/checks.js'
import type { Clock } from '../ports/clock.js'
import type { CursorStore } from '../ports/cursor-store.js'
import type { Store } from '../ports/store.js'
import { type EventName, LOGGED_EVENTS, type LoggedEvent } from '../types/events.js'
import type { LogReader } from './log-reader.js'
import type { LogReaders } from './log-readers.js'
import { startOf, startTime } from './start-time.js'

/** What a consumer reads, and how. */
export interface ConsumeOptions {
  /**
   * Where a consumer of this name begins that there never was before: with what happens from `now` on, which is the default, with
   * what is kept from the `start` on, or at a time (ISO 8601). One that there was goes on where it was.
   */
  from?: string
  /** Only these; all that are logged unless given. */
  events?: readonly EventName[]
  /** Only these sessions; all of them unless given. */
  sessionIds?: readonly string[]
  /** Sessions that are worked on at once: 10 unless given. The events of one session always come one after the other. */
  concurrency?: number
}

/**
 * Called with one event of the log. The next one of its session comes when the promise resolves; when it rejects, the same one
 * comes again after a pause. The signal is aborted when the consumer is closed and has waited long enough.
 */
export type EventHandler = (event: LoggedEvent, context: { signal: AbortSignal }) => unknown

/** A consumer that is at work. */
export interface Consumer extends AsyncDisposable {
  /** Takes no more events and waits a moment for those that are being handled. Safe to call twice. */
  close(): Promise<void>
  /** Closes it and forgets how far it has come, so that the next one of its name begins anew. */
  remove(): Promise<void>
}

const DEFAULT_CONCURRENCY = 10

const consumerName = matching('^[A-Za-z0-9_.:-]{1,128}$')
const consumeOptions = fields<ConsumeOptions>({
  from: optional(startOf),
  events: optional(list(oneOf(LOGGED_EVENTS))),
  sessionIds: optional(list(wellFormed(() => undefined))),
  concurrency: optional(wholeNumber({ min: 1, max: 1_000 })),
})

/** @throws VALIDATION_FAILED naming each field */
export function checkConsume(name: unknown, options: unknown, handler: unknown): void {
  const noFunction = typeof handler === 'function' ? [] : wrong('handler', 'must be a function')
  refuse([...consumerName(name, 'name'), ...consumeOptions(options, ''), ...noFunction])
}

/** The consumers of this process by name. */
export class Consumers {
  readonly #store: Store
  readonly #clock: Clock
  readonly #readers: LogReaders
  readonly #names = new Set<string>()

  constructor({ store, clock, readers }: { store: Store; clock: Clock; readers: LogReaders }) {
    this.#store = store
    this.#clock = clock
    this.#readers = readers
  }

  /** @throws VALIDATION_FAILED when the name is in use in this process · CONFIG_INVALID when the store keeps no cursors */
  async start(name: string, options: ConsumeOptions, handler: EventHandler): Promise<Consumer> {
    const cursors = cursorsOf(this.#store)
    if (this.#names.has(name)) refuse(wrong('name', 'is that of another consumer of this process'))
    this.#names.add(name)
    const reader = `consumer:${name}`
    try {
      const startAt = await cursors.begin(reader, startTime(options.from, this.#clock.now()))
      const made = this.#readers.add({
        name: reader,
        cursors,
        startAt,
        concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
        ...filterOf(options),
        handle: async (event, signal) => void (await handler(event, { signal })),
      })
      return this.#consumer(name, made, cursors)
    } catch (error) {
      this.#names.delete(name)
      throw error
    }
  }

  #consumer(name: string, reader: LogReader, cursors: CursorStore): Consumer {
    const close = async () => {
      await this.#readers.remove(reader)
      this.#names.delete(name)
    }
    const remove = async () => {
      await close()
      await cursors.remove(reader.name)
    }
    return { close, remove, [Symbol.asyncDispose]: close }
  }
}

function filterOf({ events, sessionIds }: ConsumeOptions) {
  const [names, sessions] = [events && new Set<EventName>(events), sessionIds && new Set(sessionIds)]
  return {
    reads: (sessionId: string) => sessions?.has(sessionId) ?? true,
    wants: ({ name }: LoggedEvent) => names?.has(name) ?? true,
  }
}

function cursorsOf({ cursors }: Store): CursorStore {
  if (cursors) return cursors
  const message = 'must keep cursors, which durable consumers need'
  throw new TrunklineError('CONFIG_INVALID', {
    message: `The store ${message}`,
    details: { errors: [{ field: 'store', message }] },
  })
}
