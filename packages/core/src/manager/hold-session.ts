import { v7 as uuid } from 'uuid'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import { isSameAccount } from '../records/account.js'
import type { Account } from '../types/session.js'
import { everySession } from './every-session.js'

/** An account with thousands of keys is written in seconds; nobody may take the session meanwhile. */
const LEASE_MS = 60_000

/**
 * Does work on the credentials of a session that nobody runs.
 *
 * @throws LEASE_HELD when somebody does
 */
export async function holdSession<Result>(
  store: Store,
  sessionId: string,
  work: (epoch: number) => Promise<Result>,
): Promise<Result> {
  const lease = await store.leases.acquire(sessionId, { owner: uuid(), ttlMs: LEASE_MS })
  if (!lease) throw new TrunklineError('LEASE_HELD', { details: { sessionId } })
  try {
    return await work(lease.epoch)
  } finally {
    // It expires by itself.
    await store.leases.release(lease).catch(() => undefined)
  }
}

/** One device in two sessions would be two connections on one account. @throws SESSION_ALREADY_LINKED naming the other one */
export async function refuseTakenDevice(
  store: Store,
  { sessionId, account, deviceId }: { sessionId: string; account: Account; deviceId: number },
): Promise<void> {
  for await (const other of everySession(store.sessions)) {
    if (other.id === sessionId || other.account?.jid !== account.jid || other.device?.id !== deviceId) continue
    const message = `The device is that of the session "${other.id}"`
    throw new TrunklineError('SESSION_ALREADY_LINKED', { message, details: { sessionId: other.id } })
  }
}

/** Two people's messages in one session could not be told apart. @throws ACCOUNT_CHANGED */
export function refuseOtherAccount({ id, messagesOf }: SessionRecord, account: Account): void {
  if (messagesOf && !isSameAccount(messagesOf, account))
    throw new TrunklineError('ACCOUNT_CHANGED', { details: { sessionId: id } })
}
