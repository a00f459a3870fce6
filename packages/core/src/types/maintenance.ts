import type { HealthCheckResult, SessionHealth, SessionStatus, StatusReason } from './session.js'

/** What the manager does by itself, again and again. */
export const MAINTENANCE_STEPS = ['health', 'reset', 'cleanup', 'retention', 'keys'] as const

/**
 * `health`: connected sessions are asked for a sign of life. `reset`: sessions that cannot connect for long begin anew. `cleanup`:
 * inactive ones are stopped. `retention`: what is kept no longer is removed. `keys`: keys that nothing can need again are removed.
 */
export type MaintenanceStepName = (typeof MAINTENANCE_STEPS)[number]

/** One step of the maintenance: when it ran, what it did, and when it runs next. Times are ISO 8601. */
export interface MaintenanceStep {
  name: MaintenanceStepName
  /** Left out where the step is off. */
  intervalSeconds?: number
  running: boolean
  /**
   * What it is done by, under the names of the options (`maintenance` and `retention`): milliseconds, bytes or counts. What is off, or
   * kept for ever, is left out.
   */
  settings: Record<string, number>
  /** Left out until it has ended for the first time. */
  lastRun?: MaintenanceRun
  nextAt?: string
}

/** One run of a step that has ended. */
export interface MaintenanceRun {
  /** When it began. */
  at: string
  durationMs: number
  /** What it did, counted: `{ checked: 12, deaf: 1 }`. */
  did: Record<string, number>
  /** Why it did not come to its end. */
  problem?: string
}

/** How the sessions do, with those that somebody should look at. */
export interface HealthReport {
  at: string
  total: number
  ok: number
  degraded: number
  unhealthy: number
  /** Whether the store answered when it was asked last. */
  storeAnswers: boolean
  /** Those that are not `ok`, by id, at most 200. */
  problems: HealthProblem[]
}

/** A session that is not `ok`, and why. */
export interface HealthProblem {
  sessionId: string
  label?: string
  status: SessionStatus
  /** Since when it has this status (ISO 8601). */
  since: string
  health: SessionHealth
  reason?: StatusReason
  healthCheck?: HealthCheckResult
}
