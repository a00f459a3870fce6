import { type FieldError, TrunklineError } from '@trunkline/core'

const MIN_SECRET_BYTES = 32

/**
 * Hosts without types leave out what they read from an environment that is not set.
 *
 * @throws CONFIG_INVALID saying in its text what is wrong
 */
export function checkAuthOptions(options: unknown): void {
  if (!isMissing(options) && typeof options !== 'object') throw invalid('options', 'must be an object')
  const { jwtSecret, authenticator, ...login } = (options ?? {}) as Record<string, unknown>
  if (isMissing(authenticator)) {
    if (isMissing(jwtSecret))
      throw invalid('jwtSecret', `is needed, at least ${MIN_SECRET_BYTES} bytes, or an authenticator`)
    checkLoginOptions(login)
    return
  }
  if (!isMissing(jwtSecret))
    throw invalid('authenticator', 'cannot be given together with jwtSecret: it is one or the other')
  const { authenticate } = authenticator as { authenticate?: unknown }
  if (typeof authenticate !== 'function') throw invalid('authenticator', 'must be an object with a method authenticate')
}

/** What a mount is given beside that. @throws CONFIG_INVALID naming the option that is wrong */
export function checkApiOptions({ bodyLimitBytes, clock, logger }: Record<string, unknown>): void {
  if (!isMissing(bodyLimitBytes) && !isCount(bodyLimitBytes)) throw invalid('bodyLimitBytes', COUNT)
  if (!isMissing(clock) && !has(clock, 'now', 'monotonic', 'setTimeout'))
    throw invalid('clock', 'must have now, monotonic and setTimeout')
  if (!isMissing(logger) && !has(logger, 'debug', 'info', 'warn', 'error'))
    throw invalid('logger', 'must have debug, info, warn and error')
}

/** @throws CONFIG_INVALID */
export function checkManager(manager: unknown): void {
  if (!has((manager as { store?: unknown } | undefined)?.store, 'sessions'))
    throw invalid('manager', 'must be a manager of sessions')
}

function checkLoginOptions(options: Record<string, unknown>): void {
  for (const field of ['issuer', 'audience']) {
    const value = options[field]
    if (!isMissing(value) && (typeof value !== 'string' || value === '')) throw invalid(field, 'must be a text')
  }
  for (const field of ['accessTokenSeconds', 'refreshTokenSeconds'])
    if (!isMissing(options[field]) && !isCount(options[field])) throw invalid(field, COUNT)
  const { throttle, allowShortSecret, now } = options
  if (!isMissing(throttle) && !isThrottle(throttle))
    throw invalid('throttle', 'must have perAccount, perAddress and windowMs, each a whole number from 1')
  if (!isMissing(allowShortSecret) && typeof allowShortSecret !== 'boolean')
    throw invalid('allowShortSecret', 'must be true or false')
  if (!isMissing(now) && typeof now !== 'function') throw invalid('now', 'must be a function')
}

const COUNT = 'must be a whole number from 1'

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

function isThrottle(value: unknown): boolean {
  const { perAccount, perAddress, windowMs } = Object(value) as Record<string, unknown>
  return [perAccount, perAddress, windowMs].every(isCount)
}

function has(value: unknown, ...members: string[]): boolean {
  return typeof value === 'object' && value !== null && members.every((member) => member in value)
}

/** @throws CONFIG_INVALID for a secret that can be guessed, unless that is asked for */
export function toSecret(secret: unknown, options: { allowShort: boolean }): Uint8Array {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    throw invalid('jwtSecret', `must be text or bytes, at least ${MIN_SECRET_BYTES}`)
  }
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret.trim() && secret) : secret
  if (bytes.length === 0) throw invalid('jwtSecret', `is empty: it must have at least ${MIN_SECRET_BYTES} bytes`)
  if (bytes.length < MIN_SECRET_BYTES && !options.allowShort) {
    throw invalid('jwtSecret', `must have at least ${MIN_SECRET_BYTES} bytes`)
  }
  return bytes
}

function isMissing(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function invalid(field: string, reason: string): TrunklineError {
  const errors: FieldError[] = [{ field, message: reason }]
  return new TrunklineError('CONFIG_INVALID', { message: `${field} ${reason}`, details: { errors } })
}
