import { createHash } from 'node:crypto'
import { type AuthenticationCreds, jidDecode } from '@whiskeysockets/baileys'
import type { AuthHandle, CollectedKeys } from '../../ports/connector.js'
import type { KeyStorage } from '../credentials/auth-state.js'
import type { AccountSignal } from '../signal-engine.js'
import {
  groupOfSenderKey,
  handedOutPreKeys,
  senderKeysOfLeftGroups,
  sessionOwner,
  sessionsOfGoneDevices,
} from './key-evidence.js'
import { EMPTY_LEDGER, judgeAbsent, type KeyLedger, type Patience } from './key-ledger.js'
import type { ServerInventory } from './server-inventory.js'

/**
 * Removes what an account's auth data gathers over months and nothing can need again. The safety argument, at length in
 * docs/adr/2026-11-25-what-the-key-collector-may-remove.md:
 *
 * - A one-time pre-key is needed while the server can hand it out, and then until the message made with it has arrived. The
 *   server says itself which ones it still has (the digest of the key bundle), so the order in which it hands them out does
 *   not matter. It keeps a message for an absent device 30 days. A pre-key goes when the server did not have it for 90 days, in
 *   every one of at least ten runs: 60 days beyond that are for a sender that took a key and wrote later.
 * - The session with a linked device of somebody goes when the device was not on its user's list for 90 days and the record
 *   did not change in them: no message went either way. Its identity key goes with it.
 * - The sender keys of a group go when the account was not in the group for 90 days and the record did not change, and the
 *   list of who has ours goes with them, so that after a return everybody gets the new one.
 *
 * What is wrong about a removal after all costs a delay and no message: Baileys answers a message that it cannot read for
 * want of a key with a retry receipt that carries fresh keys, and the sender sends it again.
 *
 * Kept, because it is bounded, because others take care of it, or because nobody can say that it is of no use: credentials
 * with the signed pre-key, sessions with phones, `lid-mapping`, `device-list`, `tctoken` (Baileys removes expired ones),
 * `sender-key-memory` of groups we are in, `app-state-sync-*`, and the `inbox`. No answer, a strange answer, a missing list:
 * nothing is removed on their account, and the waits go on.
 */
export class KeyCollector {
  readonly #parts: KeyCollectorParts

  constructor(parts: KeyCollectorParts) {
    this.#parts = parts
  }

  /** One run; seldom, one at a time. Everything it changes is one commit. */
  async run(): Promise<CollectedKeys> {
    const { keys, signal, now } = this.#parts
    const { [LEDGER_ID]: stored } = await keys.get(LEDGER_TYPE, [LEDGER_ID])
    const ledger = (stored as KeyLedger | undefined) ?? EMPTY_LEDGER
    const at = now()

    const preKeys = this.#judge(ledger, 'pre-key', at, await this.#preKeys())
    const sessions = await this.#judgeRecords(ledger, 'session', at, await this.#sessions())
    const senderKeys = await this.#judgeRecords(ledger, 'sender-key', at, await this.#senderKeys())

    let collected: CollectedKeys = { preKeys: 0, sessions: 0, senderKeys: 0 }
    const judged = { session: sessions.values, 'sender-key': senderKeys.values }
    await signal.deleteUnchanged(judged, (deleted) => {
      collected = {
        preKeys: preKeys.expired.length,
        sessions: deleted.session.length,
        senderKeys: deleted['sender-key'].length,
      }
      const absent = {
        'pre-key': without(preKeys.absences, preKeys.expired),
        session: without(sessions.absences, deleted.session),
        'sender-key': without(senderKeys.absences, deleted['sender-key']),
      }
      const leftGroups = new Set(deleted['sender-key'].flatMap((id) => groupOfSenderKey(id) ?? []))
      return {
        ...removalOf('pre-key', preKeys.expired),
        ...removalOf('identity-key', deleted.session),
        ...removalOf('sender-key-memory', [...leftGroups]),
        [LEDGER_TYPE]: { [LEDGER_ID]: { at, absent } satisfies KeyLedger },
      }
    })
    return collected
  }

