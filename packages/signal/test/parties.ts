import type {
  AuthenticationCreds,
  SignalKeyStore,
  SignalKeyStoreWithTransaction,
  SignalRepositoryWithLIDStore,
  SocketConfig,
} from '@whiskeysockets/baileys'
import { addTransactionCapability, Curve, generateSignalPubKey, initAuthCreds } from '@whiskeysockets/baileys'
import { makeLibSignalRepository } from '@whiskeysockets/baileys/lib/Signal/libsignal.js'
import type { BaileysLogger } from '../src/baileys-internals.js'
import {
  createSignalKeys,
  createSignalRepository,
  type KeyStorage,
  type SignalRepositoryFactory,
  toBaileysRecords,
} from '../src/index.js'
import type { KeyChanges } from '../src/key-storage.js'
import { lastVarint, readFields } from '../src/protobuf.js'
import { readPreKeyWhisperMessage, readWhisperMessage } from '../src/signal-messages.js'

export const silent: BaileysLogger = {
  level: 'silent',
  child: () => silent,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
}

/** A store in memory that keeps values apart from their owners, counts its calls and can be made slow or broken. */
export class TestStore implements KeyStorage {
  readonly values = new Map<string, unknown>()
  gets = 0
  sets: KeyChanges[] = []
  latencyMs = 0
  /** Called before each write; a rejection fails it, a pending promise holds it open. */
  beforeSet: ((changes: KeyChanges) => void | Promise<void>) | undefined

  /** Called after each write; a rejection fails it although it was stored. */
  afterSet: (() => void) | undefined

  async get(type: string, ids: string[]): Promise<Record<string, unknown>> {
    this.gets++
    await this.#delay()
    const found: Record<string, unknown> = {}
    for (const id of ids) {
      const value = this.values.get(`${type}|${id}`)
      if (value !== undefined) found[id] = structuredClone(value)
    }
    return found
  }

  async set(changes: KeyChanges): Promise<void> {
    await this.beforeSet?.(changes)
    await this.#delay()
    this.sets.push(changes)
    for (const [type, values] of Object.entries(changes)) {
      for (const [id, value] of Object.entries(values)) {
        if (value === null || value === undefined) this.values.delete(`${type}|${id}`)
        else this.values.set(`${type}|${id}`, structuredClone(value))
      }
    }
    this.afterSet?.()
  }

  clear(): void {
    this.values.clear()
  }

  /** Everything in it, to be compared byte for byte. */
  snapshot(): string {
    return JSON.stringify(
      [...this.values].sort(([a], [b]) => (a < b ? -1 : 1)),
      (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value),
    )
  }

  #delay(): Promise<void> | undefined {
    return this.latencyMs > 0 ? new Promise((resolve) => setTimeout(resolve, this.latencyMs)) : undefined
  }
}

export interface Party {
  readonly jid: string
  readonly store: TestStore
  readonly creds: AuthenticationCreds
  readonly repository: SignalRepositoryWithLIDStore
  readonly keys: SignalKeyStoreWithTransaction
  readonly factory?: SignalRepositoryFactory
}

export interface PartyOptions {
  store?: TestStore
  creds?: AuthenticationCreds
  /** The plain store goes to both, as in the one-line use. */
  plainKeys?: boolean
  inbox?: Parameters<typeof createSignalRepository>[0]['inbox']
}

