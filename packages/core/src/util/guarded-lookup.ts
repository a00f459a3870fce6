import { type LookupOptions, lookup as resolveName } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.js'

/** A name has an address that the guard does not admit. */
export class AddressRefused extends Error {
  constructor() {
    super('The address is not allowed')
  }
}

/**
 * Resolves names for sockets: those that have an address inside are refused, unless the guard trusts the name. The socket connects to
 * the addresses that were looked at, so that a name which resolves to another one a moment later changes nothing. What is an address
 * already is never resolved: ask `admitsHost` before.
 */
export function guardedLookup(guard: AddressGuard, resolve: LookupFunction = resolveName): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    if (guard.trustsName(hostname)) {
      resolve(hostname, options, callback)
      return
    }
    resolve(hostname, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map((one) => one.address)
      if (error || addresses.every((one) => guard.admitsAddress(one))) callback(error, address, family)
      else callback(new AddressRefused(), '', 0)
    })
  }
}
