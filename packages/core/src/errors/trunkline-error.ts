import type { SessionStatus } from '../types/session.js'
import { ERRORS, type ErrorCode } from './codes.js'

/** The extra fields of the codes that have some; every other code takes none. */
export interface ErrorDetails {
  VALIDATION_FAILED: { errors: FieldError[] }
  SESSION_NOT_FOUND: { sessionId: string }
  SESSION_ID_IN_USE: { sessionId: string; hint?: string }
  SESSION_LIMIT_REACHED: { limit: number }
  SESSION_NOT_CONNECTED: { sessionId: string; status: SessionStatus }
  SESSION_NOT_LINKED: { sessionId: string }
  SESSION_ALREADY_LINKED: { sessionId: string }
  QR_NOT_AVAILABLE: { sessionId: string; status: SessionStatus }
  ACCOUNT_CHANGED: { sessionId: string }
  PASSKEY_REQUIRED: { sessionId: string }
  /** `statusCode` and `reason` are WhatsApp's, where it refused; `retryAt` (ISO 8601): not before, when it limits how often one may ask. */
  PAIRING_CODE_FAILED: { reason: string; statusCode?: number; retryAt?: string }
  /** `field`: of the request, such as `media`; `body` of all of it. */
  UNSUPPORTED_MEDIA_TYPE: { field: string }
  URL_REFUSED: { field: string }
  URL_FAILED: { field: string }
  RECIPIENT_INVALID: { field: string; to: string }
  RECIPIENT_NOT_ON_WHATSAPP: { to: string }
  MESSAGE_NOT_FOUND: { messageId: string }
  MESSAGE_REFUSED: { messageId: string; reason: string }
  /** `reason`: such as `too-old`, `not-own` or `deleted`; docs/errors.md has all of them. */
  MESSAGE_NOT_CHANGEABLE: { messageId: string; reason: string }
  MESSAGE_NOT_FORWARDABLE: { messageId: string }
  MESSAGE_FAILED: { messageId: string }
  MESSAGE_ID_AMBIGUOUS: { messageId: string; chatIds: string[] }
  /** `reason`: WhatsApp's number, or what is missing. */
  CHAT_CHANGE_FAILED: { reason: string }
  CHAT_NOT_FOUND: { chatId: string }
  LABEL_NOT_FOUND: { labelId: string }
  WEBHOOK_NOT_FOUND: { webhookId: string }
  WEBHOOK_LIMIT_REACHED: { limit: number }
  WEBHOOK_BUSY: { webhookId: string }
  WEBHOOK_SECRET_NOT_FOUND: { webhookId: string }
  DELIVERY_NOT_FOUND: { webhookId: string; deliveryId: string }
  /** `statusCode`: WhatsApp's own. */
  WHATSAPP_REFUSED: { statusCode: number }
  LEASE_HELD: { sessionId: string; owner?: string; expiresAt?: string }
  CLUSTER_UNREACHABLE: { sessionId?: string; owner: string }
  LEASE_UNSURE: { sessionId: string }
  NODE_NOT_FOUND: { node: string }
  NODE_UNAVAILABLE: { node?: string }
  LEASE_LOST: { sessionId: string }
  RANGE_NOT_SATISFIABLE: { size: number }
  RATE_LIMITED: { retryAfterSeconds: number }
  ENCRYPTION_KEY_WRONG: { keyId?: string }
  BACKUP_TOO_OLD: { sessionId: string }
  /** The revision that they have now. */
  SETTINGS_CHANGED_MEANWHILE: { revision: number }
  CONFIG_INVALID: { errors: FieldError[] }
}

/** One field that is not right: `field` is a path such as `settings.preload.limit`. */
export interface FieldError {
  field: string
  message: string
}

/** What an error of a code says besides its text. */
export type DetailsOf<Code extends ErrorCode> = Code extends keyof ErrorDetails ? ErrorDetails[Code] : undefined

type ErrorOptions<Code extends ErrorCode> = { message?: string; cause?: unknown } & (Code extends keyof ErrorDetails
  ? { details: ErrorDetails[Code] }
  : { details?: undefined })

const MARK = Symbol.for('trunkline.error')

/**
 * The one error class. Branch on `code`; recognise it by `TrunklineError.is`, because the ESM and the CJS copy of a class
 * are not `instanceof` each other.
 */
export class TrunklineError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'TrunklineError'
  readonly code: Code
  readonly details: DetailsOf<Code>
  /** Whether the same call can succeed later without anybody changing anything. */
  readonly retryable: boolean

  constructor(
    code: Code,
    ...[options]: Code extends keyof ErrorDetails ? [ErrorOptions<Code>] : [ErrorOptions<Code>?]
  ) {
    super(
      options?.message ?? ERRORS[code].message,
      options && 'cause' in options ? { cause: options.cause } : undefined,
    )
    this.code = code
    this.details = options?.details as DetailsOf<Code>
    this.retryable = ERRORS[code].retryable
    Object.defineProperty(this, MARK, { value: true })
  }

  /** Whether `error` is a Trunkline error, of the given code when one is named. */
  static is<Code extends ErrorCode>(error: unknown, code?: Code): error is TrunklineError<Code> {
    const marked = typeof error === 'object' && error !== null && MARK in error
    return marked && (code === undefined || ('code' in error && error.code === code))
  }
}
