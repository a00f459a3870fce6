import { TrunklineError } from '../errors/trunkline-error.js'
import type { SettingsChanges } from '../types/session.js'
import { AddressGuard, isAllowable } from '../util/address-guard.js'
import { refuseOptions } from './check-config.js'
import type { ManagerOptions } from './options.js'

/** Where the proxies of sessions may be. @throws CONFIG_INVALID naming each entry of `proxyAllow` that is none */
export function proxyGuardOf({
  proxyAllow = [],
  defaultSettings,
}: Pick<ManagerOptions, 'proxyAllow' | 'defaultSettings'>): AddressGuard {
  const entries: readonly unknown[] = Array.isArray(proxyAllow) ? proxyAllow : [proxyAllow]
  const errors = entries.flatMap((entry, index) =>
    isAllowable(entry)
      ? []
      : [{ field: `proxyAllow.${index}`, message: 'must be a host name, an address or a range such as 10.0.0.0/8' }],
  )
  refuseOptions('the manager', errors)
  const own = hostOf(defaultSettings?.proxyUrl)
  return new AddressGuard([...entries.filter(isAllowable), ...(own ? [own] : [])])
}

/** @throws VALIDATION_FAILED for a proxy at an address that is not allowed, as far as the URL tells */
export function checkProxy(settings: SettingsChanges | undefined, guard: AddressGuard): void {
  const host = hostOf(settings?.proxyUrl)
  if (host === undefined || guard.admitsHost(host)) return
  const errors = [{ field: 'settings.proxyUrl', message: 'must not be at an inside address' }]
  throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
}

function hostOf(proxyUrl: string | null | undefined): string | undefined {
  return typeof proxyUrl === 'string' && URL.canParse(proxyUrl) ? new URL(proxyUrl).hostname : undefined
}
