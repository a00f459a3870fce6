import { type FieldError, TrunklineError } from '@trunkline/core'

const MIN_SECRET_BYTES = 32

/**
 * Hosts without types leave out what they read from an environment that is not set.
 *
 * @throws CONFIG_INVALID saying in its text what is wrong
 */
export function checkAuthOptions(options: unknown): void {
  const { jwtSecret, authenticator } = (options ?? {}) as { jwtSecret?: unknown; authenticator?: unknown }
  if (isMissing(authenticator)) {
    if (isMissing(jwtSecret))
      throw invalid('jwtSecret', `is needed, at least ${MIN_SECRET_BYTES} bytes, or an authenticator`)
    return
  }
  if (!isMissing(jwtSecret))
    throw invalid('authenticator', 'cannot be given together with jwtSecret: it is one or the other')
  const { authenticate } = authenticator as { authenticate?: unknown }
  if (typeof authenticate !== 'function') throw invalid('authenticator', 'must be an object with a method authenticate')
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
