import { randomUUID } from 'node:crypto'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { AuthArchive, AuthStore } from '../ports/auth-store.js'
import { copyOf } from '../util/copy.js'

interface Vault {
  creds?: Uint8Array
  /** By type, then id. */
  keys: Map<string, Map<string, Packed>>
}

/**
 * Bytes as a string of one character each: nobody can change it, and for the hundreds of short keys of an account it takes a
 * third of the memory of as many byte arrays.
 */
type Packed = string

interface SessionAuth {
  epoch: number
  inUse: Vault
  archives: (AuthArchive & { vault: Vault })[]
}

export function createAuthStore(): AuthStore {
  const sessions = new Map<string, SessionAuth>()

  return {
    async readCreds(sessionId) {
      return copyOf(sessions.get(sessionId)?.inUse.creds)
    },

    async readKeys(sessionId, type, ids) {
      const stored = sessions.get(sessionId)?.inUse.keys.get(type)
      const found = ids.flatMap((id) => {
        const value = stored?.get(id)
        return value === undefined ? [] : [[id, unpack(value)] as const]
      })
      return new Map(found)
    },

    async listKeyIds(sessionId, type) {
      return [...(sessions.get(sessionId)?.inUse.keys.get(type)?.keys() ?? [])]
    },

    async commit(sessionId, batch, { epoch }) {
      const { inUse } = fence(sessionId, epoch)
      for (const { type, id, value } of batch.puts ?? []) keysOf(inUse, type).set(id, pack(value))
      for (const { type, id } of batch.deletes ?? []) inUse.keys.get(type)?.delete(id)
      if (batch.creds) inUse.creds = Uint8Array.from(batch.creds)
    },

    async archive(sessionId, { epoch, reason, at }) {
      const session = fence(sessionId, epoch)
      if (!session.inUse.creds) return undefined
      const archive = { id: randomUUID(), at, reason }
      session.archives.push({ ...archive, vault: session.inUse })
      session.inUse = { keys: new Map() }
      return archive
    },

    async listArchives(sessionId) {
      const archives = sessions.get(sessionId)?.archives ?? []
      return archives
        .map(({ id, at, reason }) => ({ id, at, reason }))
        .reverse()
        .sort((left, right) => (left.at === right.at ? 0 : left.at < right.at ? 1 : -1))
    },

    async restore(sessionId, archiveId, { epoch }) {
      const session = fence(sessionId, epoch)
      const archive = session.archives.find(({ id }) => id === archiveId)
      if (!archive) throw new TrunklineError('ARCHIVE_NOT_FOUND')
      if (session.inUse.creds) throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
      session.inUse = archive.vault
      session.archives = session.archives.filter((other) => other !== archive)
    },

    async purge(sessionId) {
      const session = sessions.get(sessionId)
      if (session) sessions.set(sessionId, { epoch: session.epoch, inUse: { keys: new Map() }, archives: [] })
    },

    async purgeArchives({ before }) {
      let purged = 0
      for (const session of sessions.values()) {
        const kept = session.archives.filter(({ at }) => at >= before)
        purged += session.archives.length - kept.length
        session.archives = kept
      }
      return purged
    },
  }

  /** The session's data, for a writer of this epoch; every later write of an older epoch is refused. */
  function fence(sessionId: string, epoch: number): SessionAuth {
    const session = sessions.get(sessionId) ?? { epoch, inUse: { keys: new Map() }, archives: [] }
    if (epoch < session.epoch) throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
    session.epoch = epoch
    sessions.set(sessionId, session)
    return session
  }
}

function keysOf(vault: Vault, type: string): Map<string, Packed> {
  const keys = vault.keys.get(type) ?? new Map<string, Packed>()
  vault.keys.set(type, keys)
  return keys
}

const pack = (bytes: Uint8Array): Packed => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

const unpack = (packed: Packed): Uint8Array => Uint8Array.from(Buffer.from(packed, 'latin1'))
