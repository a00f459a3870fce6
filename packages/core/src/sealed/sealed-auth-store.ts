import { TrunklineError } from '../errors/trunkline-error.js'
import type { AuthKey, AuthStore } from '../ports/auth-store.js'
import type { Logger } from '../ports/logger.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { createKeyRing, type SealContext, type SealingKey, sealedBy } from './key-ring.js'

/** The keys: the first seals, all of them open. */
export interface SealedAuthStoreOptions {
  /** The first seals, the others only open: put a new key first and keep the old ones until everything is sealed anew. */
  keys: readonly SealingKey[]
  /** Key types beside those of Baileys and Trunkline that are to be sealed anew as well. */
  types?: readonly string[]
  /** Told when a session was sealed anew in the background, or could not be; then its next owner tries again. */
  logger?: Pick<Logger, 'info' | 'warn'>
}

/** An auth store whose values are encrypted. */
export interface SealedAuthStore extends AuthStore {
  /** Whether everything that the session has in use is sealed with the first key of the ring. */
  isCurrent(sessionId: string): Promise<boolean>

  /**
   * Seals what the session has in use with the first key of the ring, where it is not yet. Happens by itself, in the
   * background, once a session is written to; call it for sessions that do not run. Archives keep the key they were sealed
   * with until they are restored.
   *
   * @returns how many values were sealed anew
   * @throws LEASE_LOST · ENCRYPTION_KEY_WRONG
   */
  rotate(sessionId: string, options: { epoch: number }): Promise<number>

  /** Ends what goes on in the background; the next owner of a session takes it up again. The store below stays open. */
  close(): Promise<void>
}

/** As Baileys 7 names them, then ours: the inbox of the Signal repository, what the key collector remembers, messages whose content
 * is awaited, the witness's mark. */
const TYPES = [
  'pre-key',
  'session',
  'identity-key',
  'sender-key',
  'sender-key-memory',
  'app-state-sync-key',
  'app-state-sync-version',
  'lid-mapping',
  'device-list',
  'tctoken',
  'inbox',
  'key-ledger',
  'awaited',
  'witness',
]

/** The place of the credentials. */
const CREDS = { type: null, id: 'creds' }

/** Holds the id of the key with which everything of the session is sealed. */
const MARKER = { type: 'sealing', id: 'key' }

/** Keys that are read, sealed and written at once; commits of the session wait for no more than this. */
const PORTION = 100

/**
 * Encryption at rest around any auth store: it sees only sealed values, and every value opens in its own place only. Values
 * from before there was a key are read as they are and sealed when they are written next, or by `rotate`.
 *
 *     const auth = createSealedAuthStore(store.auth, { keys: [sealingKeyFrom(process.env.AUTH_ENCRYPTION_KEY)] })
 *
 * Reads reject with ENCRYPTION_KEY_WRONG when no key of the ring opens a value. Key types and ids are not sealed: ids of
 * Signal sessions contain the phone numbers and LIDs of contacts.
 */
