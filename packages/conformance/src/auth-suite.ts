import { archiveCases } from './auth/archives.js'
import { batchCases, outageCases } from './auth/batches.js'
import { fencingCases } from './auth/fencing.js'
import { absenceCases, roundTripCases } from './auth/round-trip.js'
import { type Case, registerCases, type StoreUnderTest } from './suite.js'

export const authCases: readonly Case<'auth'>[] = [
  ...roundTripCases,
  ...absenceCases,
  ...batchCases,
  ...fencingCases,
  ...archiveCases,
  ...outageCases,
]

/** The promises of an `AuthStore`, for one that stands alone or is part of a store. */
export function authStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'auth'>): void {
  registerCases('auth', authCases, subject)
}
