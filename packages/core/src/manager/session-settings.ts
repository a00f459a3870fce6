import { LIMITS } from '../types/limits.js'
import { type AutoDownload, PRELOAD_TYPES, type SessionSettings, type SettingsChanges } from '../types/session.js'
import { type Check, clearable, fields, flag, oneOf, optional, text, wellFormed, wholeNumber } from './checks.js'
import { pacingCheck } from './pacing-check.js'

const { maxPreload, maxProxyUrlLength, maxDeviceNameLength } = LIMITS.settings
const PROXY_PROTOCOLS = ['http:', 'https:', 'socks4:', 'socks5:']
/** Stands where a password was. */
const HIDDEN = '***'

/** What is right for each setting. */
const SETTINGS: { [Name in keyof Required<SessionSettings>]: Check } = {
  preload: fields<NonNullable<SessionSettings['preload']>>({
    type: oneOf(PRELOAD_TYPES),
    limit: wholeNumber({ min: 0, max: maxPreload }),
  }),
  proxyUrl: wellFormed((value) => proxyProblem(value.trim())),
  deviceName: text({ maxLength: maxDeviceNameLength, trimmed: true }),
  markOnline: flag,
  readOnReceive: flag,
  rejectCalls: flag,
  ignoreGroups: flag,
  pacing: pacingCheck,
  autoDownload: fields<AutoDownload>({
    image: sizeOf('image'),
    video: sizeOf('video'),
    document: sizeOf('document'),
    sticker: sizeOf('sticker'),
    audio: sizeOf('audio'),
    voice: sizeOf('voice'),
  }),
  queueWhenOffline: flag,
}

export const settingsCheck = fields<SessionSettings>(eachOf(optional))

/** `null` clears a setting. */
export const settingsChangesCheck = fields<SettingsChanges>(eachOf(clearable))

/** Settings as they are stored: without the blanks that came along with a text. */
export function trimSettings<Settings extends SettingsChanges>(settings: Settings): Settings {
  const trimmed = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.trim() : value,
  ])
  return Object.fromEntries(trimmed)
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
  // Earlier versions stored whatever they were given: it may hide a password, and must not keep the session from being read.
  if (typeof proxyUrl !== 'string' || !URL.canParse(proxyUrl)) return { ...settings, proxyUrl: HIDDEN }
  const url = new URL(proxyUrl)
  if (url.password) url.password = HIDDEN
  return { ...settings, proxyUrl: url.href }
}

/** Of a kind of file, as far as such files go. */
function sizeOf(kind: keyof typeof LIMITS.media.maxBytes): Check {
  return optional(wholeNumber({ min: 0, max: LIMITS.media.maxBytes[kind] }))
}

function proxyProblem(text: string): string | undefined {
  // A URL parser would leave them out, and take what is left.
  if (/[\p{Cc}\s]/u.test(text)) return 'must have no blanks and control characters'
  const url = text.length <= maxProxyUrlLength && URL.canParse(text) ? new URL(text) : undefined
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

function eachOf(wrap: (check: Check) => Check): typeof SETTINGS {
  return Object.fromEntries(Object.entries(SETTINGS).map(([name, check]) => [name, wrap(check)])) as typeof SETTINGS
}
