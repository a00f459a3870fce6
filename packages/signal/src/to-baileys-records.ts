import { isBaileysSenderKey, senderKeyToBaileys, sessionToBaileys } from './baileys-records.js'
import { INBOX_KEY_TYPE, type KeyChanges } from './key-storage.js'
import { readSessionRecord } from './session-record.js'

/**
 * The way back to Baileys' own repository. Takes stored values (type → id → value, as read from the store) and gives
 * what to write in their place: sessions and sender keys as stock keeps them, skipped message keys and previous sessions
 * included. `inbox` entries become deletions, all else stays as it is. Stop the account's socket first:
 *
 *     await store.set(toBaileysRecords({ session: await store.get('session', addresses) }))
 */
export function toBaileysRecords(records: KeyChanges): KeyChanges {
  const converted: KeyChanges = {}
  for (const [type, values] of Object.entries(records)) {
    const convert = CONVERTERS[type] ?? ((value: unknown) => value)
    converted[type] = Object.fromEntries(Object.entries(values).map(([id, value]) => [id, convert(value)]))
  }
  return converted
}

const CONVERTERS: Record<string, (value: unknown) => unknown> = {
  session: (value) => (value instanceof Uint8Array ? sessionToBaileys(readSessionRecord(value)) : value),
  'sender-key': (value) =>
    value instanceof Uint8Array && !isBaileysSenderKey(value) ? senderKeyToBaileys(value) : value,
  [INBOX_KEY_TYPE]: () => null,
}
