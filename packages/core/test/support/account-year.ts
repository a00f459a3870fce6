import { ciphertextId, createSignalKeys, createSignalRepository } from '@trunkline/signal'
import { type AuthenticationCreds, getNextPreKeys, initAuthCreds, signedKeyPair } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { loadAuthState } from '../../src/baileys/credentials/auth-state.js'
import { KeyCollector } from '../../src/baileys/key-collection/key-collector.js'
import type { Patience } from '../../src/baileys/key-collection/key-ledger.js'
import { trunklineSignal } from '../../src/compose/trunkline-signal.js'
import { createAuthHandle } from '../../src/manager/auth-handle.js'
import type { AuthStore } from '../../src/ports/auth-store.js'
import type { AuthHandle } from '../../src/ports/connector.js'
import { systemClock } from '../../src/util/system-clock.js'

/**
 * Months of an account's traffic in seconds: the real Signal repository on both ends, the real store, and a server that hands
 * out pre-keys in no order. Two accounts with the same seed and different collectors see the same traffic.
 */

export const DAY_MS = 24 * 60 * 60_000
const START = Date.UTC(2026, 0, 1)
/** What Baileys uploads when it links. */
export const INITIAL_PRE_KEYS = 812
/** Baileys uploads this many when fewer are left. */
const TOP_UP = 5
const OWN_LID = '100000000000001'

export interface TrafficOptions {
  seed: number
  /** A day's first contacts: a pre-key is taken, and most of them write. */
  firstContacts: number
  /** How many days later a message may still arrive, at most: in the server's queue, or because the sender took its time. */
  lateDays: number
  /** 812 unless given, as Baileys does. */
  initialPreKeys?: number
  /** Days on which the signed pre-key is rotated. */
  rotations?: readonly number[]
}

export interface YearOptions extends TrafficOptions {
  auth: AuthStore
  sessionId: string
  /** `undefined`: nothing is collected. */
  patience?: Patience
}

export interface StoredKeys {
  rows: number
  bytes: number
}

/** What came of messages: how many arrived at once, how many late, and how many of each could not be read. */
export interface Outcomes {
  prompt: number
  late: number
  unreadable: { prompt: number; late: number }
  /** Made for a signed pre-key that was rotated away before they came: Baileys keeps the newest only. */
  lostToRotation: number
  group: number
}

const logger = pino({ level: 'silent' })
const TYPES = [
  'pre-key',
  'session',
  'identity-key',
  'sender-key',
  'sender-key-memory',
  'device-list',
  'key-ledger',
  'inbox',
]

export class AccountYear {
  readonly outcomes: Outcomes = {
    prompt: 0,
    late: 0,
    unreadable: { prompt: 0, late: 0 },
    lostToRotation: 0,
    group: 0,
  }
  readonly #options: YearOptions
  readonly #random: () => number
  readonly #auth: AuthHandle
  readonly #server = { preKeys: new Map<number, Uint8Array>(), groups: new Set<string>() }
  readonly #mail = new Map<number, (() => Promise<void>)[]>()
  /** Contacts with a linked device: the device's number and when it goes. */
  readonly #linked: { user: string; device: number; until: number }[] = []
  #creds!: AuthenticationCreds
  #account!: Awaited<ReturnType<typeof openAccount>>
  #day = 0
  #people = 0

  private constructor(options: YearOptions) {
    this.#options = options
    this.#random = randomOf(options.seed)
    const { auth, sessionId } = options
    this.#auth = createAuthHandle({ auth, sessionId, epoch: 1, lost: new AbortController().signal, clock: systemClock })
  }

  static async link(options: YearOptions): Promise<AccountYear> {
    trunklineSignal.installCurve()
    const year = new AccountYear(options)
    year.#account = await openAccount(year.#auth)
    year.#creds = year.#account.state.creds
    year.#creds.me = { id: '15550009999:1@s.whatsapp.net', lid: `${OWN_LID}:1@lid` }
    await year.#upload(options.initialPreKeys ?? INITIAL_PRE_KEYS)
    return year
  }

