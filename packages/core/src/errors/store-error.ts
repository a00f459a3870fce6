import { TrunklineError } from './trunkline-error.js'

/** A failure of a store as a Trunkline error: one that is none yet becomes STORE_UNAVAILABLE and keeps its cause. */
export function toStoreError(error: unknown): TrunklineError {
  return TrunklineError.is(error) ? error : new TrunklineError('STORE_UNAVAILABLE', { cause: error })
}
