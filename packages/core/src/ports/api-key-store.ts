import type { Page } from '../types/page.js'

/** The API keys of machines, by the hash of their secret. What the maker of a key may still do is for the caller to look at. */
export interface ApiKeyStore {
  /** `false`, and nothing written, when the id or the hash is in use. */
  insert(key: ApiKeyRecord): Promise<boolean>
  get(keyId: string): Promise<ApiKeyRecord | undefined>
  findByHash(hash: string): Promise<ApiKeyRecord | undefined>
  /** By id, ascending; with `userId` only those that this user has made. */
  list(options: { limit: number; cursor?: string; userId?: string }): Promise<Page<ApiKeyRecord>>
  /** Notes a use at a time (ISO 8601). The last one only moves forward; a key that is not there is passed over. */
  touch(keyId: string, at: string): Promise<void>
  /** `false` when there is no such key. */
  remove(keyId: string): Promise<boolean>
  /** Removes every key that this user has made. */
  removeAll(userId: string): Promise<void>
}

/** An API key as it is kept. Times are ISO 8601. */
export interface ApiKeyRecord {
  id: string
  /** Who has made it: it never may more than they do. */
  userId: string
  /** Name for people. */
  name: string
  /** The first letters of the secret, to tell keys apart. */
  prefix: string
  /** SHA-256 of the whole secret, hex. */
  hash: string
  /** Words of the contract. */
  permissions: string[]
  /** The sessions of the key; `*` is all of its maker's. */
  sessionIds: string[] | '*'
  createdAt: string
  /** No end without it. */
  expiresAt?: string
  lastUsedAt?: string
}
