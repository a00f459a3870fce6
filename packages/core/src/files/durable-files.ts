import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What the file auth store does to a disk. Whatever has resolved is still so after a power cut. */
export interface DurableFiles {
  /** `undefined` when there is no such file; every other failure rejects. */
  read(path: string): Promise<Buffer | undefined>
  /** The names in a folder; none when there is no such folder. */
  list(folder: string): Promise<string[]>
  /**
   * Writes files of one folder, which is made when it is missing. After a crash each of them is whole or the one before it;
   * which of them, nobody knows.
   */
  write(folder: string, contents: readonly FileContent[]): Promise<void>
  /** Files or folders; folders on the way to the new name are made. */
  rename(from: string, to: string): Promise<void>
  /** Removes files, or folders with all in them, from one folder; what is not there is fine. */
  remove(folder: string, names: readonly string[]): Promise<void>
}

export interface FileContent {
  name: string
  content: Uint8Array
}

/** For this user only: there are keys in the files. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** Disks take several syncs at once in little more time than one. */
const AT_ONCE = 32

/**
 * Under these names files are written until they are whole. Writers of one folder take turns, so that a crash leaves no more
 * than this many, and the next write takes their places.
 */
const UNFINISHED = 'unfinished-'

export const durableFiles: DurableFiles = {
  read: (path) => readFile(path).catch(absent(undefined)),

  list: (folder) => readdir(folder).catch(absent([])),

  async write(folder, contents) {
    await makeFolder(folder)
    await eachOf(contents, async ({ name, content }, place) => {
      const unfinished = join(folder, `${UNFINISHED}${place}`)
      const file = await open(unfinished, 'w', FILE_MODE)
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(unfinished, join(folder, name))
    })
    await syncFolder(folder)
  },

  async rename(from, to) {
    await makeFolder(dirname(to))
    await rename(from, to)
    await Promise.all([syncFolder(dirname(to)), syncFolder(dirname(from))])
  },

  async remove(folder, names) {
    await eachOf(names, (name) => rm(join(folder, name), { recursive: true, force: true }))
    await syncFolder(folder).catch(absent(undefined))
  },
}

/** Does the work for each item, a number of them at once; `place` tells those apart that are under way together. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item, place: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map(work))
  }
}

async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  // A folder's own name is in the folder above it.
  if (made !== undefined) await syncFolder(dirname(made))
}

/** Names are durable when the folder that holds them is. Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function absent<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value
    throw error
  }
}
