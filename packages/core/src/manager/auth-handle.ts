import { setImmediate as nextTurn } from 'node:timers/promises'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { AuthBatch, AuthKey, AuthKeyRef, AuthStore } from '../ports/auth-store.js'
import type { Clock } from '../ports/clock.js'
import type { AuthHandle } from '../ports/connector.js'
import { BoundedMap } from '../util/bounded-map.js'
import { type Deferred, deferred } from '../util/deferred.js'

/** Read once and deleted, or read only after a crash: keeping them in memory buys nothing. */
const UNCACHED_TYPES = new Set(['pre-key', 'inbox', 'awaited'])
const MAX_CACHED_KEYS = 512
const ABSENT = new Uint8Array(0)
/** A store that answers sooner costs less than a turn of the event loop does. */
const SLOW_COMMIT_MS = 2

export interface AuthHandleOptions {
  auth: AuthStore
  sessionId: string
  epoch: number
  /** Aborted when the lease is lost: the handle is dead from then on. */
  lost: AbortSignal
  /** As that of the ownership: nothing is read or written until it settles. */
  doubt?(): Promise<void> | undefined
  clock: Pick<Clock, 'monotonic'>
}

/**
 * The auth storage of one ownership, which shuts the owner before out before it reads anything: a bounded write-through cache (absence is cached too) in front of the store. Commits
 * that arrive while one is on its way are written together by the next one, and with a slow store so are those of one turn of
 * the event loop: stored order is commit order, and one round trip serves many commits. A value that the store is known to hold is not
 * written again.
 */
export function createAuthHandle({ auth, sessionId, epoch, lost, doubt, clock }: AuthHandleOptions): AuthHandle {
  const cache = new BoundedMap<string, Uint8Array>({ max: MAX_CACHED_KEYS })
  let commits = 0
  let waiting: { batches: AuthBatch[]; done: Deferred<void> } | undefined
  let writing = false
  let lastCommitMs = 0
  /** Whether the store knows of this epoch: a commit of the owner before is refused from then on. */
  let raised: Promise<void> | undefined

  const assertOwned = () => {
    if (lost.aborted) throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
  }

  const raise = (): Promise<void> => {
    raised ??= guarded(() => auth.commit(sessionId, {}, { epoch })).catch((error: unknown) => {
      raised = undefined
      throw error
    })
    return raised
  }

  const read = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await raise()
    return guarded(work)
  }

  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    assertOwned()
    const unsure = doubt?.()
    if (unsure) {
      await unsure
      assertOwned()
    }
    const result = await work()
    assertOwned()
    return result
  }

  const remember = (batch: AuthBatch) => {
    for (const { type, id, value } of batch.puts ?? []) if (!UNCACHED_TYPES.has(type)) cache.set(`${type}|${id}`, value)
    for (const { type, id } of batch.deletes ?? []) if (!UNCACHED_TYPES.has(type)) cache.set(`${type}|${id}`, ABSENT)
  }

  /** What the store does not hold yet, as far as it is known here; nothing where it holds all of it. */
  const withoutStored = (batch: AuthBatch): AuthBatch | undefined => {
    const puts = batch.puts?.filter(({ type, id, value }) => !isSame(cache.get(`${type}|${id}`), value))
    if (!puts || puts.length === batch.puts?.length) return batch
    return puts.length === 0 && !batch.creds && !batch.deletes?.length ? undefined : { ...batch, puts }
  }

  /** A commit that failed may have been stored all the same: only the store knows. */
  const forget = (batch: AuthBatch) => {
    for (const { type, id } of [...(batch.puts ?? []), ...(batch.deletes ?? [])]) cache.delete(`${type}|${id}`)
  }

  const writeWaiting = async () => {
    writing = true
    // The copies of one message, for its recipient and for the own phone, are committed in one turn.
    if (lastCommitMs > SLOW_COMMIT_MS) await nextTurn()
    while (waiting) {
      const { batches, done } = waiting
      waiting = undefined
      const batch = withoutStored(mergeBatches(batches))
      const startedAt = clock.monotonic()
      try {
        await guarded(async () => batch && (await auth.commit(sessionId, batch, { epoch })))
        if (batch) remember(batch)
        done.resolve()
      } catch (error) {
        if (batch) forget(batch)
        done.reject(error)
      } finally {
        commits += 1
        lastCommitMs = clock.monotonic() - startedAt
      }
    }
    writing = false
  }

  return {
    epoch,
    readCreds: () => read(() => auth.readCreds(sessionId)),
    listKeyIds: (type) => read(() => auth.listKeyIds(sessionId, type)),
    async readKeys(type, ids) {
      assertOwned()
      const found = new Map<string, Uint8Array>()
      const missing: string[] = []
      for (const id of ids) {
        const cached = cache.get(`${type}|${id}`)
        if (cached === undefined) missing.push(id)
        else if (cached !== ABSENT) found.set(id, cached)
      }
      if (missing.length === 0) return found
      const commitsBefore = commits
      const stored = await read(() => auth.readKeys(sessionId, type, missing))
      // A commit in between may have written newer values than the ones just read: those are in the cache already.
      const cacheable = commits === commitsBefore && !UNCACHED_TYPES.has(type)
      for (const id of missing) {
        const value = stored.get(id)
        if (value) found.set(id, value)
        if (cacheable) cache.set(`${type}|${id}`, value ?? ABSENT)
      }
      return found
    },
    commit(batch) {
      if (lost.aborted) return Promise.reject(new TrunklineError('LEASE_LOST', { details: { sessionId } }))
      waiting ??= { batches: [], done: deferred() }
      waiting.batches.push(batch)
      const { promise } = waiting.done
      if (!writing) void writeWaiting()
      return promise
    },
  }
}

function isSame(known: Uint8Array | undefined, value: Uint8Array): boolean {
  return known !== undefined && known !== ABSENT && known.length === value.length && Buffer.compare(known, value) === 0
}

/** One batch with the effect of several in a row. */
export function mergeBatches(batches: readonly AuthBatch[]): AuthBatch {
  const [only] = batches
  if (only && batches.length === 1) return only
  let creds: Uint8Array | undefined
  const keys = new Map<string, AuthKey | AuthKeyRef>()
  for (const batch of batches) {
    creds = batch.creds ?? creds
    for (const key of batch.puts ?? []) keys.set(`${key.type}|${key.id}`, key)
    for (const key of batch.deletes ?? []) keys.set(`${key.type}|${key.id}`, key)
  }
  const puts: AuthKey[] = []
  const deletes: AuthKeyRef[] = []
  for (const key of keys.values()) {
    if ('value' in key) puts.push(key)
    else deletes.push(key)
  }
  return { ...(creds ? { creds } : {}), puts, deletes }
}
