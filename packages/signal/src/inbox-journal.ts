import { createHash } from 'node:crypto'
import { BoundedMap } from './bounded-map.js'
import { INBOX_KEY_TYPE } from './key-storage.js'
import type { AccountKeys } from './signal-keys.js'
import { type CommitOutcome, UnitOfWork } from './unit-of-work.js'

/** What was decrypted and is not yet known to be safe anywhere else. */
export interface InboxEntry {
  /** `ciphertextId` of the `enc` it came from. */
  readonly id: string
  readonly type: 'pkmsg' | 'msg' | 'skmsg'
  /** The JID it was decrypted for. */
  readonly sender: string
  /** The group, for a group message. */
  readonly group?: string
  /** What `expect` was given for this ciphertext. */
  readonly attributes?: Readonly<Record<string, unknown>>
  /** As Baileys gets it: the protobuf message with its padding. */
  readonly plaintext: Uint8Array
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface InboxJournalOptions {
  /**
   * How many entries are kept; the oldest goes for a new one. Without anybody who settles entries this is how far back a
   * repeated message can be answered. Default 256.
   */
  capacity?: number
  now?: () => number
}

/** The id of a ciphertext: its SHA-256, in base64url. */
export function ciphertextId(ciphertext: Uint8Array): string {
  return createHash('sha256').update(ciphertext).digest('base64url')
}

interface StoredEntry extends InboxEntry {
  readonly sequence: number
}

interface Slot {
  /** Id of the entry that lies in the store, or is on its way there. */
  entryId: string
  sequence: number
  /** `unknown`: a write has failed, and only the store knows which entry it holds. */
  state: 'writing' | 'pending' | 'settled' | 'deleting' | 'unknown'
  /** Of the entry that this one takes the place of, when that is settled. */
  settledId?: string
}

/**
 * The inbox journal: each decrypted message goes into the same commit as its ratchet and stays until it is settled.
 *
 * Entries lie in a fixed number of numbered slots of the key type `inbox`, so that a plain key-value store can list them
 * (one read of all slots) and can never be filled. The index by ciphertext is in memory. A settled slot is overwritten by
 * the next entry or deleted by the next commit of any operation, whichever comes first.
 */
export class InboxJournal {
  readonly #keys: AccountKeys
  readonly #capacity: number
  readonly #now: () => number
  readonly #slots = new Map<number, Slot>()
  readonly #slotOf = new Map<string, number>()
  readonly #expected = new BoundedMap<string, Readonly<Record<string, unknown>>>(4096)
  #sequence = 0
  #loading: Promise<void> | undefined
  readonly #unknown = new Set<number>()
  #waitingForSlot: Array<() => void> = []

  constructor(keys: AccountKeys, options: InboxJournalOptions = {}) {
    this.#keys = keys
    this.#capacity = options.capacity ?? 256
    this.#now = options.now ?? Date.now
  }

  /** Attributes to keep with the message of this ciphertext; call it before Baileys decrypts. */
  expect(id: string, attributes: Readonly<Record<string, unknown>>): void {
    this.#expected.set(id, attributes)
  }

