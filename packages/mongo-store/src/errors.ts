import { TrunklineError, toStoreError as toOtherStoreError } from '@trunkline/core/store'
import {
  BSON,
  MongoAPIError,
  MongoClientClosedError,
  MongoCompatibilityError,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb'

/** A unique index, or the `_id`, refused a document. */
export function isDuplicateKey(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.code === 11_000
}

/** MongoDB's OutOfDiskSpace. */
const OUT_OF_DISK_SPACE = 14_031

/** What a server says to a command that this package should not have sent: BadValue, FailedToParse, TypeMismatch, too large. */
const REFUSED_COMMANDS = new Set<unknown>([2, 9, 14, 10_334])

/** Misuse of the driver that is no fault of anybody here: the client was closed, or its session went with the connection. */
const ENDED_BY_OTHERS = [
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
]

/** A failure of the driver or of the server as one of ours; the original stays as its cause. */
export function toStoreError(error: unknown): TrunklineError {
  if (TrunklineError.is(error)) return error
  if (error instanceof MongoCompatibilityError) {
    const { message } = error
    return new TrunklineError('CONFIG_INVALID', {
      cause: error,
      message,
      details: { errors: [{ field: 'uri', message }] },
    })
  }
  if (error instanceof MongoServerSelectionError) {
    // In the cause, which operators read: where a database is, is nothing for callers.
    const cause = new Error(`No server answers at ${addressesOf(error)}`, { cause: error })
    return new TrunklineError('STORE_UNAVAILABLE', { cause })
  }
  if (isOurMistake(error)) return new TrunklineError('INTERNAL', { cause: error })
  const full = error instanceof MongoServerError && error.code === OUT_OF_DISK_SPACE
  return full ? new TrunklineError('STORE_FULL', { cause: error }) : toOtherStoreError(error)
}

/** The driver's own words name none where it gave up before the first connection failed. */
function addressesOf({ reason }: MongoServerSelectionError): string {
  return [...(reason?.servers.keys() ?? [])].join(', ') || 'any address'
}

/** Whether the code is wrong rather than the server silent: whoever reads STORE_UNAVAILABLE looks for a network fault. */
function isOurMistake(error: unknown): boolean {
  if (error instanceof MongoServerError) return REFUSED_COMMANDS.has(error.code)
  if (error instanceof MongoAPIError) return !ENDED_BY_OTHERS.some((Class) => error instanceof Class)
  return BSON.BSONError.isBSONError(error)
}
