import { SignalError } from './errors.js'
import { lastBytes, lastVarint, readFields } from './protobuf.js'

/** The parts of a Signal message that are read before it is decrypted (`wire.proto`). */
export interface WhisperMessage {
  readonly ratchetKey: Uint8Array
  readonly counter: number
  /** The index of the last message in the sender's chain before this one. */
  readonly previousCounter: number
  /** What is encrypted. */
  readonly body: Uint8Array
}

export interface PreKeyWhisperMessage {
  readonly preKeyId?: number
  readonly baseKey: Uint8Array
  readonly identityKey: Uint8Array
  readonly message: WhisperMessage
}

export const MAC_LENGTH = 8
/** Version 3, of a sender who knows no later one. */
export const SIGNAL_VERSION_BYTE = 0x33

/** Version byte, protobuf, 8 bytes of MAC. */
export function readWhisperMessage(bytes: Uint8Array): WhisperMessage {
  return guarded(() => {
    const fields = readFields(bytes.subarray(1, -MAC_LENGTH))
    return {
      ratchetKey: publicKey(lastBytes(fields, 1)),
      counter: unsigned(lastVarint(fields, 2)) ?? 0,
      previousCounter: unsigned(lastVarint(fields, 3)) ?? 0,
      body: lastBytes(fields, 4) ?? new Uint8Array(0),
    }
  })
}

/** Version byte, protobuf. */
export function readPreKeyWhisperMessage(bytes: Uint8Array): PreKeyWhisperMessage {
  return guarded(() => {
    const fields = readFields(bytes.subarray(1))
    const message = lastBytes(fields, 4)
    if (!message) throw new TypeError('no message inside')
    const preKeyId = unsigned(lastVarint(fields, 1))
    return {
      ...(preKeyId === undefined ? {} : { preKeyId }),
      baseKey: publicKey(lastBytes(fields, 2)),
      identityKey: publicKey(lastBytes(fields, 3)),
      message: readWhisperMessage(message),
    }
  })
}

/** The core cuts a longer number down to 32 bits: whoever signed it would be two different messages to it and to us. */
function unsigned(value: number | undefined): number | undefined {
  if (value !== undefined && value > 0xffff_ffff) throw new RangeError('a number does not fit 32 bits')
  return value
}

function publicKey(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes?.length !== 33 || bytes[0] !== 5) throw new TypeError('not a public key')
  return bytes
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (SignalError.is(cause)) throw cause
    throw new SignalError('SIGNAL_INVALID_MESSAGE', 'malformed', { cause })
  }
}
