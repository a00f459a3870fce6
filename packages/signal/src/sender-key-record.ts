import { SignalError } from './errors.js'
import { allBytes, lastBytes, readFields } from './protobuf.js'

/**
 * Refuses what would make the core trap or misread: every state of a SenderKeyRecordStructure (`storage.proto`) must have
 * seeds of 32 bytes.
 */
export function checkSenderKeyRecord(record: Uint8Array): void {
  try {
    for (const state of allBytes(readFields(record), 1)) {
      const fields = readFields(state)
      for (const messageKey of allBytes(fields, 4)) {
        if (lastBytes(readFields(messageKey), 2)?.length !== 32) throw new TypeError('message key without a seed')
      }
    }
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_RECORD', 'sender key', { cause })
  }
}
