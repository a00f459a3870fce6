import type { Clock } from '../ports/clock.js'
import type { CursorStore } from '../ports/cursor-store.js'
import type { EventLog } from '../ports/event-log.js'
import type { Logger } from '../ports/logger.js'
import type { LoggedEvent } from '../types/events.js'
import { fullJitter } from '../util/backoff.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { within } from '../util/sleep.js'
import { Lane } from './lane.js'

/** How long a cursor that moved is kept in memory: what a crash repeats. */
const SAVE_AFTER_MS = 1_000
const RETRY = { baseMs: 1_000, maxMs: 60_000 }
/** How long the end waits for what is being handled. */
const GRACE_MS = 5_000

export interface LogReaderParts {
  /** Under which its cursors are kept. */
  name: string
  /** ISO 8601; what happened before is not read. */
  startAt: string
  /** Sessions that are worked on at once. */
  concurrency: number
  events: EventLog
  cursors: CursorStore
  clock: Clock
  logger: Logger
  random: () => number
  /** Whether it reads this session at all. */
  reads(sessionId: string): boolean
  wants(logged: LoggedEvent): boolean
  /**
   * Resolves when the reader is done with the event; while it rejects, the event is given again, after a pause, and the later ones
   * of its session wait.
   */
  handle(logged: LoggedEvent, signal: AbortSignal): Promise<void>
  /** Stores what else is known of the events that it is done with, before it is stored how far it has come. Never rejects. */
  beforeSave?(): Promise<void>
}

/**
 * Reads the event log of many sessions: every event at least once, in the order of each session. How far it has come is saved in
 * batches, so that an event costs no write of its own.
 */
export class LogReader {
  readonly name: string
  readonly #parts: LogReaderParts
  readonly #lanes = new Map<string, Lane>()
  /** Whose turn is next. */
  readonly #ready = new Set<Lane>()
  /** At work, or waiting for another try. */
  readonly #busy = new Set<Lane>()
  readonly #failures = new Map<Lane, number>()
  readonly #timers = new Set<() => void>()
  readonly #moved = new Map<string, number>()
  readonly #stop = new AbortController()
  #working = 0
  #idle: Deferred<void> | undefined
  #cancelSave: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(parts: LogReaderParts) {
    this.name = parts.name
    this.#parts = parts
  }

  /** An event was told in this process. */
  hear(logged: LoggedEvent): void {
    const { sessionId } = logged.event
    if (this.#closed || !this.#parts.reads(sessionId)) return
    const lane = this.#laneOf(sessionId)
    lane.hear(logged)
    this.#schedule(lane)
  }

  /**
   * The log of a session has come to `lastSeq`, and `saved` is what is stored of this reader: called for sessions of which this
   * process may not have heard everything.
   */
  look(sessionId: string, { lastSeq, saved }: { lastSeq: number; saved: number | undefined }): void {
    if (this.#closed || (!this.#lanes.has(sessionId) && saved === lastSeq)) return
    const lane = this.#laneOf(sessionId)
    lane.reached(lastSeq)
    this.#schedule(lane)
  }

  reads(sessionId: string): boolean {
    return this.#parts.reads(sessionId)
  }

  /** Whether it has heard of the session in this process. */
  knows(sessionId: string): boolean {
    return this.#lanes.has(sessionId)
  }

  /** Another node works on the session: what is known of it here grows old. */
  forget(sessionId: string): void {
    const lane = this.#lanes.get(sessionId)
    const isAtRest = lane && !this.#busy.has(lane) && !this.#ready.has(lane) && !this.#moved.has(sessionId)
    if (isAtRest) this.#lanes.delete(sessionId)
  }

  /** Takes nothing new, waits a moment for what is being handled, and saves how far it has come. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.#ready.clear()
    if (this.#working > 0) {
      this.#idle = deferred()
      await within(this.#parts.clock, GRACE_MS, this.#idle.promise)
    }
    this.#stop.abort()
    this.#cancelSave?.()
    await this.#save()
  }

  #laneOf(sessionId: string): Lane {
    const { name, startAt, events, cursors, logger } = this.#parts
    const lane = this.#lanes.get(sessionId) ?? new Lane({ reader: name, sessionId, startAt, events, cursors, logger })
    this.#lanes.set(sessionId, lane)
    return lane
  }

  #schedule(lane: Lane): void {
    if (this.#closed || this.#busy.has(lane) || !lane.hasMore) return
    this.#ready.add(lane)
    this.#pump()
  }

  #pump(): void {
    while (!this.#closed && this.#working < this.#parts.concurrency) {
      const [lane] = this.#ready
      if (!lane) return
      this.#ready.delete(lane)
      void this.#turn(lane)
    }
  }

  /** One event of a session; the next one waits behind those of others. */
  async #turn(lane: Lane): Promise<void> {
    this.#busy.add(lane)
    this.#working += 1
    try {
      await this.#step(lane)
      this.#failures.delete(lane)
      this.#busy.delete(lane)
    } catch (error) {
      this.#tryLater(lane, error)
    } finally {
      this.#working -= 1
      if (this.#working === 0) this.#idle?.resolve()
    }
    this.#schedule(lane)
    this.#pump()
  }

  async #step(lane: Lane): Promise<void> {
    const logged = await lane.next()
    if (!logged) return
    const { seq, at } = logged.event
    if (at >= this.#parts.startAt && this.#parts.wants(logged)) await this.#parts.handle(logged, this.#stop.signal)
    if (this.#stop.signal.aborted) return
    lane.done(seq)
    this.#moved.set(lane.sessionId, seq)
    this.#saveLater()
  }

  #tryLater(lane: Lane, error: unknown): void {
    const { clock, logger, random, name } = this.#parts
    if (this.#closed) return
    const failures = (this.#failures.get(lane) ?? 0) + 1
    this.#failures.set(lane, failures)
    logger.warn({ err: error, reader: name, sessionId: lane.sessionId }, 'An event could not be handled; trying again')
    const cancel = clock.setTimeout(
      () => {
        this.#timers.delete(cancel)
        this.#busy.delete(lane)
        this.#schedule(lane)
      },
      fullJitter(failures, { ...RETRY, random }) + 1,
    )
    this.#timers.add(cancel)
  }

  #saveLater(): void {
    if (this.#cancelSave || this.#stop.signal.aborted) return
    this.#cancelSave = this.#parts.clock.setTimeout(() => {
      this.#cancelSave = undefined
      void this.#save()
    }, SAVE_AFTER_MS)
  }

  async #save(): Promise<void> {
    const { cursors, logger, name } = this.#parts
    if (this.#moved.size === 0) return
    const numbers = new Map(this.#moved)
    this.#moved.clear()
    await this.#parts.beforeSave?.()
    try {
      await cursors.save(name, numbers)
    } catch (error) {
      for (const [sessionId, seq] of numbers) this.#moved.set(sessionId, Math.max(seq, this.#moved.get(sessionId) ?? 0))
      logger.warn({ err: error, reader: name }, 'How far a reader has come could not be saved; trying again')
      this.#saveLater()
    }
  }
}