/** As makeWASocket does it. */
function socketParts(keys: SignalKeyStore) {
  return addTransactionCapability(keys, silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
}

export function ourParty(jid: string, options: PartyOptions = {}): Party {
  const store = options.store ?? new TestStore()
  const creds = options.creds ?? initAuthCreds()
  const keys = options.plainKeys ? (store as unknown as SignalKeyStore) : createSignalKeys(store)
  const factory = createSignalRepository({ keys, ...(options.inbox === undefined ? {} : { inbox: options.inbox }) })
  const wrapped = socketParts(keys)
  return { jid, store, creds, keys: wrapped, factory, repository: factory({ creds, keys: wrapped }, silent) }
}

export function baileysParty(jid: string, options: PartyOptions = {}): Party {
  const store = options.store ?? new TestStore()
  const creds = options.creds ?? initAuthCreds()
  const keys = socketParts(store as unknown as SignalKeyStore)
  const make = makeLibSignalRepository as SocketConfig['makeSignalRepository']
  return { jid, store, creds, keys, repository: make({ creds, keys }, silent) }
}

let nextPreKeyId = 1

/** What a server would hand out for this party: its bundle with a one-time pre-key of its own. */
export async function bundleOf(party: Party, { oneTime = true } = {}) {
  const { creds } = party
  const bundle = {
    registrationId: creds.registrationId,
    identityKey: generateSignalPubKey(creds.signedIdentityKey.public),
    signedPreKey: {
      keyId: creds.signedPreKey.keyId,
      publicKey: generateSignalPubKey(creds.signedPreKey.keyPair.public),
      signature: creds.signedPreKey.signature,
    },
  }
  if (!oneTime) return bundle
  const keyId = nextPreKeyId++
  const preKey = Curve.generateKeyPair()
  await party.store.set({ 'pre-key': { [String(keyId)]: preKey } })
  return { ...bundle, preKey: { keyId, publicKey: generateSignalPubKey(preKey.public) } }
}

export async function introduce(from: Party, to: Party, options?: { oneTime?: boolean }): Promise<void> {
  await from.repository.injectE2ESession({ jid: to.jid, session: await bundleOf(to, options) })
}

export interface Envelope {
  readonly type: 'pkmsg' | 'msg'
  readonly ciphertext: Uint8Array
}

export async function send(from: Party, to: Party, text: string): Promise<Envelope> {
  return from.repository.encryptMessage({ jid: to.jid, data: Buffer.from(text) })
}

/** As Baileys sends (`relayMessage`): inside a transaction under its own JID. */
export async function relay(from: Party, to: Party, text: string): Promise<Envelope> {
  return from.keys.transaction(() => send(from, to, text), from.jid)
}

export async function receive(to: Party, from: Party, { type, ciphertext }: Envelope): Promise<string> {
  const plaintext = await to.repository.decryptMessage({ jid: from.jid, type, ciphertext: Buffer.from(ciphertext) })
  return Buffer.from(plaintext).toString()
}

export async function exchange(from: Party, to: Party, text: string): Promise<string> {
  return receive(to, from, await send(from, to, text))
}

/** The same account on stock Baileys: its records converted back, everything else as it was. */
export async function leaveForBaileys(party: Party): Promise<Party> {
  const records: KeyChanges = {}
  for (const [key, value] of party.store.values) {
    const [type = '', id = ''] = key.split(/\|(.*)/s)
    records[type] = { ...records[type], [id]: structuredClone(value) }
  }
  await party.store.set(toBaileysRecords(records))
  return baileysParty(party.jid, { store: party.store, creds: party.creds })
}

/** The same account with our repository, which finds whatever records lie in the store. */
export async function comeToUs(party: Party): Promise<Party> {
  return ourParty(party.jid, { store: party.store, creds: party.creds })
}

/** Watches that no message key is used twice: the ratchet key and the counter of a message, as they stand on the wire. */
export class WireTap {
  readonly #seen = new Set<string>()

  oneToOne({ type, ciphertext }: Envelope): void {
    const message = type === 'msg' ? readWhisperMessage(ciphertext) : readPreKeyWhisperMessage(ciphertext).message
    this.#note(`${Buffer.from(message.ratchetKey).toString('hex')} ${message.counter}`)
  }

  group(ciphertext: Uint8Array): void {
    const fields = readFields(ciphertext.subarray(1, -64))
    this.#note(`${lastVarint(fields, 1)} ${lastVarint(fields, 2)}`)
  }

  #note(key: string): void {
    if (this.#seen.has(key)) throw new Error(`message key used twice: ${key}`)
    this.#seen.add(key)
  }
}
