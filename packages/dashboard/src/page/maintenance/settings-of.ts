import type { MaintenanceStep } from '../../react/types.js'
import type { admin } from '../texts/admin.en.js'

type SettingName = keyof typeof admin extends infer Key
  ? Key extends `maintenance.setting.${infer Name}`
    ? Name
    : never
  : never

export interface Setting {
  /** The option of the manager. */
  name: SettingName
  /** The variable of the server that sets it; where there is none, only a host of its own can. */
  variable?: string
  unit: 'time' | 'bytes' | 'count'
  /** What it is when it is left out. */
  unlessGiven: 'maintenance.off' | 'maintenance.forever'
}

const every = (name: SettingName, variable?: string): Setting => ({
  name,
  unit: 'time',
  unlessGiven: 'maintenance.off',
  ...(variable === undefined ? {} : { variable }),
})
const kept = (name: SettingName, unit: Setting['unit'], variable?: string): Setting => ({
  name,
  unit,
  unlessGiven: 'maintenance.forever',
  ...(variable === undefined ? {} : { variable }),
})

/** What each step is done by. A test holds it against the options of the manager and the variables of the server. */
export const SETTINGS_OF: Readonly<Record<MaintenanceStep['name'], readonly Setting[]>> = {
  health: [every('healthCheckIntervalMs', 'HEALTH_CHECK_INTERVAL')],
  reset: [every('problemResetIntervalMs', 'PROBLEM_RESET_INTERVAL')],
  cleanup: [every('cleanupIntervalMs', 'CLEANUP_INTERVAL'), every('inactiveAfterMs', 'INACTIVE_AFTER')],
  retention: [
    every('retentionIntervalMs'),
    kept('messageMaxAgeMs', 'time', 'MESSAGE_MAX_AGE'),
    kept('messageMaxCount', 'count', 'MESSAGE_MAX_COUNT'),
    kept('eventMaxAgeMs', 'time', 'EVENT_MAX_AGE'),
    kept('eventMaxCount', 'count', 'EVENT_MAX_COUNT'),
    kept('mediaMaxAgeMs', 'time', 'MEDIA_MAX_AGE'),
    kept('mediaMaxBytes', 'bytes', 'MEDIA_MAX_BYTES'),
    kept('archiveMaxAgeMs', 'time', 'ARCHIVE_MAX_AGE'),
    kept('deletedSessionMaxAgeMs', 'time', 'DELETED_SESSION_MAX_AGE'),
    kept('auditMaxAgeMs', 'time', 'AUDIT_MAX_AGE'),
    kept('auditMaxCount', 'count', 'AUDIT_MAX_COUNT'),
    kept('jobMaxAgeMs', 'time'),
  ],
  keys: [every('keyCollectionIntervalMs')],
}
