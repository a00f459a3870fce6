import { pino } from 'pino'
import { describeDevice } from '../baileys/translate/describe-device.js'
import { createWitness, type WitnessOptions } from '../files/witness.js'
import { filePath, having, refuseOptions } from '../manager/check-config.js'
import { fields, optional } from '../manager/checks.js'
import type { AuthStore } from '../ports/auth-store.js'
import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import { systemClock } from '../util/system-clock.js'

/** Where the witness is kept: not with the store that it watches. */
export type WitnessedAuthStoreOptions = Pick<WitnessOptions, 'folder'> &
  Partial<Pick<WitnessOptions, 'clock' | 'logger'>>

const witnessOptions = fields<WitnessedAuthStoreOptions>({
  folder: filePath,
  clock: optional(having<Clock>('monotonic')),
  logger: optional(having<Logger>('warn')),
})

/**
 * An auth store that refuses credentials which are older than those that were in use before, with BACKUP_TOO_OLD: Signal keys
 * that run a second time lose messages. It keeps one small file for each linked device, without anything secret, in a folder
 * that must not be put back together with the store.
 *
 *     const auth = createWitnessedAuthStore(store.auth, { folder: 'data/witness' })
 *
 * Goes around the outside of a sealed store: it has to read the credentials.
 *
 * @throws CONFIG_INVALID naming each option that is wrong
 */
export function createWitnessedAuthStore(auth: AuthStore, options: WitnessedAuthStoreOptions): AuthStore {
  refuseOptions('the witnessed auth store', [
    ...having<AuthStore>('commit')(auth, 'auth'),
    ...witnessOptions(options, ''),
  ])
  const logger = options.logger ?? pino({ name: 'trunkline', level: 'warn' })
  return createWitness(auth, { clock: systemClock, ...options, logger, describe: describeDevice })
}
