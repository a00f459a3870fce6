/**
 * What this package asks of a store: the two methods of Baileys' `SignalKeyStore`, so that any `auth.keys` fits.
 *
 * `get` gives what is there and leaves out what is not; a failed read rejects.
 * `set` writes all of its values or none, and is durable when it resolves. `null` deletes.
 * Besides Baileys' own types there is one more, `inbox`; ids are short strings, values plain objects and byte arrays.
 */
export interface KeyStorage {
  get(type: string, ids: string[]): KeyValues | Promise<KeyValues>
  set(changes: KeyChanges): void | Promise<void>
  clear?(): void | Promise<void>
}

export type KeyValues = Record<string, unknown>

/** type → id → value; null deletes. */
export type KeyChanges = Record<string, Record<string, unknown>>

export const INBOX_KEY_TYPE = 'inbox'
