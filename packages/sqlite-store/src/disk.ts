import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Engine } from './engine.js'

/** Waits for the disk while everything else goes on. */
export interface Disk {
  /** Resolves once everything that was committed before the call is on the disk. */
  sync(): Promise<void>
  close(): void
}

const toDisk = promisify(fdatasync)

/**
 * The disk under an open file. With `synchronous = FULL` SQLite waits for it inside of each commit, in the thread of the whole
 * process. With `NORMAL` it writes the same bytes to its log, in an order that a power cut cannot break, and leaves it to us to wait
 * until they are there. SQLite locks the file itself and the shared memory beside it, never its log, so that opening that a second
 * time takes no lock away. Where the file system does not allow a log, SQLite goes on waiting itself.
 */
export function diskUnder(engine: Engine, path: string): Disk {
  if (engine.get<{ journal_mode: string }>('PRAGMA journal_mode')?.journal_mode !== 'wal') return NOTHING_TO_WAIT_FOR
  const log = openSync(`${path}-wal`, 'r+')
  engine.exec('PRAGMA synchronous = NORMAL')
  return { sync: () => toDisk(log), close: () => closeSync(log) }
}

const NOTHING_TO_WAIT_FOR: Disk = { sync: async () => {}, close: () => {} }
