import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { TrunklineError } from '@trunkline/core/store'
import { type Disk, diskUnder } from './disk.js'
import type { Engine } from './engine.js'
import { atPath } from './errors.js'
import { GroupCommit } from './group-commit.js'
import { migrate } from './migrations.js'

/**
 * The lock that keeps two processes off one file is SQLite's own, on a file of its own beside it, held in a transaction that
 * never ends. The system drops it with the process, so that nothing has to be cleaned up after a kill; and the store's file
 * itself stays readable for backups while it is in use.
 */

/** The one connection of a store: opened by `setup`, used by every port, closed for good by `close`. */
export interface Connection {
  /** @throws STORE_UNAVAILABLE before `open` and after `close` */
  readonly engine: Engine
  /** How every port writes: see `GroupCommit.write`. The engine alone is for reading, and for what is written inside of this. */
  readonly write: GroupCommit['write']
  open(): Promise<void>
  /** Resolves when what was on its way is on the disk and the file is closed. Safe to call twice. */
  close(): Promise<void>
}

export function createConnection(path: string, openEngine: (path: string) => Promise<Engine>): Connection {
  let engine: Engine | undefined
  let group: GroupCommit | undefined
  let disk: Disk | undefined
  let lock: Engine | undefined
  let opening: Promise<void> | undefined
  let closing: Promise<void> | undefined
  let closed = false

  const opened = <Part>(part: Part | undefined): Part => {
    if (part) return part
    throw new TrunklineError('STORE_UNAVAILABLE', { message: `The store is ${closed ? 'closed' : 'not set up'}` })
  }

  return {
    get engine() {
      return opened(engine)
    },
    write: (work, options) => opened(closed ? undefined : group).write(work, options),
    async open() {
      if (closed) throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The store is closed' })
      opening ??= openFile().catch((error: unknown) => {
        opening = undefined
        throw atPath(error, path)
      })
      await opening
    },
    close() {
      closed = true
      closing ??= closeAll()
      return closing
    },
  }

  async function closeAll(): Promise<void> {
    await group?.idle()
    disk?.close()
    // The lock last: nobody else may come in before the file is closed.
    if (engine) closeFile(engine)
    lock?.close()
    engine = lock = group = disk = undefined
  }

  async function openFile(): Promise<void> {
    createPrivate(path)
    createPrivate(`${path}-lock`)
    const files: Engine[] = []
    const open = async (file: string, prepare: (engine: Engine) => void): Promise<Engine> => {
      const one = await openEngine(file)
      files.unshift(one)
      prepare(one)
      return one
    }
    try {
      lock = await open(`${path}-lock`, (one) => one.exec('BEGIN EXCLUSIVE'))
      engine = await open(path, prepareStore)
      disk = diskUnder(engine, path)
      group = new GroupCommit(engine, disk)
    } catch (error) {
      for (const one of files) one.close()
      engine = lock = undefined
      throw error
    }
  }
}

/**
 * libsql lets go of a closed file only when its statements are collected as garbage, so SQLite's log is emptied into the file
 * here: a copy made after `close` is whole. Where that fails, the log still holds everything that was acknowledged.
 */
function closeFile(engine: Engine): void {
  try {
    engine.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // Nothing is lost: see above.
  }
  engine.close()
}

/** Keys are in the file: it, and with it SQLite's log beside it, is for this user only. An existing file is left as it is. */
function createPrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

function prepareStore(engine: Engine): void {
  engine.exec('PRAGMA journal_mode = WAL')
  // Every commit is on the disk before it is acknowledged, over a power cut too; see `diskUnder`.
  engine.exec('PRAGMA synchronous = FULL')
  // Room for the pages that a hundred busy accounts write to; with SQLite's own 2 MB a message reads 30 of them again.
  engine.exec('PRAGMA cache_size = -8000')
  // SQLite's log is emptied into the file seldom enough that a page that many messages touch is written there once.
  engine.exec('PRAGMA wal_autocheckpoint = 4000')
  // Deleted keys are overwritten where that costs no further write.
  engine.exec('PRAGMA secure_delete = FAST')
  migrate(engine)
  // The lock says that no other process is left, so nobody holds a lease.
  engine.run('UPDATE leases SET owner = NULL')
}
