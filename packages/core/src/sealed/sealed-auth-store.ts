import { TrunklineError } from '../errors/trunkline-error.js'
import type { AuthKey, AuthStore } from '../ports/auth-store.js'
import type { Logger } from '../ports/logger.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { createKeyRing, type SealContext, type SealingKey } from './key-ring.js'

export interface SealedAuthStoreOptions {
  /** The first seals, the others only open: put a new key first and keep the old ones until everything is sealed anew. */
  keys: readonly SealingKey[]
  /** Key types beside those of Baileys and Trunkline that are to be sealed anew as well. */
  types?: readonly string[]
  /** Told when sealing anew in the background fails; it is tried again with the next owner of the session. */
  logger?: Pick<Logger, 'warn'>
}

export interface SealedAuthStore extends AuthStore {
  /**
   * Seals what the session has in use with the first key of the ring, where it is not yet. Happens by itself, in the
   * background, once a session is written to; call it for sessions that do not run. Archives keep the key they were sealed
   * with until they are restored.
   *
   * @returns how many values were sealed anew
   * @throws LEASE_LOST · ENCRYPTION_KEY_WRONG
   */
  rotate(sessionId: string, options: { epoch: number }): Promise<number>
}

/** As Baileys 7 names them, and the inbox of the Signal repository. */
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
      await locks.run(sessionId, () => auth.commit(sessionId, batch, { epoch }))
      if (rotations.get(sessionId) === epoch) return
      rotations.set(sessionId, epoch)
      void rotateInBackground(sessionId, epoch)
    },

    archive: (sessionId, archive) => locks.run(sessionId, () => auth.archive(sessionId, archive)),
    listArchives: (sessionId) => auth.listArchives(sessionId),
    restore: (sessionId, archiveId, restore) => locks.run(sessionId, () => auth.restore(sessionId, archiveId, restore)),
    purge: (sessionId) => locks.run(sessionId, () => auth.purge(sessionId)),
    purgeArchives: (purge) => auth.purgeArchives(purge),

    async rotate(sessionId, { epoch }) {
      if (await isDone(sessionId)) return 0
      let sealed = await locks.run(sessionId, () => rotateCreds(sessionId, epoch))
      if (sealed === undefined) return 0
      for (const type of types) {
        const ids = await auth.listKeyIds(sessionId, type)
        for (let start = 0; start < ids.length; start += PORTION) {
          const portion = ids.slice(start, start + PORTION)
          sealed += await locks.run(sessionId, () => rotateKeys(sessionId, type, portion, epoch))
        }
      }
      await locks.run(sessionId, () => markDone(sessionId, epoch))
      return sealed
    },
  }
  return store

  async function rotateInBackground(sessionId: string, epoch: number): Promise<void> {
    try {
      await store.rotate(sessionId, { epoch })
    } catch (err) {
      rotations.delete(sessionId)
      // Somebody else owns the session now, and seals it anew.
      if (TrunklineError.is(err, 'LEASE_LOST')) return
      options.logger?.warn({ err, sessionId }, 'Auth data could not be sealed with the new key')
    }
  }

  async function isDone(sessionId: string): Promise<boolean> {
    const stored = (await auth.readKeys(sessionId, MARKER.type, [MARKER.id])).get(MARKER.id)
    return stored !== undefined && ring.isCurrent(stored)
  }

  async function markDone(sessionId: string, epoch: number): Promise<void> {
    // Purged or archived in the meantime: nothing must be left of it.
    if (!(await auth.readCreds(sessionId))) return
    const marker = sealKey(sessionId, { ...MARKER, value: Buffer.from(ring.currentId) })
    await auth.commit(sessionId, { puts: [marker] }, { epoch })
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
