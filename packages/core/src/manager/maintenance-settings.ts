import type { MaintenanceStepName } from '../types/maintenance.js'
import type { MaintenanceTimings } from './options.js'
import type { RetentionLimits } from './retention.js'

/** What a manager does its maintenance by, for each step. What is off, or never removed, is left out. */
export function maintenanceSettings(
  timings: MaintenanceTimings,
  limits: RetentionLimits,
): Record<MaintenanceStepName, Record<string, number>> {
  const { healthCheckIntervalMs, problemResetIntervalMs, cleanupIntervalMs, inactiveAfterMs } = timings
  const { retentionIntervalMs, keyCollectionIntervalMs } = timings
  return {
    health: finite({ healthCheckIntervalMs }),
    reset: finite({ problemResetIntervalMs }),
    cleanup: finite({ cleanupIntervalMs, inactiveAfterMs }),
    retention: finite({ retentionIntervalMs, ...limits }),
    keys: finite({ keyCollectionIntervalMs }),
  }
}

function finite(settings: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => Number.isFinite(value)))
}
