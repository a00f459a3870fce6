/** What can go wrong when a test drives the simulator; callers branch on `code`. */
export type SimulatorErrorCode =
  | 'BAD_INPUT'
  | 'CLOSED'
  | 'DEVICE_NOT_FOUND'
  | 'GROUP_NOT_FOUND'
  | 'MESSAGE_NOT_FOUND'
  | 'NOT_CONNECTED'
  | 'NOT_REGISTERED'
  | 'PAIRING_CODE_UNKNOWN'
  | 'PAIRING_CODE_WRONG'
  | 'PAIRING_FAILED'
  | 'PASSKEY_REQUIRED'
  | 'PHONE_EXISTS'
  | 'PHONE_NOT_FOUND'
  | 'QR_EXPIRED'
  | 'QR_INVALID'
  | 'QR_UNKNOWN'
  | 'RULE_NOT_FOUND'
  | 'SNAPSHOT_INVALID'
  | 'TIMEOUT'

export class SimulatorError extends Error {
  readonly code: SimulatorErrorCode
  /** The offending input field, where there is one. */
  readonly field?: string

  constructor(code: SimulatorErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SimulatorError'
    this.code = code
    if (options.field !== undefined) this.field = options.field
  }
}