  /** What is not settled, oldest first. */
  async list(): Promise<InboxEntry[]> {
    await this.#load()
    const pending = [...this.#slots].filter(([, slot]) => slot.state === 'pending').map(([number]) => String(number))
    if (pending.length === 0) return []
    const values = await this.#keys.read(INBOX_KEY_TYPE, pending)
    return Object.values(values)
      .filter(isStoredEntry)
      .sort((a, b) => a.sequence - b.sequence)
      .map(publicEntry)
  }

  /** These are stored elsewhere. They are deleted by the next commit of the account, or by `flush`. Unknown ids are fine. */
  settle(ids: readonly string[]): void {
    for (const id of ids) {
      const slot = this.#slots.get(this.#slotOf.get(id) ?? -1)
      if (slot?.state === 'pending') slot.state = 'settled'
    }
  }

  /** Deletes now what was settled. */
  async flush(): Promise<void> {
    if (this.#unknown.size > 0) await this.#readUnknownSlots()
    const work = new UnitOfWork(this.#keys)
    await work.commit([this.sweep(work)])
  }

  /** The plaintext of this ciphertext, if it was decrypted before for the same sender and not settled since. */
  async recall(
    id: string,
    isSameSender: (entry: InboxEntry) => boolean | Promise<boolean>,
  ): Promise<Uint8Array | undefined> {
    await this.#load()
    const number = this.#slotOf.get(id)
    const state = number === undefined ? undefined : this.#slots.get(number)?.state
    if (state !== 'pending' && state !== 'settled') return undefined
    const value = await this.#keys.readOne(INBOX_KEY_TYPE, String(number))
    if (!isStoredEntry(value) || value.id !== id || !(await isSameSender(value))) return undefined
    this.#expected.delete(id)
    return Uint8Array.from(value.plaintext)
  }

  /**
   * Adds the entry, and the deletion of what is settled, to a unit of work, which must be committed then. Waits while every
   * slot is being written.
   */
  async record(work: UnitOfWork, entry: Omit<InboxEntry, 'at' | 'attributes'>): Promise<CommitOutcome> {
    await this.#load()
    let number = this.#freeSlot()
    while (number === undefined) {
      await new Promise<void>((resolve) => this.#waitingForSlot.push(resolve))
      await this.#load()
      number = this.#freeSlot()
    }
    const attributes = this.#expected.get(entry.id)
    this.#expected.delete(entry.id)
    const before = this.#slots.get(number)
    const settledId = before?.state === 'settled' ? before.entryId : undefined
    const slot: Slot = {
      entryId: entry.id,
      sequence: ++this.#sequence,
      state: 'writing',
      ...(settledId ? { settledId } : {}),
    }
    this.#occupy(number, slot)
    const stored: StoredEntry = {
      ...entry,
      // The caller's own bytes go to Baileys, and what it does with them must not reach a store that keeps what it is given.
      plaintext: Uint8Array.from(entry.plaintext),
      ...(attributes ? { attributes } : {}),
      at: this.#now(),
      sequence: slot.sequence,
    }
    work.put(INBOX_KEY_TYPE, String(number), stored)
    const swept = this.sweep(work)
    return (isStored) => {
      swept(isStored)
      slot.state = isStored ? 'pending' : 'unknown'
      if (!isStored) this.#unknown.add(number)
      this.#slotsChanged()
    }
  }

  /** Adds the deletion of what is settled to a unit of work. */
  sweep(work: UnitOfWork): CommitOutcome {
    const swept: number[] = []
    for (const [number, slot] of this.#slots) {
      if (slot.state !== 'settled') continue
      slot.state = 'deleting'
      swept.push(number)
      work.delete(INBOX_KEY_TYPE, String(number))
    }
    return (isStored) => {
      for (const number of swept) {
        const slot = this.#slots.get(number)
        if (isStored) this.#empty(number)
        else if (slot) slot.state = 'settled'
      }
      this.#slotsChanged()
    }
  }

  #occupy(number: number, slot: Slot): void {
    this.#empty(number)
    this.#slots.set(number, slot)
    this.#slotOf.set(slot.entryId, number)
  }

  #empty(number: number): void {
    const slot = this.#slots.get(number)
    if (!slot) return
    this.#slots.delete(number)
    if (this.#slotOf.get(slot.entryId) === number) this.#slotOf.delete(slot.entryId)
  }

  #slotsChanged(): void {
    const waiting = this.#waitingForSlot
    this.#waitingForSlot = []
    for (const proceed of waiting) proceed()
  }

  /** A settled slot, else an empty one, else that of the oldest entry; none while all are being written. */
  #freeSlot(): number | undefined {
    let oldest: number | undefined
    for (const [number, slot] of this.#slots) {
      if (slot.state === 'settled') return number
      if (slot.state !== 'pending') continue
      if (oldest === undefined || slot.sequence < (this.#slots.get(oldest)?.sequence ?? 0)) oldest = number
    }
    if (this.#slots.size >= this.#capacity) return oldest
    for (let number = 0; ; number++) if (!this.#slots.has(number)) return number
  }

  /** Reads all slots once, and again those whose last write failed. A failed read is tried again by the next caller. */
  async #load(): Promise<void> {
    this.#loading ??= this.#readSlots().catch((error) => {
      this.#loading = undefined
      throw error
    })
    await this.#loading
    if (this.#unknown.size > 0) await this.#readUnknownSlots()
  }

  async #readUnknownSlots(): Promise<void> {
    const numbers = [...this.#unknown]
    const values = await this.#keys.read(INBOX_KEY_TYPE, numbers.map(String))
    for (const number of numbers) {
      const slot = this.#slots.get(number)
      if (!this.#unknown.delete(number) || !slot) continue
      this.#empty(number)
      const value = values[number]
      if (!isStoredEntry(value)) continue
      const state = value.id === slot.settledId ? 'settled' : 'pending'
      this.#occupy(number, { entryId: value.id, sequence: value.sequence, state })
    }
  }

  async #readSlots(): Promise<void> {
    const numbers = Array.from({ length: this.#capacity }, (_, number) => String(number))
    const values = await this.#keys.read(INBOX_KEY_TYPE, numbers)
    for (const [number, value] of Object.entries(values)) {
      if (!isStoredEntry(value) || this.#slots.has(Number(number))) continue
      this.#slots.set(Number(number), { entryId: value.id, sequence: value.sequence, state: 'pending' })
      this.#slotOf.set(value.id, Number(number))
      this.#sequence = Math.max(this.#sequence, value.sequence)
    }
  }
}

function isStoredEntry(value: unknown): value is StoredEntry {
  if (typeof value !== 'object' || value === null) return false
  const entry = value as Partial<StoredEntry>
  return typeof entry.id === 'string' && typeof entry.sequence === 'number' && entry.plaintext instanceof Uint8Array
}

function publicEntry({ sequence: _sequence, ...entry }: StoredEntry): InboxEntry {
  return { ...entry, plaintext: Uint8Array.from(entry.plaintext) }
}
