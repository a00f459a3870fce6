import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import type { HealthReport } from '../types/maintenance.js'
import type { QueueLength } from '../types/queue.js'
import { SESSION_STATUSES, type SessionDetails, type SessionStats, type SessionStatus } from '../types/session.js'
import type { TrafficHour, TrafficOptions } from '../types/traffic.js'
import { reportHealth } from './health-report.js'
import type { LiveSessions } from './live-sessions.js'
import type { QueueReader } from './queue-reader.js'
import type { SessionRecords } from './session-records.js'
import { collectStats } from './session-stats.js'
import { toDetails } from './session-view.js'
import type { SessionViews } from './session-views.js'
import { hourAt } from './traffic-counter.js'

/** What the traffic of a day has. */
const DAY_HOURS = 24

export interface MonitoringParts {
  records: Pick<SessionRecords, 'read' | 'all' | 'tally'>
  views: Pick<SessionViews, 'of' | 'moment'>
  live: Pick<LiveSessions, 'all'>
  queues: Pick<QueueReader, 'longest'> | undefined
  store: Pick<Store, 'traffic'>
  clock: Clock
}

/** Sums and reports, over the sessions of all nodes where it does not say otherwise. */
export class Monitoring {
  readonly #parts: MonitoringParts
  readonly #startedAt: number

  constructor(parts: MonitoringParts) {
    this.#parts = parts
    this.#startedAt = parts.clock.monotonic()
  }

  get uptimeMs(): number {
    return this.#parts.clock.monotonic() - this.#startedAt
  }

  /** @throws SESSION_NOT_FOUND */
  async details(sessionId: string): Promise<SessionDetails> {
    const record = await this.#parts.records.read(sessionId)
    return toDetails(record, this.#parts.views.of(record), this.#memoryShare(process.memoryUsage().heapUsed))
  }

  async stats(options: { ids?: readonly string[] }): Promise<SessionStats> {
    const { records, live, clock } = this.#parts
    const tally = await records.tally(options)
    const asked = options.ids && new Set(options.ids)
    const counted = live.all.filter(({ id, isDeleted }) => !isDeleted && asked?.has(id) !== false)
    const { rss, heapUsed } = process.memoryUsage()
    return collectStats(tally, {
      pending: counted.map(({ metrics }) => metrics.pending.counters),
      now: clock.now(),
      memory: { rss, heapUsed, perSession: this.#memoryShare(heapUsed) },
      uptimeSeconds: Math.floor(this.uptimeMs / 1000),
    })
  }

  async traffic({ hours = DAY_HOURS, ids }: TrafficOptions): Promise<TrafficHour[]> {
    const since = hourAt(this.#parts.clock.now(), { before: hours - 1 })
    return (await this.#parts.store.traffic?.sum({ since, ...(ids ? { ids } : {}) })) ?? []
  }

  async queues(options: { ids?: readonly string[] }): Promise<QueueLength[]> {
    return (await this.#parts.queues?.longest(options)) ?? []
  }

  healthReport(options: { ids?: readonly string[] }): Promise<HealthReport> {
    return reportHealth(this.#parts.records.all(options), this.#parts.views.moment())
  }

  /** Of this process, from memory. */
  get statusCounts(): Record<SessionStatus, number> {
    const counts = Object.fromEntries(SESSION_STATUSES.map((status) => [status, 0])) as Record<SessionStatus, number>
    for (const { status } of this.#parts.live.all) counts[status] += 1
    return counts
  }

  /** Of the sessions that run here. */
  async queuedCount(): Promise<number> {
    const counts = await Promise.all(this.#parts.live.all.map((live) => live.queuedCount()))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  #memoryShare(heapUsed: number): number {
    const running = this.#parts.live.all.filter((live) => live.state.record.desired === 'running').length
    return Math.round(heapUsed / Math.max(1, running))
  }
}
