import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrunklineError } from '../errors/trunkline-error.js'

const PREFIX = 'trunkline-file-'
/** No file takes longer on its way out. */
const MAX_AGE_MS = 24 * 60 * 60_000

/** A folder of one file on its way out, and who made it. */
export interface StagingFolder {
  host: string
  pid: number
  madeAtMs: number
}

/** Who asks, and what it knows of others. */
export interface StagingOwner {
  host: string
  pid: number
  /** When this process began. */
  startedAtMs: number
  nowMs: number
  isAlive(pid: number): boolean
}

/** Whether whoever made the folder is gone, and can remove it no more. A process of another host nobody here can tell of. */
export function isLeftOver(folder: StagingFolder, owner: StagingOwner): boolean {
  if (owner.nowMs - folder.madeAtMs > MAX_AGE_MS) return true
  if (folder.host !== owner.host) return false
  // The number of a process is given again, in a container the same one each time.
  return folder.pid === owner.pid ? folder.madeAtMs < owner.startedAtMs : !owner.isAlive(folder.pid)
}

/** A folder that only this user can read. @throws STORE_FULL · STORE_UNAVAILABLE naming where it should be */
export async function makeStagingFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), `${PREFIX}${ownHost()}-${process.pid}-`))
  } catch (error) {
    throw toStagingError(error)
  }
}

const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** What the system says of the folder for temporary files, as an error of ours that names it. */
export function toStagingError(cause: unknown): TrunklineError {
  const { code, message } = cause as NodeJS.ErrnoException
  const isFull = NO_ROOM.has(code)
  const said = `${tmpdir()}, where files wait on their way out, ${isFull ? 'has no room' : 'cannot be used'}: ${message}`
  return new TrunklineError(isFull ? 'STORE_FULL' : 'STORE_UNAVAILABLE', { message: said, cause })
}

/** Removes what processes that were killed have left behind. */
export async function sweepStagingFolders(): Promise<void> {
  const owner = {
    host: ownHost(),
    pid: process.pid,
    startedAtMs: Date.now() - process.uptime() * 1_000,
    nowMs: Date.now(),
    isAlive,
  }
  for (const name of await readdir(tmpdir())) {
    const [, host, pid] = /^trunkline-file-([a-z0-9]*)-(\d+)-/.exec(name) ?? []
    const path = join(tmpdir(), name)
    const madeAtMs = host === undefined ? undefined : await madeAt(path)
    if (host === undefined || madeAtMs === undefined) continue
    if (isLeftOver({ host, pid: Number(pid), madeAtMs }, owner)) await rm(path, { recursive: true, force: true })
  }
}

/** `undefined` when it has gone meanwhile. */
async function madeAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ birthtimeMs, mtimeMs }) => birthtimeMs || mtimeMs,
    () => undefined,
  )
}

function ownHost(): string {
  return hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 40)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and of somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
