import {
  type BaileysAuth,
  type ConvertedAuth,
  convertBaileysAuth,
  KEY_TYPES,
} from '../baileys/credentials/baileys-auth.js'
import { readLinkedAccount } from '../baileys/credentials/read-linked-account.js'
import { checkedStore } from '../compose/checked-store.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { holdSession, refuseOtherAccount, refuseTakenDevice } from '../manager/hold-session.js'
import { newSessionRecord } from '../manager/new-session-record.js'
import { toSession } from '../manager/session-view.js'
import { checkCreate } from '../manager/validation.js'
import type { AuthKeyRef } from '../ports/auth-store.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import { eventMetadata } from '../session/event-metadata.js'
import type { CreateSessionOptions, DesiredState } from '../types/session.js'
import { systemClock } from '../util/system-clock.js'

/** What is imported, and under which id. */
export interface ImportSessionOptions extends Pick<CreateSessionOptions, 'label' | 'metadata' | 'settings'> {
  /** A session that is made, or an existing one without an account. */
  sessionId: string
  /** Whether the next start of a manager connects it: `running` unless given. */
  desired?: DesiredState
  clock?: Pick<Clock, 'now'>
}

/** What came of an import. */
export interface ImportedSession {
  sessionId: string
  /** The account's JID with its device, as Baileys knows it. */
  jid: string
  keys: number
  /** Names of what was damaged and left out. */
  damaged: readonly string[]
  /** Names of what is none of Baileys' and was left out. */
  ignored: readonly string[]
}

/**
 * Takes a linked account over from another program on Baileys, without a new QR: credentials and every key in one commit. That
 * program must not run any more, or the two keep replacing each other.
 *
 *     const [account] = await readMultiFileAuth('auth_info_baileys')
 *     if (account) await importSession(store, account, { sessionId: 'shop' })
 *
 * The store has to be set up, and no manager should have the session loaded.
 *
 * @throws IMPORT_FAILED when there is no linked account in it · SESSION_ALREADY_LINKED when the session has an account, or
 *   another session has this device · ACCOUNT_CHANGED when the session has messages of another account · SESSION_ID_IN_USE · LEASE_HELD · BACKUP_TOO_OLD · VALIDATION_FAILED
 */
export async function importSession(
  given: Store,
  stock: BaileysAuth,
  options: ImportSessionOptions,
): Promise<ImportedSession> {
  const store = checkedStore(given)
  const { sessionId, desired = 'running', clock = systemClock, ...rest } = options
  const created = checkCreate({ ...rest, id: sessionId })
  const converted = convertBaileysAuth(stock)
  const { account, deviceId, puts } = converted
  const existing = await store.sessions.get(sessionId)
  if (existing?.deletedAt) throw new TrunklineError('SESSION_ID_IN_USE', { details: { sessionId } })
  if (existing) refuseOtherAccount(existing, account)
  await refuseTakenDevice(store, { sessionId, account, deviceId })

  await holdSession(store, sessionId, async (epoch) => {
    const stored = await store.auth.readCreds(sessionId)
    if (stored && readLinkedAccount(stored))
      throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
    const record = newSessionRecord(created, clock.now())
    if (!existing && !(await store.sessions.insert(record)))
      throw new TrunklineError('SESSION_ID_IN_USE', { details: { sessionId } })
    try {
      const deletes = await leftovers(store, sessionId, converted)
      await store.auth.commit(sessionId, { creds: converted.creds, puts, deletes }, { epoch })
    } catch (error) {
      if (!existing) await store.sessions.remove(sessionId).catch(() => undefined)
      throw error
    }
    const device = { id: deviceId }
    const updatedAt = new Date(clock.now()).toISOString()
    const report = { account, device, status: 'stopped', statusReason: null, updatedAt } as const
    await store.sessions.report(sessionId, report, { epoch })
    const filled = await store.sessions.update(sessionId, { desired, updatedAt })
    if (existing || !filled) return
    const session = toSession(filled, { now: clock.now(), storeAnswers: true })
    const payload = { session, ...eventMetadata(filled) }
    await store.events.append(sessionId, [{ name: 'session.created', at: filled.createdAt, payload }])
  })
  const { damaged } = stock
  return { sessionId, jid: converted.jid, keys: puts.length, damaged, ignored: converted.ignored }
}

/** Keys of a link that never came about: they are of another device. */
async function leftovers(store: Store, sessionId: string, { puts }: ConvertedAuth): Promise<AuthKeyRef[]> {
  const own = new Set(puts.map(({ type, id }) => `${type}|${id}`))
  const found: AuthKeyRef[] = []
  for (const type of KEY_TYPES)
    for (const id of await store.auth.listKeyIds(sessionId, type))
      if (!own.has(`${type}|${id}`)) found.push({ type, id })
  return found
}
