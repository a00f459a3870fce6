import type { FieldError } from '../errors/trunkline-error.js'
import { PRELOAD_TYPES, type SessionSettings, type SettingsChanges } from '../types/session.js'

const MAX_PRELOAD = 1_000
const MAX_URL_LENGTH = 2_048
const PROXY_PROTOCOLS = ['http:', 'https:', 'socks4:', 'socks5:']
/** Stands where a password was. */
const HIDDEN = '***'

/** What is wrong with settings, by field. */
export function settingsErrors(settings: SettingsChanges | undefined): FieldError[] {
  const errors: FieldError[] = []
  const { preload, deviceName, proxyUrl } = settings ?? {}
  if (preload && !PRELOAD_TYPES.includes(preload.type)) {
    errors.push({ field: 'settings.preload.type', message: `must be one of ${PRELOAD_TYPES.join(', ')}` })
  }
  if (preload && (!Number.isInteger(preload.limit) || preload.limit < 0 || preload.limit > MAX_PRELOAD)) {
    errors.push({ field: 'settings.preload.limit', message: `must be a whole number from 0 to ${MAX_PRELOAD}` })
  }
  if (typeof deviceName === 'string' && (deviceName === '' || deviceName.length > 50)) {
    errors.push({ field: 'settings.deviceName', message: 'must have 1 to 50 characters' })
  }
  const problem = typeof proxyUrl === 'string' ? proxyProblem(proxyUrl) : undefined
  if (problem) errors.push({ field: 'settings.proxyUrl', message: problem })
  return errors
}

/** Settings after a change: what it does not name stays, `null` clears. */
export function mergeSettings(settings: SessionSettings, changes: SettingsChanges): SessionSettings {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const merged = Object.entries({ ...settings, ...Object.fromEntries(given) })
  return Object.fromEntries(merged.filter(([, value]) => value !== null))
}

/** Settings as callers see them. */
export function showSettings(settings: SessionSettings): SessionSettings {
  const { proxyUrl } = settings
  if (proxyUrl === undefined) return settings
  const url = new URL(proxyUrl)
  if (url.password) url.password = HIDDEN
  return { ...settings, proxyUrl: url.href }
}

function proxyProblem(text: string): string | undefined {
  const url = text.length <= MAX_URL_LENGTH && URL.canParse(text) ? new URL(text) : undefined
  if (!url || !PROXY_PROTOCOLS.includes(url.protocol) || !url.hostname) {
    return 'must be a http:, https:, socks4: or socks5: URL'
  }
  if (!isPercentEncoded(url.username) || !isPercentEncoded(url.password)) {
    return 'must have user and password percent-encoded'
  }
  // Somebody sends back what the API showed: taking it would replace the password by asterisks.
  if (url.password === HIDDEN) return `has ${HIDDEN} for a password: give the password, or leave proxyUrl out`
  return undefined
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
