import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { SimulatorSnapshot } from '../snapshot/codec.js'
import { SimulatorError } from '../util/errors.js'

/** The state in a file, which is always a whole one: a new file takes the place of the old in one step. */
export class SnapshotFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** `undefined` when there is no file. Rejects with `SNAPSHOT_INVALID` when there is no snapshot in it. */
  async load(): Promise<SimulatorSnapshot | undefined> {
    await this.#removeLeftovers()
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as SimulatorSnapshot
    } catch (cause) {
      throw new SimulatorError('SNAPSHOT_INVALID', `${this.#path} is not JSON`, { cause })
    }
  }

  /** Keys are in it: readable by its owner alone. */
  async save(snapshot: SimulatorSnapshot): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      await writeDurably(temporary, JSON.stringify(snapshot))
      await rename(temporary, this.#path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** What a process that was killed while it saved has left: keys are in it too. */
  async #removeLeftovers(): Promise<void> {
    const folder = dirname(this.#path)
    const prefix = `${basename(this.#path)}.`
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const leftovers = names.filter((name) => name.startsWith(prefix) && /^\d+\.tmp$/.test(name.slice(prefix.length)))
    await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })))
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
