import { isBaileysSenderKey, isBaileysSession, senderKeyFromBaileys, sessionFromBaileys } from './baileys-records.js'
import { SignalError } from './errors.js'
import type { LidResolution } from './lid-resolution.js'
import { mergeSessionRecords, readSessionRecord, type SessionRecord, writeSessionRecord } from './session-record.js'
import type { SignalAddress } from './signal-address.js'
import type { AccountKeys } from './signal-keys.js'
import { UnitOfWork } from './unit-of-work.js'

/** What an operation on one session works with. The record it finds is the last stored one; nothing else can change it meanwhile. */
export interface OpenSession {
  readonly address: SignalAddress
  readonly record: SessionRecord | undefined
  readonly work: UnitOfWork
  /** Puts the new record into the unit of work. */
  save(record: SessionRecord): void
}

/** Finds sessions by LID-resolved address and hands them out one operation at a time. */
export class SessionStore {
  readonly #keys: AccountKeys
  readonly #lids: LidResolution
  readonly #ourIdentityKey: () => { publicKey: Uint8Array; registrationId: number }

  constructor(
    keys: AccountKeys,
    lids: LidResolution,
    ourIdentityKey: () => { publicKey: Uint8Array; registrationId: number },
  ) {
    this.#keys = keys
    this.#lids = lids
    this.#ourIdentityKey = ourIdentityKey
  }

  /** The record as it is stored, converted if it is a stock one, without taking the lock. */
  async peek(jid: string): Promise<SessionRecord | undefined> {
    return this.load(await this.#lids.resolve(jid))
  }

  async load(address: SignalAddress): Promise<SessionRecord | undefined> {
    return this.#parse(await this.#keys.readOne('session', address))
  }

  /** Runs `operation` while it holds the session of this JID. A mapping that arrives while it waits moves it to the LID. */
  async withSession<T>(jid: string, operation: (session: OpenSession) => Promise<T>): Promise<T> {
    for (;;) {
      const address = await this.#lids.resolve(jid)
      const outcome = await this.#keys.locks.hold([`session:${address}`], async () => {
        if ((await this.#lids.resolve(jid)) !== address) return undefined
        return { result: await this.#withRecord(address, operation) }
      })
      if (outcome) return outcome.result
    }
  }

  async #withRecord<T>(address: SignalAddress, operation: (session: OpenSession) => Promise<T>): Promise<T> {
    const record = await this.load(address)
    const work = new UnitOfWork(this.#keys)
    const open = (found: SessionRecord | undefined): OpenSession => ({
      address,
      record: found,
      work,
      save: (changed) => work.put('session', address, writeSessionRecord(changed)),
    })
    if (record) return operation(open(record))
    const phoneAddress = await this.#lids.phoneNumberAddress(address)
    if (!phoneAddress) return operation(open(undefined))
    return this.#keys.locks.hold([`session:${phoneAddress}`], async () => {
      const left = await this.load(phoneAddress)
      if (left) work.delete('session', phoneAddress)
      return operation(open(left))
    })
  }

  /** Moves the session of one device from its phone-number address to its LID address; gives whether there was one. */
  async move(from: SignalAddress, to: SignalAddress): Promise<boolean> {
    return this.#keys.locks.hold([`session:${from}`, `session:${to}`], async () => {
      const [source, target] = await Promise.all([this.load(from), this.load(to)])
      if (!source) return false
      const work = new UnitOfWork(this.#keys)
      const merged = target ? mergeSessionRecords(target, source) : source
      work.put('session', to, writeSessionRecord(merged))
      work.delete('session', from)
      await work.commit()
      return true
    })
  }

  #parse(value: unknown): SessionRecord | undefined {
    if (value === undefined || value === null) return undefined
    if (value instanceof Uint8Array) return readSessionRecord(value)
    if (isBaileysSession(value)) return sessionFromBaileys(value, this.#ourIdentityKey())
    throw new SignalError('SIGNAL_INVALID_RECORD', 'session of an unknown kind')
  }
}

/** The sender key under this name, converted if it is a stock one. */
export async function loadSenderKey(keys: AccountKeys, name: string): Promise<Uint8Array | undefined> {
  const value = await keys.readOne('sender-key', name)
  if (value === undefined || value === null) return undefined
  if (!(value instanceof Uint8Array)) throw new SignalError('SIGNAL_INVALID_RECORD', 'sender key of an unknown kind')
  return isBaileysSenderKey(value) ? senderKeyFromBaileys(value) : value
}
