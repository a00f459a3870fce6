import { TrunklineError } from '@trunkline/core'
import { MongoServerError } from 'mongodb'

/** A unique index, or the `_id`, refused a document. */
export function isDuplicateKey(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.code === 11_000
}

/** MongoDB's OutOfDiskSpace. */
const OUT_OF_DISK_SPACE = 14_031

/** A failure of the driver or of the server as one of ours; the original stays as its cause. */
export function toStoreError(error: unknown): TrunklineError {
  if (TrunklineError.is(error)) return error
  // A record that is no JSON was not written by us like this.
  if (error instanceof SyntaxError) return new TrunklineError('STORE_CORRUPT', { cause: error })
  const full = error instanceof MongoServerError && error.code === OUT_OF_DISK_SPACE
  return new TrunklineError(full ? 'STORE_FULL' : 'STORE_UNAVAILABLE', { cause: error })
}