  /** Lives one day, the collector's run at its end. */
  async nextDay(): Promise<void> {
    this.#day += 1
    const { firstContacts, rotations = [] } = this.#options
    if (rotations.includes(this.#day)) await this.#rotate()
    for (const deliver of this.#mail.get(this.#day) ?? []) await deliver()
    this.#mail.delete(this.#day)
    for (let contact = 0; contact < firstContacts; contact += 1) await this.#firstContact()
    if (this.#day % 3 === 0) await this.#linkDevice()
    await this.#unlinkDevices()
    if (this.#day % 4 === 0) await this.#joinGroup()
    if (this.#day % 4 === 2) await this.#leaveGroup()
    await this.#collect()
  }

  /** What the store holds for the account, by type. */
  async stored(): Promise<Record<string, StoredKeys>> {
    const byType: Record<string, StoredKeys> = {}
    for (const type of TYPES) {
      const ids = await this.#auth.listKeyIds(type)
      const values = await this.#options.auth.readKeys(this.#options.sessionId, type, ids)
      const bytes = [...values.values()].reduce((sum, value) => sum + value.byteLength, 0)
      byType[type] = { rows: values.size, bytes }
    }
    return byType
  }

  /** Pre-keys that the server can hand out and that the account does not have: must be none, ever. */
  async missingPreKeys(): Promise<number[]> {
    const ids = new Set(await this.#auth.listKeyIds('pre-key'))
    return [...this.#server.preKeys.keys()].filter((id) => !ids.has(String(id)))
  }

  async #firstContact(): Promise<void> {
    const { lateDays } = this.#options
    const fate = this.#random()
    const user = this.#person()
    // Who took a key and never writes is why pre-keys pile up.
    const writes = fate < 0.6
    const takesTime = Math.floor(this.#random() * lateDays)
    const peer = await Peer.meeting(await this.#takeBundle(), `${user}@lid`)
    if (!writes) return
    if (fate < 0.5) return this.#deliver(peer, 0)
    // The sender takes its time, or the server keeps the message for an absent device: the account cannot tell which.
    if (fate < 0.55) this.#at(this.#day + takesTime, () => this.#deliver(peer, takesTime))
    else await this.#queue(peer, takesTime)
  }

  async #queue(peer: Peer, days: number): Promise<void> {
    const message = await peer.write()
    this.#at(this.#day + days, () => this.#receive(peer, message, days))
  }

  async #deliver(peer: Peer, days: number): Promise<void> {
    await this.#receive(peer, await peer.write(), days)
  }

  async #receive(peer: Peer, message: Ciphertext, days: number): Promise<void> {
    const { outcomes } = this
    const arrival = days > 0 ? 'late' : 'prompt'
    if (peer.signedPreKeyId !== this.#creds.signedPreKey.keyId) {
      outcomes.lostToRotation += 1
      return
    }
    const { repository, journal } = this.#account
    try {
      await repository.decryptMessage({ jid: peer.jid, ...message })
      journal.settle([ciphertextId(message.ciphertext)])
      outcomes[arrival] += 1
    } catch {
      outcomes.unreadable[arrival] += 1
    }
  }

  /** A contact links WhatsApp Web for some weeks, writes from it, and unlinks it again. */
  async #linkDevice(): Promise<void> {
    const user = this.#person()
    const device = 1 + Math.floor(this.#random() * 60)
    await this.#deliver(await Peer.meeting(await this.#takeBundle(), `${user}:${device}@lid`), 0)
    await this.#knowDevices(user, ['0', String(device)])
    this.#linked.push({ user, device, until: this.#day + 7 + Math.floor(this.#random() * 14) })
  }

  async #unlinkDevices(): Promise<void> {
    for (const gone of this.#linked.filter(({ until }) => until === this.#day))
      await this.#knowDevices(gone.user, ['0'])
  }

  async #knowDevices(user: string, devices: string[]): Promise<void> {
    await this.#account.signal.keys.set({ 'device-list': { [user]: devices } })
  }

  async #joinGroup(): Promise<void> {
    const group = `12036300000000${1_000 + this.#day}@g.us`
    this.#server.groups.add(group)
    const { repository, journal, signal } = this.#account
    for (let member = 0; member < 5; member += 1) {
      const authorJid = `${this.#person()}@lid`
      const peer = await Peer.alone(authorJid)
      const { distribution, ciphertext } = await peer.writeToGroup(group)
      const item = { groupId: group, axolotlSenderKeyDistributionMessage: distribution }
      await repository.processSenderKeyDistributionMessage({ item, authorJid })
      await repository.decryptGroupMessage({ group, authorJid, msg: ciphertext })
      journal.settle([ciphertextId(ciphertext)])
      this.outcomes.group += 1
    }
    const meId = this.#creds.me?.lid ?? ''
    await repository.encryptGroupMessage({ group, meId, data: Buffer.from('hello') })
    await signal.keys.set({ 'sender-key-memory': { [group]: { [`${OWN_LID}@lid`]: true } } })
  }

  async #leaveGroup(): Promise<void> {
    const [oldest] = this.#server.groups
    if (oldest && this.#server.groups.size > 3) this.#server.groups.delete(oldest)
  }

  async #collect(): Promise<void> {
    const { patience } = this.#options
    if (!patience) return
    const { state, signal } = this.#account
    await new KeyCollector({
      auth: this.#auth,
      keys: state.keys,
      signal,
      creds: this.#creds,
      server: {
        preKeyIds: async () => new Set(this.#server.preKeys.keys()),
        groups: async () => new Set(this.#server.groups),
      },
      now: () => START + this.#day * DAY_MS,
      patience,
    }).run()
  }

  /** In no order: nothing is known of the one that WhatsApp keeps to. */
  async #takeBundle(): Promise<Bundle> {
    const ids = [...this.#server.preKeys.keys()]
    const id = ids[Math.floor(this.#random() * ids.length)] ?? 0
    const publicKey = this.#server.preKeys.get(id)
    if (!publicKey) throw new Error('The server ran out of pre-keys')
    this.#server.preKeys.delete(id)
    if (this.#server.preKeys.size < TOP_UP) await this.#upload(TOP_UP)
    return { creds: this.#creds, preKey: { keyId: id, publicKey } }
  }

  async #upload(count: number): Promise<void> {
    const { signal, state } = this.#account
    const authState = { creds: this.#creds, keys: signal.keys }
    const { update, preKeys } = await getNextPreKeys(authState, count)
    Object.assign(this.#creds, update)
    await state.saveCreds()
    for (const [id, pair] of Object.entries(preKeys)) this.#server.preKeys.set(Number(id), pair.public)
  }

  async #rotate(): Promise<void> {
    const { signedIdentityKey, signedPreKey } = this.#creds
    // The live object of the account, as Baileys changes it.
    Object.assign(this.#creds, { signedPreKey: await signedKeyPair(signedIdentityKey, signedPreKey.keyId + 1) })
    await this.#account.state.saveCreds()
  }

  #at(day: number, work: () => Promise<void>): void {
    this.#mail.set(day, [...(this.#mail.get(day) ?? []), work])
  }

  #person(): string {
    this.#people += 1
    return String(200_000_000_000_000 + this.#people)
  }
}

interface Bundle {
  creds: AuthenticationCreds
  preKey: { keyId: number; publicKey: Uint8Array }
}

interface Ciphertext {
  type: 'pkmsg' | 'msg'
  ciphertext: Uint8Array
}

/** The other end: a device with its own Signal state, that is given the account's key bundle by the server. */
class Peer {
  readonly jid: string
  signedPreKeyId = 0
  readonly #repository: ReturnType<ReturnType<typeof createSignalRepository>>

  private constructor(jid: string) {
    this.jid = jid
    const keys = createSignalKeys(memoryKeys())
    this.#repository = createSignalRepository({ keys, inbox: false })({ creds: initAuthCreds(), keys } as never, logger)
  }

  static async alone(jid: string): Promise<Peer> {
    return new Peer(jid)
  }

  static async meeting({ creds, preKey }: Bundle, jid: string): Promise<Peer> {
    const peer = new Peer(jid)
    const { signedPreKey, signedIdentityKey, registrationId } = creds
    peer.signedPreKeyId = signedPreKey.keyId
    const session = {
      registrationId,
      identityKey: withType(signedIdentityKey.public),
      signedPreKey: {
        keyId: signedPreKey.keyId,
        publicKey: withType(signedPreKey.keyPair.public),
        signature: signedPreKey.signature,
      },
      preKey: { keyId: preKey.keyId, publicKey: withType(preKey.publicKey) },
    }
    await peer.#repository.injectE2ESession({ jid: `${OWN_LID}:1@lid`, session })
    return peer
  }

  async write(): Promise<Ciphertext> {
    return this.#repository.encryptMessage({ jid: `${OWN_LID}:1@lid`, data: Buffer.from('hello\x01') })
  }

  async writeToGroup(group: string) {
    const { ciphertext, senderKeyDistributionMessage: distribution } = await this.#repository.encryptGroupMessage({
      group,
      meId: this.jid,
      data: Buffer.from('hello\x01'),
    })
    return { ciphertext, distribution }
  }
}

async function openAccount(auth: AuthHandle) {
  const state = await loadAuthState(auth, () => {})
  const signal = trunklineSignal.open(state.keys)
  const repository = signal.makeSignalRepository({ creds: state.creds, keys: signal.keys }, logger as never)
  return { state, signal, repository, journal: signal.journal }
}

function memoryKeys() {
  const stored = new Map<string, unknown>()
  return {
    get: (type: string, ids: string[]) =>
      Object.fromEntries(ids.flatMap((id) => (stored.has(`${type} ${id}`) ? [[id, stored.get(`${type} ${id}`)]] : []))),
    set: (changes: Record<string, Record<string, unknown>>) => {
      for (const [type, values] of Object.entries(changes))
        for (const [id, value] of Object.entries(values)) stored.set(`${type} ${id}`, value)
    },
  }
}

function withType(publicKey: Uint8Array): Buffer {
  return publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([Buffer.from([5]), publicKey])
}

/** Mulberry32: the same numbers in every run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
