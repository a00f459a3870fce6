/**
 * Everything this package relies on inside Baileys and inside the WASM bridge, in one place. `baileys-internals.test.ts`
 * checks each fact below and is meant to fail first when a new release changes one.
 *
 * Baileys 7.0.0-rc14
 * - `makeWASocket` wraps `auth.keys` by `addTransactionCapability` and calls `makeSignalRepository({ creds, keys }, logger,
 *   pnToLIDFunc)` synchronously (Socket/socket.js). `creds` is the live object: a rotated signed pre-key shows up in it.
 * - `LIDMappingStore` is exported by Signal/lid-mapping.js only; it asks of its keys `get`, `set` and `transaction`.
 * - Besides the repository, only `keys.set({ session: { [address]: null } })` of Socket/messages-recv.js writes sessions,
 *   and nothing else writes `sender-key`, `identity-key` and `lid-mapping`.
 * - `Curve` (Utils/crypto.js) is one plain object whose four functions every caller reads at call time; they take and
 *   give public keys without the 0x05 prefix. Its `verify` gives true for any signature: it only catches exceptions of
 *   libsignal's `verifySignature`, which answers by its return value.
 * - Error texts that steer it: see errors.ts.
 *
 * whatsapp-rust-bridge 0.5.4 (wacore-libsignal)
 * - Instantiates its WASM on import, synchronously. `exports` has only an `import` condition; our CommonJS build bundles it.
 * - Storage callbacks may be synchronous. `storeSession` hands over an object to be freed, `storeSenderKey` bytes.
 * - Failures are thrown as strings (1:1) with the Debug text of the Rust error, groups with its Display text.
 * - Records are Signal's `storage.proto` RecordStructure and SenderKeyRecordStructure; unknown fields are skipped, and
 *   dropped when written. Skipped message keys are kept without their seed.
 * - The address takes no part in the cryptography.
 * - A decryption that fails leaves its traces in the session state it was tried on, even when another one then succeeds:
 *   never show it more than one state (session-cipher.ts).
 * - A sender-key record whose message-key seed is not 32 bytes long makes it trap: check before use (sender-key-record.ts).
 * - A message may jump 25,000 counters ahead, and any number when its sender has our own identity key: check before use.
 */
import * as bridge from 'whatsapp-rust-bridge'

export type {
  KeyPair as BaileysKeyPair,
  LIDMapping as BaileysLidMapping,
  SignalAuthState,
  SignalKeyStore,
  SignalRepositoryWithLIDStore,
  SocketConfig,
} from '@whiskeysockets/baileys'
export { Curve, jidDecode, WAJIDDomains } from '@whiskeysockets/baileys'
export { LIDMappingStore } from '@whiskeysockets/baileys/lib/Signal/lid-mapping.js'
export { bridge }

/** The logger Baileys takes and hands on. */
export interface BaileysLogger {
  level: string
  child(bindings: Record<string, unknown>): BaileysLogger
  trace(fields: unknown, message?: string): void
  debug(fields: unknown, message?: string): void
  info(fields: unknown, message?: string): void
  warn(fields: unknown, message?: string): void
  error(fields: unknown, message?: string): void
}
