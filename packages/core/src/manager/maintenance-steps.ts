import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import { isRunning } from '../session/session-machine.js'
import type { MaintenanceStepName } from '../types/maintenance.js'
import { HealthRound } from './health-round.js'
import { cleanInactive } from './inactive-cleanup.js'
import type { KeyCollection } from './key-collection.js'
import type { LiveSessions } from './live-sessions.js'
import type { MaintenanceTask } from './maintenance.js'
import type { MaintenanceTimings } from './options.js'
import { resetProblems } from './problem-reset.js'
import type { Retention } from './retention.js'
import type { SessionRecords } from './session-records.js'

/** How often it is looked whose keys are due. */
const KEY_LOOK_MS = 15 * 60_000
/** The part of its interval over which a round of health checks is spread; the rest is the pause before the next. */
const HEALTH_SPREAD = 0.9

export interface MaintenanceStepsParts {
  store: Pick<Store, 'sessions' | 'auth'>
  live: Pick<LiveSessions, 'all' | 'find' | 'load'>
  records: Pick<SessionRecords, 'all'>
  retention: Pick<Retention, 'run'>
  keyCollection: Pick<KeyCollection, 'run'>
  /** As they are now: people change them while the process runs. */
  timings(): MaintenanceTimings
  /** Whether this process runs sessions by itself: one that was never started runs what it is told to, and nothing else. */
  isStarted(): boolean
  /** Commands, on whichever node the session runs. */
  sessions: {
    stop(sessionId: string): Promise<unknown>
    delete(sessionId: string): Promise<unknown>
    cleanup(sessionId: string): Promise<unknown>
    resetAttempts(sessionId: string): Promise<unknown>
  }
  clock: Clock
  logger: Logger
}

/** What a process does by itself to keep its sessions well, and when. */
export class MaintenanceSteps {
  readonly #parts: MaintenanceStepsParts

  constructor(parts: MaintenanceStepsParts) {
    this.#parts = parts
  }

  /** By the times as they are now. */
  tasks(): (MaintenanceTask & { name: MaintenanceStepName })[] {
    const { timings, retention, keyCollection } = this.#parts
    const { cleanupIntervalMs, retentionIntervalMs, problemResetIntervalMs, keyCollectionIntervalMs } = timings()
    const keyLookMs = Number.isFinite(keyCollectionIntervalMs)
      ? Math.min(KEY_LOOK_MS, keyCollectionIntervalMs)
      : Number.POSITIVE_INFINITY
    return [
      this.#health(),
      { name: 'reset', intervalMs: problemResetIntervalMs, run: (signal) => this.#resetProblems(signal) },
      { name: 'cleanup', intervalMs: cleanupIntervalMs, run: () => this.#cleanUp() },
      { name: 'retention', intervalMs: retentionIntervalMs, run: (signal, hurry) => retention.run(signal, hurry) },
      { name: 'keys', intervalMs: keyLookMs, run: (signal) => keyCollection.run(signal) },
    ]
  }

  /** Stops linked sessions that were inactive for too long, and removes those that were never linked: all, or the given ones. */
  cleanInactive(options: { ids?: readonly string[] } = {}): Promise<{ stopped: string[]; removed: string[] }> {
    const { records, timings, clock, sessions } = this.#parts
    return cleanInactive({
      records: records.all(options),
      inactiveAfterMs: timings().inactiveAfterMs,
      now: () => clock.now(),
      runsElsewhere: (record) => this.#runsElsewhere(record),
      stop: (sessionId) => sessions.stop(sessionId),
      remove: (sessionId) => this.#removeUnlinked(sessionId),
    })
  }

  #health(): MaintenanceTask & { name: MaintenanceStepName } {
    const { timings, live, clock, logger } = this.#parts
    const { healthCheckIntervalMs } = timings()
    const isOn = Number.isFinite(healthCheckIntervalMs)
    const spreadMs = isOn ? healthCheckIntervalMs * HEALTH_SPREAD : 0
    const round = new HealthRound({ live: () => live.all, spreadMs, clock, logger })
    return {
      name: 'health',
      intervalMs: healthCheckIntervalMs - spreadMs,
      spreadMs,
      run: (signal, hurry) => round.run(signal, hurry),
    }
  }

  async #cleanUp(): Promise<Record<string, number>> {
    const { stopped, removed } = await this.cleanInactive()
    return { stopped: stopped.length, removed: removed.length }
  }

  #resetProblems(signal: AbortSignal): Promise<Record<string, number>> {
    const { records, sessions, isStarted, live, clock, logger } = this.#parts
    return resetProblems(
      {
        records: () => records.all({ desired: 'running' }),
        reconnect: (sessionId) => sessions.resetAttempts(sessionId),
        start: async (sessionId) => isStarted() && (await live.load(sessionId)).resume(),
        now: () => clock.now(),
        logger,
      },
      signal,
    )
  }

  /** Of a record as `records` shows it: what no node runs any more is at rest there. */
  #runsElsewhere({ id, status }: SessionRecord): boolean {
    return isRunning(status) && this.#parts.live.find(id)?.state.isTruth !== true
  }

  /** Whether it was removed: another process may have linked it, and nobody knows for sure what credentials are good for. */
  async #removeUnlinked(sessionId: string): Promise<boolean> {
    const { store, sessions } = this.#parts
    const stored = await store.sessions.get(sessionId)
    if (!stored || stored.account) return false
    const creds = await store.auth.readCreds(sessionId)
    // A deletion archives them; they can be restored until the archive is too old.
    await (creds ? sessions.delete(sessionId) : sessions.cleanup(sessionId))
    return true
  }
}
