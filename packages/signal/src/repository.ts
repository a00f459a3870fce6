import {
  type BaileysLidMapping,
  type BaileysLogger,
  LIDMappingStore,
  type SignalAuthState,
  type SignalRepositoryWithLIDStore,
} from './baileys-internals.js'
import { ciphertextId, type InboxEntry, type InboxJournal } from './inbox-journal.js'
import type { KeyChanges } from './key-storage.js'
import { LidResolution } from './lid-resolution.js'
import { keyPairOf, localIdentityOf } from './local-identity.js'
import { preKeyBundleOf } from './pre-key-bundle.js'
import { acceptSenderKey, decryptGroupMessage, distributeSenderKey, encryptGroupMessage } from './sender-key-cipher.js'
import { beginSession, decryptMessage, decryptPreKeyMessage, encryptMessage, type KeyPair } from './session-cipher.js'
import { SessionMigration } from './session-migration.js'
import { sessionInfo } from './session-record.js'
import { loadSenderKey, type OpenSession, SessionStore } from './session-store.js'
import { addressOfJid, senderKeyName } from './signal-address.js'
import type { AccountKeys } from './signal-keys.js'
import { readPreKeyWhisperMessage } from './signal-messages.js'
import { type CommitOutcome, UnitOfWork } from './unit-of-work.js'

export interface RepositoryParts {
  readonly keys: AccountKeys
  readonly creds: SignalAuthState['creds']
  readonly logger: BaileysLogger
  /** undefined: no journal is kept. */
  readonly journal: InboxJournal | undefined
  readonly askServerForLids?: (phoneJids: string[]) => Promise<BaileysLidMapping[] | undefined>
}

type Repository = SignalRepositoryWithLIDStore

/**
 * Baileys' `SignalRepository`, each method one unit of work: take the lock, read what is needed, compute in memory, commit
 * once, return. What a caller gets is durable; what fails has changed nothing.
 */
export class WasmSignalRepository implements Repository {
  readonly lidMapping: LIDMappingStore
  readonly #keys: AccountKeys
  readonly #creds: SignalAuthState['creds']
  readonly #journal: InboxJournal | undefined
  readonly #lids: LidResolution
  readonly #sessions: SessionStore
  readonly #migration: SessionMigration

