import { LIMITS } from '../types/limits.js'
import {
  MAINTENANCE_SETTINGS,
  type MaintenanceSetting,
  type MaintenanceSettingName,
  type MaintenanceSettings,
  type MaintenanceStepName,
  type UpdateMaintenanceOptions,
} from '../types/maintenance.js'
import { type Check, clearable, fields, wholeNumber, wrong } from './checks.js'
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

const { minMs, maxMs } = LIMITS.maintenance
const time = wholeNumber({ min: minMs, max: maxMs })
const timeOrOff: Check = (value, field) =>
  value === 'off' || time(value, field).length === 0
    ? []
    : wrong(field, `must be a whole number from ${minMs} to ${maxMs}, or off`)

/** What is right for each setting, as for the variables of the server. */
const SETTINGS: Record<MaintenanceSettingName, Check> = {
  healthCheckIntervalMs: timeOrOff,
  problemResetIntervalMs: timeOrOff,
  cleanupIntervalMs: timeOrOff,
  // Who wants nothing to be inactive switches the clean-up off.
  inactiveAfterMs: time,
  keyCollectionIntervalMs: timeOrOff,
}

export const maintenanceUpdateCheck = fields<UpdateMaintenanceOptions>({
  revision: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  settings: fields<UpdateMaintenanceOptions['settings']>({
    healthCheckIntervalMs: clearable(SETTINGS.healthCheckIntervalMs),
    problemResetIntervalMs: clearable(SETTINGS.problemResetIntervalMs),
    cleanupIntervalMs: clearable(SETTINGS.cleanupIntervalMs),
    inactiveAfterMs: clearable(SETTINGS.inactiveAfterMs),
    keyCollectionIntervalMs: clearable(SETTINGS.keyCollectionIntervalMs),
  }),
})

/**
 * What is set over what a process was started with. A value that is not right for its setting, which another version may have
 * written, is as if it were not there.
 */
export function timingsBy(atStart: MaintenanceTimings, settings: MaintenanceSettings): MaintenanceTimings {
  const right = MAINTENANCE_SETTINGS.flatMap((name) => {
    const value = settings[name]
    return value === undefined || SETTINGS[name](value, name).length > 0 ? [] : [[name, msOf(value)] as const]
  })
  return { ...atStart, ...Object.fromEntries(right) }
}

/** What can be changed, as it was at the start of a process. */
export function settingsOf(timings: MaintenanceTimings): Record<MaintenanceSettingName, MaintenanceSetting> {
  const entries = MAINTENANCE_SETTINGS.map((name) => [name, Number.isFinite(timings[name]) ? timings[name] : 'off'])
  return Object.fromEntries(entries)
}

/** Settings after a change. */
export function changedSettings(
  settings: MaintenanceSettings,
  changes: UpdateMaintenanceOptions['settings'],
): MaintenanceSettings {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const changed = Object.entries({ ...settings, ...Object.fromEntries(given) })
  return Object.fromEntries(changed.filter(([, value]) => value !== null))
}

function msOf(value: MaintenanceSetting): number {
  return value === 'off' ? Number.POSITIVE_INFINITY : value
}

function finite(settings: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => Number.isFinite(value)))
}
