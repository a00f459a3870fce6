import { readLinkedAccount } from '../baileys/credentials/read-linked-account.js'
import { checkedStore } from '../compose/checked-store.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { holdSession, refuseOtherAccount, refuseTakenDevice } from '../manager/hold-session.js'
import { checkSessionId } from '../manager/validation.js'
import type { AuthArchive } from '../ports/auth-store.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import type { Account, DesiredState } from '../types/session.js'
import { systemClock } from '../util/system-clock.js'

/** Which archive is put back in use. */
export interface RestoreSessionOptions {
  sessionId: string
  /** One of `store.auth.listArchives`; the newest unless given. */
  archiveId?: string
  /** Whether the next start of a manager connects the session: `running` unless given. */
  desired?: DesiredState
  clock?: Pick<Clock, 'now'>
}

/** What was put back in use. */
export interface RestoredSession {
  archive: AuthArchive
  account: Account
}

/**
 * Puts archived credentials back in use, also those of a deleted session, which comes back with them. Nothing is asked of
 * WhatsApp: if the phone has unlinked the device, the next login says so and the credentials are archived again. Whatever is
 * refused stays in the archive.
 *
 * @throws SESSION_NOT_FOUND · ARCHIVE_NOT_FOUND · SESSION_ALREADY_LINKED when the session has an account, or another session
 *   has this device · ACCOUNT_CHANGED when the session has messages of another account · SESSION_NOT_LINKED when the archive holds no account · LEASE_HELD while somebody runs the session ·
 *   BACKUP_TOO_OLD · ENCRYPTION_KEY_WRONG
 */
export async function restoreSession(given: Store, options: RestoreSessionOptions): Promise<RestoredSession> {
  const store = checkedStore(given)
  const { sessionId, archiveId, desired = 'running', clock = systemClock } = options
  checkSessionId(sessionId)
  const record = await store.sessions.get(sessionId)
  if (!record) throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
  const archives = await store.auth.listArchives(sessionId)
  const archive = archiveId === undefined ? archives[0] : archives.find(({ id }) => id === archiveId)
  if (!archive) throw new TrunklineError('ARCHIVE_NOT_FOUND')
  const now = () => new Date(clock.now()).toISOString()

  return holdSession(store, sessionId, async (epoch) => {
    await clearUnlinked(store, sessionId, { epoch, at: now() })
    await store.auth.restore(sessionId, archive.id, { epoch })
    try {
      const { account, deviceId } = await restoredAccount(store, sessionId)
      refuseOtherAccount(record, account)
      await refuseTakenDevice(store, { sessionId, account, deviceId })
      const device = { id: deviceId }
      const updatedAt = now()
      const report = { account, device, status: 'stopped', statusReason: null, updatedAt } as const
      await store.sessions.report(sessionId, report, { epoch })
      await store.sessions.update(sessionId, { desired, deletedAt: null, updatedAt })
      return { archive, account }
    } catch (error) {
      await store.auth.archive(sessionId, { epoch, reason: archive.reason, at: archive.at })
      throw error
    }
  })
}

/** Credentials that were made for a QR nobody scanned give way. */
async function clearUnlinked(store: Store, sessionId: string, at: { epoch: number; at: string }): Promise<void> {
  const stored = await store.auth.readCreds(sessionId)
  if (!stored) return
  if (readLinkedAccount(stored)) throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
  await store.auth.archive(sessionId, { ...at, reason: 'Never linked; an archive was restored in its place' })
}

async function restoredAccount(store: Store, sessionId: string) {
  const restored = await store.auth.readCreds(sessionId)
  const linked = restored && readLinkedAccount(restored)
  if (linked) return linked
  const message = 'The archive holds no linked account'
  throw new TrunklineError('SESSION_NOT_LINKED', { message, details: { sessionId } })
}
