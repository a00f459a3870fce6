import { AddressLock, type LockName } from './address-lock.js'
import type { SignalKeyStore } from './baileys-internals.js'
import { BoundedMap } from './bounded-map.js'
import type { KeyChanges, KeyStorage, KeyValues } from './key-storage.js'

export interface SignalKeysOptions {
  /** How many values are kept in memory; misses count as values. 0 keeps none. Default 1,000. */
  cacheEntries?: number
}

/**
 * Types whose values are never changed in place by Baileys and change only through this object. `session` is one of them
 * only while Baileys writes through the facade as well (`createSignalKeys`).
 */
const CACHED_TYPES = new Set(['sender-key', 'identity-key', 'lid-mapping'])
const ABSENT = Symbol('absent')

/**
 * One account's keys: the store, a write-through cache in front of it, and the locks. Everything that reads or writes
 * Signal state of the account goes through the one instance that belongs to its store.
 */
export class AccountKeys {
  readonly locks = new AddressLock()
  readonly #storage: KeyStorage
  readonly #cache: BoundedMap<string, unknown>
  readonly #cachedTypes: Set<string>
  /** Reads under way, by key; a write takes its keys out when it begins and when it ends, so that an older value is not kept. */
  readonly #reading = new Map<string, symbol>()
  /** Writes under way, by key. */
  readonly #writing = new Map<string, { count: number; overlapped: boolean }>()

  constructor(storage: KeyStorage, options: { cacheEntries: number; cacheSessions: boolean }) {
    this.#storage = storage
    this.#cache = new BoundedMap(options.cacheEntries)
    this.#cachedTypes =
      options.cacheEntries === 0
        ? new Set()
        : options.cacheSessions
          ? new Set([...CACHED_TYPES, 'session'])
          : CACHED_TYPES
  }

  async read(type: string, ids: readonly string[]): Promise<KeyValues> {
    if (!this.#cachedTypes.has(type)) return await this.#storage.get(type, [...ids])
    const found: KeyValues = {}
    const missing: string[] = []
    for (const id of ids) {
      const cached = this.#cache.get(`${type} ${id}`)
      if (cached === undefined) missing.push(id)
      else if (cached !== ABSENT) found[id] = cached
    }
    if (missing.length > 0) Object.assign(found, await this.#readThrough(type, missing))
    return found
  }

  async readOne(type: string, id: string): Promise<unknown> {
    if (this.#cachedTypes.has(type)) {
      const cached = this.#cache.get(`${type} ${id}`)
      if (cached !== undefined) return cached === ABSENT ? undefined : cached
    }
    return (await this.read(type, [id]))[id] ?? undefined
  }

  /** Writes all changes at once. After a failed write the values are read from the store again: it knows what it holds. */
  async commit(changes: KeyChanges): Promise<void> {
    const written = this.#cachedEntries(changes)
    for (const [key] of written) this.#writeBegins(key)
    let stored = false
    try {
      await this.#storage.set(changes)
      stored = true
    } finally {
      for (const [key, value] of written) this.#writeEnds(key, stored ? (value ?? ABSENT) : undefined)
    }
  }

  /** A write that did not come from the repository: takes the locks of the sessions and sender keys it touches. */
  async commitLocked(changes: KeyChanges): Promise<void> {
    const names: LockName[] = []
    for (const id of Object.keys(changes.session ?? {})) names.push(`session:${id}`)
    for (const id of Object.keys(changes['sender-key'] ?? {})) names.push(`sender-key:${id}`)
    await this.locks.hold(names, () => this.commit(changes))
  }

  async clear(): Promise<void> {
    this.forget()
    await this.#storage.clear?.()
    this.forget()
  }

  /** Empties the cache. */
  forget(): void {
    this.#reading.clear()
    this.#cache.clear()
  }

  async #readThrough(type: string, ids: string[]): Promise<KeyValues> {
    const token = Symbol('read')
    for (const id of ids) this.#reading.set(`${type} ${id}`, token)
    let values: KeyValues | undefined
    try {
      values = await this.#storage.get(type, ids)
      return values
    } finally {
      for (const id of ids) {
        const key = `${type} ${id}`
        if (this.#reading.get(key) !== token) continue
        this.#reading.delete(key)
        if (values && !this.#writing.has(key)) this.#cache.set(key, values[id] ?? ABSENT)
      }
    }
  }

  #writeBegins(key: string): void {
    this.#reading.delete(key)
    this.#cache.delete(key)
    const writing = this.#writing.get(key)
    if (writing) {
      writing.count++
      writing.overlapped = true
    } else {
      this.#writing.set(key, { count: 1, overlapped: false })
    }
  }

  /** `value` is what the store now holds; undefined after a failed write. Of overlapping writes nobody knows which came last. */
  #writeEnds(key: string, value: unknown): void {
    this.#reading.delete(key)
    const writing = this.#writing.get(key)
    if (!writing || --writing.count > 0) return
    this.#writing.delete(key)
    if (value !== undefined && !writing.overlapped) this.#cache.set(key, value)
  }

  #cachedEntries(changes: KeyChanges): Array<[key: string, value: unknown]> {
    const entries: Array<[string, unknown]> = []
    for (const [type, values] of Object.entries(changes)) {
      if (!this.#cachedTypes.has(type)) continue
      for (const [id, value] of Object.entries(values)) entries.push([`${type} ${id}`, value])
    }
    return entries
  }
}

/** The keys object to give to Baileys and to `createSignalRepository`. */
export type SignalKeys = SignalKeyStore

const accountKeys = new WeakMap<object, AccountKeys>()

/**
 * Puts the cache and the locks of the repository in front of a store:
 *
 *     const keys = createSignalKeys(store)
 *     makeWASocket({ auth: { creds, keys }, makeSignalRepository: createSignalRepository({ keys }) })
 *
 * Baileys' own writes of sessions (`session: null` after a retry receipt) then take the same lock as the repository, and
 * sessions are read from the store once. Make one for each account and keep it over reconnects. It must be the only
 * writer of the store.
 */
export function createSignalKeys(storage: KeyStorage, options: SignalKeysOptions = {}): SignalKeys {
  const account = new AccountKeys(storage, { cacheEntries: options.cacheEntries ?? 1000, cacheSessions: true })
  const facade = {
    get: (type: string, ids: string[]) => account.read(type, ids),
    set: (changes: KeyChanges) => account.commitLocked(changes),
    clear: () => account.clear(),
  }
  accountKeys.set(facade, account)
  return facade as unknown as SignalKeys
}

/**
 * The account behind a keys object: that of a facade, or one of its own for a plain store, kept for as long as the store
 * lives so that an old and a new socket on it share their locks. Nothing is cached over two repositories on a plain
 * store, as somebody else may write to it in between.
 */
export function accountOf(keys: KeyStorage): AccountKeys {
  let account = accountKeys.get(keys)
  if (!account) {
    account = new AccountKeys(keys, { cacheEntries: 1000, cacheSessions: false })
    accountKeys.set(keys, account)
    plainStores.add(account)
  } else if (plainStores.has(account)) {
    account.forget()
  }
  return account
}

const plainStores = new WeakSet<AccountKeys>()
