import { AddressGuard, isAllowable } from '../util/address-guard.js'
import { refuseOptions } from './check-config.js'
import type { ManagerOptions } from './options.js'

/** Which hosts of URLs that callers give may be asked. @throws CONFIG_INVALID naming each entry of `urlAllow` that is none */
export function urlGuardOf({ urlAllow = [] }: Pick<ManagerOptions, 'urlAllow'>): AddressGuard {
  const entries: readonly unknown[] = Array.isArray(urlAllow) ? urlAllow : [urlAllow]
  const errors = entries.flatMap((entry, index) =>
    isAllowable(entry)
      ? []
      : [{ field: `urlAllow.${index}`, message: 'must be a host name, an address or a range such as 10.0.0.0/8' }],
  )
  refuseOptions('the manager', errors)
  return new AddressGuard(entries.filter(isAllowable))
}
