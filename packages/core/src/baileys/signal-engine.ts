import type { SignalKeyStore, UserFacingSocketConfig } from '@whiskeysockets/baileys'
import type { KeyStorage } from './credentials/auth-state.js'

/** The Signal implementation the connector works with; the composition hands in the one of `@trunkline/signal`. */
export interface SignalEngine {
  /** The engine of one account, over its storage. */
  open(keys: KeyStorage): AccountSignal
  /** The id under which the journal keeps the plaintext of a ciphertext. */
  ciphertextId(ciphertext: Uint8Array): string
}

export interface AccountSignal {
  /** For Baileys' `auth.keys`: shares locks and cache with the repository. */
  keys: SignalKeyStore
  makeSignalRepository: NonNullable<UserFacingSocketConfig['makeSignalRepository']>
  journal: Journal
  /**
   * Deletes sessions and sender keys that are still as they are given, under the locks of their operations; `alongside` answers
   * what else goes into the same commit, told which records go.
   */
  deleteUnchanged(judged: JudgedRecords, alongside: (deleted: DeletedRecords) => KeyChanges): Promise<void>
}

export type JudgedRecords = Record<'session' | 'sender-key', Record<string, unknown>>
export type DeletedRecords = Readonly<Record<'session' | 'sender-key', readonly string[]>>
/** type → id → value; `null` deletes. */
export type KeyChanges = Record<string, Record<string, unknown>>

/** Decrypted messages that are not known to be stored, kept in the same commit as the ratchet that decrypted them. */
export interface Journal {
  expect(id: string, attributes: Readonly<Record<string, unknown>>): void
  list(): Promise<JournalEntry[]>
  settle(ids: readonly string[]): void
  flush(): Promise<void>
}

export interface JournalEntry {
  id: string
  attributes?: Readonly<Record<string, unknown>>
  /** The padded protobuf. */
  plaintext: Uint8Array
}
