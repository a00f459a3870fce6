import type { ErrorCode } from '../errors/codes.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { ConnectionClose } from '../ports/connector.js'

/**
 * What a closed connection means and what follows. One table to hold against WhatsApp's behaviour (docs/architecture.md,
 * "Reconnecting"). Classified by message before number, because one number has several causes: 401 is also Baileys' own
 * "Intentional Logout", 408 is a lost connection, a refused TCP connection and an unused QR, 500 is a server fault and a
 * failed pairing, 440 is a second connection and an unlinked device.
 */
export type CloseVerdict =
  /** Connect again at once: the server asked for it. */
  | { action: 'restart'; code: 'RESTART_REQUIRED'; message: string }
  /** Connect again after a back-off with full jitter, without a limit on tries. */
  | { action: 'retry'; code: ErrorCode; message: string }
  /** Connect once more after a minute; a second time within ten minutes fails: never fight another connection. */
  | { action: 'replaced'; code: 'CONNECTION_REPLACED'; message: string }
  /** The phone removed this device: archive the credentials. Of those that WhatsApp ever let in, no other verdict does. */
  | { action: 'logged-out'; code: 'LOGGED_OUT'; message: string }
  /** A registration that WhatsApp does not know, and never did: link again. Credentials that are linked are archived first. */
  | { action: 'pair-again'; code: 'LOGGED_OUT'; message: string }
  | { action: 'banned'; code: 'ACCOUNT_BANNED'; message: string }
  /** WhatsApp refuses the version that was announced: try a newer one, where one may be looked up. */
  | { action: 'outdated'; code: 'CLIENT_OUTDATED'; message: string }
  | { action: 'qr-expired'; code: 'QR_EXPIRED'; message: string }
  /** Needs a person; credentials are kept. */
  | { action: 'failed'; code: ErrorCode; message: string }

export interface CloseContext {
  /** Whether the account was linked (`creds.account` exists). */
  linked: boolean
  /** Whether WhatsApp has ever let these credentials in. */
  loggedIn: boolean
  /** The version of WhatsApp Web that was announced. */
  version?: string
}

/** What one closed connection means. */
export function classifyClose(close: ConnectionClose, context: CloseContext): CloseVerdict {
  if (close.cause !== undefined) return classifyCause(close.cause)
  const text = close.message
  if (/QR refs attempts ended/i.test(text))
    return { action: 'qr-expired', code: 'QR_EXPIRED', message: 'No QR was scanned in time' }
  if (/Invalid account signature|Failed to verify/i.test(text)) {
    return { action: 'failed', code: 'PAIRING_REJECTED', message: text }
  }
  if (/certificate|self.signed|not trusted/i.test(text))
    return { action: 'failed', code: 'SERVER_NOT_TRUSTED', message: text }
  if (close.attributes?.type === 'device_removed' && isConflict(close))
    return loggedOut('The phone removed this device')
  return classifyNumber(close, context)
}

function classifyNumber(close: ConnectionClose, { linked, loggedIn, version }: CloseContext): CloseVerdict {
  const { statusCode, attributes } = close
  switch (statusCode) {
    case 515:
      return { action: 'restart', code: 'RESTART_REQUIRED', message: 'WhatsApp asked for a new connection' }
    case 440:
      return { action: 'replaced', code: 'CONNECTION_REPLACED', message: 'Another connection opened this account' }
    case 401:
      if (!linked)
        return { action: 'pair-again', code: 'LOGGED_OUT', message: 'WhatsApp does not know this registration' }
      // The link was signed and stored, but the connection, or the process, was gone before WhatsApp got the signature.
      if (!loggedIn && /Connection Failure/i.test(close.message))
        return { action: 'pair-again', code: 'LOGGED_OUT', message: 'The link never reached WhatsApp' }
      // Refused at login, or logged out by ourselves. A bare `stream:error 401` proves nothing: the next login will tell.
      return /Connection Failure|Intentional Logout/i.test(close.message)
        ? loggedOut('WhatsApp no longer knows this device')
        : { action: 'retry', code: 'CONNECTION_LOST', message: close.message }
    case 402:
      return { action: 'banned', code: 'ACCOUNT_BANNED', message: temporaryBan(attributes) }
    case 406:
      return { action: 'banned', code: 'ACCOUNT_BANNED', message: 'WhatsApp banned this account' }
    case 403:
      return { action: 'failed', code: 'ACCOUNT_LOCKED', message: 'WhatsApp locked this account, or its phone is gone' }
    case 405:
      return {
        action: 'outdated',
        code: 'CLIENT_OUTDATED',
        message: `WhatsApp does not accept ${version ? `version ${version}` : 'this client version'}`,
      }
    case 409:
    case 413:
    case 414:
    case 415:
    case 418:
    case 419:
      return { action: 'failed', code: 'LOGIN_REFUSED', message: `WhatsApp refused the login (${statusCode})` }
    case 411:
      return { action: 'failed', code: 'MULTI_DEVICE_REQUIRED', message: 'The account does not support linked devices' }
    case 400:
      return { action: 'failed', code: 'SERVER_NOT_TRUSTED', message: close.message }
    case 500:
    case 501:
    case 503:
    case 516:
      return { action: 'retry', code: 'SERVICE_UNAVAILABLE', message: `WhatsApp is not available (${statusCode})` }
    default:
      return /did not open in time/i.test(close.message)
        ? { action: 'retry', code: 'CONNECTION_TIMEOUT', message: close.message }
        : { action: 'retry', code: 'CONNECTION_LOST', message: close.message }
  }
}

/** A failure of our own side never touches credentials and never asks for a person: the store or the owner comes back. */
function classifyCause(cause: unknown): CloseVerdict {
  if (TrunklineError.is(cause)) {
    const { code, message } = cause
    if (cause.retryable || code === 'LEASE_LOST') return { action: 'retry', code, message }
    return { action: 'failed', code, message }
  }
  return {
    action: 'retry',
    code: 'STORE_UNAVAILABLE',
    message: cause instanceof Error ? cause.message : 'The store failed',
  }
}

function loggedOut(message: string): CloseVerdict {
  return { action: 'logged-out', code: 'LOGGED_OUT', message }
}

function isConflict(close: ConnectionClose): boolean {
  return close.statusCode === 401 || close.statusCode === 440 || /conflict/i.test(close.message)
}

function temporaryBan(attributes: Record<string, string> | undefined): string {
  const reason = attributes?.code ? ` (reason ${attributes.code})` : ''
  const expiry = attributes?.expire ? ` for ${attributes.expire} seconds` : ''
  return `WhatsApp banned this account${expiry}${reason}`
}
