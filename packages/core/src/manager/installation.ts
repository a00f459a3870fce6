import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { InstallationRecord, InstallationStore } from '../ports/installation-store.js'
import type { MaintenanceChanges, UpdateMaintenanceOptions } from '../types/maintenance.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { changedSettings, settingsOf, timingsBy } from './maintenance-settings.js'
import type { MaintenanceTimings } from './options.js'

export interface InstallationParts {
  /** `undefined` where the store keeps nothing of the kind. */
  store: InstallationStore | undefined
  atStart: MaintenanceTimings
  clock: Clock
  /** Called when `timings` are others than before. */
  onChange(): void
}

/** What people have set for all processes that share the store, over what this one was started with. */
export class Installation {
  readonly #parts: InstallationParts
  /** One after the other, so that an older answer of the store never comes after a newer one. */
  readonly #turns = new KeyedMutex()
  #record: InstallationRecord | undefined
  #timings: MaintenanceTimings

  constructor(parts: InstallationParts) {
    this.#parts = parts
    this.#timings = parts.atStart
  }

  /** What the maintenance is done by here, as far as it is known. */
  get timings(): MaintenanceTimings {
    return this.#timings
  }

  /** Looks what is set now, and goes by it. Nothing where the store keeps nothing. */
  async look(): Promise<void> {
    const { store } = this.#parts
    if (store) await this.#turns.run('', async () => this.#take(await store.read()))
  }

  /** `undefined` where the store keeps nothing. */
  async changes(): Promise<MaintenanceChanges | undefined> {
    await this.look()
    return this.#parts.store && this.#view()
  }

  /** @throws SETTINGS_NOT_KEPT · SETTINGS_CHANGED_MEANWHILE */
  async update({ revision, settings }: UpdateMaintenanceOptions): Promise<MaintenanceChanges> {
    const { store, clock } = this.#parts
    if (!store) throw new TrunklineError('SETTINGS_NOT_KEPT')
    return this.#turns.run('', async () => {
      const kept = await store.read()
      const record = {
        revision: revision + 1,
        updatedAt: new Date(clock.now()).toISOString(),
        maintenance: changedSettings(kept?.maintenance ?? {}, settings),
      }
      const isOfNow = (kept?.revision ?? 0) === revision && (await store.replace(record))
      this.#take(isOfNow ? record : await store.read())
      if (!isOfNow)
        throw new TrunklineError('SETTINGS_CHANGED_MEANWHILE', { details: { revision: this.#record?.revision ?? 0 } })
      return this.#view()
    })
  }

  #take(record: InstallationRecord | undefined): void {
    if (record?.revision === this.#record?.revision) return
    this.#record = record
    this.#timings = timingsBy(this.#parts.atStart, record?.maintenance ?? {})
    this.#parts.onChange()
  }

  #view(): MaintenanceChanges {
    const { revision = 0, updatedAt, maintenance = {} } = this.#record ?? {}
    const atStart = settingsOf(this.#parts.atStart)
    return { revision, ...(updatedAt === undefined ? {} : { updatedAt }), settings: { ...maintenance }, atStart }
  }
}
