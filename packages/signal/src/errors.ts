/**
 * What can go wrong, and the text Baileys sees. Two of the texts are part of its control flow and must stay as they are:
 * 'Key used already or never filled' makes it refuse a repeated message without asking for it again, 'No session record'
 * marks a missing session (`MISSING_KEYS_ERROR_TEXT` and `DECRYPTION_RETRY_CONFIG` in Utils/decode-wa-message.js).
 */
export const ERROR_TEXTS = {
  SIGNAL_NO_SESSION: 'No session record',
  SIGNAL_DUPLICATE_MESSAGE: 'Key used already or never filled',
  SIGNAL_NO_SENDER_KEY: 'No session found to decrypt message',
  SIGNAL_NO_PRE_KEY: 'Invalid PreKey ID',
  SIGNAL_INVALID_MESSAGE: 'Message cannot be decrypted',
  SIGNAL_INVALID_BUNDLE: 'Key bundle is not valid',
  SIGNAL_INVALID_RECORD: 'Stored Signal record is not valid',
} as const

export type SignalErrorCode = keyof typeof ERROR_TEXTS

const marker = Symbol.for('trunkline.signal-error')

export class SignalError extends Error {
  readonly code: SignalErrorCode
  readonly [marker] = true

  constructor(code: SignalErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${ERROR_TEXTS[code]}: ${detail}` : ERROR_TEXTS[code], options)
    this.name = 'SignalError'
    this.code = code
  }

  /** Also recognises an error of another copy of this package, such as the CommonJS build beside the ESM one. */
  static is(value: unknown): value is SignalError {
    return typeof value === 'object' && value !== null && marker in value
  }
}

/** The core throws strings: Debug texts of its errors for 1:1, Display texts for groups. */
export function translatedCoreError(cause: unknown): SignalError {
  const text = String(cause)
  return new SignalError(codeOf(text), undefined, { cause: new Error(text) })
}

function codeOf(text: string): SignalErrorCode {
  if (/SessionNotFound/.test(text)) return 'SIGNAL_NO_SESSION'
  if (/DuplicatedMessage|message with old counter/.test(text)) return 'SIGNAL_DUPLICATE_MESSAGE'
  if (/sender key state/.test(text)) return 'SIGNAL_NO_SENDER_KEY'
  if (/InvalidSessionStructure|InvalidSenderKeySession/.test(text)) return 'SIGNAL_INVALID_RECORD'
  return 'SIGNAL_INVALID_MESSAGE'
}
