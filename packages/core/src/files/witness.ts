import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { AuthBatch, AuthStore } from '../ports/auth-store.js'
import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'

export interface WitnessOptions {
  /** Made when it is missing. Whatever puts an old copy of the store back must leave it alone. */
  folder: string
  clock: Pick<Clock, 'monotonic'>
  logger: Pick<Logger, 'warn'>
  /** Which device credentials belong to, and how far it is; `undefined` for those that are not linked. */
  describe(creds: Uint8Array): { id: string; nextPreKeyId: number } | undefined
}

/** Where the mark is among the keys of a session. */
const MARK = { type: 'witness', id: 'mark' }

/** How old a mark gets under traffic before the next commit carries another one. */
const MARK_AGE_MS = 10_000

/** How far a device is: both numbers only rise. */
interface Progress {
  count: number
  nextPreKeyId: number
}

interface Watched extends Progress {
  deviceId: string
  epoch: number
  markedAt: number
}

/**
 * Notices that a store was put back from an older copy. A copy is consistent in itself, so that it takes something outside of
 * it to tell: commits carry a rising mark, one at the first commit of each owner and then every ten seconds at most, and once
 * such a commit is durable the mark is written to a file as well. Credentials whose mark, or whose pre-key counter, is behind
 * that file are refused with BACKUP_TOO_OLD, wherever they come from: the store, an archive, an import.
 *
 * The file never runs ahead of the store, so what is refused is older for certain. Where the file is missing or cannot be
 * read, nothing is refused.
 */
export function createWitness(auth: AuthStore, options: WitnessOptions): AuthStore {
  const { folder, clock, logger, describe } = options
  const watched = new Map<string, Watched>()

  const readMark = async (sessionId: string): Promise<number> => {
    const stored = (await auth.readKeys(sessionId, MARK.type, [MARK.id])).get(MARK.id)
    return stored ? Number(Buffer.from(stored).toString()) : 0
  }

  const assertNotBehind = async (sessionId: string, deviceId: string, progress: Progress): Promise<void> => {
    const seen = await readProgress(folder, deviceId).catch((err: unknown) => {
      logger.warn({ err, sessionId }, 'The witness of a device cannot be read: an older backup would not be noticed')
      return undefined
    })
    if (!seen || (seen.count <= progress.count && seen.nextPreKeyId <= progress.nextPreKeyId)) return
    watched.delete(sessionId)
    const message = `The credentials are older than those that this device had in use (mark ${progress.count} of ${seen.count}, pre-key ${progress.nextPreKeyId} of ${seen.nextPreKeyId})`
    throw new TrunklineError('BACKUP_TOO_OLD', { message, details: { sessionId } })
  }

  const remember = async (sessionId: string, deviceId: string, progress: Progress): Promise<void> => {
    await writeProgress(folder, deviceId, progress).catch((err: unknown) => {
      logger.warn({ err, sessionId }, 'The witness of a device cannot be written: an older backup would not be noticed')
    })
  }

  /** The watched session as it will be after a commit, when that has to carry a mark. */
  const nextMark = async (sessionId: string, batch: AuthBatch, epoch: number): Promise<Watched | undefined> => {
    const before = watched.get(sessionId)
    const device = batch.creds && describe(batch.creds)
    const markedAt = clock.monotonic()
    if (device && device.id !== before?.deviceId) {
      // Linked just now, or brought in from elsewhere.
      const first = { count: 0, nextPreKeyId: device.nextPreKeyId }
      await assertNotBehind(sessionId, device.id, first)
      return { ...first, deviceId: device.id, epoch, markedAt }
    }
    if (!before || isEmpty(batch)) return undefined
    const nextPreKeyId = device?.nextPreKeyId ?? before.nextPreKeyId
    const due = epoch !== before.epoch || markedAt - before.markedAt >= MARK_AGE_MS
    if (!due && nextPreKeyId === before.nextPreKeyId) return undefined
    return { ...before, count: before.count + 1, nextPreKeyId, epoch, markedAt }
  }

  const forgetting = <Result>(sessionId: string, work: Promise<Result>): Promise<Result> =>
    work.finally(() => watched.delete(sessionId))

  return {
    ...auth,

    async readCreds(sessionId) {
      const creds = await auth.readCreds(sessionId)
      const device = creds && describe(creds)
      if (!device) {
        watched.delete(sessionId)
        return creds
      }
      const progress = { count: await readMark(sessionId), nextPreKeyId: device.nextPreKeyId }
      await assertNotBehind(sessionId, device.id, progress)
      watched.set(sessionId, { ...progress, deviceId: device.id, epoch: 0, markedAt: clock.monotonic() })
      return creds
    },

    async commit(sessionId, batch, { epoch }) {
      const next = await nextMark(sessionId, batch, epoch)
      if (!next) return auth.commit(sessionId, batch, { epoch })
      const mark = { ...MARK, value: Buffer.from(String(next.count)) }
      await auth.commit(sessionId, { ...batch, puts: [...(batch.puts ?? []), mark] }, { epoch })
      watched.set(sessionId, next)
      await remember(sessionId, next.deviceId, next)
    },

    archive: (sessionId, archive) => forgetting(sessionId, auth.archive(sessionId, archive)),
    restore: (sessionId, archiveId, restore) => forgetting(sessionId, auth.restore(sessionId, archiveId, restore)),
    purge: (sessionId) => forgetting(sessionId, auth.purge(sessionId)),
  }
}

function isEmpty({ creds, puts, deletes }: AuthBatch): boolean {
  return !creds && !puts?.length && !deletes?.length
}

async function readProgress(folder: string, deviceId: string): Promise<Progress | undefined> {
  try {
    const { count, nextPreKeyId } = JSON.parse(await readFile(join(folder, fileName(deviceId)), 'utf8'))
    if (Number.isSafeInteger(count) && Number.isSafeInteger(nextPreKeyId)) return { count, nextPreKeyId }
    throw new Error('There are no numbers in it')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** As a whole, but without waiting for the disk: a witness that a power cut takes away accuses nobody. */
async function writeProgress(folder: string, deviceId: string, { count, nextPreKeyId }: Progress): Promise<void> {
  const path = join(folder, fileName(deviceId))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify({ count, nextPreKeyId }), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

function fileName(deviceId: string): string {
  return `${deviceId}.json`
}
