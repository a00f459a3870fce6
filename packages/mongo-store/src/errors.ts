import { TrunklineError } from '@trunkline/core'
import { MongoServerError } from 'mongodb'

const DUPLICATE_KEY = 11_000
/** Disk full, and quotas of hosted databases: `OutOfDiskSpace`, `AtlasError`. */
const FULL = new Set([14_031, 8000])

/** A driver's error as one of ours; the driver's own stays as its cause. */
export function toStoreError(error: unknown): TrunklineError {
  if (TrunklineError.is(error)) return error
  if (error instanceof SyntaxError) return new TrunklineError('STORE_CORRUPT', { cause: error })
  const full = error instanceof MongoServerError && FULL.has(Number(error.code))
  return new TrunklineError(full ? 'STORE_FULL' : 'STORE_UNAVAILABLE', { cause: error })
}

/** Whether a write met a document of the same unique key: a lost race, or a fence. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY
}

type Methods = Record<string, (...parameters: never[]) => Promise<unknown>>

/** A port whose every failure is one of ours. */
export function guarded<Port extends object>(port: Port): Port {
  const methods = Object.entries(port as Methods).map(([name, method]) => [
    name,
    async (...parameters: never[]) => {
      try {
        return await method(...parameters)
      } catch (error) {
        throw toStoreError(error)
      }
    },
  ])
  return Object.fromEntries(methods) as Port
}
