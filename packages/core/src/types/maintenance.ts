import type { HealthCheckResult, SessionHealth, SessionStatus, StatusReason } from './session.js'

/** What the manager does by itself, again and again. */
export const MAINTENANCE_STEPS = ['health', 'reset', 'cleanup', 'retention', 'keys'] as const

/**
 * `health`: connected sessions are asked for a sign of life. `reset`: sessions that cannot connect for long begin anew. `cleanup`:
 * inactive ones are stopped. `retention`: what is kept no longer is removed. `keys`: keys that nothing can need again are removed.
 */
export type MaintenanceStepName = (typeof MAINTENANCE_STEPS)[number]

/** What of the maintenance can be changed while processes run. How long data is kept is not among them: that is set at the start. */
export const MAINTENANCE_SETTINGS = [
  'healthCheckIntervalMs',
  'problemResetIntervalMs',
  'cleanupIntervalMs',
  'inactiveAfterMs',
  'keyCollectionIntervalMs',
] as const

/** The name of an option of `maintenance` that can be changed while processes run. */
export type MaintenanceSettingName = (typeof MAINTENANCE_SETTINGS)[number]

/** Milliseconds, or never. */
export type MaintenanceSetting = number | 'off'

/** Settings by the names of the options; what is left out is as each process was started with. */
export type MaintenanceSettings = Partial<Record<MaintenanceSettingName, MaintenanceSetting>>

/** What people have changed of the maintenance, for all processes that share the store, and what it is without that. */
export interface MaintenanceChanges {
  /** One more with each change; 0 until the first. */
  revision: number
  /** When it was changed last (ISO 8601); left out until then. */
  updatedAt?: string
  /** What is set for all of them. It wins over what they were started with. */
  settings: MaintenanceSettings
  /** What this process was started with, by its options or as a default. */
  atStart: Record<MaintenanceSettingName, MaintenanceSetting>
}

/** A change of the maintenance. */
export interface UpdateMaintenanceOptions {
  /** Of what the change is of: `MaintenanceChanges.revision` as it was read. */
  revision: number
  /** A setting that is not named stays; `null` goes back to what each process was started with. */
  settings: {
    healthCheckIntervalMs?: MaintenanceSetting | null
    problemResetIntervalMs?: MaintenanceSetting | null
    cleanupIntervalMs?: MaintenanceSetting | null
    inactiveAfterMs?: number | null
    keyCollectionIntervalMs?: MaintenanceSetting | null
  }
}

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
