import type { ErrorCode } from './codes.js'
import { TrunklineError } from './trunkline-error.js'

/**
 * A failure of a store as a Trunkline error that keeps its cause: a mistake of code is INTERNAL, a record that is no JSON
 * STORE_CORRUPT, everything else STORE_UNAVAILABLE. For authors of stores: what their engine says in its own way (no room,
 * locked, …) comes before.
 */
export function toStoreError(failure: unknown): TrunklineError {
  return TrunklineError.is(failure) ? failure : new TrunklineError(codeOf(failure), { cause: failure })
}

function codeOf(failure: unknown): ErrorCode & ('INTERNAL' | 'STORE_CORRUPT' | 'STORE_UNAVAILABLE') {
  // A record that is no JSON was not written by us like this.
  if (failure instanceof SyntaxError) return 'STORE_CORRUPT'
  return isMistake(failure) ? 'INTERNAL' : 'STORE_UNAVAILABLE'
}

/** Whoever reads STORE_UNAVAILABLE looks for a network fault, so what is none must not be called so. */
function isMistake(failure: unknown): boolean {
  if (failure instanceof RangeError || failure instanceof ReferenceError) return true
  // `fetch` tells by a TypeError that a server does not answer, and why by its cause.
  return failure instanceof TypeError && failure.cause === undefined
}
