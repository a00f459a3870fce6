import type { MaintenanceSettings } from '../types/maintenance.js'

/** What people have set for all processes that share the store, in one small record. */
export interface InstallationStore {
  /** `undefined` until something was set. */
  read(): Promise<InstallationRecord | undefined>

  /**
   * Puts the record in the place of the one of the revision before, so that nobody's change is lost; of several at once for one of them.
   * The first has revision 1.
   *
   * @returns `false`, and nothing written, when what is kept has another revision, or the first is there already
   */
  replace(record: InstallationRecord): Promise<boolean>
}

/** Never removed once it is there: what is back to what a process was started with is left out of it. */
export interface InstallationRecord {
  /** 1 for the first, one more with each change. */
  revision: number
  /** ISO 8601. */
  updatedAt: string
  maintenance: MaintenanceSettings
}