export function createSealedAuthStore(auth: AuthStore, options: SealedAuthStoreOptions): SealedAuthStore {
  const ring = createKeyRing(options.keys)
  const types = [...new Set([...TYPES, ...(options.types ?? [])])]
  // Sealing anew reads and writes back: no commit of the same session may come in between.
  const locks = new KeyedMutex()
  /** The epoch under which a session was sealed anew, or is being. */
  const rotations = new Map<string, number>()
  const inBackground = new Set<Promise<void>>()
  let closed = false

  const sealKey = (sessionId: string, { type, id, value }: AuthKey): AuthKey => {
    return { type, id, value: ring.seal({ sessionId, type, id }, value) }
  }
  const openKeys = (sessionId: string, type: string, stored: Map<string, Uint8Array>) =>
    new Map([...stored].map(([id, value]) => [id, ring.open({ sessionId, type, id }, value)]))

  const store: SealedAuthStore = {
    async readCreds(sessionId) {
      const stored = await auth.readCreds(sessionId)
      return stored && ring.open({ sessionId, ...CREDS }, stored)
    },

    async readKeys(sessionId, type, ids) {
      return openKeys(sessionId, type, await auth.readKeys(sessionId, type, ids))
    },

    listKeyIds: (sessionId, type) => auth.listKeyIds(sessionId, type),

    async commit(sessionId, { creds, puts, deletes }, { epoch }) {
      const batch = {
        ...(creds ? { creds: ring.seal({ sessionId, ...CREDS }, creds) } : {}),
        ...(puts ? { puts: puts.map((put) => sealKey(sessionId, put)) } : {}),
        ...(deletes ? { deletes } : {}),
      }
      await locks.run(sessionId, async () => {
        const isFirst = creds !== undefined && rotations.get(sessionId) !== epoch && !(await auth.readCreds(sessionId))
        // With nothing of an earlier key there, all of the session is of this one from its first commit on.
        const marked = isFirst ? { ...batch, puts: [...(batch.puts ?? []), newMarker(sessionId)] } : batch
        await auth.commit(sessionId, marked, { epoch })
      })
      if (closed || rotations.get(sessionId) === epoch) return
      rotations.set(sessionId, epoch)
      const rotation = rotateInBackground(sessionId, epoch).finally(() => inBackground.delete(rotation))
      inBackground.add(rotation)
    },

    archive: (sessionId, archive) => locks.run(sessionId, () => auth.archive(sessionId, archive)),
    listArchives: (sessionId) => auth.listArchives(sessionId),
    restore: (sessionId, archiveId, restore) => locks.run(sessionId, () => auth.restore(sessionId, archiveId, restore)),
    purge: (sessionId) => locks.run(sessionId, () => auth.purge(sessionId)),
    purgeArchives: (purge) => auth.purgeArchives(purge),

    async isCurrent(sessionId) {
      const marker = await readMarker(auth, sessionId)
      return marker !== undefined && ring.isCurrent(marker)
    },

    async rotate(sessionId, { epoch }) {
      if (await store.isCurrent(sessionId)) return 0
      let sealed = await locks.run(sessionId, () => rotateCreds(sessionId, epoch))
      if (sealed === undefined) return 0
      for (const type of types) {
        const ids = await auth.listKeyIds(sessionId, type)
        for (let start = 0; start < ids.length; start += PORTION) {
          if (closed) return sealed
          const portion = ids.slice(start, start + PORTION)
          sealed += await locks.run(sessionId, () => rotateKeys(sessionId, type, portion, epoch))
        }
      }
      await locks.run(sessionId, () => markDone(sessionId, epoch))
      return sealed
    },

    async close() {
      closed = true
      await Promise.all(inBackground)
    },
  }
  return store

  async function rotateInBackground(sessionId: string, epoch: number): Promise<void> {
    try {
      const values = await store.rotate(sessionId, { epoch })
      if (values > 0) options.logger?.info({ sessionId, values }, 'Auth data was sealed with the first key')
    } catch (err) {
      rotations.delete(sessionId)
      // Somebody else owns the session now, and seals it anew.
      if (TrunklineError.is(err, 'LEASE_LOST')) return
      options.logger?.warn({ err, sessionId }, 'Auth data could not be sealed with the first key')
    }
  }

  function newMarker(sessionId: string): AuthKey {
    return sealKey(sessionId, { ...MARKER, value: Buffer.from(ring.currentId) })
  }

  async function markDone(sessionId: string, epoch: number): Promise<void> {
    // Purged or archived in the meantime: nothing must be left of it.
    if (!(await auth.readCreds(sessionId))) return
    await auth.commit(sessionId, { puts: [newMarker(sessionId)] }, { epoch })
  }

  /** `undefined` when the session has no credentials. */
  async function rotateCreds(sessionId: string, epoch: number): Promise<number | undefined> {
    const stored = await auth.readCreds(sessionId)
    if (!stored) return undefined
    if (ring.isCurrent(stored)) return 0
    const context = { sessionId, ...CREDS }
    await auth.commit(sessionId, { creds: ring.seal(context, ring.open(context, stored)) }, { epoch })
    return 1
  }

  async function rotateKeys(sessionId: string, type: string, ids: readonly string[], epoch: number): Promise<number> {
    const stored = await auth.readKeys(sessionId, type, ids)
    const puts = [...stored].flatMap(([id, value]): AuthKey[] => {
      const context: SealContext = { sessionId, type, id }
      return ring.isCurrent(value) ? [] : [{ type, id, value: ring.seal(context, ring.open(context, value)) }]
    })
    if (puts.length > 0) await auth.commit(sessionId, { puts }, { epoch })
    return puts.length
  }
}

/**
 * The ids of the keys without which a session's credentials and keys do not open; none when nothing is sealed.
 *
 * @param auth the store as it is under the seal
 */
export async function readSealingKeyIds(auth: AuthStore, sessionId: string): Promise<string[]> {
  const creds = await auth.readCreds(sessionId)
  // While the session is being sealed anew, the marker still is of the key that the rest needs.
  const marker = await readMarker(auth, sessionId)
  const ids = [creds, marker].flatMap((stored) => (stored && sealedBy(stored)) ?? [])
  return [...new Set(ids)]
}

async function readMarker(auth: AuthStore, sessionId: string): Promise<Uint8Array | undefined> {
  return (await auth.readKeys(sessionId, MARKER.type, [MARKER.id])).get(MARKER.id)
}
