import { randomUUID } from 'node:crypto'
import {
  type AuthStore,
  everySession,
  type Logger,
  readSealingKeyIds,
  type SealedAuthStore,
  type SealingKey,
  type Store,
  TrunklineError,
} from '@trunkline/core'
import type { SessionRecord } from '@trunkline/core/store'

/** Sealing the keys of one account anew takes seconds at most. */
const LEASE_MS = 60_000

/**
 * Whether every session's credentials can be opened, before any of them is used.
 *
 * @param storedAuth credentials and keys as they are stored
 * @throws CONFIG_INVALID naming AUTH_ENCRYPTION_KEY; nothing was changed then
 */
export async function checkEncryption(store: Store, storedAuth: AuthStore, keys: readonly SealingKey[]): Promise<void> {
  const known = keys.map(({ id }) => id)
  const missing = new Map<string, string>()
  for await (const { id: sessionId } of everySession(store.sessions)) {
    const needed = await readSealingKeyIds(storedAuth, sessionId)
    for (const keyId of needed) if (!known.includes(keyId) && !missing.has(keyId)) missing.set(keyId, sessionId)
  }
  if (missing.size === 0) return
  const problem =
    keys.length === 0 ? 'is not set, and credentials were encrypted with it' : 'is not the one that was used'
  const of = [...missing].map(([keyId, sessionId]) => `the key ${keyId} (session ${sessionId})`).join(', ')
  const error = { field: 'AUTH_ENCRYPTION_KEY', message: `${problem}: ${of} is missing. Nothing was changed.` }
  throw new TrunklineError('CONFIG_INVALID', {
    message: `${error.field} ${error.message}`,
    details: { errors: [error] },
  })
}

/**
 * Seals the credentials of sessions that are at rest with the first key; those that run are sealed as they are written. An
 * account that another node took meanwhile is sealed there.
 */
export async function sealAtRest(
  store: Store,
  sealedAuth: SealedAuthStore,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<void> {
  for await (const record of everySession(store.sessions)) {
    if (signal.aborted) return
    if (!isAtRest(record)) continue
    try {
      if ((await sealedAuth.isCurrent(record.id)) || !(await sealedAuth.readCreds(record.id))) continue
      const lease = await store.leases.acquire(record.id, { owner: `sealing ${randomUUID()}`, ttlMs: LEASE_MS })
      if (!lease) continue
      const values = await sealedAuth.rotate(record.id, lease).finally(() => store.leases.release(lease))
      logger.info({ sessionId: record.id, values }, 'Auth data was sealed with the first key')
    } catch (err) {
      logger.warn({ err, sessionId: record.id }, 'Auth data could not be sealed with the first key')
    }
  }
}

/** Whether nothing but a person starts the session. */
function isAtRest({ desired, status }: SessionRecord): boolean {
  return desired === 'stopped' || status === 'failed' || status === 'banned'
}