  async #preKeys(): Promise<string[] | undefined> {
    const { auth, creds, server } = this.#parts
    const ids = await auth.listKeyIds('pre-key')
    const onServer = await server.preKeyIds()
    return onServer && handedOutPreKeys(ids, { onServer, creds })
  }

  async #sessions(): Promise<string[]> {
    const { auth, creds } = this.#parts
    const addresses = (await auth.listKeyIds('session')).filter((address) => !address.endsWith('.0'))
    const users = [...new Set(addresses.flatMap((address) => sessionOwner(address)?.user ?? []))]
    const { me } = creds
    const ownUsers = new Set([me?.id, me?.lid].flatMap((jid) => jidDecode(jid)?.user ?? []))
    return sessionsOfGoneDevices(addresses, { devicesOf: await this.#devicesOf(users), ownUsers })
  }

  /** The device lists of users; that of somebody known by a LID may lie under the phone number. */
  async #devicesOf(users: string[]): Promise<Map<string, readonly string[]>> {
    const lists = new Map(Object.entries(await this.#readAll('device-list', users)))
    const unknown = users.filter((user) => !lists.has(user))
    const phones = await this.#readAll(
      'lid-mapping',
      unknown.map((user) => `${user}_reverse`),
    )
    const phoneLists = await this.#readAll('device-list', Object.values(phones).map(String))
    for (const user of unknown) lists.set(user, phoneLists[String(phones[`${user}_reverse`])])
    return new Map([...lists].flatMap(([user, list]) => (Array.isArray(list) ? [[user, list.map(String)]] : [])))
  }

  async #senderKeys(): Promise<string[] | undefined> {
    const { auth, server } = this.#parts
    const ids = await auth.listKeyIds('sender-key')
    // Nothing to ask the server for.
    if (!ids.some((id) => groupOfSenderKey(id))) return []
    const groups = await server.groups()
    return groups && senderKeysOfLeftGroups(ids, groups)
  }

  /** Without evidence in this run every wait goes on as it was, and none ends. */
  #judge(ledger: KeyLedger, type: string, now: number, ids: string[] | undefined, marks?: ReadonlyMap<string, string>) {
    if (!ids) return { absences: ledger.absent[type] ?? {}, expired: [] }
    const absent = new Map(ids.map((id) => [id, marks?.get(id)]))
    return judgeAbsent(absent, { ledger, type, now, patience: this.#parts.patience ?? PATIENCE })
  }

  /** Records that change are told apart by a mark of what they hold; those on the ledger come first where there are many. */
  async #judgeRecords(ledger: KeyLedger, type: 'session' | 'sender-key', now: number, ids: string[] | undefined) {
    if (!ids) return { ...this.#judge(ledger, type, now, undefined), values: {} }
    const known = ledger.absent[type] ?? {}
    const looked = [...ids.filter((id) => id in known), ...ids.filter((id) => !(id in known))].slice(0, MAX_RECORDS)
    const records = await this.#readAll(type, looked)
    const marks = new Map(
      Object.entries(records).flatMap(([id, value]) => (value instanceof Uint8Array ? [[id, markOf(value)]] : [])),
    )
    const judgement = this.#judge(ledger, type, now, [...marks.keys()], marks)
    return { ...judgement, values: Object.fromEntries(judgement.expired.map((id) => [id, records[id]])) }
  }

  async #readAll(type: string, ids: readonly string[]): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {}
    for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
      Object.assign(found, await this.#parts.keys.get(type, ids.slice(start, start + READ_AT_ONCE)))
    }
    return found
  }
}

export interface KeyCollectorParts {
  auth: Pick<AuthHandle, 'listKeyIds'>
  keys: Pick<KeyStorage, 'get'>
  signal: Pick<AccountSignal, 'deleteUnchanged'>
  /** Live: they change while the account is in use. */
  creds: Pick<AuthenticationCreds, 'firstUnuploadedPreKeyId' | 'nextPreKeyId' | 'me'>
  server: ServerInventory
  now(): number
  patience?: Patience
}

export const PATIENCE: Patience = { waitMs: 90 * 24 * 60 * 60_000, minRuns: 10 }

/** A key type of our own. */
const LEDGER_TYPE = 'key-ledger'
const LEDGER_ID = 'current'
/** Records of one type that are looked at in one run; the rest has its turn when these are gone. */
const MAX_RECORDS = 500
const READ_AT_ONCE = 100

function markOf(record: Uint8Array): string {
  return createHash('sha256').update(record).digest('base64url').slice(0, 12)
}

function without<Value>(record: Readonly<Record<string, Value>>, ids: readonly string[]): Record<string, Value> {
  const removed = new Set(ids)
  return Object.fromEntries(Object.entries(record).filter(([id]) => !removed.has(id)))
}

function removalOf(type: string, ids: readonly string[]): Record<string, Record<string, null>> {
  return ids.length > 0 ? { [type]: Object.fromEntries(ids.map((id) => [id, null])) } : {}
}