  constructor({ keys, creds, logger, journal, askServerForLids }: RepositoryParts) {
    this.#keys = keys
    this.#creds = creds
    this.#journal = journal
    this.#lids = new LidResolution(keys)
    this.#sessions = new SessionStore(keys, this.#lids, () => {
      const { identity, registrationId } = localIdentityOf(creds)
      return { publicKey: identity.pubKey, registrationId }
    })
    this.#migration = new SessionMigration(keys, this.#sessions)
    this.lidMapping = new LIDMappingStore(untransactedKeys(keys), logger, askServerForLids)
  }

  async encryptMessage({
    jid,
    data,
  }: Parameters<Repository['encryptMessage']>[0]): ReturnType<Repository['encryptMessage']> {
    return this.#sessions.withSession(jid, async (session) => {
      const { record, type, ciphertext } = await encryptMessage(session.record, localIdentityOf(this.#creds), data)
      session.save(record)
      await this.#commit(session.work)
      return { type, ciphertext: asBuffer(ciphertext) }
    })
  }

  async decryptMessage({ jid, type, ciphertext }: Parameters<Repository['decryptMessage']>[0]): Promise<Uint8Array> {
    const id = ciphertextId(ciphertext)
    return this.#sessions.withSession(jid, async (session) => {
      const known = await this.#journal?.recall(id, async (entry) => this.#isFrom(entry, session))
      if (known) return asBuffer(known)
      const plaintext = await (type === 'pkmsg'
        ? this.#openPreKeyMessage(session, ciphertext)
        : this.#openMessage(session, ciphertext))
      await this.#commitInbound(session.work, { id, type, sender: jid, plaintext })
      return asBuffer(plaintext)
    })
  }

  async #openMessage(session: OpenSession, ciphertext: Uint8Array): Promise<Uint8Array> {
    const { record, plaintext } = await decryptMessage(session.record, localIdentityOf(this.#creds), ciphertext)
    session.save(record)
    return plaintext
  }

  async #openPreKeyMessage(session: OpenSession, ciphertext: Uint8Array): Promise<Uint8Array> {
    const { preKeyId, identityKey } = readPreKeyWhisperMessage(ciphertext)
    const [preKey, knownIdentity] = await Promise.all([
      this.#readPreKey(preKeyId),
      this.#keys.readOne('identity-key', session.address),
    ])
    const opened = await decryptPreKeyMessage(session.record, localIdentityOf(this.#creds), ciphertext, preKey)
    session.save(opened.record)
    if (!sameBytes(knownIdentity, identityKey))
      session.work.put('identity-key', session.address, Uint8Array.from(identityKey))
    if (opened.usedPreKeyId !== undefined) session.work.delete('pre-key', String(opened.usedPreKeyId))
    return opened.plaintext
  }

  async injectE2ESession({ jid, session: bundle }: Parameters<Repository['injectE2ESession']>[0]): Promise<void> {
    const checked = preKeyBundleOf(bundle)
    await this.#sessions.withSession(jid, async (session) => {
      const knownIdentity = await this.#keys.readOne('identity-key', session.address)
      session.save(await beginSession(session.record, localIdentityOf(this.#creds), checked))
      if (!sameBytes(knownIdentity, checked.identityKey)) {
        session.work.put('identity-key', session.address, checked.identityKey)
      }
      await this.#commit(session.work)
    })
  }

  async encryptGroupMessage({
    group,
    meId,
    data,
  }: Parameters<Repository['encryptGroupMessage']>[0]): ReturnType<Repository['encryptGroupMessage']> {
    return this.#withSenderKey(group, meId, async (senderKey) => {
      const { record, ciphertext, distribution } = await encryptGroupMessage(senderKey.record, data)
      senderKey.save(record)
      await this.#commit(senderKey.work)
      return { ciphertext: asBuffer(ciphertext), senderKeyDistributionMessage: asBuffer(distribution) }
    })
  }

  async decryptGroupMessage({
    group,
    authorJid,
    msg,
  }: Parameters<Repository['decryptGroupMessage']>[0]): Promise<Uint8Array> {
    const id = ciphertextId(msg)
    return this.#withSenderKey(group, authorJid, async (senderKey) => {
      const known = await this.#journal?.recall(id, (entry) => entry.group === group && entry.sender === authorJid)
      if (known) return asBuffer(known)
      const { record, plaintext } = await decryptGroupMessage(senderKey.record, msg)
      senderKey.save(record)
      await this.#commitInbound(senderKey.work, { id, type: 'skmsg', sender: authorJid, group, plaintext })
      return asBuffer(plaintext)
    })
  }

  async processSenderKeyDistributionMessage({
    item,
    authorJid,
  }: Parameters<Repository['processSenderKeyDistributionMessage']>[0]): Promise<void> {
    const { groupId, axolotlSenderKeyDistributionMessage: distribution } = item
    if (!groupId) throw new TypeError('Group ID is required for sender key distribution message')
    if (!distribution) throw new TypeError('Sender key distribution message is empty')
    await this.#withSenderKey(groupId, authorJid, async (senderKey) => {
      senderKey.save(await acceptSenderKey(senderKey.record, distribution))
      await this.#commit(senderKey.work)
    })
  }

  async getSenderKeyDistributionMessage({
    group,
    meId,
  }: Parameters<Repository['getSenderKeyDistributionMessage']>[0]): Promise<Uint8Array> {
    return this.#withSenderKey(group, meId, async (senderKey) => {
      const { record, distribution } = await distributeSenderKey(senderKey.record)
      if (record !== senderKey.record) {
        senderKey.save(record)
        await this.#commit(senderKey.work)
      }
      return asBuffer(distribution)
    })
  }

  async hasSenderKey({ group, meId }: Parameters<Repository['hasSenderKey']>[0]): Promise<boolean> {
    return (await this.#keys.readOne('sender-key', senderKeyName(group, meId))) !== undefined
  }

  async getSessionInfo(jid: string): ReturnType<Repository['getSessionInfo']> {
    const record = await this.#sessions.peek(jid)
    return (record?.current && sessionInfo(record.current)) ?? null
  }

  async validateSession(jid: string): ReturnType<Repository['validateSession']> {
    try {
      const record = await this.#sessions.peek(jid)
      if (!record) return { exists: false, reason: 'no session' }
      return record.current ? { exists: true } : { exists: false, reason: 'no open session' }
    } catch {
      return { exists: false, reason: 'validation error' }
    }
  }

  /** Under the address as it is given and under the LID it stands for. */
  async deleteSession(jids: string[]): Promise<void> {
    const addresses = new Set<string>()
    for (const jid of jids) {
      addresses.add(addressOfJid(jid))
      addresses.add(await this.#lids.resolve(jid))
    }
    if (addresses.size === 0) return
    await this.#keys.commitLocked({ session: Object.fromEntries([...addresses].map((address) => [address, null])) })
  }

  async migrateSession(fromJid: string, toJid: string): ReturnType<Repository['migrateSession']> {
    return this.#migration.migrate(fromJid, toJid)
  }

  jidToSignalProtocolAddress(jid: string): string {
    return addressOfJid(jid)
  }

  close(): void {
    this.lidMapping.close()
  }

  async #withSenderKey<T>(
    group: string,
    authorJid: string,
    operation: (senderKey: {
      record: Uint8Array | undefined
      work: UnitOfWork
      save(record: Uint8Array): void
    }) => Promise<T>,
  ): Promise<T> {
    const name = senderKeyName(group, authorJid)
    return this.#keys.locks.hold([`sender-key:${name}`], async () => {
      const record = await loadSenderKey(this.#keys, name)
      const work = new UnitOfWork(this.#keys)
      return operation({ record, work, save: (changed) => work.put('sender-key', name, changed) })
    })
  }

  async #commit(work: UnitOfWork, ...outcomes: CommitOutcome[]): Promise<void> {
    await work.commit(this.#journal ? [...outcomes, this.#journal.sweep(work)] : outcomes)
  }

  async #commitInbound(work: UnitOfWork, entry: Omit<InboxEntry, 'at' | 'attributes'>): Promise<void> {
    await work.commit(this.#journal ? [await this.#journal.record(work, entry)] : [])
  }

  /** An entry answers only the one it came from, under whichever of their two JIDs. */
  async #isFrom(entry: InboxEntry, session: OpenSession): Promise<boolean> {
    return entry.group === undefined && (await this.#lids.resolve(entry.sender)) === session.address
  }

  async #readPreKey(id: number | undefined): Promise<KeyPair | undefined> {
    if (id === undefined) return undefined
    const preKey = await this.#keys.readOne('pre-key', String(id))
    return preKey ? keyPairOf(preKey as Parameters<typeof keyPairOf>[0]) : undefined
  }
}

/** The keys as `LIDMappingStore` wants them. It writes one batch at a time, so that a transaction has nothing to add. */
function untransactedKeys(keys: AccountKeys): ConstructorParameters<typeof LIDMappingStore>[0] {
  const adapted = {
    get: (type: string, ids: string[]) => keys.read(type, ids),
    set: (changes: KeyChanges) => keys.commit(changes),
    isInTransaction: () => false,
    transaction: <T>(work: () => Promise<T>) => work(),
  }
  return adapted as unknown as ConstructorParameters<typeof LIDMappingStore>[0]
}

function sameBytes(a: unknown, b: Uint8Array): boolean {
  return a instanceof Uint8Array && Buffer.compare(a, b) === 0
}

/** The same bytes, seen as the Buffer that Baileys' code expects in places. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
