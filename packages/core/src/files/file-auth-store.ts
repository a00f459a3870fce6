import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { TrunklineError } from '../errors/trunkline-error.js'
import { filePath, refuseOptions } from '../manager/check-config.js'
import { fields } from '../manager/checks.js'
import type { AuthArchive, AuthBatch, AuthStore } from '../ports/auth-store.js'
import { SESSION_ID_PATTERN } from '../types/session.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { type DurableFiles, durableFiles } from './durable-files.js'
import { decodeName, encodeName, keyFileName, keyFilePrefix } from './file-names.js'

/** Where the folder is. */
export interface FileAuthStoreOptions {
  /** Made when it is missing. Not shared between processes, and not on a network file system. */
  folder: string
}

const fileAuthStoreOptions = fields<FileAuthStoreOptions>({ folder: filePath })

/** Credentials and keys in a folder. */
export interface FileAuthStore extends AuthStore {
  /** The highest epoch that has written to the session, 0 when none has. */
  highestEpoch(sessionId: string): Promise<number>
  /** Resolves when nothing is written any more; every later call rejects with STORE_UNAVAILABLE. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Credentials and keys as files, one folder for each session:
 *
 *     <folder>/<session>/epoch                      the highest epoch that has written
 *     <folder>/<session>/current/creds              what is in use
 *     <folder>/<session>/current/key~<type>~<id>
 *     <folder>/<session>/current/batch              a batch that is being carried out
 *     <folder>/<session>/archives/<id>/…            the same, out of use
 *
 * Every file is replaced as a whole. A batch of several files is written down first, in one file, and carried out after that:
 * a crash before leaves nothing of it, and whoever comes next after one carries out the rest.
 *
 * @throws CONFIG_INVALID when `folder` is none
 */
export function createFileAuthStore(options: FileAuthStoreOptions): FileAuthStore {
  refuseOptions('the file auth store', fileAuthStoreOptions(options, ''))
  return createFileAuthStoreOn(durableFiles, options)
}

/** The store on any files. */
export function createFileAuthStoreOn(files: DurableFiles, { folder }: FileAuthStoreOptions): FileAuthStore {
  const locks = new KeyedMutex()
  const going = new Set<Promise<void>>()
  let closed = false

  /** Runs work on a session alone, after what an earlier process left undone. */
  const on = async <Result>(sessionId: string, work: (paths: SessionPaths) => Promise<Result>): Promise<Result> => {
    const paths = pathsOf(folder, sessionId)
    const running = locks.run(sessionId, async () => {
      try {
        if (closed) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is closed' })
        const left = await files.read(paths.batch)
        if (left) await carryOut(files, paths, JSON.parse(left.toString('utf8')))
        return await work(paths)
      } catch (error) {
        throw toStoreError(error)
      }
    })
    const done = running.then(
      () => void going.delete(done),
      () => void going.delete(done),
    )
    going.add(done)
    return running
  }

  const readEpoch = async (paths: SessionPaths): Promise<number> => {
    const highest = Number(((await files.read(paths.epoch)) ?? '0').toString())
    if (!Number.isSafeInteger(highest)) throw new TrunklineError('STORE_CORRUPT', { message: 'The epoch is no number' })
    return highest
  }

  const fence = async (paths: SessionPaths, sessionId: string, epoch: number): Promise<void> => {
    const highest = await readEpoch(paths)
    if (highest > epoch) throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
    if (highest < epoch) await files.write(paths.session, [{ name: 'epoch', content: Buffer.from(String(epoch)) }])
  }

  return {
    highestEpoch: (sessionId) => on(sessionId, readEpoch),

    async close() {
      closed = true
      await Promise.all(going)
    },

    readCreds: (sessionId) => on(sessionId, ({ creds }) => files.read(creds)),

    readKeys: (sessionId, type, ids) =>
      on(sessionId, async ({ current }) => {
        const keys = new Map<string, Uint8Array>()
        for (const id of new Set(ids)) {
          const content = await files.read(join(current, keyFileName(type, id)))
          if (content) keys.set(id, valueIn(content))
        }
        return keys
      }),

    listKeyIds: (sessionId, type) =>
      on(sessionId, async ({ current }) => {
        const prefix = keyFilePrefix(type)
        const names = (await files.list(current)).filter((name) => name.startsWith(prefix))
        const ids = []
        for (const name of names) {
          const id = decodeName(name.slice(prefix.length))
          const content = id === undefined ? await files.read(join(current, name)) : undefined
          ids.push(id ?? idIn(content ?? Buffer.alloc(0)))
        }
        return ids
      }),

    commit: (sessionId, batch, { epoch }) =>
      on(sessionId, async (paths) => {
        await fence(paths, sessionId, epoch)
        const steps = stepsOf(batch)
        // One file is replaced as a whole by itself.
        if (needsBatchFile(steps)) {
          await files.write(paths.current, [{ name: BATCH_FILE, content: Buffer.from(JSON.stringify(steps)) }])
        }
        await carryOut(files, paths, steps)
      }),

    archive: (sessionId, { epoch, reason, at }) =>
      on(sessionId, async (paths) => {
        await fence(paths, sessionId, epoch)
        if (!(await files.read(paths.creds))) return undefined
        const archive: AuthArchive = { id: randomUUID(), at, reason }
        const order = (await files.list(paths.archives)).length
        const content = Buffer.from(JSON.stringify({ ...archive, order }))
        await files.write(paths.current, [{ name: ARCHIVE_FILE, content }])
        await files.rename(paths.current, join(paths.archives, archive.id))
        return archive
      }),

    listArchives: (sessionId) => on(sessionId, (paths) => readArchives(files, paths)),

    restore: (sessionId, archiveId, { epoch }) =>
      on(sessionId, async (paths) => {
        await fence(paths, sessionId, epoch)
        const archives = await readArchives(files, paths)
        if (!archives.some(({ id }) => id === archiveId)) throw new TrunklineError('ARCHIVE_NOT_FOUND')
        if (await files.read(paths.creds))
          throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
        await files.remove(paths.session, ['current'])
        await files.rename(join(paths.archives, archiveId), paths.current)
        await files.remove(paths.current, [ARCHIVE_FILE])
      }),

    purge: (sessionId) =>
      on(sessionId, async (paths) => {
        // Credentials without some of their keys must not be left by a crash.
        await files.remove(paths.current, ['creds'])
        await files.remove(paths.session, ['current', 'archives'])
      }),

    async purgeArchives({ before }) {
      let purged = 0
      const names = await files.list(folder).catch((error: unknown) => Promise.reject(toStoreError(error)))
      for (const sessionId of names.flatMap((name) => decodeName(name) ?? [])) {
        // Something else that somebody keeps in the folder.
        if (!SESSION_ID_PATTERN.test(sessionId)) continue
        purged += await on(sessionId, async (paths) => {
          const old = (await readArchives(files, paths)).filter(({ at }) => at < before)
          if (old.length > 0)
            await files.remove(
              paths.archives,
              old.map(({ id }) => id),
            )
          return old.length
        })
      }
      return purged
    },
  }
}

const ARCHIVE_FILE = 'archive.json'
const BATCH_FILE = 'batch'

interface SessionPaths {
  session: string
  epoch: string
  current: string
  creds: string
  batch: string
  archives: string
}

/** @throws VALIDATION_FAILED for an id that could lead out of the folder, or that is none for another reason */
function pathsOf(folder: string, sessionId: string): SessionPaths {
  if (!SESSION_ID_PATTERN.test(sessionId)) {
    const errors = [{ field: 'sessionId', message: 'is not a session id' }]
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
  }
  const session = join(folder, encodeName(sessionId))
  const current = join(session, 'current')
  return {
    session,
    epoch: join(session, 'epoch'),
    current,
    creds: join(current, 'creds'),
    batch: join(current, BATCH_FILE),
    archives: join(session, 'archives'),
  }
}

/** What a batch does, as it is written down: contents are in base64. */
interface Steps {
  writes: [name: string, content: string][]
  removals: string[]
}

function stepsOf({ creds, puts = [], deletes = [] }: AuthBatch): Steps {
  const keys = new Map(puts.map(({ type, id, value }) => [keyFileName(type, id), contentOf(id, value)]))
  const contents = [...keys, ...(creds ? [['creds', Buffer.from(creds)] as const] : [])]
  return {
    writes: contents.map(([name, content]) => [name, content.toString('base64')]),
    removals: deletes.map(({ type, id }) => keyFileName(type, id)),
  }
}

/** One file is replaced or removed as a whole by itself. */
function needsBatchFile({ writes, removals }: Steps): boolean {
  return writes.length + removals.length > 1
}

/** Repeatable: it may be cut anywhere. */
async function carryOut(files: DurableFiles, { current }: SessionPaths, steps: Steps): Promise<void> {
  const { writes, removals } = steps
  const contents = writes.map(([name, content]) => ({ name, content: Buffer.from(content, 'base64') }))
  if (contents.length > 0) await files.write(current, contents)
  if (removals.length > 0) await files.remove(current, removals)
  if (needsBatchFile(steps)) await files.remove(current, [BATCH_FILE])
}

/** A key's file begins with its id, because a long one is not in the name. */
function contentOf(id: string, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(id)}\n`), value])
}

function valueIn(content: Buffer): Uint8Array {
  return Uint8Array.from(content.subarray(endOfId(content) + 1))
}

function idIn(content: Buffer): string {
  return JSON.parse(content.toString('utf8', 0, endOfId(content)))
}

function endOfId(content: Buffer): number {
  const end = content.indexOf('\n')
  if (end === -1) throw new TrunklineError('STORE_CORRUPT', { message: 'A key file is damaged' })
  return end
}

async function readArchives(files: DurableFiles, { archives }: SessionPaths): Promise<AuthArchive[]> {
  const found: (AuthArchive & { order: number })[] = []
  for (const name of await files.list(archives)) {
    const content = await files.read(join(archives, name, ARCHIVE_FILE))
    // Only the rest of one that was being removed is without it.
    if (content) found.push(JSON.parse(content.toString('utf8')))
  }
  found.sort((left, right) => (left.at === right.at ? right.order - left.order : left.at < right.at ? 1 : -1))
  return found.map(({ id, at, reason }) => ({ id, at, reason }))
}

/** A failure of the disk as one of ours; the system's own stays as its cause. */
function toStoreError(error: unknown): TrunklineError {
  if (TrunklineError.is(error)) return error
  if (error instanceof SyntaxError) return new TrunklineError('STORE_CORRUPT', { cause: error })
  const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '')
  return new TrunklineError(full ? 'STORE_FULL' : 'STORE_UNAVAILABLE', { cause: error })
}
